//! Layout, seats and the plan that follows from them.

use super::Session;
use super::member::Member;
use crate::command::{Actor, Reply, Target};
use crate::event::{Event, MemberKind, To};
use crate::id::MemberId;
use crate::layout::plan::{CanvasPlan, PlannedCell, Shown};
use crate::layout::{Layout, Position, Reservation, Size, catalog, seats};
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;
use crate::room::Quality;
use std::sync::Arc;

impl Session {
    /// Changes the layout and positions in one step, or nothing at all.
    pub(super) fn set_layout(
        &mut self,
        actor: Actor,
        name: &str,
        positions: &[(Target, Position)],
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnRoom(Verb::SetLayout))?;
        if !positions.is_empty() {
            self.require(actor, Right::OnRoom(Verb::SetPosition))?;
        }
        if !catalog::exists(name) {
            let known = catalog::NAMES.join(", ");
            return Err(Refusal::invalid(format!("unknown layout; known ones are: {known}")));
        }
        let requested = self.resolve_positions(actor, positions)?;
        let renamed = *self.layout != *name;
        self.layout = name.into();
        // Somebody set a layout: the one before the guests came is not to return by itself.
        self.brought = None;
        let moved = self.set_requested(requested);
        let is_new = self.arrange();
        self.announce_moves(&moved);
        if is_new {
            self.announce_layout();
        }
        if renamed {
            self.announce_room(vec!["layout_name"]);
        }
        Ok(Reply::Done)
    }

    /// Who is to sit where, each named once: of two wishes for one person the last counts.
    pub(super) fn resolve_positions(
        &self,
        actor: Actor,
        positions: &[(Target, Position)],
    ) -> Result<Vec<(MemberId, Position)>, Refusal> {
        let resolve = |(target, position): &(Target, Position)| {
            let id = match (target, actor) {
                (Target::Member(id), _) => Some(*id),
                (Target::Oneself, Actor::Member(id)) => Some(id),
                _ => None,
            };
            let is_seated =
                |id: &MemberId| self.member(*id).is_some_and(Member::is_listed) || self.plays(*id);
            id.filter(is_seated).map(|id| (id, *position)).ok_or(Refusal::UNKNOWN_MEMBER)
        };
        let mut requested: Vec<(MemberId, Position)> = Vec::with_capacity(positions.len());
        for requested_position in positions.iter().map(resolve) {
            let (id, position) = requested_position?;
            requested.retain(|(known, _)| *known != id);
            requested.push((id, position));
        }
        Ok(requested)
    }

    pub(super) fn announce_moves(&mut self, moved: &[MemberId]) {
        for id in moved {
            let listed = self.member(*id).filter(|m| m.is_listed());
            if let Some(member) = listed.map(|m| self.member_view(m)) {
                let updated = vec!["requested_position"];
                self.tell_and_keep(Event::MemberUpdated { member, updated });
            }
        }
    }

    /// Seats everybody anew and shows the plan; answers whether it differs from the last one.
    pub(super) fn arrange(&mut self) -> bool {
        let plan = self.seat_everybody();
        if plan == *self.plan {
            return false;
        }
        self.plan = Arc::new(plan);
        self.put(crate::output::Output::Show(self.plan.clone()));
        true
    }

    pub(super) fn announce_layout(&mut self) {
        self.put(crate::output::Output::Record(crate::output::Record::Happened(
            Event::LayoutChanged(self.layout_view()),
        )));
        self.tell(To::Everyone, Event::LayoutChanged(self.layout_view()));
    }

    fn is_shown(&self, member: &Member) -> bool {
        member.is_listed() && !(self.hide_video_muted && member.video_muted)
    }

    fn seat_everybody(&mut self) -> CanvasPlan {
        let mut people: Vec<_> = self
            .members
            .iter()
            .filter(|m| self.is_shown(m))
            .map(|m| m.candidate(self.floor, self.settings.prioritize_handraise))
            .chain(self.playbacks.candidates())
            .collect();
        self.videochat.before_the_board(&self.members, &self.layout, &mut people);
        let hands_are_up = people.iter().any(|p| p.hand.is_some());
        let visible = people.iter().filter(|p| p.requested_position != Position::OffCanvas).count();
        let layout = catalog::resolve(&self.layout, visible);
        let seated = seats::assign(&layout, &people);
        for member in &mut self.members {
            let seat = seated.iter().position(|who| *who == Some(member.id()));
            member.seat = seat.map(|i| called(&layout, i, asks_for_one(member)));
            // While hands are up the former order is remembered, to return when they are lowered.
            if !hands_are_up {
                member.home = member.seat;
            }
        }
        for playback in self.playbacks.iter_mut() {
            let seat = seated.iter().position(|who| *who == Some(playback.id.as_member()));
            playback.seat = seat.map(|i| called(&layout, i, playback.asks_for_one()));
            if !hands_are_up {
                playback.home = playback.seat;
            }
        }
        let size = layout.size(self.settings.quality);
        let occupant = |slot: usize| seated[slot].and_then(|id| self.occupant(id));
        plan(&self.layout, &layout, size, occupant)
    }

    fn occupant(&self, id: MemberId) -> Option<Occupant> {
        let member = || {
            let member = self.member(id)?;
            Some(Occupant {
                shown: shown(member),
                name: member.name().clone(),
                asks_for_one: asks_for_one(member),
            })
        };
        let playback = || {
            let playback = self.playbacks.by_member(id)?;
            let (shown, asks_for_one) = (Shown::Playing(id), playback.asks_for_one());
            Some(Occupant { shown, name: "".into(), asks_for_one })
        };
        member().or_else(playback)
    }
}

