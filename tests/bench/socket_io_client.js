"use strict";

// npm socket.io-client as a client of the benchmark:
//   node socket_io_client.js PACKAGE MEASURE PORT OPERATIONS WARM_UP
// PACKAGE is socket.io-client (4.x) or socket.io-client-2 (2.x); the rest is what
// every client takes, see client.py. Prints one JSON line.

const { readFileSync } = require("node:fs");
const path = require("node:path");
const workload = require("./workload.json");

const PAGE_KIB = 4; // of Linux on x86-64 and aarch64; the driver checks it
const [packageName, measure, ...numbers] = process.argv.slice(2);
const [port, operations, warmUp] = numbers.map(Number);
const connectTo = require(packageName);

function open(name) {
  return connectTo(`http://127.0.0.1:${port}${workload.namespace}`, {
    transports: ["websocket"],
    forceNew: true, // a connection of its own for each account
    query: { authKey: workload.auth_key, name },
  });
}

function connected(socket) {
  return new Promise((resolve, reject) => {
    socket.on("connect", resolve);
    socket.on("connect_error", reject);
    socket.on("error", reject);
  });
}

function fail(problem) {
  console.error(problem instanceof Error ? problem.stack : String(problem));
  process.exit(1);
}

function report(figure) {
  const directory = path.join(__dirname, "node_modules", packageName);
  const manifest = JSON.parse(readFileSync(path.join(directory, "package.json")));
  const versions = { node: process.versions.node, [manifest.name]: manifest.version };
  console.log(JSON.stringify({ measure, operations, figure, versions }));
  process.exit(0);
}

/** Returns a function to be called once per operation; reports at the last one. */
function cpuWindow() {
  const last = warmUp + operations;
  let seen = 0;
  let began;
  return () => {
    seen += 1;
    if (seen === warmUp) began = process.cpuUsage();
    if (seen === last) {
      const { user, system } = process.cpuUsage(began);
      report((user + system) / operations);
    }
  };
}

function commands(socket) {
  const tick = cpuWindow();
  const { toUserName, content } = workload.command;
  let left = warmUp + operations;
  const call = () => {
    if (left === 0) return;
    left -= 1;
    socket.emit("sendMsg", { toUserName, content, atList: [] }, (reply) => {
      if (!reply.success) fail(reply.msg);
      tick();
      call();
    });
  };
  for (let i = 0; i < workload.in_flight; i += 1) call();
}

function pushes(socket) {
  const tick = cpuWindow();
  const expected = workload.push.list[0].content;
  socket.on("push", ({ list }) => {
    for (const message of list) {
      if (message.content.length !== expected.length) fail("not the push of workload.json");
      tick();
    }
  });
  const trigger = {
    toUserName: workload.push_trigger,
    content: String(warmUp + operations),
    atList: [],
  };
  socket.emit("sendMsg", trigger, (reply) => reply.success || fail(reply.msg));
}

function residentKib() {
  return Number(readFileSync("/proc/self/statm", "ascii").split(" ")[1]) * PAGE_KIB;
}

const pause = () =>
  new Promise((resolve) => setTimeout(resolve, workload.settle_seconds * 1000));

async function idle() {
  const sockets = [open("first")];
  await connected(sockets[0]);
  await pause();
  const none = residentKib();
  while (sockets.length <= operations) {
    const size = Math.min(workload.connect_batch, operations + 1 - sockets.length);
    const batch = Array.from({ length: size }, (_, i) => open(`idle-${sockets.length + i}`));
    await Promise.all(batch.map(connected));
    sockets.push(...batch);
  }
  await pause();
  if (!sockets.every((socket) => socket.connected)) fail("a connection was lost");
  report((residentKib() - none) / operations);
}

async function main() {
  if (measure === "idle") return idle();
  const socket = open("bench");
  await connected(socket);
  socket.on("disconnect", (reason) => fail(`disconnected: ${reason}`));
  return measure === "command" ? commands(socket) : pushes(socket);
}

main().catch(fail);
