// The one place that knows in what our own browser package and the published one differ, as the shared tests
// see it: a row for each, with the line of docs/compat/deviations.md or docs/sdk/README.md that it is about.

import { OVER_OURS } from "./static.mjs";

const ROWS = {
  /** A screen without sound: what its offer holds. The published SDK offers both kinds and the picture first. */
  offerOfSilentScreen: [["video", "audio"], ["video"]],
  /** A reload whose seat cannot be proven: refused, or in as a newcomer. */
  unprovenReload: ["refused", "newcomer"],
  /** A cable that is whole again after 20 s: the published SDK gives up, ours restarts ICE. */
  mendedAfter20s: ["gone", "back"],
  /** Media finds no way: the published SDK may leave join() pending, ours says so. */
  joinWithoutAPath: ["pending", "told"],
};

/** What is right for the package under test. */
export const expected = (row) => {
  const [published, ours] = ROWS[row];
  return OVER_OURS ? ours : published;
};
