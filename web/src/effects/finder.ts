// What finds people in pictures: MediaPipe's selfie segmentation, whose script is no module and puts its class where
// all scripts see it. There is one of it, for it takes seconds and tens of megabytes to make, and one camera to blur.

import type { SelfieSegmentation } from "@mediapipe/selfie_segmentation";
import graph from "@mediapipe/selfie_segmentation/selfie_segmentation.binarypb?url";
import script from "@mediapipe/selfie_segmentation/selfie_segmentation.js?url";
import model from "@mediapipe/selfie_segmentation/selfie_segmentation_landscape.tflite?url";
import loader from "@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.js?url";
import program from "@mediapipe/selfie_segmentation/selfie_segmentation_solution_simd_wasm_bin.wasm?url";

declare global {
  interface Window {
    SelfieSegmentation?: typeof SelfieSegmentation;
  }
}

/** Where each of its files lies, by the name by which it asks. */
const FILES: Record<string, string> = {
  "selfie_segmentation.binarypb": graph,
  "selfie_segmentation_landscape.tflite": model,
  "selfie_segmentation_solution_simd_wasm_bin.js": loader,
  "selfie_segmentation_solution_simd_wasm_bin.wasm": program,
};
/** The model for pictures that are wider than high: the faster one. */
const LANDSCAPE = 1;

let made: Promise<SelfieSegmentation> | undefined;

/** The finder, ready to be sent pictures. Rejects when its files do not come, or the browser cannot run them. */
export function finder(): Promise<SelfieSegmentation> {
  made ??= make().catch((error: unknown) => {
    made = undefined;
    throw error;
  });
  return made;
}

async function make(): Promise<SelfieSegmentation> {
  await run(script);
  if (!window.SelfieSegmentation) throw new Error("the script of the segmentation gave nothing");
  const found = new window.SelfieSegmentation({ locateFile });
  found.setOptions({ modelSelection: LANDSCAPE, selfieMode: false });
  await found.initialize();
  return found;
}

function locateFile(name: string): string {
  const url = FILES[name];
  if (!url) throw new Error(`the segmentation asks for ${name}, which is not here`);
  return url;
}

const run = (url: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement("script"), { src: url });
    element.addEventListener("load", () => resolve());
    element.addEventListener("error", () => reject(new Error(`${url} does not come`)));
    document.head.append(element);
  });
