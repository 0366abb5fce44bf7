// A cable that carries media and can be cut: a UDP relay between page and server. It needs no
// rights and no network namespace, so that it works wherever the tests do.

import { createSocket } from "node:dgram";

/** Forwards a UDP port of `host` to the server's `port` there; `cut()` swallows both ways until `mend()`. */
export async function startRelay(port, host = "127.0.0.1") {
  const ways = new Map(); // "port of the page" -> socket towards the server
  let isCut = false;
  let every = Infinity;
  let seen = 0;
  // Of sound and pictures every so-manieth packet, whichever way it goes.
  const isLost = (bytes) => isCut || (isMedia(bytes) && (seen += 1) % every === 0);
  const counts = { mediaUp: 0, mediaDown: 0 };
  let onUp = () => {};
  const near = createSocket("udp4");
  near.on("message", (bytes, page) => {
    if (isLost(bytes)) return;
    if (isMedia(bytes)) counts.mediaUp += 1;
    onUp(bytes, page.port);
    far(page).send(bytes, port, host);
  });
  function far(page) {
    let way = ways.get(page.port);
    if (!way) {
      way = createSocket("udp4");
      way.on("message", (bytes) => {
        if (isLost(bytes)) return;
        if (isMedia(bytes)) counts.mediaDown += 1;
        near.send(bytes, page.port, page.address);
      });
      ways.set(page.port, way);
    }
    return way;
  }
  await new Promise((resolve) => near.bind(0, host, resolve));
  return {
    port: near.address().port,
    cut: () => (isCut = true),
    mend: () => ([isCut, every] = [false, Infinity]),
    /** Loses every so-manieth packet of media from now on, until `mend()`. */
    lose: (each) => (every = each),
    /** From now on the page comes to the server from another port, as behind a NAT that forgot it. */
    rebind() {
      for (const way of ways.values()) way.close();
      ways.clear();
    },
    /** RTP packets that went through so far, from the page and to it. */
    counts: () => ({ ...counts }),
    /** Calls `each(bytes, port)` for every datagram from the page. */
    watch: (each) => (onUp = each),
    stop: () => new Promise((resolve) => {
      for (const way of ways.values()) way.close();
      near.close(resolve);
    }),
  };
}

/** RTP, by RFC 7983 §7 and RFC 5761 §4. */
export function isMedia(bytes) {
  const second = bytes[1] & 0x7f;
  return bytes[0] >= 128 && bytes[0] <= 191 && !(second >= 64 && second <= 95);
}

/** Lets everything this page connects from now on go through `relay`, and nothing over TCP. */
export async function routeVia(who, relay) {
  await who.page.addInitScript(route, relay.port);
  await who.page.evaluate(route, relay.port);
}

/** In the page: the answer's candidates name the relay instead of the server. */
export function route(port) {
  const peer = RTCPeerConnection.prototype;
  const own = (peer.unrouted ??= peer.setRemoteDescription);
  const isTcp = (line) => /^a=candidate:\S+ \d+ tcp /i.test(line);
  const routed = (line) => line.replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+ /i, `$1 ${port} `);
  peer.setRemoteDescription = function ({ type, sdp }) {
    const lines = sdp.split("\r\n").filter((line) => !isTcp(line));
    return own.call(this, { type, sdp: lines.map(routed).join("\r\n") });
  };
}
