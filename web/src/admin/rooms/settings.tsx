// All that a room may say of itself. Only what was changed is sent, so that two operators do not undo each other.

import { useState } from "preact/hooks";
import { Warning } from "../../ui/warning.tsx";
import { put } from "../call.ts";
import type { Room } from "../entities.ts";
import { attempt } from "../fresh.ts";
import { useLayouts } from "../layouts.ts";
import { Area, Check, Field, Pick, sent } from "../parts/field.tsx";
import { inWords } from "../problem.ts";
import { a } from "../words/index.ts";
import { changes, CHOICES, FLAGS, inField, METAS, MOMENTS, NUMBERS, optionsOf, TEXTS } from "./setting_fields.ts";

/** The form. What it shows is the room as it was when it was opened or saved last. */
export function Settings({ room }: { room: Room }) {
  const [known, setKnown] = useState(room);
  const [saves, setSaves] = useState(0);
  const [isSaved, setSaved] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const layouts = useLayouts(String(known.layout), ({ initial }) => initial);
  const submit = async (event: SubmitEvent) => {
    const form = sent(event);
    if (!form) return;
    setSaved(false);
    setError(null);
    const change = changes(known, form.form);
    if (change instanceof Error) return setError(change);
    const saved = await attempt(async () => setKnown(await put<Room>(`rooms/${known.id}`, change)));
    if (saved) setSaves(saves + 1);
    setSaved(saved);
  };
  return (
    <form class="settings" onSubmit={(event) => void submit(event)} onInput={() => setSaved(false)}>
      <p class="soft">{a("settingsText")}</p>
      {/* Made anew when all is saved, but for the button, which keeps the focus. */}
      <div key={saves} class="settings">
        <div class="fields">
          {TEXTS.map(([name, words, most]) => <Field key={name} label={a(words)} name={name} type="text" maxLength={most} defaultValue={inField(known, name)} autocomplete="off" />)}
          {NUMBERS.map(([name, words, most]) => <Field key={name} label={a(words)} name={name} type="number" min={1} max={most} defaultValue={inField(known, name)} />)}
          <Pick label={a("layout")} name="layout" value={String(known.layout)} options={layouts} />
          {CHOICES.map((choice) => <Pick key={choice.name} label={a(choice.words)} name={choice.name} value={inField(known, choice.name)} options={optionsOf(choice)} />)}
          {MOMENTS.map(([name, words]) => <Field key={name} label={a(words)} name={name} type="datetime-local" step={1} defaultValue={inField(known, name)} />)}
        </div>
        <div class="flags">{FLAGS.map(([name, words]) => <Check key={name} label={a(words)} name={name} checked={known[name] === true} />)}</div>
        {METAS.map(([name, words]) => <Area key={name} label={a(words)} name={name} rows={4} dir="ltr" spellcheck={false} defaultValue={inField(known, name)} />)}
      </div>
      <Warning words={error && inWords(error)} />
      <div class="buttons">
        <button type="submit" class="primary">{a("save")}</button>
        <span role="status">{isSaved && a("saved")}</span>
      </div>
    </form>
  );
}
