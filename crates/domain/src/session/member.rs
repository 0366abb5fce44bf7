//! Somebody in a session, and what is remembered of them.

use super::line::Line;
use super::outage::Outage;
use super::participant::ParticipantState;
use super::requested_position::RequestedPosition;
use crate::command::{Actor, Admission, ChildAdmission};
use crate::event::MemberKind;
use crate::grant::{Grant, JoinAs, MediaAllowed};
use crate::half_open::HalfOpen;
use crate::id::{LegId, LegKey, MemberId};
use crate::layout::Reservation;
use crate::layout::seats::Candidate;
use crate::output::MemberMedia;
use crate::permission::{Permissions, Right};
use crate::room::Window;
use crate::time::Now;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How far somebody has come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// Admitted, the leg is not up yet: nobody knows of them.
    Expected {
        /// Since when, on the clock that never jumps.
        since_mono_ms: u64,
    },
    /// Announced.
    Here {
        /// When, on the clock that never jumps.
        since_mono_ms: u64,
    },
}

/// How far a promotion or demotion has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// There is none.
    None,
    /// The client was told and is to come back on a new leg, until this moment on the clock that
    /// never jumps.
    Announced(u64),
    /// That leg is on its way.
    Coming,
}

/// Whose a join is: the user's for whom the seat was kept, else its token's.
pub(super) fn bearer<'a>(grant: &'a Grant, participant: &'a ParticipantState) -> &'a str {
    if grant.identity.is_some() { &participant.user } else { &grant.token_id }
}

#[derive(Clone, Debug)]
pub(super) struct Member {
    id: MemberId,
    kind: MemberKind,
    parent: Option<MemberId>,
    leg: LegKey,
    call_id: LegId,
    pub(super) grant: Grant,
    /// Which kinds this one receives while looking on: as the token says, or the latest demotion.
    pub(super) receives: MediaAllowed,
    name: Arc<str>,
    pub(super) wants_roster: bool,
    /// Whether a lost leg could be replaced by another.
    pub(super) can_return: bool,
    pub(super) presence: Presence,
    pub(super) requested_position: RequestedPosition,
    pub(super) seat: Option<Reservation>,
    pub(super) audio_muted: bool,
    pub(super) video_muted: bool,
    pub(super) talking: bool,
    /// Heard on a leg that others do not know of yet.
    pub(super) talks_already: bool,
    pub(super) deaf: bool,
    /// When the hand went up, while it is up: milliseconds since 1970 UTC, and later than the hand before.
    pub(super) hand: Option<u64>,
    pub(super) input_volume: i32,
    pub(super) output_volume: i32,
    pub(super) input_sensitivity: i32,
    /// The seat held when no raised hand outweighed it.
    pub(super) home: Option<Reservation>,
    pub(super) change: Change,
    /// The leg before a change of standing; it receives until its client ends it.
    pub(super) old_leg: Option<LegKey>,
    /// The client put the leg on hold.
    pub(super) is_held: bool,
    /// A new leg is on its way; others must not notice.
    pub(super) is_returning: bool,
    pub(super) meta: Map<String, Value>,
    /// Ids of the tokens shown so far, the latest last.
    pub(super) tokens: Vec<String>,
    pub(super) participant: ParticipantState,
    /// When the seat is given up, on the clock that never jumps; set while no socket is there.
    pub(super) socket_gone_until_ms: Option<u64>,
    /// The same while no media path is there. Two times, because either may come back alone.
    pub(super) media_lost_until_ms: Option<u64>,
    /// What others know of that.
    pub(super) outage: Outage,
    /// How good the line of the leg is.
    pub(super) line: Line,
}

