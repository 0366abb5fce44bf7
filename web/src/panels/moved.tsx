// People whom one moved to the audience: the server lists no audience, so that the page remembers those it may
// bring back.

import { signal } from "@preact/signals";
import type { VideoMemberEntity } from "../../../sdk/src/index.ts";
import { attempt } from "../room/actions.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { t } from "../words/index.ts";

/** Who was moved, the latest last. */
export const demoted = signal<ReadonlyArray<Pick<VideoMemberEntity, "id" | "name">>>([]);

/** As many are remembered. */
const MOST = 50;

/** Somebody was moved. */
export function noteDemoted({ id, name }: VideoMemberEntity): void {
  demoted.value = [...demoted.value.filter((one) => one.id !== id), { id, name }].slice(-MOST);
}

/** The list, with the button that brings somebody back. */
export function MovedPeople({ stay }: { stay: Stay }) {
  const away = demoted.value.filter(({ id }) => !stay.members.value.some((member) => member.id === id));
  const bring = async (id: string) => {
    await attempt(stay, () => stay.session.promote({ memberId: id }));
    demoted.value = demoted.value.filter((one) => one.id !== id);
  };
  if (away.length === 0 || !may(stay, "member.promote")) return null;
  return (
    <section class="moved">
      <h3>{t("movedToAudience")}</h3>
      <ul>
        {away.map(({ id, name }) => (
          <li key={id}><span>{name || t("somebody")}</span><button type="button" class="quiet" onClick={() => void bring(id)}>{t("promote")}</button></li>
        ))}
      </ul>
    </section>
  );
}
