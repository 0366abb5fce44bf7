// Who waits to be let in, and the answer to them.

import type { Live, Waiting } from "../entities.ts";
import { since } from "../format.ts";
import { attempt } from "../fresh.ts";
import { a, type AdminWord } from "../words/index.ts";
import { act } from "./act.ts";

/** The line, the first first. */
export function Lobby({ live }: { live: Live }) {
  return (
    <ul class="rows" aria-label={a("waiting")}>
      {live.waiting.map((one) => <Row key={one.id} session={live.id} one={one} />)}
    </ul>
  );
}

function Row({ session, one }: { session: string; one: Waiting }) {
  const button = (action: "admit" | "deny", words: AdminWord, named: AdminWord) => (
    <button type="button" class="quiet small" aria-label={a(named, { name: one.name })} onClick={() => void attempt(() => act(session, action, { waiter_id: one.id }))}>{a(words)}</button>
  );
  return (
    <li class="row">
      <p class="row-words"><strong>{one.name}</strong> <span class="soft">{a("runsFor", { time: since(one.since) })}</span></p>
      <div class="buttons">{button("admit", "letIn", "letInName")}{button("deny", "sendAway", "sendAwayName")}</div>
    </li>
  );
}
