// A cable between page and server that can be pulled: it carries the socket, never the media.

import { createServer, connect } from "node:net";

/** Forwards a loopback port to the server's; `cut()` breaks what is connected. */
export async function startProxy(target) {
  const { hostname, port, protocol } = new URL(target);
  const pairs = new Set();
  let isPulled = false;
  const proxy = createServer((near) => {
    if (isPulled) return near.resetAndDestroy();
    const far = connect(Number(port), hostname);
    const pair = [near, far];
    pairs.add(pair);
    const end = () => {
      near.destroy();
      far.destroy();
      pairs.delete(pair);
    };
    for (const socket of pair) socket.on("error", end).on("close", end);
    const frozen = () => far.isFrozen;
    near.on("data", (bytes) => frozen() || far.write(bytes));
    far.on("data", (bytes) => frozen() || near.write(bytes));
  });
  await new Promise((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const breakAll = () => [...pairs].forEach((pair) => pair.forEach((socket) => socket.resetAndDestroy()));
  return {
    host: `${protocol}//127.0.0.1:${proxy.address().port}`,
    /** Breaks the connections; new ones get through at once. */
    cut: breakAll,
    /** What is connected now stays so and carries nothing more, as on a network that died. */
    freeze: () => [...pairs].forEach(([, far]) => (far.isFrozen = true)),
    /** Breaks the connections and refuses others until `plug()`. */
    pull() {
      isPulled = true;
      breakAll();
    },
    plug() {
      isPulled = false;
    },
    connections: () => pairs.size,
    stop: () => new Promise((resolve) => {
      breakAll();
      proxy.close(resolve);
    }),
  };
}
