//! The lobby: who has to wait, who lets in, and who is told of it. Whoever waits has no seat and no leg, is in
//! no list and hears nothing of the session but what becomes of their knock. It refuses to know by which door
//! somebody comes: all doors ask [`Session::may_pass`].

use super::Session;
use super::member::Member;
use crate::command::{Actor, Reply};
use crate::event::{Event, To};
use crate::grant::{Grant, Terms};
use crate::id::{MemberId, WaiterId};
use crate::lobby::{
    ADMITTED, DENIED, DENIED_MS, Dismissal, KNOCK_WINDOW_MS, KNOCKS, Knock, LobbyState, WAITING,
    Waiters, Waiting, own_name,
};
use crate::output::Output;
use crate::permission::{Aim, Right, Verb};
use crate::refusal::Refusal;
use crate::text::shows_nothing;
use crate::time::Now;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// Changes that come closer together than this, milliseconds, are told as one: each is the whole line.
const REPORTED_TOGETHER_MS: u64 = 500;
/// To let in, to send away, and to be told who waits.
const HOSTS: Right = Right::OnMember(Verb::Promote, Aim::Another);

/// Somebody who waits, as the session knows them.
#[derive(Debug)]
struct Waiter {
    shown: Waiting,
    grant: Grant,
    /// When the place is given up, on the clock that never jumps; set while no socket is there.
    gone_until_ms: Option<u64>,
}

impl Waiter {
    fn token(&self) -> &str {
        &self.grant.token_id
    }
}

/// What a session remembers of its lobby.
#[derive(Debug, Default)]
pub(super) struct Lobby {
    /// In the order they came.
    waiting: Vec<Waiter>,
    /// Ids of the tokens that were let in, the latest last.
    admitted: VecDeque<String>,
    /// Ids of the tokens that were denied, and until when on the clock that never jumps, the latest last.
    denied: VecDeque<(String, u64)>,
    /// When each token knocked last, on the same clock.
    knocks: HashMap<String, VecDeque<u64>>,
    /// When somebody last knocked or was answered, on the same clock.
    busy_at_ms: Option<u64>,
    /// When the line was last told, on the same clock.
    reported_at_ms: Option<u64>,
    is_stale: bool,
}

impl Lobby {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// When somebody last knocked or was answered: who was let in has the grace time to come.
    pub(super) fn busy_at_ms(&self) -> Option<u64> {
        self.busy_at_ms
    }

    fn has_admitted(&self, token: &str) -> bool {
        self.admitted.iter().any(|known| known == token)
    }

    fn admit(&mut self, token: String) {
        self.denied.retain(|(denied, _)| *denied != token);
        if !self.has_admitted(&token) {
            self.admitted.push_back(token);
        }
        let excess = self.admitted.len().saturating_sub(ADMITTED);
        self.admitted.drain(..excess);
    }

    fn deny(&mut self, token: String, until_ms: u64) {
        self.denied.retain(|(denied, _)| *denied != token);
        self.denied.push_back((token, until_ms));
        let excess = self.denied.len().saturating_sub(DENIED);
        self.denied.drain(..excess);
    }

    fn is_denied(&self, token: &str, now_ms: u64) -> bool {
        self.denied.iter().any(|(denied, until)| denied == token && *until > now_ms)
    }

    /// Counts one more knock, if it is not one too many.
    fn take_turn(&mut self, token: &str, now_ms: u64) -> Result<(), Refusal> {
        let is_over = |at: &u64| at.saturating_add(KNOCK_WINDOW_MS) <= now_ms;
        self.knocks.retain(|_, turns| turns.back().is_some_and(|at| !is_over(at)));
        let turns = self.knocks.entry(token.to_owned()).or_default();
        turns.retain(|at| !is_over(at));
        if turns.len() >= KNOCKS {
            let within = KNOCK_WINDOW_MS / 1000;
            let why = format!("at most {KNOCKS} knocks in {within} seconds; wait a moment");
            return Err(Refusal::LimitReached(why));
        }
        turns.push_back(now_ms);
        Ok(())
    }

    fn take_out(&mut self, is_meant: impl Fn(&Waiter) -> bool) -> Vec<Waiter> {
        let (out, rest) = std::mem::take(&mut self.waiting).into_iter().partition(is_meant);
        self.waiting = rest;
        out
    }

    fn line(&self) -> Arc<[Waiting]> {
        self.waiting.iter().map(|waiter| waiter.shown.clone()).collect()
    }

    fn due_mono_ms(&self) -> Option<u64> {
        let after = |at: u64| at.saturating_add(REPORTED_TOGETHER_MS);
        self.is_stale.then(|| self.reported_at_ms.map_or(0, after))
    }
}

impl Session {
    /// Whether the bearer of a token is to wait before they may come in.
    fn has_to_wait(&self, grant: &Grant) -> bool {
        self.settings.lobby && !grant.skips_lobby() && !self.lobby.has_admitted(&grant.token_id)
    }

