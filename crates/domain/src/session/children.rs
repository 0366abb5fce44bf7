//! Legs beside the main one: screen shares, further cameras and microphones.
//!
//! A child is a member of its own with a parent. It takes no member's place, asks neither lock nor
//! window, and goes with its parent.

use super::Session;
use super::member::{Member, Presence};
use super::parting::Left;
use crate::command::{Actor, ChildAdmission, Reply, Target};
use crate::event::{Event, MemberKind, To};
use crate::id::{LegKey, MemberId};
use crate::layout::{Position, catalog};
use crate::limits::CHILD_LEGS;
use crate::output::{Output, Record};
use crate::permission::{Aim, Right, Verb};
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::BOARD_LAYOUT;
use std::sync::Arc;

/// The layout that children brought, and what stood before.
#[derive(Clone, Debug)]
pub(super) struct Brought {
    former: Arc<str>,
    guests: Vec<MemberId>,
}

impl Session {
    pub(super) fn admit_child(
        &mut self,
        actor: Actor,
        admission: ChildAdmission,
    ) -> Result<Reply, Refusal> {
        let Actor::Member(parent) = actor else { return Err(Refusal::NotPermitted) };
        let is_open = admission.kind == MemberKind::Screen && self.options.screenshare_is_open;
        let verb = match admission.kind {
            MemberKind::Screen => Verb::Screenshare,
            MemberKind::Device => Verb::AdditionalSource,
            MemberKind::Member | MemberKind::Audience => return Err(Refusal::NotPermitted),
        };
        let owner = self.member(parent).filter(|m| m.is_listed()).ok_or(Refusal::NotPermitted)?;
        if !is_open {
            self.require(actor, Right::OnMember(verb, Aim::Oneself))?;
        }
        if let Ok(brings) = &admission.brings {
            self.may_seat_others(actor, &brings.positions)?;
        }
        let siblings = self.members.iter().filter(|m| m.parent() == Some(parent)).count();
        if siblings >= CHILD_LEGS {
            let text = format!("a member may have at most {CHILD_LEGS} screens and devices");
            return Err(Refusal::LimitReached(text));
        }
        if admission.kind == MemberKind::Screen {
            self.videochat.may_present(&self.members, owner)?;
        }
        let brings = admission.brings.clone()?;
        if let Some(name) = brings.layout.as_deref().filter(|name| !catalog::exists(name)) {
            return Err(Refusal::invalid(format!("unknown layout {name}")));
        }
        let mut child = Member::child(owner, &admission, self.clock.mono_ms);
        let (own, others) = self.brought_by(actor, &brings.positions)?;
        child.requested_position.set(own);
        let id = child.id();
        self.put(Output::ApplyMedia(child.media()));
        self.members.push(child);
        self.arrivals.push(Arrival { child: id, layout: brings.layout, others });
        Ok(Reply::Done)
    }

    /// `member.joined` to everybody, then the layout: in one step what the child brought with it.
    pub(super) fn child_connected(&mut self, now: Now, leg: LegKey) {
        let Some(member) = self.members.iter_mut().find(|m| m.leg() == leg) else { return };
        member.presence = Presence::Here { since_mono_ms: now.mono_ms };
        let id = member.id();
        let arrival = self.arrivals.iter().position(|a| a.child == id);
        let arrival = arrival.map(|at| self.arrivals.swap_remove(at));
        let is_share = self.member(id).is_some_and(|m| m.kind() == MemberKind::Screen);
        let on_board = self.member(id).is_some_and(|m| self.videochat.is_for_the_board(m));
        let on_board = on_board.then_some(BOARD_LAYOUT);
        let layout = |a: &'_ Arrival| on_board.map(str::to_owned).or_else(|| a.layout.clone());
        let arrived = arrival.as_ref().filter(|a| is_share || a.layout.is_some());
        let renamed = arrived.is_some_and(|a| self.bring(id, layout(a).as_deref()));
        self.share_began(now, id);
        // Whoever has gone or looks on since is nowhere to be placed.
        let mut others = arrival.map_or_else(Vec::new, |a| a.others);
        others.retain(|(who, _)| self.require_listed(Some(*who)).is_ok());
        let moved = self.lend(id, others);
        let layout_is_new = self.arrange();
        if let Some(seen) = self.member(id).map(|m| self.member_view(m)) {
            self.put(Output::Record(Record::MemberJoined(seen.clone())));
            self.tell(To::Everyone, Event::MemberJoined(seen));
        }
        self.announce_moves(&moved);
        if layout_is_new {
            self.announce_layout();
        }
        if renamed {
            self.announce_room(vec!["layout_name"]);
        }
    }

