//! What a command must answer, reckoned from what people hold and who is there: permission before
//! existence.

use rotunda_domain::command::Target;
use rotunda_domain::permission::{Aim, Right, Verb};
use rotunda_domain::{
    Actor, Command, Grant, JoinAs, MediaKind, MemberId, MemberKind, MetaChange, RoomSettings,
};
use std::collections::{HashMap, HashSet};

/// The two things foreseen of a command.
pub struct Expected {
    pub is_permitted: bool,
    /// Whether whom it means is known to others; `None` when that does not matter.
    pub exists: Option<bool>,
}

#[derive(Default)]
pub struct Model {
    grants: HashMap<MemberId, Grant>,
    parents: HashMap<MemberId, MemberId>,
    screens: HashSet<MemberId>,
    listed: HashSet<MemberId>,
    /// Promoted and not yet back: they hold something, and may nothing.
    rising: HashSet<MemberId>,
}

impl Model {
    /// Whether somebody was admitted and not forgotten since.
    pub fn is_there(&self, id: MemberId) -> bool {
        self.grants.contains_key(&id) || self.parents.contains_key(&id)
    }

    /// Whether somebody looks on, as far as their token and later promotions say.
    pub fn looks_on(&self, id: MemberId) -> bool {
        self.rising.contains(&id)
            || self.grants.get(&id).is_some_and(|grant| grant.join_as == JoinAs::Audience)
    }

    /// Whether somebody may hear of recordings.
    pub fn may_record(&self, id: MemberId) -> bool {
        self.may(Actor::Member(id), Right::OnRoom(Verb::Recording))
    }

    /// Whether somebody may hear of streams.
    pub fn may_stream(&self, id: MemberId) -> bool {
        self.may(Actor::Member(id), Right::OnRoom(Verb::StreamStart))
    }

    pub fn done(&mut self, actor: Actor, command: &Command) {
        match (actor, command) {
            (_, Command::Admit(admission)) => {
                self.grants.insert(admission.member, admission.grant.clone());
            }
            (Actor::Member(parent), Command::AdmitChild(child)) => {
                self.parents.insert(child.member, parent);
                if child.kind == MemberKind::Screen {
                    self.screens.insert(child.member);
                }
            }
            _ => {}
        }
    }

    pub fn regrant(&mut self, id: MemberId, grant: Grant) {
        if grant.join_as == JoinAs::Member {
            self.rising.insert(id);
        }
        assert!(self.grants.insert(id, grant).is_some(), "granted to somebody not there");
    }

    pub fn joined(&mut self, id: MemberId) {
        self.rising.remove(&id);
        self.listed.insert(id);
    }

    pub fn left(&mut self, id: MemberId) {
        self.listed.remove(&id);
    }

    pub fn forget(&mut self, id: MemberId) {
        let was = self.grants.remove(&id).is_some() | self.parents.remove(&id).is_some();
        assert!(was, "{id} forgotten twice");
        self.rising.remove(&id);
        self.listed.remove(&id);
    }

    pub fn of(&self, actor: Actor, command: &Command, room: &RoomSettings) -> Option<Expected> {
        if let Some((target, verb)) = aimed(command) {
            let wanted = wanted(actor, target);
            let is_permitted = self.may(actor, Right::OnMember(verb, self.aim(actor, wanted)));
            let foreseen = self.foreseen(is_permitted || self.by_room(actor, command), wanted);
            let stays_on = foreseen.exists == Some(true)
                && wanted.is_some_and(|id| !self.screens.contains(&id))
                && switches_off(command, room);
            return Some(Expected { is_permitted: foreseen.is_permitted && !stays_on, ..foreseen });
        }
        let another = |verb| Right::OnMember(verb, Aim::Another);
        let right = match command {
            Command::SetLayout { positions, .. } if !positions.is_empty() => return None,
            Command::SetLayout { .. } => Right::OnRoom(Verb::SetLayout),
            Command::SetPositions(_) => Right::OnRoom(Verb::SetPosition),
            Command::ListLayouts => Right::OnRoom(Verb::ListAvailableLayouts),
            Command::Lock(true) => Right::OnRoom(Verb::Lock),
            Command::Lock(false) => Right::OnRoom(Verb::Unlock),
            Command::HideVideoMuted(true) => Right::OnRoom(Verb::HideVideoMuted),
            Command::HideVideoMuted(false) => Right::OnRoom(Verb::ShowVideoMuted),
            Command::PrioritizeHands(_) => Right::OnRoom(Verb::PrioritizeHandraise),
            Command::Play(play) if !play.positions.is_empty() => return None,
            Command::Play(_) | Command::ListPlaybacks => Right::OnRoom(Verb::Playback),
            Command::ChangeMeta(_) => Right::OnRoom(Verb::SetMeta),
            Command::RemoveAll | Command::Remove { .. } => another(Verb::Remove),
            Command::Promote(..) => another(Verb::Promote),
            Command::Demote(..) => another(Verb::Demote),
            _ => return None,
        };
        Some(Expected { is_permitted: self.may(actor, right), exists: None })
    }