    /// Asked of everybody who wants a seat, by whatever door.
    ///
    /// # Errors
    /// `NotAdmitted`, with what to do.
    pub(super) fn may_pass(&self, grant: &Grant) -> Result<(), Refusal> {
        if !self.has_to_wait(grant) {
            return Ok(());
        }
        let is_denied = self.lobby.is_denied(&grant.token_id, self.clock.mono_ms);
        Err(if is_denied { Refusal::LOBBY_DENIED } else { Refusal::LOBBY })
    }

    /// Whoever was let in before a restart need not knock again.
    pub(super) fn let_in_again(&mut self, actor: Actor, token: String) -> Result<Reply, Refusal> {
        only_the_hub(actor)?;
        self.lobby.admit(token);
        Ok(Reply::Done)
    }

    /// Takes a place in the line, or the one there is again; whoever need not wait is told so. A token waits
    /// once: whoever knocks with it later takes its place over.
    pub(super) fn knock(&mut self, now: Now, actor: Actor, knock: Knock) -> Result<Reply, Refusal> {
        only_the_hub(actor)?;
        let Knock { id, grant, name, since_ms } = knock;
        if self.banned.has(&grant) {
            return Err(Refusal::REMOVED);
        }
        if !self.has_to_wait(&grant) {
            return Ok(Reply::Lobby(LobbyState::Admitted));
        }
        if self.locked {
            return Err(Refusal::LOCKED);
        }
        if self.lobby.is_denied(&grant.token_id, now.mono_ms) {
            return Err(Refusal::LOBBY_DENIED);
        }
        let name = match name {
            None if !shows_nothing(&grant.user_name) => grant.user_name.clone(),
            name => own_name(&name.unwrap_or_default())?,
        };
        let is_theirs = |w: &Waiter| w.shown.id == id || w.token() == grant.token_id;
        let known = self.lobby.waiting.iter().find(|w| is_theirs(w)).map(|w| w.shown.since_ms);
        if known.is_none() && self.lobby.waiting.len() >= WAITING {
            let why = format!("{WAITING} people wait to be let in already; try again later");
            return Err(Refusal::LimitReached(why));
        }
        self.lobby.take_turn(&grant.token_id, now.mono_ms)?;
        for before in self.lobby.take_out(is_theirs) {
            if before.shown.id != id {
                self.dismiss(before.shown.id, Dismissal::Elsewhere);
            }
        }
        let since_ms = known.or(since_ms).unwrap_or(now.epoch_ms).min(now.epoch_ms);
        let shown = Waiting { id, name: name.into(), since_ms };
        let at = self.lobby.waiting.partition_point(|w| w.shown.since_ms <= since_ms);
        let waiter = Waiter { shown: shown.clone(), grant, gone_until_ms: None };
        self.lobby.waiting.insert(at, waiter);
        self.lobby_changed(now);
        Ok(Reply::Lobby(LobbyState::Waiting(shown)))
    }

