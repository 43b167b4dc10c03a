'use strict'

// A small PadChat gateway of the dialect `socketio` on npm socket.io 2.x: the real peer
// of our client. Namespace /user, query authKey and name; every command is an event with
// one object and an acknowledgement {success, msg, data}.
//
//   node padchat_server.js [--port 0] [--keys a,b] [--ping-interval ms]
//                          [--ping-timeout ms] [--auto-scan]
//
// It listens on 127.0.0.1, reports {"event": "listening", "port": N} first, and is driven
// by the orders at the end of this file. Source of the behaviour: the PadChat gateway
// dialects, parts 2 and 5 to 7; PADCHAT index.js 3.0.1. What that leaves open is marked
// "our choice".

const http = require('http')
const { parseArgs } = require('util')
const SocketIO = require('socket.io')
const { report, obey } = require('./json_lines')
const wechat = require('./pretend_wechat')

const options = parseArgs({
  options: {
    'port': { type: 'string', default: '0' },
    'keys': { type: 'string', default: 'test-key' },
    'ping-interval': { type: 'string', default: '25000' },
    'ping-timeout': { type: 'string', default: '5000' },
    'auto-scan': { type: 'boolean', default: false },
  },
}).values

const DEVICE_FIELDS = ['deviceName', 'deviceUuid', 'deviceWifiName', 'deviceWifiMac']
const CODE_LIFETIME_SECONDS = 240
const TOKEN_EXPIRED = -2023
const ROOM_UNKNOWN = -19

const accounts = new Map() // `${authKey} ${name}` -> Account
const refusals = new Map() // command -> text with which its next call is refused
const held = new Map() // command -> replies that wait for the order release

// One WeChat account: what the gateway knows under an authKey and a name. `state` is one
// of idle, task (after init), code (QR code shown), scanned, ready.
class Account {
  constructor(name, number) {
    this.name = name
    this.userName = `wxid_account${String(number).padStart(6, '0')}`
    this.nickName = `账号 ${name} 🐼`
    this.uin = 100000000 + number
    this.state = 'idle'
    this.device = null
    this.token = null
    this.tokensIssued = 0
    this.socket = null
  }

  emit(event, ...payload) {
    if (this.socket) this.socket.emit(event, ...payload)
  }

  showCode() {
    this.state = 'code'
    // Of example.invalid, so that a phone which reads it goes nowhere.
    this.emit('qrcode', { qrCode: wechat.qrPicture(`http://example.invalid/${this.uin}`), msg: '' })
    this.emit('scan', { status: 0, expiredTime: CODE_LIFETIME_SECONDS, msg: '等待扫码...' })
    if (options['auto-scan']) {
      this.scan()
      this.confirm()
    }
  }

  scan() {
    this.expect('code')
    this.state = 'scanned'
    this.emit('scan', {
      status: 1,
      expiredTime: CODE_LIFETIME_SECONDS - 10,
      headUrl: 'http://example.invalid/head/1',
      nickName: this.nickName,
      msg: '已扫码，请在手机端确认登陆...',
    })
  }

  confirm() {
    this.expect('scanned')
    const { userName, uin, nickName } = this
    this.emit('scan', { status: 2, subStatus: 0, userName, uin, nickName, deviceType: 'android' })
    this.loggedIn()
  }

  endCode(scan, ...states) {
    this.expect(...states)
    this.state = 'task'
    this.emit('scan', scan)
  }

  loggedIn() {
    this.state = 'ready'
    this.emit('login', {})
    this.pushContacts()
  }

  pushContacts() {
    const contacts = wechat.contactsOf(this)
    this.push(contacts.slice(0, 2))
    this.push(contacts.slice(2))
    this.emit('loaded')
  }

  push(list) {
    this.emit('push', { list })
  }

  endTask(event, msg) {
    this.state = 'idle'
    if (event === 'logout') this.token = null
    this.emit(event, { msg })
  }

  expect(...states) {
    if (!states.includes(this.state)) {
      throw new Error(`account ${this.name} is ${this.state}, not ${states.join(' or ')}`)
    }
  }
}

