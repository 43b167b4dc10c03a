'use strict'

// What the documentation of npm padchat-sdk, docs/index.md in its package, promises: the
// example results of each method, with their keys as the SDK spells them.

const fs = require('fs')
const path = require('path')
const vm = require('vm')
const Padchat = require('padchat-sdk')
const { toCamelCase } = require('padchat-sdk/helper')

const FILE = path.join(path.dirname(require.resolve('padchat-sdk')), 'docs', 'index.md')

// A method is documented below a heading, "### padchat.NAME(...)"; the examples of its
// results are the blocks of code between "Returns" and the next bold word or table.
const METHOD = /^### (?:~~)?padchat\.(\w+)\(.*\n([^]*?)(?=^### |$(?![^]))/gm
const RESULTS = /^\*\*Returns\*\*([^]*?)(?=^\*\*|^\||$(?![^]))/m
const BLOCK = /^```\n([^]*?)^```/gm

function documentation() {
  const text = fs.readFileSync(FILE, 'utf8').replaceAll('\r\n', '\n')
  return Object.fromEntries(Array.from(text.matchAll(METHOD), ([, name, section]) => {
    const results = RESULTS.exec(section)?.[1] ?? ''
    return [name, Array.from(results.matchAll(BLOCK), ([, code]) => example(code))]
  }))
}

// The examples are JavaScript, with comments; one has a list with a hole in it.
function example(code) {
  const text = JSON.stringify(vm.runInNewContext(`(${code})`))
  return toCamelCase(JSON.parse(text, (key, value) => Array.isArray(value) ? value.filter(item => item !== null) : value))
}

// All methods that the SDK has, documented or not.
function methods() {
  return Object.getOwnPropertyNames(Padchat.prototype).filter(name => name !== 'constructor')
}

module.exports = { documentation, methods }