    /// Whoever brings a guest may seat the guest; others only with the right to seat anybody.
    ///
    /// # Errors
    /// `NotPermitted`.
    pub(super) fn may_seat_others(
        &self,
        actor: Actor,
        positions: &[(Target, Position)],
    ) -> Result<(), Refusal> {
        match positions.iter().all(|(target, _)| *target == Target::Oneself) {
            true => Ok(()),
            false => self.require(actor, Right::OnRoom(Verb::SetPosition)),
        }
    }

    /// Where a guest is to be, and who else is to sit where.
    #[allow(clippy::type_complexity)]
    pub(super) fn brought_by(
        &self,
        actor: Actor,
        positions: &[(Target, Position)],
    ) -> Result<(Position, Vec<(MemberId, Position)>), Refusal> {
        let is_own =
            |requested_position: &&(Target, Position)| requested_position.0 == Target::Oneself;
        let own = positions.iter().rfind(is_own).map(|(_, place)| *place);
        let others: Vec<_> = positions
            .iter()
            .filter(|requested_position| !is_own(requested_position))
            .copied()
            .collect();
        Ok((own.unwrap_or_default(), self.resolve_positions(actor, &others)?))
    }

    /// Sets the layout a guest brings and remembers the one before the first, every share and
    /// every playback being a guest, and a device that brings one; answers whether the name changed.
    pub(super) fn bring(&mut self, guest: MemberId, layout: Option<&str>) -> bool {
        let former = self.layout.clone();
        let brought = self.brought.get_or_insert(Brought { former, guests: Vec::new() });
        brought.guests.push(guest);
        let Some(layout) = layout else { return false };
        let renamed = *self.layout != *layout;
        self.layout = layout.into();
        renamed
    }

    /// The layout from before the guests returns while they stay; answers whether the name changed.
    pub(super) fn take_down(&mut self) -> bool {
        let Some(former) = self.brought.as_ref().map(|brought| brought.former.clone()) else {
            return false;
        };
        let renamed = self.layout != former;
        self.layout = former;
        renamed
    }

    /// A guest is gone. What it asked for others goes with it, and with the last guest the layout
    /// returns that was in force before the first, unless somebody set one meanwhile.
    pub(super) fn take_away(&mut self, guest: MemberId) -> Left {
        self.arrivals.retain(|arrival| arrival.child != guest);
        Left { moved: self.take_back(guest), renamed: self.take_layout_away(guest) }
    }

    /// Shows how those who are left sit, and tells what is new of it.
    pub(super) fn rearranged(&mut self, left: &Left) {
        let layout_is_new = self.arrange();
        self.announce_moves(&left.moved);
        if layout_is_new {
            self.announce_layout();
        }
        if left.renamed {
            self.announce_room(vec!["layout_name"]);
        }
    }

    /// Answers whether the layout's name changed.
    fn take_layout_away(&mut self, guest: MemberId) -> bool {
        let Some(brought) = &mut self.brought else { return false };
        brought.guests.retain(|id| *id != guest);
        if !brought.guests.is_empty() {
            return false;
        }
        let Some(brought) = self.brought.take() else { return false };
        let renamed = self.layout != brought.former;
        self.layout = brought.former;
        renamed
    }

    pub(super) fn children_of(&self, parent: MemberId) -> Vec<MemberId> {
        let children = self.members.iter().filter(|m| m.parent() == Some(parent));
        children.map(Member::id).collect()
    }
}

/// What a child brings with it, until it is there.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    child: MemberId,
    layout: Option<String>,
    others: Vec<(MemberId, Position)>,
}
