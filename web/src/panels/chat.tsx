// The chat: what was written, and a field to write in.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { ChatMessage } from "../../../sdk/src/index.ts";
import { aboutRefusal, type Problem } from "../failures.ts";
import { attempt } from "../room/actions.ts";
import { pieces } from "../room/chat.ts";
import { may } from "../room/people.ts";
import type { Stay } from "../room/stay.ts";
import { Choice } from "../ui/choice.tsx";
import { Icon } from "../ui/icon.tsx";
import { Notice } from "../ui/notice.tsx";
import { language, t } from "../words/index.ts";
import { Panel } from "./panel.tsx";

const MOST_CHARACTERS = 2000;
/** What is being written; it stays when the panel is closed. */
const draft = signal("");
/** For whom; empty is everybody. */
const to = signal("");
const refused = signal<Problem | null>(null);

/** The panel. */
export function ChatPanel({ stay }: { stay: Stay }) {
  const list = useRef<HTMLDivElement>(null);
  const messages = stay.chat.value;
  useEffect(() => {
    stay.unread.value = 0;
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [messages]);
  return (
    <Panel stay={stay} title={t("chat")}>
      <div class="chat">
        <div class="messages" ref={list} tabIndex={0} role="log" aria-label={t("messages")}>
          {messages.length === 0 && <p class="soft">{t("chatEmpty")}</p>}
          <ul>{messages.map((message) => <Message key={message.id} stay={stay} message={message} />)}</ul>
        </div>
        <Writing stay={stay} />
      </div>
    </Panel>
  );
}

function Message({ stay, message }: { stay: Stay; message: ChatMessage }) {
  const isOwn = message.from === stay.selfId.value;
  const name = message.name || t("somebody");
  const time = new Intl.DateTimeFormat(language.value, { timeStyle: "short" }).format(message.at * 1000);
  const remove = () => void attempt(stay, () => stay.session.chat.delete(message.id));
  return (
    <li class={isOwn ? "message own" : "message"}>
      <p class="message-head">
        <strong>{name}</strong> <time>{time}</time>
        {message.to && <span class="badge">{privately(stay, message)}</span>}
        {may(stay, "member.remove") && !message.deleted && (
          <button type="button" class="icon-button" aria-label={t("deleteMessage", { name })} onClick={remove}><Icon name="trash" /></button>
        )}
      </p>
      <p class="message-text" dir="auto">
        {message.deleted ? <em class="soft">{t("deletedMessage")}</em> : pieces(message.text).map(({ text, href }, at) =>
          href ? <a key={at} href={href} target="_blank" rel="noopener noreferrer nofollow">{text}</a> : <span key={at}>{text}</span>)}
      </p>
    </li>
  );
}

function privately(stay: Stay, { to: whom }: ChatMessage): string {
  if (whom === stay.selfId.value) return t("toYouAlone");
  const name = stay.members.value.find(({ id }) => id === whom)?.name ?? t("somebody");
  return t("toAlone", { name });
}

async function send(stay: Stay): Promise<void> {
  const text = draft.value.trim();
  if (!text) return;
  try {
    await stay.session.chat.send({ text, ...(to.value ? { to: to.value } : {}) });
    draft.value = "";
    refused.value = null;
  } catch (error) {
    refused.value = aboutRefusal(error);
  }
}

function Writing({ stay }: { stay: Stay }) {
  const others = stay.members.value.filter(({ id, type }) => type === "member" && id !== stay.selfId.value);
  const isThere = to.value === "" || others.some(({ id }) => id === to.value);
  if (!isThere) to.value = "";
  const options = [["", t("everybody")] as const, ...others.map(({ id, name }) => [id, name || t("somebody")] as const)];
  const key = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void send(stay);
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void send(stay);
  };
  return (
    <form class="writing" onSubmit={submit}>
      <Notice problem={refused.value} close={() => (refused.value = null)} />
      {others.length > 0 && <Choice label={t("to")} value={to.value} options={options} choose={(id) => (to.value = id)} />}
      <div class="writing-line">
        <textarea
          aria-label={t("message")} placeholder={t("message")} rows={2} maxLength={MOST_CHARACTERS} dir="auto"
          value={draft.value} onInput={({ currentTarget }) => (draft.value = currentTarget.value)} onKeyDown={key}
        />
        <button type="submit" class="primary" aria-label={t("send")} title={t("send")}><Icon name="send" /></button>
      </div>
    </form>
  );
}
