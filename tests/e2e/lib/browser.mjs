// Headless Chromium, and one page of it that takes part in a room.

import { chromium } from "playwright-core";

import { PALETTE } from "./colours.mjs";
import { colourSequence } from "./random.mjs";
import { PATIENCE, until, within } from "./wait.mjs";

const FLAGS = [
  "--no-sandbox", // CI runs as root in a container
  "--disable-gpu",
  "--use-fake-device-for-media-stream",
  "--use-fake-ui-for-media-stream",
  "--autoplay-policy=no-user-gesture-required",
  "--allow-loopback-in-peer-connection", // the server under test listens on loopback only
  "--disable-background-networking",
  "--disable-quic",
  "--no-first-run",
  // Three pages of one browser are all "in front": none may be slowed down.
  "--disable-background-timer-throttling",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
];

/** Chromium; CHROMIUM names another binary than Debian's. */
export const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";

/** Launches Chromium, or a program that becomes it, with further variables and flags. */
export function launch({ program = CHROMIUM, env = {}, flags = [] } = {}) {
  return chromium.launch({
    executablePath: program,
    headless: true,
    args: [...FLAGS, ...flags],
    env: { ...process.env, ...env },
    timeout: 60_000,
  });
}

/** Opens a page in a context of its own and keeps what it says and what its sockets carry. */
export async function openPage(browser, url, { context: options = {}, init } = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const said = [];
  const frames = [];
  page.on("console", (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`pageerror: ${error.message}`));
  page.on("websocket", (socket) => {
    const keep = (way) => ({ payload }) => frames.push({ way, at: Date.now(), message: parse(payload) });
    socket.on("framereceived", keep("in"));
    socket.on("framesent", keep("out"));
  });
  if (init) await page.addInitScript(init);
  await page.goto(url);
  return { page, context, said, frames };
}

function parse(payload) {
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

/** One participant: a page with a synthetic camera and microphone and the SDK. */
export class Participant {
  /**
   * `tone` and `camera: false` decide what it sends; nothing at all for an audience. A camera
   * with a `colour` keeps to it.
   */
  static async open(browser, origin, name, { tone, amplitude = 0.12, camera = true, colour } = {}) {
    const opened = await openPage(browser, origin);
    const who = Object.assign(new Participant(), opened, { name, tone, amplitude, camera, colour });
    await who.setUp();
    return who;
  }

  setUp() {
    const changing = () => ({ palette: PALETTE, sequence: colourSequence(PALETTE.length) });
    const camera = this.colour ? { palette: [this.colour], sequence: [0] } : changing();
    return this.page.evaluate((wish) => lab.setUp(wish), {
      camera: this.camera && camera,
      microphone: this.tone && { hz: this.tone, amplitude: this.amplitude },
    });
  }

  /** Loads the page again, in the same tab: its session object is gone, its storage is not. */
  async reload() {
    await this.page.reload();
    await this.setUp();
  }

  /** Joins and gives {ok, ms, error}. */
  tryJoin(wish) {
    const joining = this.page.evaluate((w) => lab.join(w), wish);
    return within(30_000, `${this.name}: join() settles`, joining);
  }

  /** Joins, or fails with what the SDK said. */
  async join(wish) {
    const result = await this.tryJoin(wish);
    if (!result.ok) {
      const words = this.said.slice(-15).join("\n");
      throw new Error(`${this.name} could not join: ${JSON.stringify(result.error)}\n${words}`);
    }
    Object.assign(this, await this.page.evaluate(() => lab.facts()));
    return result;
  }

  /** Calls a session method and gives its value, or fails with its refusal. */
  async call(method, ...args) {
    const result = await this.tryCall(method, ...args);
    if (!result.ok) throw new Error(`${this.name}.${method}: ${JSON.stringify(result.error)}`);
    return result.value;
  }

  /** Calls a session method and gives {ok, value, error}. */
  tryCall(method, ...args) {
    const calling = this.page.evaluate(([m, a]) => lab.call(m, ...a), [method, args]);
    return within(15_000, `${this.name}.${method}() settles`, calling);
  }

  /** The events emitted so far, or those of one name. */
  async events(name) {
    const all = await this.page.evaluate(() => lab.events);
    return name ? all.filter((event) => event.name === name) : all;
  }

  /** How many events there are now; hand it to `event` to look at later ones only. */
  mark() {
    return this.page.evaluate(() => lab.events.length);
  }

  /** The first event of that name after `since` whose payload suits. */
  event(name, suits = () => true, { since = 0, within: ms = 5_000 } = {}) {
    return until(`${this.name} gets ${name}`, async () => {
      const later = (await this.events()).slice(since);
      return later.find((event) => event.name === name && suits(event.payload));
    }, { within: ms });
  }

  layout = () => this.page.evaluate(() => lab.layout);
  look = () => this.page.evaluate(() => lab.look());
  received = () => this.page.evaluate(() => lab.received());
  size = () => this.page.evaluate(() => lab.size());
  cellShare = (member, colours, tolerance) =>
    this.page.evaluate((args) => lab.cellShare(...args), [member, colours, tolerance]);
  levels = (tones) => this.page.evaluate((list) => lab.levels(list), tones);
  changes = () => this.page.evaluate(() => lab.camera.changes);

  /** The level at which this participant's tone leaves its microphone, in dBFS. */
  get dbfs() {
    return 20 * Math.log10(this.amplitude);
  }

  /** Waits until this participant hears `other`'s tone within `tolerance` dB. */
  hears(other, { tolerance = 3, within: ms = PATIENCE } = {}) {
    return until(`${this.name} hears ${other.name}'s ${other.tone} Hz at ${other.dbfs.toFixed(1)} dBFS`, async () => {
      const [level] = (await this.levels([other.tone])) ?? [NaN];
      if (Math.abs(level - other.dbfs) <= tolerance) return { level };
      throw new Error(`${level.toFixed(1)} dBFS`);
    }, { within: ms, every: 150 });
  }

  /** Waits until `other`'s tone is at least `down` dB below what it would be. */
  losesTone(other, { down = 40, within: ms = 6_000 } = {}) {
    return until(`${this.name} no longer hears ${other.name}'s ${other.tone} Hz`, async () => {
      const [level] = (await this.levels([other.tone])) ?? [NaN];
      if (level <= other.dbfs - down) return { level };
      throw new Error(`${level.toFixed(1)} dBFS`);
    }, { within: ms, every: 150 });
  }

  /** Waits until `other`'s cell shows one of the camera colours over nearly all of its middle. */
  sees(other, { within: ms = PATIENCE } = {}) {
    return until(`${this.name} sees ${other.name}'s colour`, async () => {
      const part = await this.cellShare(other.memberId, PALETTE, 40);
      if (part >= 0.9) return true;
      throw new Error(`${part === null ? "no cell or picture" : `${Math.round(part * 100)} % of the cell`}`);
    }, { within: ms });
  }

  /** Waits until `other`'s cell is still there and shows none of the colours. */
  losesColour(other, { within: ms = 6_000 } = {}) {
    return until(`${this.name} sees no camera in ${other.name}'s cell`, async () => {
      const part = await this.cellShare(other.memberId, PALETTE, 40);
      if (part !== null && part <= 0.1) return true;
      throw new Error(`${part === null ? "no cell or picture" : `${Math.round(part * 100)} % of the cell`}`);
    }, { within: ms });
  }

  close() {
    return this.context.close();
  }
}
