//! Random commands and outcomes, by people who may or may not be there.

use crate::dice::Dice;
use crate::fixtures;
use rotunda_domain::command::Target;
use rotunda_domain::layout::catalog;
use rotunda_domain::{
    Actor, Admission, Command, Grant, JoinAs, LegId, LegKey, MediaKind, MemberId, Outcome,
    Permissions, Position, Reservation, RoomSettings, Window,
};

/// How many different people there are; more than some rooms take, so that limits are met.
pub const PEOPLE: usize = 12;

/// What happens next.
#[derive(Clone, Debug)]
pub enum Step {
    Ask(Actor, Command),
    Happen(Outcome),
    Wait(u64),
}

const RIGHTS: [&str; 10] = [
    "room.self.audio_mute",
    "room.self.audio_unmute",
    "room.self.video_mute",
    "room.self.video_unmute",
    "room.member.audio_mute",
    "room.member.audio_unmute",
    "room.member.video_mute",
    "room.list_available_layouts",
    "room.set_layout",
    "room.set_position",
];

/// Small layouts, large ones, and those with special places.
const LAYOUTS: [&str; 8] = [
    "grid-responsive",
    "highlight-1-responsive",
    "2x1",
    "2x2",
    "1x1",
    "screen-share",
    "presenter-dual-horizontal",
    "full-screen",
];

