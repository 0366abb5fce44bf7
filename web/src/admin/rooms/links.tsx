// Links that open a room, by role. The address of one is known once, when it is made.

import { useState } from "preact/hooks";
import { Icon } from "../../ui/icon.tsx";
import { get, post, remove } from "../call.ts";
import type { Link, List, Role } from "../entities.ts";
import { when } from "../format.ts";
import { attempt, useFresh } from "../fresh.ts";
import { Ask } from "../parts/ask.tsx";
import { Copy } from "../parts/copy.tsx";
import { Field, Pick, sent } from "../parts/field.tsx";
import { Empty, Reading } from "../parts/reading.tsx";
import { a, type AdminWord } from "../words/index.ts";

const ROLES: ReadonlyArray<readonly [role: Role, words: AdminWord]> = [
  ["member", "roleMember"],
  ["host", "roleHost"],
  ["guest", "roleGuest"],
  ["audience", "roleAudience"],
];

const roleName = (role: Role): string => a(ROLES.find(([one]) => one === role)?.[1] ?? "roleMember");

/** The list, and the making of one. */
export function Links({ room }: { room: string }) {
  const [made, setMade] = useState<Link | null>(null);
  const fresh = useFresh(() => get<List<Link>>(`rooms/${room}/links`), `links ${room}`);
  return (
    <>
      <Reading fresh={fresh}>
        {({ data }) => (
          <>
            {data.length === 0 && <Empty words={a("linksEmpty")} />}
            <ul class="rows" aria-label={a("links")}>{data.map((one) => <LinkRow key={one.id} link={one} />)}</ul>
          </>
        )}
      </Reading>
      {made?.url && (
        <div class="made" role="status">
          <p>{a("linkMade", { role: roleName(made.role) })}</p>
          <Copy label={a("newLink")} text={made.url} code />
        </div>
      )}
      <NewLink room={room} made={setMade} />
    </>
  );
}

function isOver({ expires_at: end, max_uses: most, uses }: Link): boolean {
  return (end !== null && Date.parse(end) <= Date.now()) || (most !== null && uses >= most);
}

function LinkRow({ link }: { link: Link }) {
  const [isAsking, setAsking] = useState(false);
  const uses = link.max_uses === null ? a("uses", { n: link.uses }) : a("usesOf", { n: link.uses, most: link.max_uses });
  return (
    <li class="row">
      <div class="row-words">
        <p><strong>{roleName(link.role)}</strong> {isOver(link) && <span class="badge">{a("linkOver")}</span>}</p>
        <p class="soft">{uses}{link.expires_at && ` · ${a("until", { time: when(link.expires_at) })}`}</p>
      </div>
      <button type="button" class="quiet small danger" aria-label={a("revokeLink", { role: roleName(link.role) })} onClick={() => setAsking(true)}><Icon name="trash" />{a("revoke")}</button>
      {isAsking && (
        <Ask title={a("revokeTitle")} verb={a("revoke")} act={() => remove(`links/${link.id}`)} close={() => setAsking(false)}>
          <p>{a("revokeText")}</p>
        </Ask>
      )}
    </li>
  );
}

function NewLink({ room, made }: { room: string; made: (link: Link) => void }) {
  const submit = async (event: SubmitEvent) => {
    const form = sent(event);
    if (!form) return;
    const [until, most] = [form.text("expires_at"), form.text("max_uses")];
    const body = {
      role: form.text("role"),
      ...(until && { expires_at: new Date(until).toISOString() }),
      ...(most && { max_uses: Number(most) }),
    };
    await attempt(async () => made(await post<Link>(`rooms/${room}/links`, body)));
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <Pick label={a("linkRole")} name="role" value="member" options={ROLES.map(([role, words]) => [role, a(words)] as const)} />
      <Field label={a("expires")} name="expires_at" type="datetime-local" />
      <Field label={a("maxUses")} name="max_uses" type="number" min={1} max={100000} inputMode="numeric" />
      <button type="submit" class="primary">{a("makeLink")}</button>
    </form>
  );
}
