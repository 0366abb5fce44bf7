// Fields of forms; what stands in them is read when the form is sent.

import type { InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";

interface Named {
  label: string;
  /** A word of help. */
  hint?: string;
  name: string;
  autocomplete?: string;
  defaultValue?: string;
  dir?: "ltr";
  maxLength?: number;
  spellcheck?: boolean;
}

interface FieldProps extends Named {
  type: "text" | "password" | "url" | "number" | "datetime-local";
  required?: boolean;
  placeholder?: string;
  minLength?: number;
  min?: number;
  max?: number;
  step?: number;
  pattern?: string;
  title?: string;
  inputMode?: "numeric";
}

/** A line of text with its name, and a word of help. */
export function Field({ label, hint, ...input }: FieldProps) {
  const [id, help] = [useId(), useId()];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input {...(input as InputHTMLAttributes)} id={id} {...(hint !== undefined && { "aria-describedby": help })} />
      {hint !== undefined && <p id={help} class="hint">{hint}</p>}
    </div>
  );
}

/** Several lines. */
export function Area({ label, hint, ...area }: Named & { rows: number }) {
  const [id, help] = [useId(), useId()];
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea {...area} id={id} {...(hint !== undefined && { "aria-describedby": help })} />
      {hint !== undefined && <p id={help} class="hint">{hint}</p>}
    </div>
  );
}

/** One of several. */
export function Pick({ label, name, value, options }: { label: string; name: string; value: string; options: ReadonlyArray<readonly [value: string, text: string]> }) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        {options.map(([one, text]) => <option key={one} value={one} selected={one === value}>{text}</option>)}
      </select>
    </div>
  );
}

/** Yes or no. */
export function Check({ label, name, checked }: { label: string; name: string; checked: boolean }) {
  return <label class="check"><input type="checkbox" name={name} defaultChecked={checked} />{label}</label>;
}

/** The texts of a form that is sent, each under its name and trimmed. */
export function sent(event: SubmitEvent): { form: HTMLFormElement; text: (name: string) => string } | null {
  event.preventDefault();
  const form = event.currentTarget;
  if (!(form instanceof HTMLFormElement)) return null;
  const entries = new FormData(form);
  const text = (name: string) => {
    const value = entries.get(name);
    return typeof value === "string" ? value.trim() : "";
  };
  return { form, text };
}
