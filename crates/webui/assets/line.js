// Whether anything still comes from the server. The SDK tells of a dead line after a quarter of a
// minute; the server sends sound fifty times a second whether somebody talks or not, so that its
// absence says the same within two.

const EVERY_MS = 400;
const SILENT_AFTER_MS = 1_200;

const peers = new Set();

// The SDK makes its connections itself and keeps them; this is how the page comes to know them.
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...args) {
    super(...args);
    peers.add(this);
  }

  close() {
    peers.delete(this);
    super.close();
  }
};

/** Calls `tell(true)` when nothing comes any more, `tell(false)` when it does again; gives what ends it. */
export function whenSilent(tell) {
  const counted = new Map(); // peer -> packets; what a closed one received stays counted
  let [packets, since, silent] = [0, performance.now(), false];
  const timer = setInterval(async () => {
    const now = await received(counted);
    if (now > packets) [packets, since] = [now, performance.now()];
    const is = packets > 0 && performance.now() - since > SILENT_AFTER_MS;
    if (is !== silent) tell((silent = is));
  }, EVERY_MS);
  return () => clearInterval(timer);
}

async function received(counted) {
  for (const peer of peers) {
    const stats = await peer.getStats().catch(() => new Map());
    const inbound = [...stats.values()].filter(({ type }) => type === "inbound-rtp");
    counted.set(peer, inbound.reduce((sum, { packetsReceived }) => sum + packetsReceived, 0));
  }
  return [...counted.values()].reduce((sum, count) => sum + count, 0);
}