/// Draws steps; remembers only which legs and ids it gave out.
pub struct Chance {
    pub dice: Dice,
    legs: u64,
    last_leg: [u64; PEOPLE],
    /// How often each person was admitted: one who comes again is somebody new.
    lives: [usize; PEOPLE],
}

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), legs: 0, last_leg: [0; PEOPLE], lives: [0; PEOPLE] }
    }

    pub fn room(&mut self) -> RoomSettings {
        let mut room = RoomSettings::named("lab");
        room.max_members = 1 + self.dice.below(10) as u32;
        room.layout = (*self.dice.pick(&LAYOUTS)).into();
        room.room_join_video_off = self.dice.once_in(6);
        room.user_join_video_off = self.dice.once_in(6);
        room.window = self.window();
        room
    }

    /// The next step; `is_there` says who was admitted and not forgotten.
    pub fn step(&mut self, is_there: impl Fn(MemberId) -> bool) -> Step {
        let person = self.dice.below(PEOPLE);
        let id = self.id(person);
        if self.dice.once_in(4) && !is_there(id) {
            return self.admit(person);
        }
        let leg = self.leg(person);
        match self.dice.below(52) {
            0..=9 => Step::Happen(Outcome::Connected(leg)),
            10 => Step::Happen(Outcome::NeverConnected(leg)),
            11 => Step::Happen(Outcome::MediaLost(leg)),
            12 => Step::Happen(Outcome::SocketGone(id)),
            13..=14 => Step::Happen(Outcome::SocketBack(id)),
            15..=22 => Step::Happen(Outcome::Talking(id, self.dice.once_in(2))),
            23 => Step::Happen(Outcome::Missed(id)),
            24..=27 => self.come_back(person),
            28..=31 => Step::Wait(self.dice.below(6_000) as u64),
            32..=39 => self.mute(id),
            40..=46 => self.set_layout(id),
            47..=50 => Step::Ask(self.actor(id), self.plain(leg)),
            _ => self.rare(id),
        }
    }

    fn id(&self, person: usize) -> MemberId {
        fixtures::member(person + PEOPLE * self.lives[person])
    }

    /// Somebody's leg: nearly always their last one.
    fn leg(&mut self, person: usize) -> LegKey {
        if self.dice.once_in(10) {
            return LegKey(self.dice.below(self.legs as usize + 2) as u64);
        }
        LegKey(self.last_leg[person])
    }

    fn new_leg(&mut self, person: usize) -> (LegKey, LegId) {
        self.legs += 1;
        self.last_leg[person] = self.legs;
        (LegKey(self.legs), LegId(format!("call-{}", self.legs)))
    }

    fn actor(&mut self, id: MemberId) -> Actor {
        if self.dice.once_in(6) { Actor::Project } else { Actor::Member(id) }
    }

    fn window(&mut self) -> Window {
        let mut at = || {
            let far = i64::from(u32::try_from(self.dice.below(120)).expect("small"));
            self.dice.once_in(12).then_some(fixtures::OPENED_S + far)
        };
        let (join_from, join_until, remove_at) = (at(), at(), at());
        let remove_after_s = self.dice.once_in(16).then_some(1 + self.dice.below(60) as u32);
        Window { join_from, join_until, remove_at, remove_after_s }
    }

    fn grant(&mut self) -> Grant {
        let mut grant = fixtures::grant("somebody");
        let rights = RIGHTS.iter().filter(|_| self.dice.once_in(2)).map(|r| (*r).to_owned());
        grant.permissions = Permissions::from_list(rights.collect());
        if self.dice.once_in(3) {
            grant.join_as = JoinAs::Audience;
        }
        grant.join_audio_muted = self.dice.once_in(5);
        grant.join_video_muted = self.dice.once_in(5);
        grant.end_room_session_on_leave = self.dice.once_in(60);
        grant.window = self.window();
        grant
    }

    fn admit(&mut self, person: usize) -> Step {
        self.lives[person] += 1;
        let (leg, call_id) = self.new_leg(person);
        let (member, grant) = (self.id(person), self.grant());
        let wants_roster = self.dice.once_in(2);
        let admission = Admission { member, leg, call_id, grant, wants_roster };
        Step::Ask(Actor::Member(member), Command::Admit(Box::new(admission)))
    }

    fn come_back(&mut self, person: usize) -> Step {
        let (leg, call_id) = self.new_leg(person);
        let wants_roster = self.dice.once_in(2);
        let actor = self.actor(self.id(person));
        Step::Ask(actor, Command::Return { leg, call_id, wants_roster })
    }

    fn target(&mut self) -> Target {
        match self.dice.below(8) {
            0 => Target::Nobody,
            1 => Target::Member(fixtures::member(9_999)),
            2 | 3 => Target::Oneself,
            _ => {
                let person = self.dice.below(PEOPLE);
                Target::Member(self.id(person))
            }
        }
    }

    fn mute(&mut self, id: MemberId) -> Step {
        let kind = *self.dice.pick(&[MediaKind::Audio, MediaKind::Video]);
        let (target, muted) = (self.target(), self.dice.once_in(2));
        Step::Ask(self.actor(id), Command::Mute { target, kind, muted })
    }

    fn set_layout(&mut self, id: MemberId) -> Step {
        let names = if self.dice.once_in(2) { &LAYOUTS[..] } else { &catalog::NAMES[..] };
        let name = if self.dice.once_in(12) { "7x7" } else { *self.dice.pick(names) };
        let positions = (0..self.dice.below(4)).map(|_| (self.target(), self.position())).collect();
        Step::Ask(self.actor(id), Command::SetLayout { name: name.into(), positions })
    }

    fn position(&mut self) -> Position {
        let n = 1 + self.dice.below(5) as u32;
        match self.dice.below(5) {
            0 => Position::OffCanvas,
            1 => Position::At(Reservation::Reserved(n)),
            2 => Position::At(Reservation::Standard(n)),
            _ => Position::Auto,
        }
    }

    fn plain(&mut self, leg: LegKey) -> Command {
        match self.dice.below(4) {
            0 => Command::HangUp(leg),
            1 => Command::GetMembers,
            _ => Command::ListLayouts,
        }
    }

    fn rare(&mut self, id: MemberId) -> Step {
        let room = Box::new(self.room());
        let command = if self.dice.once_in(8) { Command::End } else { Command::ApplyRoom(room) };
        Step::Ask(self.actor(id), command)
    }
}
