// The card before joining: room, name, devices, and the button that goes in.

import { useId } from "preact/hooks";
import { otherWay } from "../address.ts";
import { t } from "../words/index.ts";
import * as devices from "./devices.ts";
import { forget, invitation, isBusy, isSealed, name, pass, watches } from "./model.ts";

/** The room's name as far as it is known. */
const roomName = (): string => pass.value?.facts.room || (invitation.by === "token" ? "" : invitation.room ?? "demo");

/** The name is the token's where there is one. */
const isNameFixed = (): boolean => pass.value !== null;

function goOnWord(): string {
  if (isBusy.value) return t(isSealed() ? "opening" : "joining");
  if (isSealed()) return t("goOn");
  return t(watches() ? "watch" : "join");
}

/** The card; `act` goes on, with or without a camera. */
export function Card({ act }: { act: (camera: boolean) => Promise<void> }) {
  const submit = (event: Event) => {
    event.preventDefault();
    if (!isBusy.value) void act(true);
  };
  const takesPart = !isSealed() && !watches();
  return (
    <form class="card" onSubmit={submit}>
      <p class="where"><span>{t("room")}</span> <strong>{roomName()}</strong></p>
      {watches() && <p class="soft">{t("watchText")}</p>}
      {isNameFixed() ? <FixedName /> : <NameField />}
      <button type="submit" class="primary" aria-disabled={isBusy.value}>{goOnWord()}</button>
      {takesPart && devices.constraints("camera") !== false && (
        <button type="button" class="quiet" aria-disabled={isBusy.value} onClick={() => isBusy.value || void act(false)}>{t("joinWithoutCamera")}</button>
      )}
      {invitation.by === "dev" && <a class="other-way" href={otherWay(!watches())}>{t(watches() ? "withCamera" : "onlyWatch")}</a>}
    </form>
  );
}

function NameField() {
  const [id, hint] = [useId(), useId()];
  return (
    <div class="field">
      <label for={id}>{t("yourName")}</label>
      <input
        id={id} type="text" autocomplete="name" maxLength={100} required={!watches()} aria-describedby={hint}
        value={name.value} onInput={({ currentTarget }) => (name.value = currentTarget.value)}
      />
      <p id={hint} class="hint">{t("nameHint")}</p>
    </div>
  );
}

function FixedName() {
  const called = pass.value?.facts.name;
  if (!called) return null;
  return (
    <p class="fixed-name">
      {t("joiningAs", { name: called })}
      {invitation.by === "link" && <button type="button" class="link" onClick={forget}>{t("otherName")}</button>}
    </p>
  );
}
