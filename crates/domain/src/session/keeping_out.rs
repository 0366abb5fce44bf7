//! Who was removed and does not come straight back, and who goes with somebody who is kept out: one person
//! may sit in a session more than once.

use super::Session;
use super::member::Member;
use crate::command::Actor;
use crate::grant::Grant;
use crate::id::{LinkId, MemberId};
use std::collections::VecDeque;
use std::sync::Arc;

/// What a session remembers of removed people; beyond that the oldest comes in again.
const BANNED: usize = 1024;

/// What somebody who was removed is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Mark {
    /// The id of a token they showed.
    Token(String),
    /// The link they came by.
    Link(LinkId),
    /// The user for whom a seat was kept, under whichever token.
    User(Arc<str>),
}

/// Who comes in no more, the latest last.
#[derive(Debug, Default)]
pub(super) struct Banned(VecDeque<Mark>);

impl Banned {
    fn add(&mut self, marks: impl Iterator<Item = Mark>) {
        self.0.extend(marks);
        let excess = self.0.len().saturating_sub(BANNED);
        self.0.drain(..excess);
    }

    /// Whether the bearer of this token was removed, or somebody is kept out who came by the same link or
    /// is the same user.
    pub fn has(&self, grant: &Grant) -> bool {
        let user = grant.identity.as_ref().map(|identity| &*identity.caller.user);
        self.0.iter().any(|mark| match mark {
            Mark::Token(token) => *token == grant.token_id,
            Mark::Link(link) => Some(*link) == grant.link,
            Mark::User(banned) => Some(&**banned) == user,
        })
    }

    pub fn has_user(&self, user: &str) -> bool {
        self.0.iter().any(|mark| matches!(mark, Mark::User(banned) if **banned == *user))
    }
}

impl Session {
    /// Who is removed does not come straight back: not with this token, by whatever door. A token
    /// that others here came in by too, as everybody does by a page that shows one to all, stays
    /// open, for it is not this one's, unless whoever removes says that it is to be kept out.
    pub(super) fn ban(&mut self, id: MemberId, keep_out: bool) {
        let member = self.member(id).filter(|m| m.parent().is_none());
        let Some(member) = member.filter(|_| keep_out || self.options.bans_removed) else { return };
        let others = || self.members.iter().filter(|m| m.id() != id && m.parent() != Some(id));
        let is_shared = |token: &String| others().any(|m| m.is_here() && m.tokens.contains(token));
        let is_own = |token: &&String| keep_out || !is_shared(token);
        let tokens: Vec<_> =
            member.tokens.iter().filter(is_own).cloned().map(Mark::Token).collect();
        let link = member.grant.link.filter(|_| keep_out).map(Mark::Link);
        let user = member.user().filter(|_| keep_out).cloned();
        if let Some(user) = &user {
            self.videochat.give_up_seats_of(user);
        }
        self.banned.add(tokens.into_iter().chain(link).chain(user.map(Mark::User)));
    }

    /// Where else in the session somebody sits, announced or on their way: who showed one of their tokens,
    /// and where seats were kept for the same user. Not whoever asks.
    pub(super) fn same_person(&self, id: MemberId, actor: Actor) -> Vec<MemberId> {
        let Some(one) = self.member(id) else { return Vec::new() };
        let is_same = |m: &&Member| {
            let shares_token = m.tokens.iter().any(|token| one.tokens.contains(token));
            shares_token || m.user().is_some_and(|user| Some(user) == one.user())
        };
        let others = self.members.iter().filter(|m| m.id() != id && m.parent().is_none());
        let others = others.filter(|m| actor != Actor::Member(m.id()));
        others.filter(is_same).map(Member::id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grant::{Identity, JoinAs};
    use crate::id::{LegId, LegKey};
    use crate::session::SessionOptions;
    use crate::session::tests::{bring_in, grant, member, now, open};
    use crate::videochat::{Caller, RoomRight, SeatRequest, VideochatCommand};
    use crate::{Admission, Command, Outcome, Refusal, Reply};

    fn admit(session: &mut Session, n: usize, grant: Grant) -> Result<Reply, Refusal> {
        let admission = Admission {
            member: member(n),
            leg: LegKey(n as u64),
            call_id: LegId("call".into()),
            grant,
            wants_roster: false,
            can_return: true,
        };
        session.handle(now(0), Actor::Project, Command::Admit(Box::new(admission)))
    }

    fn keep_out(session: &mut Session, actor: Actor, n: usize) {
        let target = crate::command::Target::Member(member(n));
        session.handle(now(0), actor, Command::Remove { target, keep_out: true }).unwrap();
    }

    fn there(session: &Session) -> Vec<MemberId> {
        session.members.iter().map(Member::id).collect()
    }

    #[test]
    fn whoever_is_kept_out_goes_from_every_tab_and_from_those_on_their_way_too() {
        let mut session = open(SessionOptions::default());
        admit(&mut session, 0, grant("host")).unwrap();
        session.handle_outcome(now(0), Outcome::Connected(LegKey(0)));
        for n in 1..=2 {
            bring_in(&mut session, 0, n, JoinAs::Member);
        }
        admit(&mut session, 3, grant("somebody")).unwrap();
        let second = Grant { token_id: "shown later".into(), ..grant("somebody") };
        session.handle_outcome(now(0), Outcome::TokenShown(member(2), second.terms()));
        keep_out(&mut session, Actor::Project, 1);
        assert_eq!(there(&session), [member(0)]);
        for grant in [grant("somebody"), second] {
            assert_eq!(admit(&mut session, 4, grant).err(), Some(Refusal::REMOVED));
        }
    }

    #[test]
    fn whoever_keeps_out_one_who_came_by_their_own_token_stays() {
        let mut session = open(SessionOptions::default());
        for n in 1..=3 {
            let permissions = crate::Permissions::from_list(vec!["room.member.remove".to_owned()]);
            admit(&mut session, n, Grant { permissions, ..grant("both") }).unwrap();
            session.handle_outcome(now(0), Outcome::Connected(LegKey(n as u64)));
        }
        keep_out(&mut session, Actor::Member(member(2)), 1);
        assert_eq!(there(&session), [member(2)]);
    }

    fn reserve(session: &mut Session, n: usize, user: &str) -> Result<Grant, Refusal> {
        let caller = Caller { user: user.into(), right: RoomRight::Contribute };
        let (id, name) = (member(n), user.into());
        let request = SeatRequest { id, name, watches: false, is_back: false };
        let command = Command::Videochat(caller.clone(), VideochatCommand::Reserve(request));
        session.handle(now(0), Actor::Project, command)?;
        let identity = Some(Identity { seat: id, caller, watches: false });
        Ok(Grant { identity, ..grant(&format!("seat {n}")) })
    }

    #[test]
    fn a_user_who_is_kept_out_has_no_other_seat_no_kept_one_and_gets_no_new_one() {
        let mut session = open(SessionOptions::default());
        for (n, user) in [(1, "dan"), (2, "dan"), (3, "eve")] {
            let grant = reserve(&mut session, n, user).unwrap();
            admit(&mut session, n, grant).unwrap();
        }
        session.handle_outcome(now(0), Outcome::Connected(LegKey(1)));
        let unused = reserve(&mut session, 4, "dan").unwrap();
        keep_out(&mut session, Actor::Project, 1);
        assert_eq!(there(&session), [member(3)]);
        assert!(admit(&mut session, 4, unused).is_err());
        assert_eq!(reserve(&mut session, 5, "dan").err(), Some(Refusal::REMOVED));
        reserve(&mut session, 6, "eve").expect("somebody else");
    }
}
