// Runs in the test page: a camera that changes its colour, a microphone that holds a tone, and
// instruments that read colours and tones out of what is received. `window.lab` is all of it.
//
// getUserMedia is replaced (not `localStream` used) so that the SDK's own paths run: it stops
// its track on mute and asks for a new one on unmute.
"use strict";

(() => {
  // One clock for all pages of the machine, in ms since the epoch with fractions.
  const clock = () => performance.timeOrigin + performance.now();

  // ---------- what is sent ----------

  function makeCamera({ palette, sequence, periodMs = 1000, fps = 20, width = 640, height = 360 }) {
    const resize = (...size) => {
      [width, height] = size;
      Object.assign(canvas, { width, height });
    };
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const paint = canvas.getContext("2d");
    const changes = [];
    let index = -1;
    let next = 0;
    let frames = 0;
    const draw = () => {
      const now = clock();
      if (now >= next) {
        index += 1;
        next = now + periodMs;
        changes.push({ at: now, colour: sequence[index % sequence.length] });
      }
      const [r, g, b] = palette[changes[changes.length - 1].colour];
      paint.fillStyle = `rgb(${r} ${g} ${b})`;
      paint.fillRect(0, 0, width, height);
      // Something always moves, in a corner nobody measures, so that no frame equals the last.
      frames += 1;
      paint.fillStyle = frames % 2 ? "#000" : "#fff";
      paint.fillRect(4 + (frames % 8) * 4, 4, 4, 4);
    };
    draw();
    setInterval(draw, 1000 / fps);
    return { changes, resize, track: () => canvas.captureStream(fps).getVideoTracks()[0] };
  }

  function makeMicrophone({ hz, amplitude }) {
    const context = audioContext();
    const oscillator = new OscillatorNode(context, { frequency: hz });
    const gain = new GainNode(context, { gain: amplitude });
    oscillator.connect(gain);
    oscillator.start();
    return {
      track() {
        const sink = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
        gain.connect(sink);
        return sink.stream.getAudioTracks()[0];
      },
    };
  }

  let context = null;
  const audioContext = () => (context ??= new AudioContext({ sampleRate: 48000 }));

  // ---------- what is received ----------

  const peers = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      peers.push(this);
    }
  };

  const receives = ({ currentDirection }) => ["sendrecv", "recvonly"].includes(currentDirection);
  const receivedTrack = (kind) =>
    peers
      .filter((peer) => peer.connectionState !== "closed")
      // A leg that only sends has receivers too, and they are silent for ever.
      .flatMap((peer) => peer.getTransceivers().filter(receives).map(({ receiver }) => receiver.track))
      .filter((track) => track.kind === kind && track.readyState === "live")
      .pop();

  // SDKs of 2021 give the received picture no class; their own overlay lies in .mcuLayers.
  const video = () =>
    document.querySelector("#root .mcuContent video") ?? document.querySelector("#root video:not(.mcuLayers video)");

  const small = Object.assign(document.createElement("canvas"), { width: 320, height: 180 });
  const pen = small.getContext("2d", { willReadFrequently: true });

  // The newest picture as pixels of a 320x180 canvas, or null before the first one.
  function picture(element = video()) {
    if (!element || !element.videoWidth) return null;
    pen.drawImage(element, 0, 0, small.width, small.height);
    return pen.getImageData(0, 0, small.width, small.height);
  }

  // Calls `each(r, g, b)` for every pixel of the rectangle, given in percent of the picture.
  function pixels(image, { x, y, width, height }, each) {
    const [w, h] = [image.width / 100, image.height / 100];
    for (let row = Math.floor(y * h); row < Math.floor((y + height) * h); row += 1) {
      for (let column = Math.floor(x * w); column < Math.floor((x + width) * w); column += 1) {
        const at = (row * image.width + column) * 4;
        each(image.data[at], image.data[at + 1], image.data[at + 2]);
      }
    }
  }

  // The middle of a cell: half its width and height, away from gutters and banners.
  const middle = ({ x, y, width, height }) => ({
    x: x + width / 4,
    y: y + height / 4,
    width: width / 2,
    height: height / 2,
  });

  function average(image, rectangle) {
    const sum = [0, 0, 0];
    let count = 0;
    pixels(image, rectangle, (r, g, b) => {
      sum[0] += r;
      sum[1] += g;
      sum[2] += b;
      count += 1;
    });
    return sum.map((value) => Math.round(value / Math.max(1, count)));
  }

  // How much of a cell (0..1) is within `tolerance` of one of the colours.
  function share(image, rectangle, colours, tolerance) {
    let near = 0;
    let count = 0;
    pixels(image, rectangle, (...rgb) => {
      count += 1;
      const hit = (colour) => colour.every((c, i) => Math.abs(c - rgb[i]) <= tolerance);
      near += colours.some(hit) ? 1 : 0;
    });
    return near / Math.max(1, count);
  }

  // What the cells show now: {at, cells: {member id: average colour of the middle}}.
  function look(element, layers = lab.layout?.layers ?? []) {
    const image = picture(element);
    if (!image) return null;
    const occupied = layers.filter((layer) => layer.member_id);
    const entries = occupied.map((layer) => [layer.member_id, average(image, middle(layer))]);
    return { at: clock(), cells: Object.fromEntries(entries) };
  }

  let watch = null;
  let samples = [];

  // ---------- sound ----------

  let ear = null; // { track, analyser }

  function listenTo(track) {
    if (ear?.track === track) return ear.analyser;
    const analyser = new AnalyserNode(audioContext(), { fftSize: 16384 });
    new MediaStreamAudioSourceNode(audioContext(), { mediaStream: new MediaStream([track]) }).connect(analyser);
    ear = { track, analyser, since: clock() };
    return analyser;
  }

  // The peak amplitude of each tone in dBFS over the last 341 ms: one Goertzel filter per tone
  // under a Hann window. Null until that much has been heard.
  function levels(tones, track = receivedTrack("audio")) {
    if (!track) return null;
    const analyser = listenTo(track);
    if (clock() - ear.since < 500) return null;
    const heard = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(heard);
    return tones.map((hz) => goertzel(heard, hz / audioContext().sampleRate));
  }

  function goertzel(heard, turnsPerSample) {
    const size = heard.length;
    const factor = 2 * Math.cos(2 * Math.PI * turnsPerSample);
    let one = 0;
    let two = 0;
    for (let n = 0; n < size; n += 1) {
      const hann = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / size);
      const now = heard[n] * hann + factor * one - two;
      two = one;
      one = now;
    }
    const power = one * one + two * two - factor * one * two;
    // A sine of amplitude A gives |X| = A * size / 4 under this window.
    return 20 * Math.log10((4 * Math.sqrt(Math.max(power, 1e-20))) / size);
  }

  // ---------- the room ----------

  const EVENTS = [
    "room.joined", "room.subscribed", "room.updated", "room.left", "room.audienceCount",
    "member.joined", "member.left", "member.updated", "member.talking", "memberList.updated",
    "member.promoted", "member.demoted", "room.ended",
    "layout.changed", "media.connected", "media.reconnecting", "media.disconnected", "hangup", "destroy",
  ];

  const plain = (value) => {
    try {
      return value === undefined ? null : JSON.parse(JSON.stringify(value));
    } catch {
      return null; // an SDK object with cycles; these tests read raw payloads only
    }
  };
  const tell = (error) => ({ name: error?.name, code: error?.code, kind: error?.kind, cure: error?.cure, message: error?.message ?? String(error) });

  const lab = {
    layout: null,
    events: [],
    camera: null,
    session: null,
    clock,
    look,
    levels,
    makeCamera,
    makeMicrophone,
    audioContext,
    receivedTrack,
    livePeers: () => peers.filter((peer) => peer.connectionState !== "closed"),

    /** Builds camera and microphone; without one, asking for it is refused like by a user. */
    setUp({ camera, microphone }) {
      lab.camera = camera && makeCamera(camera);
      const mic = microphone && makeMicrophone(microphone);
      navigator.mediaDevices.getUserMedia = async (wish) => {
        if ((wish.video && !lab.camera) || (wish.audio && !mic)) {
          throw new DOMException("Permission denied", "NotAllowedError");
        }
        const stream = new MediaStream();
        if (wish.audio) stream.addTrack(mic.track());
        if (wish.video) stream.addTrack(lab.camera.track());
        return stream;
      };
    },

    /** Joins, with a `localStream` if `ownStream`, listening to further `events`; gives {ok, ms} or {ok: false, error}. A second call is a new session object. */
    async join({ token, host, constructorOptions = {}, joinOptions = {}, ownStream = false, events = [] }) {
      lab.layout = null;
      if (ownStream) constructorOptions.localStream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
      const { Video } = window.Rotunda ?? SignalWire;
      const session = new Video.RoomSession({
        token,
        host,
        rootElement: document.getElementById("root"),
        ...constructorOptions,
      });
      lab.adopt(session, events);
      const before = clock();
      try {
        await session.join(joinOptions);
        return { ok: true, ms: clock() - before, at: clock() };
      } catch (error) {
        return { ok: false, ms: clock() - before, error: tell(error) };
      }
    },

    /** Takes a session as the page's own and keeps what it tells. */
    adopt(session, further = []) {
      lab.session = session;
      for (const name of [...EVENTS, ...further]) {
        session.on(name, (payload) => {
          if (name === "layout.changed") lab.layout = payload.layout;
          lab.events.push({ name, at: clock(), payload: plain(payload) });
        });
      }
    },

    /** Calls a method of the session; gives {ok, value} or {ok: false, error}. */
    async call(method, ...args) {
      try {
        return { ok: true, value: plain(await lab.session[method](...args)) };
      } catch (error) {
        return { ok: false, error: tell(error) };
      }
    },

    /** What the session object says of itself. */
    facts() {
      const { memberId, roomId, roomSessionId, permissions, interactivityMode } = lab.session;
      return { memberId, roomId, roomSessionId, permissions: plain(permissions), interactivityMode };
    },

    watch(everyMs = 60) {
      clearInterval(watch);
      samples = [];
      watch = setInterval(() => {
        const seen = look();
        if (seen && samples.length < 10_000) samples.push(seen);
      }, everyMs);
    },

    /** Ends watching and gives what was seen. */
    seen() {
      clearInterval(watch);
      return samples;
    },

    /** How much of a member's cell shows one of the colours, or null without cell or picture. */
    cellShare(memberId, colours, tolerance) {
      const layer = lab.layout?.layers.find((one) => one.member_id === memberId);
      const image = picture();
      return layer && image ? share(image, middle(layer), colours, tolerance) : null;
    },

    /** Average colour of any rectangle in percent of the picture, or null without one. */
    rectangle(rectangle) {
      const image = picture();
      return image && average(image, rectangle);
    },

    /** Counters of what is received, summed over live connections. */
    async received() {
      const sum = { audioPackets: 0, videoFrames: 0, keyFrames: 0, plis: 0, audioBytes: 0 };
      for (const peer of peers.filter((one) => one.connectionState !== "closed")) {
        for (const stat of (await peer.getStats()).values()) {
          if (stat.type !== "inbound-rtp") continue;
          if (stat.kind === "audio") {
            sum.audioPackets += stat.packetsReceived;
            sum.audioBytes += stat.bytesReceived;
          } else {
            sum.videoFrames += stat.framesDecoded ?? 0;
            sum.keyFrames += stat.keyFramesDecoded ?? 0;
            sum.plis += stat.pliCount ?? 0;
          }
        }
      }
      return { at: clock(), ...sum };
    },

    /** Size of the received picture, or null before the first frame. */
    size() {
      const element = video();
      return element?.videoWidth ? { width: element.videoWidth, height: element.videoHeight } : null;
    },
  };

  window.lab = lab;
})();
