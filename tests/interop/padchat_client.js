'use strict'

// A bot on npm socket.io-client 2.x that speaks the dialect `socketio` as PADCHAT's own
// JavaScript client does: the real peer of the sandbox gateway.
//
//   node padchat_client.js [--url http://127.0.0.1:PORT/user --auth-key KEY] [--name NAME]
//                          [--auto [--token-file FILE]] [--transports websocket,polling]
//                          [--reconnection-delay ms]
//
// It reports all that it sees (connect, disconnect, error, connect_error, reconnect,
// server_event, ack) and is driven by the orders at the end of this file. --auto makes it
// log in by itself: init, the token of --token-file when there is one, else a QR code;
// after the login it saves device data and token there, and answers ding with dong.
// Without --url it waits for the order to open a connection.
// Source: PADCHAT index.js and demo.js 3.0.1.

const fs = require('fs')
const crypto = require('crypto')
const { parseArgs } = require('util')
const connect = require('socket.io-client')
const { report, obey } = require('./json_lines')

const options = parseArgs({
  options: {
    'url': { type: 'string' },
    'auth-key': { type: 'string' },
    'name': { type: 'string', default: '0' },
    'auto': { type: 'boolean', default: false },
    'token-file': { type: 'string' },
    'transports': { type: 'string', default: 'websocket,polling' },
    'reconnection-delay': { type: 'string', default: '1000' },
  },
}).values

// Names of events that Socket.IO keeps for itself, and receivers that must not be written
// to: PADCHAT's client refuses both before sending.
const RESERVED_NAMES = [
  'error', 'connect', 'disconnect', 'disconnecting', 'newListener', 'removeListener', 'ping', 'pong',
]
const RESERVED_RECEIVERS = [
  'weixin', 'newsapp', 'tmessage', 'fmessage', 'qmessage', 'floatbottle', 'medianote', 'mphelper', 'weibo',
]

let socket

function send(cmd, data = {}, onAck = () => {}) {
  if (RESERVED_NAMES.includes(cmd)) throw new Error('the command has a reserved name')
  if (!socket.connected) throw new Error('not connected')
  if (RESERVED_RECEIVERS.includes(data.toUserName)) throw new Error('the receiver is reserved')
  socket.emit(cmd, data, (...args) => {
    report('ack', { cmd, args })
    onAck(args[0])
  })
}

function open({ url, authKey }) {
  socket = connect(url, {
    query: { authKey, name: options.name },
    transports: options.transports.split(','),
    reconnectionDelay: Number(options['reconnection-delay']),
  })
  socket.on('connect', () => report('connect', { transport: socket.io.engine.transport.name }))
  socket.on('disconnect', reason => report('disconnect', { reason }))
  socket.on('error', error => report('error', { error: error instanceof Error ? error.message : error }))
  socket.on('connect_error', error => report('connect_error', { error: error.message }))
  socket.on('reconnect', attempt => report('reconnect', { attempt }))
  // Every event of the server, the unknown ones too: 2.x has no listener for all events.
  const onServerEvent = socket.onevent
  socket.onevent = function (packet) {
    const [name, ...args] = packet.data
    report('server_event', { name, args })
    onServerEvent.call(this, packet)
  }
}

function readSaved() {
  const file = options['token-file']
  return file && fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
}

function newDevice() {
  const mac = Array.from(crypto.randomBytes(5), byte => byte.toString(16).padStart(2, '0'))
  return {
    deviceName: '小米的 ipad',
    deviceUuid: crypto.randomUUID().toUpperCase(),
    deviceWifiName: 'wifi-测试',
    deviceWifiMac: ['02', ...mac].join(':').toUpperCase(),
  }
}

function logInByItself() {
  let loginType
  const logIn = (type, data, onRefusal) => {
    loginType = type
    send('login', { ...data, loginType: type }, result => result.success || onRefusal())
  }
  const giveUp = () => report('fault', { error: 'the login was refused' })

  socket.on('connect', () => {
    const { device = newDevice(), token } = readSaved()
    send('init', device, result => {
      if (!result.success) giveUp()
      else if (token) logIn('token', { token }, () => logIn('qrcode', {}, giveUp))
      else logIn('qrcode', {}, giveUp)
    })
  })
  socket.on('login', () => {
    send('getDeviceInfo', {}, info => {
      send('getAutoLoginData', {}, ({ data: { token } }) => {
        const file = options['token-file']
        if (file) fs.writeFileSync(file, JSON.stringify({ device: info.data, token }))
        report('logged_in', { loginType })
      })
    })
  })
  socket.on('push', ({ list }) => {
    if (!Array.isArray(list)) return
    for (const { msgType, fromUser, content } of list) {
      const text = String(content).split(':\n').pop() // in a room the sender comes first
      if (msgType === 1 && text === 'ding') send('sendMsg', { toUserName: fromUser, content: 'dong', atList: [] })
    }
  })
}

if (options.url) open({ url: options.url, authKey: options['auth-key'] })
if (options.auto) logInByItself()

obey({
  send: ({ cmd, data }) => send(cmd, data), // {"do": "send", "cmd": "sendMsg", "data": {...}}
  open, // {"do": "open", "url": "http://...", "authKey": KEY}: in place of the old socket
  disconnect: () => socket.disconnect(),
  connect: () => socket.connect(),
  quit: () => process.exit(0),
})
