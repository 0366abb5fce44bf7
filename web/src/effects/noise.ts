// Noise suppression: RNNoise in an audio worklet. Worklet and program are fetched when it is chosen.

import { RnnoiseWorkletNode } from "@sapphi-red/web-noise-suppressor";
import program from "@sapphi-red/web-noise-suppressor/rnnoise_simd.wasm?url";
import worklet from "@sapphi-red/web-noise-suppressor/rnnoiseWorklet.js?url";
import type { PreparedTrack } from "../../../sdk/src/index.ts";

/** Samples a second; the network was trained for these. */
const RATE = 48_000;

async function fetchProgram(): Promise<ArrayBuffer> {
  const answer = await fetch(program);
  if (!answer.ok) throw new Error(`${program} was answered with ${answer.status}`);
  return answer.arrayBuffer();
}

/** The voice of a microphone's track without the noise around it, about 13 ms later. */
export async function quieten(track: MediaStreamTrack): Promise<PreparedTrack> {
  const context = new AudioContext({ sampleRate: RATE, latencyHint: "interactive" });
  try {
    const [wasmBinary] = await Promise.all([fetchProgram(), context.audioWorklet.addModule(worklet)]);
    const node = new RnnoiseWorkletNode(context, { maxChannels: 1, wasmBinary });
    const sink = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    const source = context.createMediaStreamSource(new MediaStream([track]));
    source.connect(node).connect(sink);
    await context.resume();
    const [quiet] = sink.stream.getAudioTracks();
    if (!quiet) throw new Error("the audio graph has no track");
    return { track: quiet, release: () => release(context, [source, node]) };
  } catch (error) {
    void context.close();
    throw error;
  }
}

function release(context: AudioContext, [source, node]: [AudioNode, RnnoiseWorkletNode]): void {
  source.disconnect();
  node.disconnect();
  node.destroy();
  void context.close();
}
