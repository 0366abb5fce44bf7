// The colours the synthetic cameras show, and how seen colours are judged. Saturated, so that
// no background or mute image is taken for one, and far apart, so that a codec's error is not.

export const PALETTE = [
  [220, 40, 40],
  [40, 190, 60],
  [50, 70, 220],
  [225, 205, 40],
  [200, 50, 200],
  [40, 195, 205],
];

/** Largest error of one channel that still counts as that colour. */
export const TOLERANCE = 40;

/** The palette index of `rgb`, or -1 when no colour is that near. */
export function nameOf(rgb) {
  return PALETTE.findIndex((colour) => colour.every((c, i) => Math.abs(c - rgb[i]) <= TOLERANCE));
}

// By then three other colours have been sent: a change seen later was not followed.
const LONGEST = 3000;

/**
 * How long each change took to be seen, in ms, `Infinity` when it never was.
 *
 * `changes` are `{at, colour}` of the sending page, `samples` are `{at, cells: {member: rgb}}` of
 * the watching page, both on the machine's clock. Only changes that were watched for
 * LONGEST ms afterwards are judged, so that each had its time.
 */
export function delays(changes, samples, member) {
  if (samples.length === 0) return [];
  const first = samples[0].at;
  const last = samples[samples.length - 1].at;
  const judged = changes.filter(({ at }) => at >= first && at + LONGEST <= last);
  return judged.map(({ at, colour }) => {
    const seen = samples.find((s) => s.at >= at && s.cells[member] && nameOf(s.cells[member]) === colour);
    return seen && seen.at - at < LONGEST ? Math.round(seen.at - at) : Infinity;
  });
}
