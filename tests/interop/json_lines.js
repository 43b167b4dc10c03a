'use strict'

// How a peer speaks with the test that started it: one JSON object a line, orders in
// by stdin, reports out by stdout. A peer ends with its stdin, so none outlives its test.

const crypto = require('crypto')
const readline = require('readline')

// Longest text (UTF-16) and longest bytes that are reported as they are.
const LARGE = 10000

function report(event, fields = {}) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + '\n')
}

// Calls orders[line.do](line) for each line and reports {"event": "done", ...line}, or
// {"event": "fault", "error": ...} for an order that cannot be carried out. A quiet peer
// does not say "done".
function obey(orders, { isQuiet = false } = {}) {
  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', text => {
    try {
      const line = JSON.parse(text)
      if (!Object.hasOwn(orders, line.do)) {
        throw new Error(`no such order, there are: ${Object.keys(orders).join(' ')}`)
      }
      orders[line.do](line)
      if (!isQuiet) report('done', line)
    } catch (error) {
      report('fault', { error: `${error.message} (order: ${text})` })
    }
  })
  lines.on('close', () => process.exit(0))
}

// What JSON does not hold: {"$bytes": base64} and {"$number": "NaN"}, at any depth. What
// is large is ordered as {"$repeat": [text, count]} or {"$repeatByte": [byte, count]}, and
// reported as {"$large": [length, SHA-1]}.
function pack(value) {
  if (typeof value === 'string' && value.length > LARGE) return large(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return { $number: String(value) }
  if (value instanceof ArrayBuffer) return { $bytes: Buffer.from(value).toString('base64') }
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    if (bytes.length > LARGE) return large(bytes)
    return { $bytes: bytes.toString('base64') }
  }
  return mapped(value, pack)
}

function large(value) {
  return { $large: [value.length, crypto.createHash('sha1').update(value).digest('hex')] }
}

function unpack(value) {
  if (value !== null && typeof value === 'object') {
    if ('$bytes' in value) return Buffer.from(value.$bytes, 'base64')
    if ('$number' in value) return Number(value.$number)
    if ('$repeat' in value) return value.$repeat[0].repeat(value.$repeat[1])
    if ('$repeatByte' in value) return Buffer.alloc(value.$repeatByte[1], value.$repeatByte[0])
  }
  return mapped(value, unpack)
}

function mapped(value, change) {
  if (Array.isArray(value)) return value.map(change)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, change(item)]))
}

module.exports = { report, obey, pack, unpack }
