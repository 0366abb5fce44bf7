//! Layout, seats and the plan that follows from them.

use super::Session;
use super::member::Member;
use crate::command::{Actor, Reply, Target};
use crate::event::{Event, MemberKind, To};
use crate::id::MemberId;
use crate::layout::plan::{CanvasPlan, PlannedCell, Shown};
use crate::layout::{Layout, Position, Reservation, catalog, seats};
use crate::permission::Right;
use crate::refusal::Refusal;
use std::sync::Arc;

impl Session {
    /// Changes the layout and positions in one step, or nothing at all.
    pub(super) fn set_layout(
        &mut self,
        actor: Actor,
        name: &str,
        positions: &[(Target, Position)],
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnRoom("set_layout"))?;
        if !positions.is_empty() {
            self.require(actor, Right::OnRoom("set_position"))?;
        }
        if !catalog::exists(name) {
            let known = catalog::NAMES.join(", ");
            return Err(Refusal::invalid(format!("unknown layout; known ones are: {known}")));
        }
        let wishes = self.resolve_positions(actor, positions)?;
        let renamed = *self.layout != *name;
        self.layout = name.into();
        // Somebody set a layout: the one before the guests came is not to return by itself.
        self.brought = None;
        let moved = self.wish(wishes);
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
            id.filter(|id| self.member(*id).is_some_and(Member::is_listed))
                .map(|id| (id, *position))
                .ok_or(Refusal::UNKNOWN_MEMBER)
        };
        let mut wishes: Vec<(MemberId, Position)> = Vec::with_capacity(positions.len());
        for wish in positions.iter().map(resolve) {
            let (id, position) = wish?;
            wishes.retain(|(known, _)| *known != id);
            wishes.push((id, position));
        }
        Ok(wishes)
    }

    pub(super) fn announce_moves(&mut self, moved: &[MemberId]) {
        for id in moved {
            if let Some(member) = self.member(*id).map(|m| self.see(m)) {
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
        self.put(crate::output::Output::Keep(crate::output::Record::Happened(
            Event::LayoutChanged(self.layout_view()),
        )));
        self.tell(To::Everyone, Event::LayoutChanged(self.layout_view()));
    }

    fn is_shown(&self, member: &Member) -> bool {
        member.is_listed() && !(self.hide_video_muted && member.video_muted)
    }

    fn seat_everybody(&mut self) -> CanvasPlan {
        let people: Vec<_> = self
            .members
            .iter()
            .filter(|m| self.is_shown(m))
            .map(|m| m.candidate(self.floor, self.settings.prioritize_handraise))
            .collect();
        let hands_are_up = people.iter().any(|p| p.hand.is_some());
        let visible = people.iter().filter(|p| p.wish != Position::OffCanvas).count();
        let layout = catalog::resolve(&self.layout, visible);
        let seated = seats::assign(&layout, &people);
        for member in &mut self.members {
            let seat = seated.iter().position(|who| *who == Some(member.id()));
            member.seat = seat.map(|i| called(&layout, i, Some(member)));
            // While hands are up the former order is remembered, to return when they are lowered.
            if !hands_are_up {
                member.home = member.seat;
            }
        }
        plan(&self.layout, &layout, |slot| seated[slot].and_then(|id| self.member(id)))
    }
}

/// The plan of a session nobody is in yet.
pub(super) fn empty_plan(name: &Arc<str>) -> CanvasPlan {
    plan(name, &catalog::resolve(name, 0), |_| None)
}

fn plan<'a>(
    name: &Arc<str>,
    layout: &Layout,
    occupant: impl Fn(usize) -> Option<&'a Member>,
) -> CanvasPlan {
    let cell = |(index, slot): (usize, &catalog::Slot)| {
        let who = occupant(index);
        PlannedCell {
            reservation: called(layout, index, who),
            cell: slot.cell,
            z: slot.z,
            shown: who.map_or(Shown::Nothing, shown),
            name: who.map_or_else(|| "".into(), |m| m.name().clone()),
        }
    };
    CanvasPlan {
        layout: name.clone(),
        portrait: layout.portrait,
        cells: layout.slots.iter().enumerate().map(cell).collect(),
    }
}

/// What the place is called with this one in it: a share that asked for `reserved-1` has it, though
/// it fills the canvas (REST reference §5.3).
fn called(layout: &Layout, index: usize, who: Option<&Member>) -> Reservation {
    let place = layout.slots[index].reservation;
    let one = Reservation::Reserved(1);
    let asked = who.is_some_and(|m| m.kind() == MemberKind::Screen && m.wish == Position::At(one));
    let is_base = place == Reservation::FullScreen && seats::has_overlays(layout);
    if asked && is_base { one } else { place }
}

fn shown(member: &Member) -> Shown {
    if member.shows_camera() { Shown::Camera(member.id()) } else { Shown::MuteImage(member.id()) }
}
