//! Promote and demote: the same member, another standing, on a new leg.
//!
//! The event tells the client to come back on a new leg; until that one is up the old one goes on
//! receiving. What a demoted member still sends is shown and heard no more from the first moment.

use super::Session;
use super::member::{Change, Member};
use super::meta::fits;
use super::parting::Parting;
use crate::command::{Actor, Promotion, Reply, Target};
use crate::event::{Event, MemberKind, To};
use crate::grant::{JoinAs, MediaAllowed};
use crate::id::MemberId;
use crate::output::{Cause, Output, Record, Tone};
use crate::permission::{Aim, Permissions, Right, Verb};
use crate::refusal::Refusal;
use crate::time::Now;

impl Session {
    pub(super) fn promote(
        &mut self,
        now: Now,
        actor: Actor,
        target: Target,
        promotion: Promotion,
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnMember(Verb::Promote, Aim::Another))?;
        let id = self.anybody(actor, target)?;
        promotion.meta.as_ref().map_or(Ok(()), fits)?;
        let Some(member) = self.member(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        let is_new = member.is_audience() && !member.is_rising();
        if is_new && member.change != Change::None {
            return Err(Refusal::Conflict("the demotion is not completed yet".into()));
        }
        if is_new {
            member.can_change()?;
        }
        if member.participant.watches {
            return Err(Refusal::UNKNOWN_MEMBER);
        }
        if self.member(id).is_some_and(|m| m.parent().is_none()) {
            self.override_voice(id, true);
        }
        if is_new {
            self.raise(now, id, promotion);
        }
        Ok(Reply::Done)
    }

    /// Somebody who looks on is to take part.
    pub(super) fn raise(&mut self, now: Now, id: MemberId, promotion: Promotion) {
        let video_off = self.settings.joins_with_video_off();
        let until = self.grace_ends_ms(now);
        let Some(member) = self.member_mut(id) else { return };
        member.promote(promotion, until);
        member.video_muted |= video_off;
        self.regrant(id, true);
        self.touch(id);
    }

    /// The one concerned learns it first; others see somebody leave, children first.
    pub(super) fn demote(
        &mut self,
        now: Now,
        actor: Actor,
        target: Target,
        media_allowed: Option<MediaAllowed>,
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnMember(Verb::Demote, Aim::Another))?;
        let id = self.anybody(actor, target)?;
        let Some(member) = self.member(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        if member.is_rising() {
            return Err(Refusal::Conflict("the promotion is not completed yet".into()));
        }
        if member.kind() != MemberKind::Member {
            return Err(Refusal::UNKNOWN_MEMBER);
        }
        member.can_change()?;
        if member.participant.ranks.owner {
            return Err(Refusal::NotPermitted);
        }
        self.clear_ranks(id);
        self.override_voice(id, false);
        self.lower(now, id, media_allowed);
        Ok(Reply::Done)
    }

    /// Somebody who takes part is to look on.
    pub(super) fn lower(&mut self, now: Now, id: MemberId, media_allowed: Option<MediaAllowed>) {
        let Some(seen) = self.member(id).map(|m| self.member_view(m)) else { return };
        let until = self.grace_ends_ms(now);
        let Some(member) = self.member_mut(id) else { return };
        member.demote(media_allowed, until);
        self.touch(id);
        self.treat_anew(id);
        self.regrant(id, false);
        let left = self.take_out_children(id, Parting::ByUs(Cause::NormalClearing));
        self.put(Output::Record(Record::MemberLeft(seen.clone())));
        self.tell(To::AllBut(id), Event::MemberLeft(seen));
        self.play(Tone::Exit, MemberKind::Member);
        self.close_ranks(&left);
        self.audience_changed(now);
    }

