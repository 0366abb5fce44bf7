// Where each session of a room is sent to.

import { useState } from "preact/hooks";
import { Icon } from "../../ui/icon.tsx";
import { get, post, remove } from "../call.ts";
import type { List, Stream } from "../entities.ts";
import { attempt, useFresh } from "../fresh.ts";
import { stateName } from "../live/outputs.tsx";
import { Ask } from "../parts/ask.tsx";
import { Field, sent } from "../parts/field.tsx";
import { Empty, Reading } from "../parts/reading.tsx";
import { a } from "../words/index.ts";

/** The list, and the making of one. */
export function Streams({ room }: { room: string }) {
  const fresh = useFresh(() => get<List<Stream>>(`rooms/${room}/streams`), `streams ${room}`);
  const submit = async (event: SubmitEvent) => {
    const form = sent(event);
    if (form && (await attempt(() => post(`rooms/${room}/streams`, { url: form.text("url") })))) form.form.reset();
  };
  return (
    <>
      <Reading fresh={fresh}>
        {({ data }) => (
          <>
            {data.length === 0 && <Empty words={a("streamsEmpty")} />}
            <ul class="rows" aria-label={a("streams")}>{data.map((one) => <StreamRow key={one.id} stream={one} />)}</ul>
          </>
        )}
      </Reading>
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label={a("streamAddress")} name="url" type="url" required placeholder="rtmp://" autocomplete="off" dir="ltr" />
        <button type="submit" class="primary">{a("addStream")}</button>
      </form>
    </>
  );
}

/** Its last part is its key, which nobody need see here. */
const withoutKey = (url: string): string => url.replace(/\/[^/]*$/, "/…");

function StreamRow({ stream }: { stream: Stream }) {
  const [isAsking, setAsking] = useState(false);
  const url = withoutKey(stream.url);
  return (
    <li class="row">
      <div class="row-words">
        <p dir="ltr">{url}</p>
        <p class="soft">{stateName(stream.state)}{stream.error && ` · ${stream.error}`}</p>
      </div>
      <button type="button" class="quiet small danger" aria-label={a("deleteStream", { url })} onClick={() => setAsking(true)}><Icon name="trash" />{a("delete")}</button>
      {isAsking && (
        <Ask title={a("deleteStream", { url })} verb={a("delete")} act={() => remove(`streams/${stream.id}`)} close={() => setAsking(false)}>
          <p>{a("deleteStreamText")}</p>
        </Ask>
      )}
    </li>
  );
}
