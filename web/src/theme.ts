// Dark or light: as the device has it, until somebody chooses.

import { signal } from "@preact/signals";
import { keep, kept } from "./kept.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const isTheme = (text: string | null): text is Theme => THEMES.some((one) => one === text);

const before = kept("theme");
export const theme = signal<Theme>(isTheme(before) ? before : "system");

function apply(): void {
  const { dataset } = document.documentElement;
  if (theme.value === "system") delete dataset.theme;
  else dataset.theme = theme.value;
}

/** Dresses the page; called once at the beginning. */
export const dress = apply;

/** Dresses it otherwise, now and the next time. */
export function chooseTheme(next: Theme): void {
  theme.value = next;
  keep("theme", next);
  apply();
}
