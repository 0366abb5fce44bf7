// How loud a microphone is.

const EVERY_MS = 80;
/** What counts as silence, in dBFS. */
const FLOOR_DB = 60;

/** Calls `tell` with 0 (silence) to 1 (as loud as can be) until it is ended. */
export function meter(stream: MediaStream, tell: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const source = context.createMediaStreamSource(stream);
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, value) => sum + value * value, 0) / samples.length;
    tell(Math.max(0, Math.min(1, 1 + (10 * Math.log10(power + 1e-12)) / FLOOR_DB)));
  }, EVERY_MS);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}
