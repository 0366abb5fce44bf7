// What happened since this page was opened, the latest first.

import { clock } from "./format.ts";
import { type Happening, happenings, hears } from "./happenings.ts";
import { Heading } from "./parts/heading.tsx";
import { Empty } from "./parts/reading.tsx";
import { a } from "./words/index.ts";

/** The view. */
export function HappeningsView() {
  return (
    <>
      <Heading text={a("events")} />
      <p class="soft" role="status">{a(hears.value ? "eventsHear" : "eventsLost")}</p>
      {happenings.value.length === 0 && <Empty words={a("eventsEmpty")} />}
      <ul class="rows" aria-label={a("events")}>{happenings.value.map((one) => <Row key={one.key} happening={one} />)}</ul>
    </>
  );
}

/** The name of whom or what it is about, as far as it has one. */
function subject(data: unknown): string {
  if (typeof data !== "object" || data === null) return "";
  const at = (one: object, key: string): unknown => Object.entries(one).find(([name]) => name === key)?.[1];
  const name = at(data, "name") ?? at(data, "display_name");
  if (typeof name === "string") return name;
  return ["member", "room_session", "room"].map((key) => subject(at(data, key))).find((found) => found !== "") ?? "";
}

function Row({ happening: { type, at, data } }: { happening: Happening }) {
  return (
    <li class="card row">
      <details class="happening">
        <summary><time dateTime={new Date(at).toISOString()}>{clock(at)}</time> <strong dir="ltr">{type}</strong> <span class="soft">{subject(data)}</span></summary>
        <pre dir="ltr" tabIndex={0} aria-label={a("eventData", { name: type })}>{JSON.stringify(data, null, 2)}</pre>
      </details>
    </li>
  );
}
