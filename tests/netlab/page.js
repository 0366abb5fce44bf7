// Runs in the page: a WHEP viewer or a WHIP publisher on a plain RTCPeerConnection, which writes down
// when each picture came and how large it was, what the browser counts, and the sound itself. What it
// means is decided elsewhere. All times are milliseconds of `performance.now()`.

"use strict";

globalThis.netlab = (() => {
  /** Pictures whose four quarters are compared look at so many pixels in the middle of each. */
  const LOOK = { width: 160, height: 90 };
  const hasProcessor = "MediaStreamTrackProcessor" in globalThis;
  const COUNTERS = ["inbound-rtp", "outbound-rtp", "remote-inbound-rtp"];

  let peer;
  let leg;
  let first = {};
  let began = 0;
  let record = null;
  const seen = []; // the last look at each quarter

  /** How much each quarter changed since the picture before, in mean steps of luma. */
  async function quarters(picture) {
    const moved = [];
    for (let q = 0; q < 4; q += 1) {
      const x = (Math.round(picture.codedWidth * (q % 2 ? 0.75 : 0.25)) - LOOK.width / 2) & ~1;
      const y = (Math.round(picture.codedHeight * (q > 1 ? 0.75 : 0.25)) - LOOK.height / 2) & ~1;
      const rect = { x, y, ...LOOK };
      const bytes = new Uint8Array(picture.allocationSize({ rect }));
      await picture.copyTo(bytes, { rect });
      const luma = bytes.subarray(0, LOOK.width * LOOK.height);
      moved.push(difference(luma, seen[q]));
      seen[q] = luma;
    }
    return moved;
  }

  function difference(now, before) {
    if (!before) return 0;
    let sum = 0;
    for (let i = 0; i < now.length; i += 3) sum += Math.abs(now[i] - before[i]);
    return (sum * 3) / now.length;
  }

  /** Acts on each picture or piece of sound of a track. */
  async function each(track, most, act) {
    const reader = new MediaStreamTrackProcessor({ track, maxBufferSize: most }).readable.getReader();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      await act(value);
      value.close();
    }
  }

  /** A picture came; `look` says how much its quarters changed. */
  async function saw(height, look) {
    const at = performance.now();
    first.picture ??= at - began;
    if (!record) return;
    record.pictures.push([at, height]);
    if (record.looks) record.looks.push(await look());
  }

  /** A piece of sound came, `-1` to `1`. */
  function heard(samples, rate) {
    first.sound ??= performance.now() - began;
    if (!record) return;
    record.rate = rate;
    record.soundBegan ??= performance.timeOrigin + performance.now() - (1000 * samples.length) / rate;
    record.sound.push(Int16Array.from(samples, (s) => Math.max(-32768, Math.min(32767, Math.round(s * 32767)))));
  }

  function watch(track) {
    if (!hasProcessor) return watchShown(track);
    return each(track, 30, (picture) => saw(picture.codedHeight, () => quarters(picture)));
  }

  function listen(track) {
    if (!hasProcessor) return; // Firefox plays no sound where the machine has no loudspeaker
    return each(track, 200, (piece) => {
      const samples = new Float32Array(piece.numberOfFrames);
      piece.copyTo(samples, { planeIndex: 0, format: "f32-planar" });
      heard(samples, piece.sampleRate);
    });
  }

  /** As an element shows it, for browsers that give no decoded pictures. */
  function watchShown(track) {
    const video = document.createElement("video");
    Object.assign(video, { autoplay: true, muted: true, srcObject: new MediaStream([track]) });
    document.body.append(video);
    const next = () => video.requestVideoFrameCallback((_, shown) => (saw(shown.height), next()));
    next();
  }

  /** Offers, and takes the answer; gives the leg's path. */
  async function exchange(url, token) {
    await peer.setLocalDescription(await peer.createOffer());
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/sdp" };
    const answer = await fetch(url, { method: "POST", body: peer.localDescription.sdp, headers });
    if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
    await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    return new URL(answer.headers.get("location"), url).href;
  }

  /** Only codecs that `suits` finds good are offered. */
  function prefer(transceiver, side, kind, suits) {
    const all = side.getCapabilities(kind).codecs;
    transceiver.setCodecPreferences(all.filter((codec) => suits(codec.mimeType.toLowerCase())));
  }

  /** Watches and listens; gives the leg and when the first of each came, null when not within `patience`. */
  async function view(url, token, { patience = 12_000, vp8 = false } = {}) {
    began = performance.now();
    first = {};
    peer = new RTCPeerConnection();
    const audio = Object.assign(document.createElement("audio"), { autoplay: true });
    document.body.append(audio);
    peer.ontrack = ({ track }) => {
      if (track.kind === "video") return void watch(track);
      audio.srcObject = new MediaStream([track]);
      listen(track);
    };
    peer.addTransceiver("audio", { direction: "recvonly" });
    const video = peer.addTransceiver("video", { direction: "recvonly" });
    if (vp8) prefer(video, RTCRtpReceiver, "video", (type) => !/h264|vp9|av1|h265/.test(type));
    leg = await exchange(url, token);
    while (!first.picture && performance.now() - began < patience) await new Promise((go) => setTimeout(go, 10));
    return { leg, picture: first.picture ?? null, sound: first.sound ?? null };
  }

  /** Publishes camera and microphone as they are; gives the leg. */
  async function publish(url, token, { red = true } = {}) {
    const stream = await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1 },
      video: { width: 640, height: 360, frameRate: 20 },
    });
    peer = new RTCPeerConnection();
    for (const track of stream.getTracks()) {
      const sent = peer.addTransceiver(track, { direction: "sendonly", streams: [stream] });
      if (track.kind === "audio" && !red) prefer(sent, RTCRtpSender, "audio", (type) => !type.endsWith("/red"));
    }
    leg = await exchange(url, token);
    return { leg };
  }

  /** The numbers of each RTP stream, named by what it is and carries, and the path they take. */
  async function counters() {
    const all = [...(await peer.getStats()).values()];
    const found = { at: performance.now() };
    for (const one of all.filter((stats) => COUNTERS.includes(stats.type))) {
      const numbers = Object.entries(one).filter(([, value]) => typeof value === "number");
      const codec = all.find((stats) => stats.id === one.codecId)?.mimeType;
      found[`${one.type}/${one.kind}`] = { ...Object.fromEntries(numbers), codec };
    }
    const pair = all.find((stats) => stats.type === "candidate-pair" && stats.nominated);
    found.roundTrip = pair?.currentRoundTripTime;
    found.protocol = all.find((stats) => stats.id === pair?.localCandidateId)?.protocol;
    return found;
  }

  /** Begins to write down; `looks` compares the quarters of each picture, too. */
  async function begin({ looks = false } = {}) {
    const counted = await counters();
    record = { began: performance.now(), pictures: [], looks: looks ? [] : null, counters: [counted], sound: [] };
    record.wall = performance.timeOrigin + record.began;
    record.timer = setInterval(async () => record?.counters.push(await counters()), 500);
  }

  /** What was written down, the sound as base64 of 16-bit samples. */
  async function end() {
    const { timer, sound, ...rest } = record;
    clearInterval(timer);
    rest.counters.push(await counters());
    rest.ended = performance.now();
    record = null;
    const joined = new Blob(sound);
    const url = await new Promise((done) => {
      const reader = new FileReader();
      reader.onload = () => done(reader.result);
      reader.readAsDataURL(joined);
    });
    return { ...rest, sound: url.slice(url.indexOf(",") + 1) };
  }

  /** Goes, and says so. */
  async function leave() {
    peer.close();
    document.querySelectorAll("audio, video").forEach((one) => one.remove());
    await fetch(leg, { method: "DELETE" });
  }

  return { view, publish, begin, end, leave };
})();
