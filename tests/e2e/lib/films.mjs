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
      // On a busy machine the picture is there some time after it was found: until then, nothing.
      let rgba = [0, 0, 0, 0];
      for (let tries = 0; tries < 40 && Math.max(...rgba.slice(0, 3)) === 0; tries += 1) {
        if (tries > 0) await new Promise((resolve) => setTimeout(resolve, 50));
        pen.drawImage(film, 0, 0, 64, 36);
        rgba = [...pen.getImageData(32, 18, 1, 1).data];
      }
      seen.push(rgba.slice(0, 3));
    }
    return { type: blob.type, duration: film.duration, width: film.videoWidth, height: film.videoHeight, seen };
  }, [uri, fractions]);
}

/** Level of a tone in dBFS in each fifth of a second of a film. */
export function listen(page, uri, hz) {
  return page.evaluate(async ([url, tone]) => {
    const bytes = await (await fetch(url)).arrayBuffer();
    const sound = await new OfflineAudioContext(1, 48000, 48000).decodeAudioData(bytes);
    const samples = sound.getChannelData(0);
    const size = sound.sampleRate / 5;
    return Array.from({ length: Math.floor(samples.length / size) }, (_, part) => {
      let [re, im] = [0, 0];
      const from = part * size;
      for (let n = 0; n < size; n += 1) {
        const angle = (2 * Math.PI * tone * n) / sound.sampleRate;
        re += (samples[from + n] ?? 0) * Math.cos(angle);
        im += (samples[from + n] ?? 0) * Math.sin(angle);
      }
      return 20 * Math.log10((2 * Math.hypot(re, im)) / size + 1e-9);
    });
  }, [uri, hz]);
}
