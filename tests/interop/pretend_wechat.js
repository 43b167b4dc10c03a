'use strict'

// The people, rooms and pictures behind padchat_server.js. All values are made up; the
// shapes are those of PadChat's push items and results, in camelCase.

const qr = require('qr-image')

const PEOPLE = [
  { userName: 'wxid_alice', nickName: 'Alice', sex: 2 },
  { userName: 'wxid_bob', nickName: '李四 😀', sex: 1 },
  { userName: 'wxid_carol', nickName: 'Carol "C"', sex: 0 },
]
// The members of a room come as a list or as JSON text: for this dialect neither is
// documented, so there is one room of each kind.
const ROOMS = [
  { userName: '10000000001@chatroom', nickName: '测试群', members: ['wxid_alice', 'wxid_bob'], asText: false },
  { userName: '10000000002@chatroom', nickName: 'Example room', members: ['wxid_alice', 'wxid_carol'], asText: true },
]
const FIRST_TIMESTAMP = 1500000000
// A PNG of one pixel.
const PICTURE = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mP4DwABAQEAHLCMmQAAAABJRU5ErkJggg=='

let messages = 0

// Ids have 64 bits: more than a JavaScript number can hold, hence BigInt and text.
function nextMessageId() {
  messages += 1
  return String(9000000000000000000n + BigInt(messages))
}

function qrPicture(text) {
  return qr.imageSync(text, { type: 'png', ec_level: 'M', size: 6, margin: 4 }).toString('base64')
}

function isBase64(text) {
  return typeof text === 'string' && text !== '' && Buffer.from(text, 'base64').toString('base64') === text
}

const base64 = text => Buffer.from(text).toString('base64')
const deviceData = account => base64(`device data of ${account.userName}`)
const loginToken = account => base64(`token ${account.tokensIssued} of ${account.userName}`)

function contactsOf(account) {
  const common = { msgType: 2, continue: 1, status: 1, uin: account.uin, remark: '', label: '' }
  const people = PEOPLE.map(({ userName, nickName, sex }) => ({
    ...common, userName, nickName, sex, stranger: `v1_${userName}@stranger`,
    smallHead: `http://example.invalid/head/${userName}/132`,
  }))
  const rooms = ROOMS.map(({ userName, nickName, members }) => ({
    ...common, userName, nickName, chatroomOwner: members[0],
    memberCount: members.length + 1, member: [account.userName, ...members],
  }))
  return [...people, ...rooms]
}

// A user or room that is not known has an empty userName (a documented success).
function profile(account, userId) {
  const own = { userName: account.userName, nickName: account.nickName, sex: 1 }
  const found = [own, ...PEOPLE, ...ROOMS].find(({ userName }) => userName === userId)
  const { userName = '', nickName = '', sex = 0 } = found || {}
  return {
    userName, nickName, sex,
    bigHead: '', smallHead: '', country: 'CN', provincia: '', city: '', signature: '',
    pyInitial: '', quanPin: '', stranger: '', ticket: '', remark: '', remarkPyInitial: '',
    remarkQuanPin: '', intro: '', label: '', message: '', status: 0,
  }
}

function roomMembers(account, groupId) {
  const room = ROOMS.find(({ userName }) => userName === groupId)
  if (!room) return null
  const member = [account.userName, ...room.members].map(userName => ({
    userName, nickName: profile(account, userName).nickName, chatroomNickName: '',
    bigHead: '', smallHead: '', invitedBy: '',
  }))
  return {
    userName: groupId, chatroomId: 700000001, count: member.length,
    member: room.asText ? JSON.stringify(member) + '\n' : member,
  }
}

function message(account, { from, room }, msgType, content, preview) {
  const sender = PEOPLE.find(({ userName }) => userName === from)
  if (!sender) throw new Error('there is no such person')
  if (room && !ROOMS.some(({ userName }) => userName === room)) throw new Error('there is no such room')
  const msgId = nextMessageId()
  return {
    msgType, msgId,
    fromUser: room || from,
    toUser: account.userName,
    content: room ? `${from}:\n${content}` : content,
    description: `${sender.nickName} : ${preview}`,
    msgSource: '<msgsource />\n',
    status: 1, continue: 1, timestamp: FIRST_TIMESTAMP + messages, uin: account.uin,
  }
}

const textMessage = (account, line) => message(account, line, 1, line.content, line.content)

function pictureMessage(account, line) {
  const length = Buffer.from(PICTURE, 'base64').length
  const item = message(account, line, 3, `<msg><img length="${length}" /></msg>`, '[image]')
  return { ...item, data: PICTURE }
}

module.exports = {
  PICTURE, nextMessageId, qrPicture, isBase64, deviceData, loginToken,
  contactsOf, profile, roomMembers, textMessage, pictureMessage,
}
