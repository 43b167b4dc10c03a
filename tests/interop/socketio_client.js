'use strict'

// Socket.IO clients on npm socket.io-client for the matrix, many in one process.
//
//   node socketio_client.js [--release 2|4]
//
// It is driven by the orders at the end of this file, and reports "connected", "refused",
// "failed", "heard", "ack", "items" and "disconnected".

const { parseArgs } = require('util')
const { report, obey, pack, unpack } = require('./json_lines')

const options = parseArgs({ options: { release: { type: 'string', default: '4' } } }).values
const isOld = options.release === '2'
const io = isOld ? require('socket.io-client') : require('socket.io-client-4').io

const clients = {}

function connect({ id, url, key, text, transports, reconnect = false, stream = 0 }) {
  const said = { id, key, text }
  const socket = io(`${url}/chat`, {
    query: said,
    auth: said,
    transports,
    reconnection: reconnect,
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
    forceNew: true,
  })
  let items = []
  clients[id] = socket
  const failed = error => report('failed', { id, text: explain(error) })
  const refused = (message, data) => report('refused', { id, message, data: pack(data ?? null) })
  socket.on('connect', () => {
    if (stream) streamItems(socket, stream)
    report('connected', { id })
  })
  socket.on('disconnect', reason => report('disconnected', { id, reason }))
  socket.on('connect_error', error => {
    if (isOld || error.type === 'TransportError' || error.message === 'timeout') failed(error)
    else refused(error.message, error.data)
  })
  if (isOld) {
    socket.on('error', data => {
      if (data instanceof Error) failed(data)
      else if (typeof data === 'string') refused(data)
      else refused('', data)
    })
  }
  socket.on('question', (...args) => args.pop()(...args))
  for (const name of ['answered', 'given']) {
    socket.on(name, (...args) => report('heard', { id, name, args: pack(args) }))
  }
  socket.on('item', number => items.push(number))
  socket.on('end', () => {
    report('items', { id, items })
    items = []
  })
}

// What the server answered, when there was an answer, stands in the description.
function explain(error) {
  const { description, context } = error
  const answer = context?.responseText ?? context?.message ?? description?.message ?? description
  return answer === undefined ? error.message : `${error.message}: ${answer}`
}

function streamItems(socket, count) {
  socket.emit('stream', count)
  let number = 0
  const timer = setInterval(() => {
    if (number < count) socket.emit('item', number++)
    else clearInterval(timer)
  }, 1)
}

obey({
  connect, // {"do": "connect", "id": "c", "url": "http://...", "key": "open", "transports": [...]}
  emit: ({ id, name, args = [] }) => clients[id].emit(name, ...unpack(args)),
  call: ({ id, name, args = [] }) => {
    clients[id].emit(name, ...unpack(args), (...answer) => report('ack', { id, name, args: pack(answer) }))
  },
  burst: ({ id, count }) => {
    for (let number = 0; number < count; number++) clients[id].emit('item', number)
  },
  disconnect: ({ id }) => clients[id].disconnect(),
}, { isQuiet: true })