    /// The new leg of somebody whose standing changed is up.
    pub(super) fn changed(&mut self, now: Now, id: MemberId) {
        let Some(member) = self.member_mut(id) else { return };
        let rises = member.is_rising();
        if rises {
            member.become_member();
        }
        self.touch(id);
        self.treat_anew(id);
        let layout_is_new = self.arrange();
        self.welcome(id, !rises);
        if let Some(seen) = self.member(id).filter(|_| rises).map(|m| self.member_view(m)) {
            self.put(Output::Record(Record::MemberJoined(seen.clone())));
            self.tell(To::Everyone, Event::MemberJoined(seen));
            self.play(Tone::Entry, MemberKind::Member);
        }
        if layout_is_new {
            self.announce_layout();
        } else {
            self.tell(To::Only(id), Event::LayoutChanged(self.layout_view()));
        }
        if rises {
            self.audience_changed(now);
        }
    }

    /// Somebody was promoted or demoted and did not come back on a new leg in time. Audience looks on
    /// as before; of who was demoted no leg is left that may go on.
    pub(super) fn change_expired(&mut self, now: Now, id: MemberId) {
        let Some(member) = self.member_mut(id) else { return };
        if !member.is_rising() {
            return self.remove_member(now, id, Parting::ByUs(Cause::NormalClearing));
        }
        member.change = Change::None;
        member.look_on();
        self.clear_ranks(id);
        self.override_voice(id, false);
        self.touch(id);
        self.regrant(id, false);
    }

    fn regrant(&mut self, id: MemberId, promoted: bool) {
        let Some(member) = self.member(id) else { return };
        let grant = Box::new(member.grant.clone());
        let (room, session) = (self.origin.room, self.origin.session);
        let view = Box::new(self.view());
        self.put(Output::Regrant { member: id, grant: grant.clone() });
        let event = Event::RoleChanged { room, session, member: id, promoted, grant, view };
        self.tell(To::Only(id), event);
    }

    /// Somebody who is here, audience too.
    pub(super) fn anybody(&self, actor: Actor, target: Target) -> Result<MemberId, Refusal> {
        let (wanted, _) = self.resolve_target(actor, target);
        wanted
            .filter(|id| self.member(*id).is_some_and(Member::is_here))
            .ok_or(Refusal::UNKNOWN_MEMBER)
    }
}

impl Member {
    /// Promoted, and not yet here on the new leg.
    fn is_rising(&self) -> bool {
        self.is_audience() && self.grant.join_as == JoinAs::Member
    }

    /// Another standing needs another leg, which a client without a connection cannot be asked for.
    pub(super) fn can_change(&self) -> Result<(), Refusal> {
        let text = "this one came by WHIP or WHEP and has no connection to be told by";
        self.can_return.then_some(()).ok_or_else(|| Refusal::Conflict(text.into()))
    }

    /// A grant of audience again; the kinds that a promotion named were those to be sent.
    fn look_on(&mut self) {
        self.grant.join_as = JoinAs::Audience;
        self.grant.permissions = Permissions::default();
        self.grant.media_allowed = self.receives;
    }

    /// Only the grant, until the new leg is up.
    fn promote(&mut self, promotion: Promotion, until_ms: u64) {
        let grant = &mut self.grant;
        grant.join_as = JoinAs::Member;
        grant.permissions = promotion.permissions.unwrap_or_else(Permissions::defaults);
        grant.media_allowed = promotion.media_allowed.unwrap_or_default();
        grant.join_audio_muted = promotion.join_audio_muted;
        grant.join_video_muted = promotion.join_video_muted;
        if let Some(meta) = promotion.meta {
            self.meta.clone_from(&meta);
            grant.meta = meta;
        }
        self.audio_muted = promotion.join_audio_muted;
        self.video_muted = promotion.join_video_muted;
        self.change = Change::Announced(until_ms);
    }

    fn demote(&mut self, media_allowed: Option<MediaAllowed>, until_ms: u64) {
        self.receives = media_allowed.unwrap_or(self.receives);
        self.look_on();
        self.become_audience();
        self.change = Change::Announced(until_ms);
    }
}