/// The plan of a session nobody is in yet.
pub(super) fn empty_plan(name: &Arc<str>, quality: Quality) -> CanvasPlan {
    let layout = catalog::resolve(name, 0);
    plan(name, &layout, layout.size(quality), |_| None)
}

/// What a plan shows of the one in a cell.
struct Occupant {
    shown: Shown,
    name: Arc<str>,
    /// See [`called`].
    asks_for_one: bool,
}

fn plan(
    name: &Arc<str>,
    layout: &Layout,
    size: Size,
    occupant: impl Fn(usize) -> Option<Occupant>,
) -> CanvasPlan {
    let cell = |(index, slot): (usize, &catalog::Slot)| {
        let who = occupant(index);
        PlannedCell {
            reservation: called(layout, index, who.as_ref().is_some_and(|w| w.asks_for_one)),
            area: slot.cell.on(size),
            z: slot.z,
            name: who.as_ref().map_or_else(|| "".into(), |w| w.name.clone()),
            shown: who.map_or(Shown::Nothing, |w| w.shown),
        }
    };
    CanvasPlan {
        layout: name.clone(),
        size,
        cells: layout.slots.iter().enumerate().map(cell).collect(),
    }
}

/// What the place is called with this one in it: a share that asked for `reserved-1` has it, though
/// it fills the canvas (REST reference §5.3).
fn called(layout: &Layout, index: usize, asks_for_one: bool) -> Reservation {
    let place = layout.slots[index].reservation;
    let is_base = place == Reservation::FullScreen && seats::has_overlays(layout);
    if asks_for_one && is_base { Reservation::Reserved(1) } else { place }
}

fn asks_for_one(member: &Member) -> bool {
    let one = Position::At(Reservation::Reserved(1));
    member.kind() == MemberKind::Screen && member.requested_position.position() == one
}

fn shown(member: &Member) -> Shown {
    let id = member.id();
    match member.shows_camera() {
        _ if member.outage.is_reported() => Shown::Lost(id),
        true => Shown::Camera(id),
        false => Shown::MuteImage(id),
    }
}
