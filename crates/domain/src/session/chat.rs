//! What people of a session write to each other, and captions: who may, how often, who hears it, what is
//! kept. It refuses to know how a client shows a text.

use super::Session;
use super::member::Member;
use super::turns::{Pace, Person, Turns};
use crate::chat::{
    CAPTION_CHARS, CAPTION_TURNS, CHAT_TURNS, CHAT_WINDOW_MS, Caption, ChatAccess, ChatDraft,
    ChatMessage, KEPT, LIST_BYTES, LIST_TURNS, TEXT_CHARS, check_lang, check_text,
};
use crate::command::{Actor, Reply, Target};
use crate::event::{Event, To};
use crate::id::{ChatId, MemberId};
use crate::permission::{Aim, Right, Verb};
use crate::refusal::Refusal;
use std::collections::VecDeque;

const SENDING: Pace = pace("messages", CHAT_TURNS);
const LISTING: Pace = pace("lists of messages", LIST_TURNS);
const CAPTIONS: Pace = pace("captions", CAPTION_TURNS);

const fn pace(what: &'static str, (of_one, of_all): (usize, usize)) -> Pace {
    Pace { what, of_one, of_all, window_ms: CHAT_WINDOW_MS }
}

/// What a session remembers of its chat.
#[derive(Debug, Default)]
pub(super) struct Chat {
    /// The latest messages, the latest last.
    messages: VecDeque<ChatMessage>,
    sent: Turns,
    listed: Turns,
    captions: Turns,
}

impl Chat {
    fn keep(&mut self, message: ChatMessage) {
        if self.messages.len() >= KEPT {
            self.messages.pop_front();
        }
        self.messages.push_back(message);
    }
}

impl Session {
    pub(super) fn send_chat(&mut self, actor: Actor, draft: ChatDraft) -> Result<Reply, Refusal> {
        let from = self.may_chat(actor)?;
        let to = draft.to.map(|target| self.addressee(from, target)).transpose()?;
        check_text(&draft.text, TEXT_CHARS)?;
        let (who, now_ms) = (self.who_writes(from), self.clock.mono_ms);
        self.chat.sent.take(SENDING, who, now_ms)?;
        let message = ChatMessage {
            id: draft.id,
            from,
            name: self.name_of(from),
            to,
            text: draft.text.into(),
            at_ms: self.clock.epoch_ms,
            is_deleted: false,
        };
        self.chat.keep(message.clone());
        self.tell_chat(message.clone());
        Ok(Reply::ChatMessage(message))
    }

    /// What is kept of what the caller was told or would have been, as much of the latest as fits an
    /// answer; the application is told what everybody is.
    pub(super) fn list_chat(&mut self, actor: Actor) -> Result<Reply, Refusal> {
        let me = self.may_chat(actor)?;
        let (who, now_ms) = (self.who_writes(me), self.clock.mono_ms);
        self.chat.listed.take(LISTING, who, now_ms)?;
        let concerns =
            |m: &&ChatMessage| m.to.is_none() || me.is_some() && [m.from, m.to].contains(&me);
        let concerning = self.chat.messages.iter().rev().filter(concerns);
        Ok(Reply::ChatMessages(latest_that_fit(concerning)))
    }

