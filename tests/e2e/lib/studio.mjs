// A browser before whose camera a person stands, and in whose microphone there is noise, and speech when it is asked
// for; and what is sent of both, measured. The picture is NASA's of Eileen Collins (public domain), the voice flite's.

import { readFileSync } from "node:fs";

const bytes = (name) => readFileSync(new URL(name, import.meta.url)).toString("base64");

/** Runs before the page's own scripts; `window.studio` is all of it. */
export const STUDIO = `(${open})(${JSON.stringify(bytes("portrait.jpg"))}, ${JSON.stringify(bytes("speech.ogg"))});`;

/* global studio */
function open(portrait, speech) {
  const of = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const peers = [];
  const given = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      peers.push(this);
    }
  };

  let camera;
  async function openCamera() {
    if (!camera) {
      const picture = await createImageBitmap(new Blob([of(portrait)], { type: "image/jpeg" }));
      camera = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
      const pen = camera.getContext("2d");
      let count = 0;
      setInterval(() => {
        pen.drawImage(picture, 0, 0);
        // Something always moves, in a corner that nobody measures.
        pen.fillStyle = (count += 1) % 2 ? "#000" : "#fff";
        pen.fillRect(630, 350, 8, 8);
      }, 100);
    }
    return camera.captureStream(10).getVideoTracks()[0];
  }

  let room;
  async function openMicrophone() {
    if (!room) {
      const context = new AudioContext({ sampleRate: 48_000 });
      const noise = context.createBuffer(1, 96_000, 48_000);
      noise.getChannelData(0).forEach((_, at, samples) => (samples[at] = (Math.random() * 2 - 1) * 0.05));
      const voice = await context.decodeAudioData(of(speech).buffer);
      const loud = new GainNode(context, { gain: 0 });
      const all = new GainNode(context);
      for (const [buffer, into] of [[noise, all], [voice, loud]]) {
        const source = new AudioBufferSourceNode(context, { buffer, loop: true });
        source.connect(into);
        source.start();
      }
      loud.connect(all);
      room = { context, loud, all };
    }
    const sink = new MediaStreamAudioDestinationNode(room.context, { channelCount: 1 });
    room.all.connect(sink);
    return sink.stream.getAudioTracks()[0];
  }

  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => {
    const tracks = [...(audio ? [await openMicrophone()] : []), ...(video ? [await openCamera()] : [])];
    given.push(...tracks);
    return new MediaStream(tracks);
  };

  const sent = (kind) => peers.filter((peer) => peer.connectionState !== "closed")
    .flatMap((peer) => peer.getSenders()).map(({ track }) => track).find((track) => track?.kind === kind && track.readyState === "live");
  const small = Object.assign(document.createElement("canvas"), { width: 640, height: 360 });
  const pen = small.getContext("2d", { willReadFrequently: true });

  window.studio = {
    /** Whether somebody speaks. */
    speak: (does) => (room.loud.gain.value = does ? 1 : 0),
    /** Whether what is sent is what the device gave, and not something that was made of it. */
    isPlain: (kind) => given.includes(sent(kind)),
    /** Whether something is sent at all. */
    sends: (kind) => sent(kind) !== undefined,
    /** How often a device was opened. */
    given: (kind) => given.filter((track) => track.kind === kind).length,
    /** Tracks of devices that are open. */
    open: (kind) => given.filter((track) => track.kind === kind && track.readyState === "live").length,
    /** The level of the sound that is sent over a second and a half, in dBFS. */
    async level() {
      const context = room.context;
      const source = context.createMediaStreamSource(new MediaStream([sent("audio")]));
      const analyser = new AnalyserNode(context, { fftSize: 8192 });
      source.connect(analyser);
      const samples = new Float32Array(8192);
      const powers = [];
      for (let reading = 0; reading < 9; reading += 1) {
        await new Promise((resolve) => setTimeout(resolve, 170));
        analyser.getFloatTimeDomainData(samples);
        powers.push(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);
      }
      source.disconnect();
      return 10 * Math.log10(powers.reduce((sum, value) => sum + value, 0) / powers.length + 1e-12);
    },
    /** How much detail the received picture has in a rectangle of the camera's: steps from pixel to pixel, in the mean. */
    detail({ x, y, width, height }) {
      const video = document.querySelector(".mcuContent video");
      if (!video?.videoWidth) return 0;
      pen.drawImage(video, 0, 0, 640, 360);
      const { data } = pen.getImageData(x, y, width, height);
      let sum = 0;
      for (let at = 4; at < data.length; at += 4) sum += at % (width * 4) ? Math.abs(data[at + 1] - data[at - 3]) : 0;
      return sum / (data.length / 4);
    },
  };
}
