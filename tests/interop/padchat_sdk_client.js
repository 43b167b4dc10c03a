'use strict'

// npm padchat-sdk, unchanged: the real client of the dialect `sdk`, and the peer of the
// sandbox gateway.
//
//   node padchat_sdk_client.js [--url ws://127.0.0.1:PORT/AUTH_KEY]
//
// It reports the events that padchat-sdk hands to a bot, and of its own accord does only
// what padchat-sdk does: it fetches what is announced. The orders stand at the end.
// Without --url it waits for the order to connect.

const { parseArgs } = require('util')
const Padchat = require('padchat-sdk')
const { report, obey } = require('./json_lines')
const { documentation, methods } = require('./padchat_sdk_docs')

const { url } = parseArgs({ options: { url: { type: 'string' } } }).values

// Seconds, whatever its comment says: what waits longer than a test is no good.
const SEND_TIMEOUT = 30

let wx

function connect({ url }) {
  wx = new Padchat(url)
  wx.sendTimeout = SEND_TIMEOUT
  wx.on('open', () => report('open'))
  wx.on('close', (code, reason) => report('close', { code, reason }))
  wx.on('error', error => report('error', { error: error.message }))
  wx.on('warn', error => report('warn', { error: error.message }))
  for (const name of ['qrcode', 'scan', 'login', 'autoLogin', 'loaded', 'logout', 'over', 'sns']) {
    wx.on(name, data => report(name, { data }))
  }
  for (const name of ['push', 'contact']) wx.on(name, item => report(name, { item }))
}

if (url) connect({ url })

obey({
  // {"do": "call", "method": "sendMsg", "args": ["wxid_...", "hi"]}
  call: ({ method, args }) => {
    wx[method](...args).then(
      result => report('result', { method, result }),
      error => report('fault', { error: String(error) })
    )
  },
  // Another bot takes the place of the one before.
  connect,
  // What padchat-sdk has, and what its own documentation says of it.
  describe: () => report('description', { methods: methods(), documentation: documentation() }),
  // The application connects again.
  start: () => wx.start(),
  // A reply in which nobody is interested any more.
  forget: ({ cmd }) => wx.ws.send(JSON.stringify({ type: 'user', cmd, cmdId: 'late', payload: {} })),
  // Without fetching what is still announced: padchat-sdk dies of sending too late.
  hang_up: () => {
    wx.setSyncMsg(false)
    wx.setSyncContact(false)
    wx.ws.close()
  },
})
