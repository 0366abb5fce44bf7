// A recorded film played in the test page: what is seen at some moments, and how loud tones are.

/** Colours of the middle of the picture at the given fractions of the film, and its facts. */
export function watch(page, uri, fractions) {
  return page.evaluate(async ([url, parts]) => {
    const blob = await (await fetch(url)).blob();
    const film = Object.assign(document.createElement("video"), { muted: true, src: URL.createObjectURL(blob) });
    const once = (name) => new Promise((done, fail) => {
      film.addEventListener(name, done, { once: true });
      film.addEventListener("error", () => fail(new Error(film.error?.message)), { once: true });
    });
    await once("loadeddata");
    const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 36 });
    const pen = canvas.getContext("2d", { willReadFrequently: true });
    const seen = [];
    for (const part of parts) {
      const sought = once("seeked");
      film.currentTime = film.duration * part;
      await sought;
      pen.drawImage(film, 0, 0, 64, 36);
      seen.push([...pen.getImageData(32, 18, 1, 1).data].slice(0, 3));
    }
    return { type: blob.type, duration: film.duration, width: film.videoWidth, height: film.videoHeight, seen };
  }, [uri, fractions]);
}

/** Level of a tone in dBFS in the second that begins at each of the given moments. */
export function listen(page, uri, hz, moments) {
  return page.evaluate(async ([url, tone, starts]) => {
    const bytes = await (await fetch(url)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(bytes);
    const samples = sound.getChannelData(0);
    return starts.map((start) => {
      let [re, im] = [0, 0];
      const from = Math.round(start * sound.sampleRate);
      for (let n = 0; n < sound.sampleRate; n += 1) {
        const angle = (2 * Math.PI * tone * n) / sound.sampleRate;
        re += (samples[from + n] ?? 0) * Math.cos(angle);
        im += (samples[from + n] ?? 0) * Math.sin(angle);
      }
      return 20 * Math.log10((2 * Math.hypot(re, im)) / sound.sampleRate + 1e-9);
    });
  }, [uri, hz, moments]);
}
