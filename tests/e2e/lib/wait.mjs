// Waiting for a fact with a deadline: the only way these tests let time pass.

/** How long a fact may take that no bar is set for: on two cores shared with other browsers and encoders. */
export const PATIENCE = 20_000;

/**
 * Asks `fact` again and again until it gives something truthy, and gives that back.
 * An exception counts as "not yet"; the last one is named when the deadline passes.
 */
export async function until(what, fact, { within = PATIENCE, every = 50 } = {}) {
  const deadline = Date.now() + within;
  let last;
  for (;;) {
    try {
      const value = await fact();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error?.message ?? error;
    }
    if (Date.now() >= deadline) {
      throw new Error(`${what}: not within ${within} ms (last: ${show(last)})`);
    }
    await pause(every);
  }
}

/** Gives `promise` back, or fails naming `what` when it takes longer. */
export function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** The distance between two questions; never a substitute for waiting on a fact. */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function show(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text && text.length > 400 ? `${text.slice(0, 400)}…` : text;
}
