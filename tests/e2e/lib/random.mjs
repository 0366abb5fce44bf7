// Everything random in these tests comes from one seed, printed at the start; ROTUNDA_SEED
// repeats a run.

export const seed = Number(process.env.ROTUNDA_SEED ?? Math.floor(Math.random() * 2 ** 31));
console.log(`seed ${seed} (ROTUNDA_SEED=${seed} repeats the random choices of this run)`);

let state = seed >>> 0;

/** A number in [0, 1): mulberry32. */
export function random() {
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

export const pick = (list) => list[Math.floor(random() * list.length)];

/** A name nobody else uses: a room, a file. */
export const fresh = (prefix) => `${prefix}-${Math.floor(random() * 36 ** 6).toString(36)}`;

/** `length` indices below `colours`; none equals one of the two before it. */
export function colourSequence(colours, length = 600) {
  const sequence = [];
  while (sequence.length < length) {
    const next = Math.floor(random() * colours);
    if (!sequence.slice(-2).includes(next)) sequence.push(next);
  }
  return sequence;
}

/**
 * `count` tones in Hz that cannot be taken for one another: 150 Hz apart, and none near a
 * harmonic or a third-order product of the others, where a codec or a limiter leaves traces.
 */
export function tones(count) {
  for (;;) {
    const chosen = Array.from({ length: count }, () => Math.round(350 + random() * 1650));
    if (apart(chosen)) return chosen;
  }
}

function apart(list) {
  return list.every((own, at) => {
    const others = list.filter((_, index) => index !== at);
    const products = others.flatMap((a) => [2 * a, 3 * a, ...others.map((b) => 2 * a - b)]);
    const near = others.filter((tone) => Math.abs(tone - own) < 150);
    return near.length === 0 && products.every((p) => Math.abs(p - own) > 60);
  });
}