// Command -> function of (account, data, ok, refuse); exactly one of ok(data, msg) and
// refuse(msg, data) is called, and what happens because of it comes after it.
const commands = {
  init(account, data, ok, refuse) {
    const missing = DEVICE_FIELDS.find(field => !data[field])
    if (missing) return refuse(`${missing} is missing`)
    account.device = Object.fromEntries(DEVICE_FIELDS.map(field => [field, data[field]]))
    account.device.deviceData = data.deviceData || wechat.deviceData(account)
    account.state = 'task' // our choice: a task found running wants a new login
    ok({})
  },

  login(account, data, ok, refuse) {
    if (account.state === 'idle') return refuse('init comes first')
    if (data.loginType === 'qrcode') {
      ok({}, '请扫码')
      return account.showCode()
    }
    if (data.loginType !== 'token') return refuse('loginType is not known')
    if (!data.token || data.token !== account.token) {
      return refuse('token has expired', { status: TOKEN_EXPIRED })
    }
    const { userName, uin } = account
    ok({ userName, uin, nickName: '', status: 0, message: '\n\u0010Everything is ok' }, '登录中')
    account.loggedIn()
  },

  logout(account, data, ok) {
    ok({})
    account.endTask('logout', 'logged out by the client')
  },

  close(account, data, ok) {
    ok({})
    account.endTask('close', 'task closed')
  },

  getDeviceInfo(account, data, ok) {
    ok(account.device)
  },

  getAutoLoginData(account, data, ok) {
    if (account.token === null) { // our choice: one token until it is void
      account.tokensIssued += 1
      account.token = wechat.loginToken(account)
    }
    ok({ token: account.token })
  },

  syncContact(account, data, ok) {
    ok({})
    account.pushContacts()
  },

  getContact(account, data, ok, refuse) {
    if (!data.userId) return refuse('userId is missing')
    ok(wechat.profile(account, data.userId))
  },

  getRoomMembers(account, data, ok, refuse) {
    if (!data.groupId) return refuse('groupId is missing')
    const members = wechat.roomMembers(account, data.groupId)
    if (members) return ok({ ...members, message: '', status: 0 })
    ok({ userName: data.groupId, chatroomId: 0, count: 0, member: 'null\n', message: '', status: ROOM_UNKNOWN })
  },

  sendMsg(account, data, ok, refuse) {
    if (!data.toUserName) return refuse('toUserName is missing')
    if (typeof data.content !== 'string') return refuse('content is missing')
    ok({ message: '', status: 0, msgId: wechat.nextMessageId() }, '发送成功')
  },

  sendImage(account, data, ok, refuse) {
    if (!data.toUserName) return refuse('toUserName is missing')
    if (!wechat.isBase64(data.image)) return refuse('image is not base64')
    ok({ message: '', status: 0, msgId: wechat.nextMessageId() })
  },

  getMsgImage(account, data, ok, refuse) {
    if (!data.rawMsgData || !data.rawMsgData.msgId) return refuse('rawMsgData is missing')
    const image = wechat.PICTURE
    ok({ image, message: '', size: Buffer.from(image, 'base64').length, status: 0 })
  },
}
const NEEDS_NO_LOGIN = ['init', 'login', 'close']

function carryOut(account, cmd, args) {
  const ack = args.pop()
  report('command', { name: account.name, cmd, args })
  const reply = result => {
    if (held.has(cmd)) held.get(cmd).push(() => ack(result))
    else ack(result)
  }
  const ok = (data, msg = '') => reply({ success: true, msg, data })
  const refuse = (msg, data = {}) => reply({ success: false, msg, data })
  if (refusals.has(cmd)) {
    refuse(refusals.get(cmd))
    refusals.delete(cmd)
  } else if (!Object.hasOwn(commands, cmd)) {
    refuse('unknown command')
  } else if (account.state !== 'ready' && !NEEDS_NO_LOGIN.includes(cmd)) {
    refuse('not logged in')
  } else {
    commands[cmd](account, args[0] || {}, ok, refuse)
  }
}

function admit(socket, next) {
  const { authKey } = socket.handshake.query
  if (options.keys.split(',').includes(authKey)) return next()
  report('refused', { authKey })
  next(new Error('authKey is not valid'))
}

