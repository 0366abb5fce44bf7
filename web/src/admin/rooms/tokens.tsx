// A room token for one person, as an application would make it.

import { useState } from "preact/hooks";
import { post } from "../call.ts";
import { attempt } from "../fresh.ts";
import { Copy } from "../parts/copy.tsx";
import { Area, Field, Pick, sent } from "../parts/field.tsx";
import { a } from "../words/index.ts";

/** The making of one. */
export function Tokens({ room }: { room: string }) {
  const [token, setToken] = useState("");
  const submit = async (event: SubmitEvent) => {
    const form = sent(event);
    if (!form) return;
    const permissions = form.text("permissions").split(/[\s,]+/).filter((one) => one !== "");
    const body = {
      room_name: room,
      user_name: form.text("user_name"),
      join_as: form.text("join_as"),
      ...(permissions.length > 0 && { permissions }),
    };
    await attempt(async () => setToken((await post<{ token: string }>("room_tokens", body)).token));
  };
  return (
    <>
      <p class="soft">{a("tokensText")}</p>
      {token && <div class="made" role="status"><p>{a("tokenMade")}</p><Copy label={a("newToken")} text={token} /></div>}
      <form class="form" onSubmit={(event) => void submit(event)}>
        <Field label={a("userName")} name="user_name" type="text" maxLength={100} autocomplete="off" />
        <Pick label={a("joinAs")} name="join_as" value="member" options={[["member", a("roleMember")], ["audience", a("roleAudience")]]} />
        <Area label={a("permissions")} name="permissions" rows={3} dir="ltr" spellcheck={false} hint={a("permissionsHint")} />
        <button type="submit" class="primary">{a("makeToken")}</button>
      </form>
    </>
  );
}