    /// By whoever may remove members; what it said is gone, and that it was there is not.
    pub(super) fn delete_chat(
        &mut self,
        actor: Actor,
        id: Option<ChatId>,
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnMember(Verb::Remove, Aim::Another))?;
        let mut messages = self.chat.messages.iter_mut();
        let message = messages.find(|message| Some(message.id) == id);
        let message = message.ok_or(Refusal::NotFound("Not Found"))?;
        if !std::mem::replace(&mut message.is_deleted, true) {
            message.text = "".into();
            let message = message.clone();
            self.tell_chat(message);
        }
        Ok(Reply::Done)
    }

    /// Everybody is told who named the event, audience too: it is to be read where it cannot be heard.
    pub(super) fn push_caption(
        &mut self,
        actor: Actor,
        caption: Caption,
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnRoom(Verb::PushCaptions))?;
        check_text(&caption.text, CAPTION_CHARS)?;
        check_lang(&caption.lang)?;
        let from = match actor {
            Actor::Member(id) => Some(id),
            Actor::Project => None,
        };
        let (who, now_ms) = (self.who_writes(from), self.clock.mono_ms);
        self.chat.captions.take(CAPTIONS, who, now_ms)?;
        let (room, session, name) = (self.origin.room, self.origin.session, self.name_of(from));
        self.tell(To::Everyone, Event::Caption { room, session, from, name, caption });
        Ok(Reply::Done)
    }

    /// Whether somebody takes part in the chat, and as whom.
    pub(super) fn may_chat(&self, actor: Actor) -> Result<Option<MemberId>, Refusal> {
        let is_for_all = self.settings.enable_chat == ChatAccess::All;
        let from = match actor {
            Actor::Project => None,
            Actor::Member(id) => {
                let takes_part = |m: &&Member| chats(m, is_for_all);
                Some(self.member(id).filter(takes_part).ok_or(Refusal::NotPermitted)?.id())
            }
        };
        if self.settings.enable_chat == ChatAccess::Off {
            return Err(Refusal::NotAdmitted("Chat is switched off in this room"));
        }
        Ok(from)
    }

    /// Whom a message is for alone.
    fn addressee(&self, from: Option<MemberId>, target: Target) -> Result<MemberId, Refusal> {
        let wanted = match target {
            Target::Member(id) => Some(id),
            Target::Oneself | Target::Nobody => None,
        };
        let is_for_all = self.settings.enable_chat == ChatAccess::All;
        let member = wanted.and_then(|id| self.member(id)).filter(|m| chats(m, is_for_all));
        let id = member.ok_or(Refusal::UNKNOWN_MEMBER)?.id();
        if Some(id) == from {
            return Err(Refusal::invalid("to must be somebody else"));
        }
        Ok(id)
    }

    /// Tells those whom a message is for.
    fn tell_chat(&mut self, message: ChatMessage) {
        let (room, session) = (self.origin.room, self.origin.session);
        let ends = [message.from, message.to];
        let is_private = message.to.is_some();
        let event = Event::ChatMessage { room, session, message };
        if is_private {
            for id in ends.into_iter().flatten() {
                self.tell(To::Only(id), event.clone());
            }
            return;
        }
        let is_for_all = self.settings.enable_chat == ChatAccess::All;
        let hearers = self.members.iter().filter(|m| chats(m, is_for_all)).map(Member::id);
        let hearers = To::Those(hearers.collect());
        self.tell(hearers, event);
    }

    /// Whose turn it is: a person's, in however many places they sit.
    fn who_writes(&self, who: Option<MemberId>) -> Person {
        who.and_then(|id| self.member(id)).map(|member| member.bearer().into())
    }

    fn name_of(&self, who: Option<MemberId>) -> std::sync::Arc<str> {
        who.and_then(|id| self.member(id)).map_or_else(|| "".into(), |m| m.name().clone())
    }
}

/// The first of `latest_first` that fit an answer, the oldest first.
fn latest_that_fit<'a>(latest_first: impl Iterator<Item = &'a ChatMessage>) -> Vec<ChatMessage> {
    let mut left = LIST_BYTES;
    let fits = |message: &&ChatMessage| match left.checked_sub(message.bytes()) {
        Some(rest) => {
            left = rest;
            true
        }
        None => false,
    };
    let mut messages: Vec<_> = latest_first.take_while(fits).cloned().collect();
    messages.reverse();
    messages
}

/// Whether somebody is a person who has to do with the chat.
fn chats(member: &Member, is_for_all: bool) -> bool {
    let is_person = member.is_here() && member.parent().is_none();
    is_person && (is_for_all || !member.is_audience())
}

#[cfg(test)]
#[path = "chat_tests.rs"]
mod tests;