impl Member {
    /// Audience is neither seen nor heard, whatever its client sends and on whatever leg; nor is who is
    /// on hold.
    pub(super) fn media(&self) -> MemberMedia {
        let is_out = self.is_audience() || self.is_held;
        MemberMedia {
            member: self.id(),
            audio_muted: self.audio_muted || is_out,
            video_muted: self.video_muted || is_out,
            deaf: self.deaf,
            input_volume: self.input_volume,
            output_volume: self.output_volume,
            input_sensitivity: self.input_sensitivity,
        }
    }

    /// Somebody whose leg is expected from `now_mono_ms` on.
    pub(super) fn new(admission: Admission, now_mono_ms: u64) -> Self {
        let Admission { member, leg, call_id, grant, wants_roster, can_return } = admission;
        let is_member = grant.join_as == JoinAs::Member;
        Self {
            id: member,
            kind: if is_member { MemberKind::Member } else { MemberKind::Audience },
            parent: None,
            leg,
            call_id,
            name: grant.user_name.as_str().into(),
            receives: if is_member { MediaAllowed::All } else { grant.media_allowed },
            wants_roster,
            can_return,
            presence: Presence::Expected { since_mono_ms: now_mono_ms },
            requested_position: RequestedPosition::default(),
            seat: None,
            audio_muted: grant.join_audio_muted,
            video_muted: grant.join_video_muted,
            talking: false,
            talks_already: false,
            deaf: false,
            hand: None,
            input_volume: 0,
            output_volume: 0,
            input_sensitivity: 30,
            home: None,
            change: Change::None,
            old_leg: None,
            is_held: false,
            is_returning: false,
            meta: grant.meta.clone(),
            tokens: vec![grant.token_id.clone()],
            participant: ParticipantState::of_room_token(member, &grant),
            socket_gone_until_ms: None,
            media_lost_until_ms: None,
            outage: Outage::default(),
            line: Line::default(),
            grant,
        }
    }

    /// A screen share or device of `owner`: its name and times, none of its rights.
    pub(super) fn child(owner: &Member, admission: &ChildAdmission, now_mono_ms: u64) -> Self {
        let mut grant = owner.grant.clone();
        grant.permissions = Permissions::default();
        grant.end_room_session_on_leave = false;
        (grant.join_audio_muted, grant.join_video_muted) = (false, false);
        grant.meta = Map::new();
        let admission_of_child = Admission {
            member: admission.member,
            leg: admission.leg,
            call_id: admission.call_id.clone(),
            grant,
            wants_roster: false,
            can_return: false,
        };
        let mut child = Self::new(admission_of_child, now_mono_ms);
        child.kind = admission.kind;
        child.parent = Some(owner.id);
        child
    }

    /// What nobody could set right any more is as at first: audience may do nothing to itself, and
    /// nobody may do anything to audience.
    pub(super) fn become_audience(&mut self) {
        self.kind = MemberKind::Audience;
        (self.seat, self.home, self.hand) = (None, None, None);
        self.talking = false;
        (self.deaf, self.output_volume) = (false, 0);
    }

    pub(super) fn become_member(&mut self) {
        self.kind = MemberKind::Member;
    }

    pub(super) fn id(&self) -> MemberId {
        self.id
    }

    pub(super) fn kind(&self) -> MemberKind {
        self.kind
    }

    pub(super) fn parent(&self) -> Option<MemberId> {
        self.parent
    }

    /// Whether this is `actor`, or a screen or device of theirs.
    pub(super) fn belongs_to(&self, actor: Actor) -> bool {
        actor == Actor::Member(self.id) || self.parent.map(Actor::Member) == Some(actor)
    }

    pub(super) fn leg(&self) -> LegKey {
        self.leg
    }

    /// Gives the member another main leg, which nobody has put on hold; answers the old one.
    pub(super) fn move_to(&mut self, leg: LegKey, call_id: LegId) -> LegKey {
        self.is_held = false;
        self.line = Line::default();
        self.call_id = call_id;
        self.is_returning = true;
        std::mem::replace(&mut self.leg, leg)
    }

    pub(super) fn call_id(&self) -> &LegId {
        &self.call_id
    }

