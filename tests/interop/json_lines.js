'use strict'

// How a peer speaks with the test that started it: one JSON object a line, orders in
// by stdin, reports out by stdout. A peer ends with its stdin, so none outlives its test.

const readline = require('readline')

function report(event, fields = {}) {
  process.stdout.write(JSON.stringify({ event, ...fields }) + '\n')
}

// Calls orders[line.do](line) for each line and reports {"event": "done", ...line}, or
// {"event": "fault", "error": ...} for an order that cannot be carried out.
function obey(orders) {
  const lines = readline.createInterface({ input: process.stdin })
  lines.on('line', text => {
    try {
      const line = JSON.parse(text)
      if (!Object.hasOwn(orders, line.do)) {
        throw new Error(`no such order, there are: ${Object.keys(orders).join(' ')}`)
      }
      orders[line.do](line)
      report('done', line)
    } catch (error) {
      report('fault', { error: `${error.message} (order: ${text})` })
    }
  })
  lines.on('close', () => process.exit(0))
}

module.exports = { report, obey }
