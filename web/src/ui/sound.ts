// Small sounds of the page's own: two notes by which to choose a loudspeaker, and a bell.

const TEST_HZ = [523.25, 783.99];
const BELL_HZ = [880, 659.25];
const NOTE_S = 0.35;

/** Plays two notes out of a loudspeaker; empty is the browser's choice. Done when they are over. */
export const playTestSound = (speaker: string): Promise<void> => play(TEST_HZ, speaker);

/** Somebody is at the door. */
export const ring = (): Promise<void> => play(BELL_HZ, "");

async function play(notes: number[], speaker: string): Promise<void> {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  notes.forEach((hz, at) => note(context, out, hz, context.currentTime + at * NOTE_S));
  const audio = new Audio();
  audio.srcObject = out.stream;
  if (speaker && "setSinkId" in audio) await audio.setSinkId(speaker).catch(() => {});
  await audio.play().catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, NOTE_S * 1000 * (notes.length + 1)));
  audio.srcObject = null;
  await context.close();
}

function note(context: AudioContext, out: AudioNode, hz: number, at: number): void {
  const tone = new OscillatorNode(context, { frequency: hz });
  const volume = new GainNode(context, { gain: 0 });
  volume.gain.setTargetAtTime(0.25, at, 0.02);
  volume.gain.setTargetAtTime(0, at + NOTE_S * 0.6, 0.08);
  tone.connect(volume).connect(out);
  tone.start(at);
  tone.stop(at + NOTE_S * 2);
}
