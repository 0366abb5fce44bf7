// A STUN server (RFC 8489) that says everybody is somewhere else, so that the browser has a
// server-reflexive candidate of it; a true answer on one machine would be dropped as redundant.

import { createSocket } from "node:dgram";

const COOKIE = 0x2112a442;
const ELSEWHERE = 0xcb007107; // 203.0.113.7, of the block for documentation

export async function startStun() {
  const socket = createSocket("udp4");
  let asked = 0;
  socket.on("message", (request, from) => {
    if (request.length < 20 || request.readUInt16BE(0) !== 0x0001) return;
    asked += 1;
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(0x0101, 0); // binding success
    answer.writeUInt16BE(12, 2);
    request.copy(answer, 4, 4, 20); // cookie and transaction
    answer.writeUInt16BE(0x0020, 20); // XOR-MAPPED-ADDRESS
    answer.writeUInt16BE(8, 22);
    answer.writeUInt8(1, 25); // IPv4
    answer.writeUInt16BE(from.port ^ (COOKIE >>> 16), 26);
    answer.writeUInt32BE((ELSEWHERE ^ COOKIE) >>> 0, 28);
    socket.send(answer, from.port, from.address);
  });
  await new Promise((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return {
    url: `stun:127.0.0.1:${socket.address().port}`,
    asked: () => asked,
    stop: () => new Promise((resolve) => socket.close(resolve)),
  };
}
