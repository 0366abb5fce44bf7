// Runs in the test page after client.js: further legs of the same person, each with a picture and
// a tone of its own, and the loudness of what is received.
"use strict";

(() => {
  const children = new Map(); // name -> the SDK's object

  const tell = (error) => ({ name: error?.name, code: error?.code, message: error?.message ?? String(error) });

  // A stream of one steady colour and one tone, as wished.
  function source({ colour, hz, amplitude = 0.12, width = 640, height = 360 }) {
    const palette = colour ? [colour] : [];
    const camera = colour && lab.makeCamera({ palette, sequence: [0], width, height });
    const microphone = hz && lab.makeMicrophone({ hz, amplitude });
    return (wish) => {
      const stream = new MediaStream();
      if (wish?.audio && microphone) stream.addTrack(microphone.track());
      if (wish?.video && camera) stream.addTrack(camera.track());
      return stream;
    };
  }

  /**
   * Adds a leg by one of the SDK's methods; whatever device it asks for meanwhile is the one
   * described by `wish`. Gives {ok, memberId} or {ok: false, error}.
   */
  lab.addLeg = (name, method, wish, options) =>
    lab.withDevice(wish, async () => {
      const child = await lab.session[method](options);
      children.set(name, child);
      return { ok: true, memberId: child?.memberId ?? null };
    }).catch((error) => ({ ok: false, error: tell(error) }));

  /** Does something while every device that is asked for is the one described by `wish`. */
  lab.withDevice = async (wish, act) => {
    const devices = navigator.mediaDevices;
    const own = { user: devices.getUserMedia, display: devices.getDisplayMedia };
    const asked = source(wish);
    devices.getUserMedia = async (constraints) => asked(constraints);
    // A screen's picture is always shared; its sound only when it is asked for.
    devices.getDisplayMedia = async (constraints) => asked({ video: true, audio: constraints?.audio });
    try {
      return await act();
    } finally {
      devices.getUserMedia = own.user;
      devices.getDisplayMedia = own.display;
    }
  };

  /** Calls a method of a leg; gives {ok, value} or {ok: false, error}. */
  lab.callLeg = async (name, method, ...args) => {
    try {
      const value = await children.get(name)[method](...args);
      return { ok: true, value: ["string", "boolean"].includes(typeof value) ? value : null };
    } catch (error) {
      return { ok: false, error: tell(error) };
    }
  };

  /** What the session says of its legs, and each leg of itself. */
  lab.legs = () => {
    const ids = (list) => (list ?? []).map((one) => one.memberId);
    const each = [...children].map(([name, one]) => [name, { memberId: one.memberId ?? null, active: one.active }]);
    return { devices: ids(lab.session.deviceList), screens: ids(lab.session.screenShareList), each: Object.fromEntries(each) };
  };

  /**
   * Shows what the newest leg receives. The SDK leaves its <video> on the former leg's track when
   * a person is promoted or demoted ("MCU Content already there").
   */
  lab.showReceived = () => {
    document.querySelector("#root .mcuContent video").srcObject = lab.session.remoteStream;
  };

  // ---------- loudness ----------

  let meter = null;

  /** Level of the last `ms` of what is received, any frequency, in dBFS (full-scale sine is -3). */
  lab.loudness = (ms = 40) => {
    const track = lab.receivedTrack("audio");
    if (!track) return null;
    if (meter?.track !== track) {
      const analyser = new AnalyserNode(lab.audioContext(), { fftSize: 8192 });
      new MediaStreamAudioSourceNode(lab.audioContext(), { mediaStream: new MediaStream([track]) }).connect(analyser);
      meter = { track, analyser };
    }
    const heard = new Float32Array(8192);
    meter.analyser.getFloatTimeDomainData(heard);
    const last = heard.subarray(heard.length - Math.round((ms * lab.audioContext().sampleRate) / 1000));
    const power = last.reduce((sum, value) => sum + value * value, 0) / last.length;
    return 10 * Math.log10(Math.max(power, 1e-20));
  };

  /** How long the browser itself keeps received sound before it is heard, in ms, since the page began. */
  lab.playoutDelay = async () => {
    const stats = (await Promise.all(lab.livePeers().map((peer) => peer.getStats()))).flatMap((all) => [...all.values()]);
    const heard = stats.filter(({ type, kind, jitterBufferEmittedCount: count }) => type === "inbound-rtp" && kind === "audio" && count > 0);
    const sum = (name) => heard.reduce((total, stat) => total + stat[name], 0);
    return (1000 * sum("jitterBufferDelay")) / Math.max(1, sum("jitterBufferEmittedCount"));
  };

  /**
   * Calls a method of the session and waits until the loudness is below `dbfs`; gives how long
   * after the answer the silence began, in ms, or Infinity.
   */
  lab.silentAfterCall = async (dbfs, within, method, ...args) => {
    await lab.session[method](...args);
    const start = lab.clock();
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const passed = lab.clock() - start;
        const isSilent = lab.loudness(40) < dbfs;
        if (!isSilent && passed < within) return;
        clearInterval(timer);
        // All of the last 40 ms is silent, so that is when it began.
        resolve(isSilent ? Math.max(0, passed - 40) : Infinity);
      }, 5);
    });
  };
})();
