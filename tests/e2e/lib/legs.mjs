// Further legs of a participant: screen shares, cameras, microphones.

import { PATIENCE, until, within } from "./wait.mjs";

// Steady colours, far from each other, from the changing cameras' and from any mute image.
export const ORANGE = [240, 130, 20];
export const SKY = [20, 120, 230];
export const PURPLE = [120, 30, 200];

/** Adds a leg; gives {ok, memberId} or {ok: false, error}. `wish` is {colour, hz}. */
export function tryAdd(who, name, method, wish, options) {
  const adding = who.page.evaluate((args) => lab.addLeg(...args), [name, method, wish, options]);
  return within(20_000, `${who.name}.${method}() settles`, adding);
}

/** Adds a leg and gives its member id, or fails with what the SDK said. */
export async function add(who, name, method, wish, options) {
  const result = await tryAdd(who, name, method, wish, options);
  if (result.ok) return result.memberId;
  throw new Error(`${who.name}.${method}: ${JSON.stringify(result.error)}\n${who.said.slice(-10).join("\n")}`);
}

/** Calls a method of a leg, or fails with its refusal. */
export async function callLeg(who, name, method, ...args) {
  const calling = who.page.evaluate((list) => lab.callLeg(...list), [name, method, ...args]);
  const result = await within(15_000, `${name}.${method}() settles`, calling);
  if (!result.ok) throw new Error(`${name}.${method}: ${JSON.stringify(result.error)}`);
  return result.value;
}

export const legs = (who) => who.page.evaluate(() => lab.legs());

/** Waits until `viewer` sees `colour` over the middle of the member's cell. */
export function seesColour(viewer, memberId, colour, { within: ms = PATIENCE } = {}) {
  return until(`${viewer.name} sees ${colour} in the cell of ${memberId}`, async () => {
    const part = await viewer.cellShare(memberId, [colour], 40);
    if (part >= 0.9) return true;
    throw new Error(part === null ? "no cell or picture" : `${Math.round(part * 100)} % of the cell`);
  }, { within: ms });
}

/** Waits until the member's cell is there and shows nothing of `colour`. */
export function losesColour(viewer, memberId, colour, { within: ms = 6_000 } = {}) {
  return until(`${viewer.name} sees no ${colour} in the cell of ${memberId}`, async () => {
    const part = await viewer.cellShare(memberId, [colour], 40);
    if (part !== null && part <= 0.1) return true;
    throw new Error(part === null ? "no cell or picture" : `${Math.round(part * 100)} % of the cell`);
  }, { within: ms });
}

/** Waits until a tone is heard at about `dbfs`. */
export function hearsTone(listener, hz, { dbfs = -18.4, tolerance = 3, within: ms = PATIENCE } = {}) {
  return until(`${listener.name} hears ${hz} Hz at ${dbfs} dBFS`, async () => {
    const [level] = (await listener.levels([hz])) ?? [NaN];
    if (Math.abs(level - dbfs) <= tolerance) return { level };
    throw new Error(`${level.toFixed(1)} dBFS`);
  }, { within: ms, every: 150 });
}

/** Waits until a tone is below `dbfs`. */
export function losesHz(listener, hz, { dbfs = -58, within: ms = 6_000 } = {}) {
  return until(`${listener.name} no longer hears ${hz} Hz`, async () => {
    const [level] = (await listener.levels([hz])) ?? [NaN];
    if (level <= dbfs) return { level };
    throw new Error(`${level.toFixed(1)} dBFS`);
  }, { within: ms, every: 150 });
}

/** The refusal of a call, as the application sees it. */
export const said = ({ error }) => ({ code: error?.code, message: error?.message });
export const REFUSED = { code: "403", message: "Unauthorized" };
export const NOT_FOUND = { code: "404", message: "Not Found" };