    fn foreseen(&self, is_permitted: bool, wanted: Option<MemberId>) -> Expected {
        let exists = wanted.is_some_and(|id| self.listed.contains(&id));
        Expected { is_permitted, exists: Some(exists) }
    }

    /// The room's right to meta reaches members' too, except to replace it.
    fn by_room(&self, actor: Actor, command: &Command) -> bool {
        let Command::ChangeMemberMeta(_, change) = command else { return false };
        !matches!(change, MetaChange::Set(_)) && self.may(actor, Right::OnRoom(Verb::SetMeta))
    }

    fn aim(&self, actor: Actor, wanted: Option<MemberId>) -> Aim {
        let (Actor::Member(caller), Some(wanted)) = (actor, wanted) else { return Aim::Another };
        let is_own = caller == wanted || self.parents.get(&wanted) == Some(&caller);
        if is_own { Aim::Oneself } else { Aim::Another }
    }

    fn may(&self, actor: Actor, right: Right) -> bool {
        let Actor::Member(id) = actor else { return true };
        // Who is not here yet may nothing.
        let is_here = self.listed.contains(&id) && !self.looks_on(id);
        let grant = self.grants.get(&id).filter(|_| is_here);
        grant.is_some_and(|grant| grant.permissions.allow(right))
    }
}

fn wanted(actor: Actor, target: Target) -> Option<MemberId> {
    match (actor, target) {
        (Actor::Member(id), Target::Oneself) => Some(id),
        (_, Target::Member(id)) => Some(id),
        _ => None,
    }
}

/// Whether the command would switch off what the room's mode keeps on.
fn switches_off(command: &Command, room: &RoomSettings) -> bool {
    match command {
        Command::Mute { kind: MediaKind::Audio, muted, .. } => *muted && room.silent_mode,
        Command::Mute { kind: MediaKind::Video, muted, .. } => *muted && room.blind_mode,
        Command::SetLevel(_, level, value) => {
            let is_off = i32::try_from(*value).is_ok_and(|value| level.is_off_at(value));
            is_off && room.silent_mode
        }
        _ => false,
    }
}

/// Commands that mean one member whom others know of.
fn aimed(command: &Command) -> Option<(Target, Verb)> {
    Some(match command {
        Command::Mute { target, kind, muted } => {
            let verb = match (kind, muted) {
                (MediaKind::Audio, true) => Verb::AudioMute,
                (MediaKind::Audio, false) => Verb::AudioUnmute,
                (MediaKind::Video, true) => Verb::VideoMute,
                (MediaKind::Video, false) => Verb::VideoUnmute,
            };
            (*target, verb)
        }
        Command::Deafen(target, deaf) => (*target, if *deaf { Verb::Deaf } else { Verb::Undeaf }),
        Command::SetLevel(target, level, _) => (*target, level.facts().0),
        Command::SetMemberPosition(target, _) => (*target, Verb::SetPosition),
        Command::RaiseHand(target, up) => {
            (*target, if *up { Verb::RaiseHand } else { Verb::LowerHand })
        }
        Command::ChangeMemberMeta(target, _) => (*target, Verb::SetMeta),
        _ => return None,
    })
}
