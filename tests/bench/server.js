"use strict";

// npm socket.io 4 that allows EIO3: the one server of all clients of the benchmark,
// and, beside ours, one of its servers. It has just enough of PadChat's login on its
// namespace that our client comes to stand in `ready`. It prints one JSON line with its port and versions when it listens, and
// ends when its standard input does, so that it never outlives the driver.
//
// Source of the login: the reference client padchat 3.0.1 against a recorded server:
// init and login are acknowledged, then come the events login, push with contacts, and
// loaded.

const { createServer } = require("node:http");
const { Server } = require("socket.io");
const workload = require("./workload.json");

// Messages handed to the socket before it has to drain: about 57 KB, enough that
// the client finds several in one read, little enough that they are not a backlog.
const BURST = workload.burst;
const DONE = { success: true, msg: "", data: {} };

const http = createServer();
const io = new Server(http, { allowEIO3: true, serveClient: false });
let pushed = 0;

/** The push of the workload under a message id that was never used before. */
function nextPush() {
  pushed += 1;
  const item = { ...workload.push.list[0] };
  item.msgId = "5" + String(pushed).padStart(18, "0");
  return { list: [item] };
}

/** Push `count` messages in bursts, each as soon as the one before was written. */
function push(socket, count) {
  const { conn } = socket;
  let left = count;
  const burst = () => {
    for (let i = Math.min(left, BURST); i > 0; i -= 1) {
      socket.emit("push", nextPush());
      left -= 1;
    }
    if (left > 0) conn.transport.once("ready", drained);
  };
  const drained = () => {
    if (!socket.connected) return;
    if (conn.writeBuffer.length === 0 && conn.transport.writable) {
      setImmediate(burst);
    } else {
      conn.transport.once("ready", drained);
    }
  };
  burst();
}

/** The contacts of an account; no two accounts have the same. */
function contactsOf(name) {
  return Array.from({ length: workload.contacts }, (_, i) => ({
    ...workload.contact,
    userName: `wxid_${name}_${i}`,
    nickName: `${workload.contact.nickName} ${name} ${i}`,
    remark: `${workload.contact.remark} ${name} ${i}`,
  }));
}

/** A stable, made-up device for an account, so that no two accounts share one. */
function deviceOf(name) {
  return {
    deviceName: `${name} iPad`,
    deviceUuid: name,
    deviceWifiName: name,
    deviceWifiMac: "02:00:00:00:00:01",
    deviceData: Buffer.from(name).toString("hex"),
  };
}

io.of(workload.namespace).on("connection", (socket) => {
  const name = String(socket.handshake.query.name);
  let device = deviceOf(name);

  socket.on("sendMsg", (command, ack) => {
    if (command.toUserName === workload.push_trigger) {
      ack(workload.reply);
      push(socket, Number(command.content));
    } else if (
      command.toUserName === workload.command.toUserName &&
      command.content === workload.command.content
    ) {
      ack(workload.reply);
    } else {
      ack({ success: false, msg: "not the command of workload.json", data: {} });
    }
  });
  socket.on("init", (data, ack) => {
    device = { ...device, ...data };
    ack(DONE);
  });
  socket.on("login", (data, ack) => {
    ack(DONE);
    socket.emit("login", {
      success: true,
      msg: "",
      data: { userName: `wxid_${name}`, nickName: name },
    });
    socket.emit("push", { list: contactsOf(name) });
    socket.emit("loaded");
  });
  socket.on("getDeviceInfo", (data, ack) => ack({ ...DONE, data: device }));
  socket.on("getAutoLoginData", (data, ack) =>
    ack({ ...DONE, data: { token: Buffer.from(name).toString("base64") } }),
  );
  // Of server_load.py.
  socket.on("bench-burst", () => {
    for (let i = 0; i < BURST; i += 1) socket.emit("push", nextPush());
  });
  socket.on("bench-broadcast", () => socket.nsp.emit("push", nextPush()));
  for (const code of ["syncContact", "getContact", "close", "logout"]) {
    socket.on(code, (data, ack) => ack(DONE));
  }
});

process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
http.listen(0, "127.0.0.1", () => {
  const versions = {
    node: process.versions.node,
    "socket.io": require("socket.io/package.json").version,
  };
  console.log(JSON.stringify({ port: http.address().port, versions }));
});