function serve(socket) {
  const { query } = socket.handshake
  const { authKey, name = '0' } = query
  const id = `${authKey} ${name}`
  if (!accounts.has(id)) accounts.set(id, new Account(name, accounts.size + 1))
  const account = accounts.get(id)
  const older = account.socket
  account.socket = socket
  if (older) { // our choice: the newer connection takes the account over
    older.emit('close', { msg: 'taken over by a newer connection' })
    older.disconnect(true)
  }
  const transport = socket.conn.transport.name
  report('connected', { name, userName: account.userName, uin: account.uin, query, transport })
  socket.use(([cmd, ...args]) => {
    if (typeof args[args.length - 1] === 'function') carryOut(account, cmd, args)
    else report('unanswerable', { name, cmd, args })
  })
  socket.conn.on('packet', ({ type }) => type === 'ping' && report('heartbeat', { name }))
  socket.on('disconnect', reason => {
    if (account.socket === socket) account.socket = null
    report('disconnected', { name, reason })
  })
}

// A closed server cannot be opened again, so each time there is a new one.
let server
const tcpConnections = new Set()

function listen(port) {
  server = http.createServer()
  server.on('connection', tcp => {
    tcpConnections.add(tcp)
    tcp.on('close', () => tcpConnections.delete(tcp))
  })
  const io = new SocketIO(server, {
    serveClient: false,
    pingInterval: Number(options['ping-interval']),
    pingTimeout: Number(options['ping-timeout']),
  })
  io.of('/user').use(admit).on('connection', serve)
  server.listen(port, '127.0.0.1', () => report('listening', { port: server.address().port }))
}

let lastPort = Number(options.port)

// The accounts that an order is for: the one with the name `to` (or that wxid), or all.
function meant({ to }) {
  const found = [...accounts.values()].filter(a => to === undefined || a.name === to || a.userName === to)
  if (!found.length) throw new Error('there is no such account')
  return found
}

const each = act => line => meant(line).forEach(account => act(account, line))

obey({
  // On the phone.
  scan: each(account => account.scan()),
  confirm: each(account => account.confirm()),
  decline: each(account => account.endCode({ status: 2, subStatus: 1, msg: '登陆失败' }, 'scanned')),
  cancel: each(account => account.endCode({ status: 4, msg: '手机端已取消登陆' }, 'code', 'scanned')),
  logout: each(account => account.endTask('logout', 'logged out on the phone')),
  // {"do": "say", "from": "wxid_alice", "to": name, "content": "ping", "room": optional}
  say: each((account, line) => {
    account.expect('ready')
    account.push([wechat.textMessage(account, line)])
  }),
  // {"do": "show", "from": "wxid_alice", "to": name}: a picture
  show: each((account, line) => {
    account.expect('ready')
    account.push([wechat.pictureMessage(account, line)])
  }),
  // In the gateway.
  push: each((account, line) => account.push(line.list)),
  emit: each((account, line) => account.emit(line.name, ...line.args)), // {"name": "warn", "args": [...]}
  expire_code: each(account => account.endCode({ status: 3, msg: '二维码已过期' }, 'code', 'scanned')),
  expire_token: each(account => { account.token = null }),
  close: each(account => account.endTask('close', 'task closed')),
  refuse: ({ cmd, msg }) => refusals.set(cmd, msg),
  hold: ({ cmd }) => held.set(cmd, []),
  release: ({ cmd }) => {
    const replies = held.get(cmd) || []
    held.delete(cmd)
    replies.forEach(send => send())
  },
  // On the wire. kick breaks the TCP connection of a WebSocket, disconnect takes leave of
  // the namespace, gone does the first to all and closes the port until back.
  kick: each(account => account.socket && account.socket.conn.request.socket.destroy()),
  disconnect: each(account => account.socket && account.socket.disconnect()),
  gone: () => {
    lastPort = server.address().port
    server.close()
    tcpConnections.forEach(tcp => tcp.destroy())
  },
  back: () => listen(lastPort),
  quit: () => process.exit(0),
})

listen(lastPort)
