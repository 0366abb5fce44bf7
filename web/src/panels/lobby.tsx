// Who waits outside, for whoever may let them in: a word over the picture, a bell, and the whole line in the list
// of people.

import type { LobbyWaiter } from "../../../sdk/src/index.ts";
import { attempt } from "../room/actions.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { ring } from "../ui/sound.ts";
import { t } from "../words/index.ts";

/** Follows the line outside. */
export function hearLobby(stay: Stay): void {
  const { session } = stay;
  session.on("lobby.updated", ({ waiting }) => {
    const isNew = waiting.some(({ id }) => !stay.lobby.value.some((one) => one.id === id));
    stay.lobby.value = waiting;
    if (isNew) void ring();
  });
  session.on("room.joined", () => {
    if (!may(stay, "member.promote")) return;
    session.lobby.list().then((waiting) => (stay.lobby.value = waiting), () => (stay.lobby.value = []));
  });
}

type Whom = string | "all";
const admit = (stay: Stay, whom: Whom) => void attempt(stay, () => stay.session.lobby.admit(whom));
const deny = (stay: Stay, whom: Whom) => void attempt(stay, () => stay.session.lobby.deny(whom));

/** The word over the picture: of one person by name, of several how many. */
export function LobbyCall({ stay }: { stay: Stay }) {
  const waiting = stay.lobby.value;
  const first = waiting[0];
  const isOne = waiting.length === 1;
  const whom = isOne && first ? first.id : "all";
  return (
    <div class="lobby-place" role="status">
      {first && (
        <div class="lobby-call">
          <p>{isOne ? t("wantsIn", { name: first.name || t("somebody") }) : t("waitingOutside", { n: waiting.length })}</p>
          <button type="button" class="primary" onClick={() => admit(stay, whom)}>{t(isOne ? "admit" : "admitAll")}</button>
          {isOne && <button type="button" class="quiet" onClick={() => deny(stay, whom)}>{t("deny")}</button>}
        </div>
      )}
    </div>
  );
}

/** The line, in the list of people. */
export function LobbyList({ stay }: { stay: Stay }) {
  const waiting = stay.lobby.value;
  if (waiting.length === 0) return null;
  return (
    <section class="moved">
      <h3>{t("waitingOutside", { n: waiting.length })}</h3>
      <ul>{waiting.map((one) => <Waiter key={one.id} stay={stay} waiter={one} />)}</ul>
    </section>
  );
}

function Waiter({ stay, waiter: { id, name } }: { stay: Stay; waiter: LobbyWaiter }) {
  return (
    <li>
      <span>{name || t("somebody")}</span>
      <span class="part-buttons">
        <button type="button" class="quiet" onClick={() => admit(stay, id)}>{t("admit")}</button>
        <button type="button" class="quiet" onClick={() => deny(stay, id)}>{t("deny")}</button>
      </span>
    </li>
  );
}
