// What the browser keeps for this page: for the next visit, or for this tab only. Browsers that keep nothing
// throw at the mere mention of it; then nothing is kept.

const PREFIX = "rotunda.";

function attempt<T>(act: () => T): T | null {
  try {
    return act();
  } catch {
    return null;
  }
}

/** What was kept under a name, or null. */
export const kept = (name: string): string | null => attempt(() => localStorage.getItem(PREFIX + name));

/** Keeps a text for the next visit. */
export const keep = (name: string, text: string): void => void attempt(() => localStorage.setItem(PREFIX + name, text));

/** What this tab kept under a name, or null. */
export const keptHere = (name: string): string | null => attempt(() => sessionStorage.getItem(PREFIX + name));

/** Keeps a text as long as this tab is open; null forgets it. */
export function keepHere(name: string, text: string | null): void {
  attempt(() => (text === null ? sessionStorage.removeItem(PREFIX + name) : sessionStorage.setItem(PREFIX + name, text)));
}
