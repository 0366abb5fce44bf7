//! What people write to each other, and captions.

use super::method::{Asks, Method};
use super::params::{Params, named};
use rotunda_domain::chat::{Caption, ChatDraft};
use rotunda_domain::{ChatId, Command, Refusal, Verb};
use uuid::Uuid;

pub(super) const METHODS: [Method; 4] = [
    Method {
        name: "video.chat.send",
        doc: "Sends a message to everybody, or to one person.",
        permission: "none",
        params: "text (at most 2000 characters); to? (a member's id)",
        sdk: "execute",
        event: "chat.message to those who named it",
        test: "methods",
        asks: Asks::Chat,
        read: send,
    },
    Method {
        name: "video.chat.list",
        doc: "Lists the latest 200 messages, the oldest first.",
        permission: "none",
        params: "none",
        sdk: "execute",
        event: "none",
        test: "methods",
        asks: Asks::Chat,
        read: list,
    },
    Method {
        name: "video.chat.delete",
        doc: "Takes away what a message says.",
        permission: "room.member.remove",
        params: "message_id",
        sdk: "execute",
        event: "chat.message [deleted] to those who named it",
        test: "methods",
        asks: Asks::Another(Verb::Remove),
        read: delete,
    },
    Method {
        name: "video.captions.push",
        doc: "Shows what is said, in letters.",
        permission: "room.captions.push",
        params: "text (at most 1000 characters); final? (true); lang (a tag such as en-GB)",
        sdk: "execute",
        event: "captions.pushed to those who named it",
        test: "methods",
        asks: Asks::Room(&[Verb::PushCaptions]),
        read: push,
    },
];

fn send(params: &Params<'_>) -> Result<Command, Refusal> {
    let text = params.text("text")?.to_owned();
    let to = params.optional_text("to")?.map(named);
    Ok(Command::SendChat(ChatDraft { id: ChatId(Uuid::new_v4()), text, to }))
}

fn list(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListChat)
}

fn delete(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::DeleteChat(params.text("message_id")?.parse().ok()))
}

fn push(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::PushCaption(Caption {
        text: params.text("text")?.to_owned(),
        is_final: params.flag("final")?.unwrap_or(true),
        lang: params.text("lang")?.to_owned(),
    }))
}
