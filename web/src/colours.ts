// The colours of a conference, where a link leads to one. The page stays as it is when they cannot be had.

import { effect } from "@preact/signals";
import { base, type Invitation } from "./address.ts";
import { theme } from "./theme.ts";

/** What every conference's token begins with. */
const TOKEN = /^vpt_[0-9a-f]{32}$/;
const COLOUR = /^#[0-9a-f]{6}$/i;
const NAMES = ["primary", "background", "foreground", "success", "negative"] as const;

type Colours = Record<(typeof NAMES)[number], string>;

/** How light a colour is, 0 to 1 (WCAG 2.2, relative luminance). */
function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red, green, blue] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Black or white, whichever is read better on a colour. */
const inkOn = (colour: string): string => (luminance(colour) > 0.179 ? "#000000" : "#ffffff");

function read(all: unknown, dress: "dark" | "light"): Colours | null {
  if (typeof all !== "object" || all === null) return null;
  const found = NAMES.map((name): unknown => Reflect.get(all, `${dress}_${name}`));
  if (!found.every((colour): colour is string => typeof colour === "string" && COLOUR.test(colour))) return null;
  return Object.fromEntries(NAMES.map((name, at) => [name, found[at]])) as Colours;
}

function put({ primary, background, foreground, success, negative }: Colours): void {
  const { style } = document.documentElement;
  const mixed = (part: number) => `color-mix(in srgb, ${foreground} ${part}%, ${background})`;
  const values = {
    "--ground": background, "--paper": background, "--raised": background, "--stage": mixed(6),
    "--ink": foreground, "--soft": mixed(80), "--line": mixed(16), "--edge": mixed(60),
    "--accent": primary, "--accent-strong": primary, "--accent-ground": mixed(8), "--on-accent": inkOn(primary),
    "--stop": negative, "--stop-strong": negative, "--stop-ground": mixed(8), "--on-stop": inkOn(negative), "--live": success,
  };
  for (const [name, value] of Object.entries(values)) style.setProperty(name, value);
  style.colorScheme = luminance(background) > 0.179 ? "light" : "dark";
}

/** Gives the page the colours of the conference it was opened for. */
export async function paint(invitation: Invitation): Promise<void> {
  if (invitation.by !== "link" || !TOKEN.test(invitation.key)) return;
  const url = new URL("api/video/ready_room", base);
  url.searchParams.set("t", invitation.key);
  const answer: unknown = await fetch(url).then((got) => got.json()).catch(() => null);
  const all: unknown = typeof answer === "object" && answer !== null ? Reflect.get(answer, "theme") : null;
  const [dark, light] = [read(all, "dark"), read(all, "light")];
  if (!dark || !light) return;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const dress = () => put(theme.value === "dark" || (theme.value === "system" && night.matches) ? dark : light);
  effect(dress);
  night.addEventListener("change", dress);
}