    pub(super) fn name(&self) -> &Arc<str> {
        &self.name
    }

    pub(super) fn is_audience(&self) -> bool {
        self.kind == MemberKind::Audience
    }

    pub(super) fn is_here(&self) -> bool {
        matches!(self.presence, Presence::Here { .. })
    }

    /// This one's join, while its leg is not up.
    pub(super) fn half_open(&self) -> Option<HalfOpen<'_, MemberId>> {
        let Presence::Expected { since_mono_ms: since_ms } = self.presence else { return None };
        Some(HalfOpen { key: self.id, bearer: self.bearer(), since_ms })
    }

    /// The user for whom the seat was kept, if it was for one: under each of their tokens the same.
    pub(super) fn user(&self) -> Option<&Arc<str>> {
        self.grant.identity.is_some().then_some(&self.participant.user)
    }

    /// Whose joins and turns count together: the user where the seat was kept for one, else the token.
    pub(super) fn bearer(&self) -> &str {
        bearer(&self.grant, &self.participant)
    }

    /// Whether others know of this one: announced and not audience.
    pub(super) fn is_listed(&self) -> bool {
        self.is_here() && !self.is_audience()
    }

    pub(super) fn is_media_lost(&self) -> bool {
        self.media_lost_until_ms.is_some()
    }

    /// When others are told that media comes again, on the clock that never jumps, should it hold;
    /// nobody is told anything of audience.
    pub(super) fn outage_due_ms(&self) -> Option<u64> {
        self.outage.due_ms().filter(|_| self.is_listed())
    }

    /// Whether the camera is to be seen wherever this one sits.
    pub(super) fn shows_camera(&self) -> bool {
        !self.video_muted && !self.outage.is_reported() && !self.is_held
    }

    /// When the seat is given up, on the clock that never jumps, if ever.
    pub(super) fn gone_until_ms(&self) -> Option<u64> {
        self.socket_gone_until_ms.into_iter().chain(self.media_lost_until_ms).min()
    }

    /// Until when the client may take to come back on a new leg, while it is asked to.
    pub(super) fn change_until_ms(&self) -> Option<u64> {
        match self.change {
            Change::Announced(until) => Some(until),
            Change::None | Change::Coming => None,
        }
    }

    /// Whether the grace time is over for somebody whose client no socket carries.
    pub(super) fn is_given_up(&self, now: Now) -> bool {
        self.socket_gone_until_ms.is_some()
            && self.gone_until_ms().is_some_and(|until| until <= now.mono_ms)
    }

    pub(super) fn may(&self, right: Right) -> bool {
        // Whatever a token says: audience may do nothing (REST reference §4).
        !self.is_audience()
            && (self.participant.ranks.moderates() || self.grant.permissions.allow(right))
    }

    /// When the calendar removes this one, milliseconds since 1970 UTC, if ever.
    pub(super) fn removal_epoch_ms(&self, room: Window) -> Option<i64> {
        let window = room.overridden_by(self.grant.window);
        // A token may name any second, the last of all time too.
        window.remove_at.map(|s| s.saturating_mul(1000))
    }

    /// When this one has been here for as long as they may, on the clock that never jumps, if ever.
    pub(super) fn removal_mono_ms(&self, room: Window) -> Option<u64> {
        let after_s = room.overridden_by(self.grant.window).remove_after_s?;
        let Presence::Here { since_mono_ms } = self.presence else { return None };
        Some(since_mono_ms.saturating_add(u64::from(after_s) * 1000))
    }

    pub(super) fn candidate(&self, floor: Option<MemberId>, hands_count: bool) -> Candidate {
        Candidate {
            member: self.id,
            requested_position: self.requested_position.position(),
            before: self.home,
            seat: self.seat,
            is_screen: self.kind == MemberKind::Screen,
            is_playback: false,
            has_floor: floor == Some(self.id),
            hand: self.hand.filter(|_| hands_count),
        }
    }
}
