// Somebody in front of the page of a room: finds things by the names that people read, looks at what was
// refused or came from elsewhere, and lets axe look for what shuts people out.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { openPage } from "./browser.mjs";
import { OUT } from "./server.mjs";
import { until } from "./wait.mjs";

const AXE = readFileSync(join(dirname(fileURLToPath(import.meta.url)), "../node_modules/axe-core/axe.min.js"), "utf8");
const THEMES = ["light", "dark"];

// Runs before the page's own scripts: what the browser refused to load or run.
const NOTE_REFUSALS = `
  window.refused = [];
  addEventListener("securitypolicyviolation", (e) => refused.push(e.violatedDirective + " " + e.blockedURI));
`;

export class Visitor {
  /** Opens `path` of the server; `init` runs before the page's own scripts. */
  static async open(it, path = "", { context = {}, init = "" } = {}) {
    const opened = await openPage(it.browser, `${it.server.http}/${path}`, { context: { locale: "en-GB", ...context }, init: NOTE_REFUSALS + init });
    const visitor = Object.assign(new Visitor(), opened, { foreign: [] });
    visitor.page.on("request", (request) => {
      const { hostname, protocol } = new URL(request.url());
      if (hostname !== "127.0.0.1" && !["data:", "blob:"].includes(protocol)) visitor.foreign.push(request.url());
    });
    it.pages.push(visitor.context);
    return visitor;
  }

  button = (name, options = {}) => this.page.getByRole("button", { name, exact: typeof name === "string", ...options });

  /** Fills in the name and presses the button that joins. */
  async join(name) {
    if (name !== undefined) await this.page.getByLabel("Your name").fill(name);
    await this.button(/^(Join|Watch)$/).click();
    await this.inside();
  }

  /** Waits until the room is there. */
  inside = () => this.button("Leave").waitFor();

  /** Opens the list of people, where it is closed, and gives it. */
  async people() {
    const list = this.page.getByRole("list", { name: "People" });
    if ((await list.count()) === 0) await this.button(/^People/).click();
    return list.getByRole("listitem");
  }

  /** Waits for a problem that is told by this title. */
  told = (title) => this.page.getByRole("alert").getByText(title, { exact: true }).waitFor();

  /** Whether a picture arrives. */
  sees = () => until("a picture", () => this.page.evaluate(() => document.querySelector(".mcuContent video")?.videoWidth > 0), { within: 15_000 });

  /** Has axe look, in both themes; it finds nothing. */
  async isOpenToAll() {
    for (const colorScheme of THEMES) {
      await this.page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await this.page.evaluate(AXE);
      const found = await this.page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
        violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join("\n")}`)));
      assert.deepEqual(found, [], colorScheme);
    }
  }

  /** Keeps pictures for human eyes, in both themes, and shows that nothing scrolls sideways. */
  async look(name, viewport, { fullPage = false } = {}) {
    if (viewport) await this.page.setViewportSize(viewport);
    for (const colorScheme of THEMES) {
      await this.page.emulateMedia({ colorScheme });
      mkdirSync(OUT, { recursive: true });
      await this.page.screenshot({ path: join(OUT, `${name}-${colorScheme}.png`), fullPage });
      assert.equal(await this.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), true, "no sideways scrolling");
    }
  }

  /** The browser refused nothing, nothing came from elsewhere, and no script failed. */
  async isClean() {
    assert.deepEqual(await this.page.evaluate(() => window.refused), []);
    assert.deepEqual(this.foreign, []);
    assert.deepEqual(this.said.filter((line) => line.startsWith("pageerror")), []);
  }
}
