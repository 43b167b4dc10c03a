'use strict'

// A Socket.IO server on npm socket.io for the matrix: namespace /chat, which lets in who
// says the key "open", and the events of acts.py.
//
//   node socketio_server.js [--release 2|4] [--allow-eio3]
//
// It is driven by the orders at the end of this file, and reports "listening", "entered"
// and "gone".

const http = require('http')
const { parseArgs } = require('util')
const { report, obey, pack } = require('./json_lines')

const options = parseArgs({
  options: {
    'release': { type: 'string', default: '4' },
    'allow-eio3': { type: 'boolean', default: false },
  },
}).values

const ODD = { nan: [NaN, Infinity, { deep: [-Infinity] }], surrogate: ['\ud83d', '\ude00x'] }

const servers = {}

function makeServer(web, settings) {
  if (options.release === '2') return require('socket.io')(web, settings)
  const { Server } = require('socket.io-4')
  return new Server(web, { ...settings, allowEIO3: options['allow-eio3'] })
}

function serve({ id, port = 0, pingInterval = 25, pingTimeout = 20 }) {
  const web = http.createServer()
  const io = makeServer(web, {
    pingInterval: pingInterval * 1000,
    pingTimeout: pingTimeout * 1000,
    maxHttpBufferSize: 5e6,
    serveClient: false,
  })
  const chat = io.of('/chat')
  chat.use((socket, next) => {
    const said = { ...socket.handshake.query, ...socket.handshake.auth }
    if (said.key === 'open') return next()
    const error = new Error('no entry')
    error.data = { code: 7, text: '嗨 😀' }
    next(error)
  })
  chat.on('connection', attend)
  web.listen(port, '127.0.0.1', () => report('listening', { id, port: web.address().port }))
  servers[id] = { web, io }
}

function attend(socket) {
  const { query, auth = {} } = socket.handshake
  const id = query.id
  let kept = []
  report('entered', { id, query: pack(query), auth: pack(auth) })
  socket.on('disconnect', reason => report('gone', { id, reason }))
  socket.on('echo', (...args) => args.pop()(...args))
  socket.on('ask', (...args) => {
    socket.emit('question', ...args, (...answer) => socket.emit('answered', ...answer))
  })
  socket.on('give', what => socket.emit('given', ...ODD[what]))
  socket.on('item', number => kept.push(number))
  socket.on('items', answer => {
    answer(kept)
    kept = []
  })
  socket.on('burst', count => {
    for (let number = 0; number < count; number++) socket.emit('item', number)
    socket.emit('end')
  })
  socket.on('stream', count => {
    let number = 0
    const timer = setInterval(() => {
      if (number < count) return socket.emit('item', number++)
      clearInterval(timer)
      socket.emit('end')
    }, 1)
  })
  socket.on('transport', answer => answer(socket.conn.transport.name))
  socket.on('kick', () => socket.disconnect())
}

obey({
  serve, // {"do": "serve", "id": "main", "port": 0, "pingInterval": 25, "pingTimeout": 20}
  stop: ({ id }) => {
    const { web, io } = servers[id]
    web.on('close', () => report('stopped', { id }))
    io.close()
    web.closeAllConnections()
  },
}, { isQuiet: true })
