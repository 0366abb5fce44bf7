// One of several, by the browser's own list: it is what phones and screen readers know best.

import { useId } from "preact/hooks";

interface ChoiceProps<T extends string> {
  label: string;
  value: T;
  options: ReadonlyArray<readonly [value: T, text: string]>;
  choose: (value: T) => void;
}

/** A labelled list of options. */
export function Choice<T extends string>({ label, value, options, choose }: ChoiceProps<T>) {
  const id = useId();
  const chosen = (at: number) => options[at]?.[0];
  const changed = (list: HTMLSelectElement) => {
    const next = chosen(list.selectedIndex);
    if (next !== undefined) choose(next);
  };
  return (
    <div class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={({ currentTarget }) => changed(currentTarget)}>
        {options.map(([one, text]) => (
          <option key={one} value={one}>{text}</option>
        ))}
      </select>
    </div>
  );
}
