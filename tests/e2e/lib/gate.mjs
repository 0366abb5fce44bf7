// Lets TCP through: `node gate.mjs FROM TO PORT…` listens on each port at the one address and forwards to the
// same port at the other; it says "open" when it does.

import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";

export async function openGate(from, to, port) {
  const sockets = new Set();
  const gate = createServer((near) => {
    const far = connect(port, to);
    near.pipe(far).pipe(near);
    for (const [one, other] of [[near, far], [far, near]]) {
      sockets.add(one);
      one.on("error", () => other.destroy()).on("close", () => sockets.delete(one));
    }
  });
  await new Promise((resolve) => gate.listen(port, from, resolve));
  return {
    stop() {
      gate.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [from, to, ...ports] = process.argv.slice(2);
  await Promise.all(ports.map((port) => openGate(from, to, Number(port))));
  console.log("open");
}