    pub(super) fn list_lobby(&self, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, HOSTS)?;
        Ok(Reply::LobbyLine(self.lobby.line()))
    }

    /// Lets in those who are meant, or sends them away; who waits no more is left out.
    pub(super) fn answer_lobby(
        &mut self,
        now: Now,
        actor: Actor,
        whom: Waiters,
        admits: bool,
    ) -> Result<Reply, Refusal> {
        self.require(actor, HOSTS)?;
        let waiting = match &whom {
            Waiters::All => self.lobby.take_out(|_| true),
            Waiters::These(ids) => self.lobby.take_out(|w| ids.contains(&w.shown.id)),
        };
        if waiting.is_empty() && whom != Waiters::All {
            return Err(Refusal::NotFound("nobody of these waits"));
        }
        if !waiting.is_empty() {
            self.settle_waiters(now, waiting, admits);
        }
        Ok(Reply::Done)
    }

    /// Whoever is kept out meanwhile is not let in.
    fn settle_waiters(&mut self, now: Now, waiting: Vec<Waiter>, admits: bool) {
        for waiter in waiting {
            let id = waiter.shown.id;
            if admits && !self.banned.has(&waiter.grant) {
                self.lobby.admit(waiter.grant.token_id);
                let (room, session) = (self.origin.room, self.origin.session);
                self.tell(To::Waiting(id), Event::LobbyAdmitted { room, session, id });
                self.put(Output::Waited { waiter: id, admitted: true });
            } else {
                let until = now.mono_ms.saturating_add(DENIED_MS);
                self.lobby.deny(waiter.grant.token_id, until);
                self.dismiss(id, Dismissal::Denied);
            }
        }
        self.lobby_changed(now);
    }

    fn dismiss(&mut self, id: WaiterId, why: Dismissal) {
        let (room, session) = (self.origin.room, self.origin.session);
        self.tell(To::Waiting(id), Event::LobbyDenied { room, session, id, why });
        self.put(Output::Waited { waiter: id, admitted: false });
    }

    /// The room's lobby is switched on, or off, which lets in everybody who waits.
    pub(super) fn set_lobby(&mut self, now: Now, on: bool) {
        self.settings.lobby = on;
        let waiting = self.lobby.take_out(|_| !on);
        if !waiting.is_empty() {
            self.settle_waiters(now, waiting, true);
        }
    }

    /// Somebody was removed: what let them in lets them in no more.
    pub(super) fn uninvite(&mut self, id: MemberId) {
        let member = self.members.iter().find(|m| m.id() == id && m.parent().is_none());
        let Some(tokens) = member.map(|m| &m.tokens) else { return };
        self.lobby.admitted.retain(|token| !tokens.contains(token));
    }

    /// Tokens that are no longer remembered of somebody who is in.
    pub(super) fn admissions_lapse(&mut self, tokens: &[String]) {
        self.lobby.admitted.retain(|token| !tokens.contains(token));
    }

    /// A token of somebody who is in: it was let in with the ones before.
    pub(super) fn admission_follows(&mut self, id: MemberId, later: &Terms) {
        let was_let_in = |m: &Member| m.tokens.iter().any(|token| self.lobby.has_admitted(token));
        if self.member(id).is_some_and(was_let_in) {
            self.lobby.admit(later.token_id.clone());
        }
    }

    /// They wait no more, by their own wish.
    pub(super) fn waiter_left(&mut self, now: Now, id: WaiterId) {
        for waiter in self.lobby.take_out(|w| w.shown.id == id) {
            self.put(Output::Waited { waiter: waiter.shown.id, admitted: false });
            self.lobby_changed(now);
        }
    }

    /// Their socket is gone: the place is kept for a while.
    pub(super) fn waiter_gone(&mut self, now: Now, id: WaiterId) {
        let until = self.grace_ends_ms(now);
        if let Some(waiter) = self.lobby.waiting.iter_mut().find(|w| w.shown.id == id) {
            waiter.gone_until_ms.get_or_insert(until);
        }
    }

    /// A socket is there again, with a token of which the times and the id count from now on. One that may
    /// not knock does not wait either.
    pub(super) fn waiter_back(&mut self, now: Now, id: WaiterId, token: Terms) {
        let Some(waiter) = self.lobby.waiting.iter_mut().find(|w| w.shown.id == id) else { return };
        waiter.gone_until_ms = None;
        waiter.grant.set_terms(token);
        let (token, is_banned) = (waiter.grant.token_id.clone(), self.banned.has(&waiter.grant));
        if is_banned || self.lobby.is_denied(&token, now.mono_ms) {
            let turned_away = self.lobby.take_out(|w| w.shown.id == id);
            self.settle_waiters(now, turned_away, false);
        }
    }

    /// Gives up the places of those who did not come back, and tells what is due.
    pub(super) fn look_after_lobby(&mut self, now: Now) {
        let is_given_up = |w: &Waiter| w.gone_until_ms.is_some_and(|until| until <= now.mono_ms);
        let gone = self.lobby.take_out(is_given_up);
        for waiter in &gone {
            self.put(Output::Waited { waiter: waiter.shown.id, admitted: false });
        }
        if gone.is_empty() {
            self.tell_lobby_if_due(now);
        } else {
            self.lobby_changed(now);
        }
    }

    /// When [`Self::look_after_lobby`] has something to do, on the clock that never jumps.
    pub(super) fn lobby_due_mono_ms(&self) -> Option<u64> {
        let gone = self.lobby.waiting.iter().filter_map(|w| w.gone_until_ms);
        gone.chain(self.lobby.due_mono_ms()).min()
    }

    fn lobby_changed(&mut self, now: Now) {
        self.lobby.busy_at_ms = Some(now.mono_ms);
        self.lobby.is_stale = true;
        self.tell_lobby_if_due(now);
    }

    fn tell_lobby_if_due(&mut self, now: Now) {
        if self.lobby.due_mono_ms().is_some_and(|due| due <= now.mono_ms) {
            self.lobby.reported_at_ms = Some(now.mono_ms);
            self.lobby.is_stale = false;
            self.tell_lobby();
        }
    }

    /// Tells hosts, and applications with them, who waits.
    pub(super) fn tell_lobby(&mut self) {
        let is_host = |m: &&Member| m.is_here() && m.parent().is_none() && m.may(HOSTS);
        let hosts = self.members.iter().filter(is_host).map(Member::id).collect();
        let event = self.lobby_updated();
        self.tell(To::Those(hosts), event);
    }

    /// Shows a host who came, or came back, who waits.
    pub(super) fn show_lobby(&mut self, id: MemberId) {
        let concerns = self.settings.lobby || !self.lobby.is_empty();
        let is_host = |m: &Member| m.is_here() && m.parent().is_none() && m.may(HOSTS);
        if concerns && self.member(id).is_some_and(is_host) {
            let event = self.lobby_updated();
            self.tell(To::Only(id), event);
        }
    }

    fn lobby_updated(&self) -> Event {
        let (room, session) = (self.origin.room, self.origin.session);
        Event::LobbyUpdated { room, session, waiting: self.lobby.line() }
    }
}

/// Who asks is in the command itself, and no door makes one of what a client says.
fn only_the_hub(actor: Actor) -> Result<(), Refusal> {
    (actor == Actor::Project).then_some(()).ok_or(Refusal::NotPermitted)
}

#[cfg(test)]
#[path = "lobby_tests.rs"]
mod tests;
