//! Random commands and outcomes, by people who may or may not be there.

use crate::dice::Dice;
use crate::fixtures;
use rotunda_domain::command::Target;
use rotunda_domain::layout::catalog;
use rotunda_domain::line::Way;
use rotunda_domain::{
    Actor, Admission, Brings, ChatAccess, ChildAdmission, Command, Grant, JoinAs, LegId, LegKey,
    LineLevel, LineQuality, MediaKind, MemberId, MemberKind, Outcome, PictureSize, PlaybackFault,
    PlaybackId, PlaybackOutcome, Position, Reservation, RoomSettings, Window,
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
pub struct CommandGen {
    pub dice: Dice,
    legs: u64,
    last_leg: [u64; PEOPLE],
    /// The leg before it, which may still be there after a change of standing.
    leg_before: [u64; PEOPLE],
    present: Vec<usize>,
    /// Children, each with its leg.
    pub(crate) children: Vec<(MemberId, LegKey)>,
    /// How often each person was admitted: one who comes again is somebody new.
    lives: [usize; PEOPLE],
    /// Recordings asked for so far.
    pub(crate) recordings: u128,
    pub(crate) playbacks: usize,
    /// Streams asked for so far.
    pub(crate) streams: u128,
}

impl CommandGen {
    pub fn new(seed: u64) -> Self {
        Self {
            dice: Dice::new(seed),
            legs: 0,
            last_leg: [0; PEOPLE],
            leg_before: [0; PEOPLE],
            present: Vec::new(),
            children: Vec::new(),
            lives: [0; PEOPLE],
            recordings: 0,
            playbacks: 0,
            streams: 0,
        }
    }

    pub fn room(&mut self) -> RoomSettings {
        let mut room = RoomSettings::named("lab");
        room.max_members = 1 + self.dice.below(12) as u32;
        room.layout = (*self.dice.pick(&LAYOUTS)).into();
        room.room_join_video_off = self.dice.once_in(6);
        room.user_join_video_off = self.dice.once_in(6);
        room.blind_mode = self.dice.once_in(6);
        room.silent_mode = self.dice.once_in(6);
        room.meeting_mode = self.dice.once_in(4);
        room.enable_chat =
            *self.dice.pick(&[ChatAccess::Off, ChatAccess::Members, ChatAccess::All]);
        room.tone_on_entry_and_exit = !self.dice.once_in(4);
        room.prioritize_handraise = self.dice.once_in(3);
        room.window = self.window();
        room
    }

    /// The next step; `is_there` says who was admitted and not forgotten, and mostly they act.
    pub fn step(&mut self, is_there: impl Fn(MemberId) -> bool) -> Step {
        self.present = (0..PEOPLE).filter(|n| is_there(self.id(*n))).collect();
        self.children.retain(|(id, _)| is_there(*id));
        let person = self.somebody();
        let id = self.id(person);
        if !is_there(id) && !self.dice.once_in(4) {
            return self.admit(person);
        }
        let leg = self.leg(person);
        match self.dice.below(120) {
            116..=117 => Step::Happen(Outcome::MediaStalled(self.some_leg(leg))),
            118.. => Step::Happen(Outcome::MediaBack(self.some_leg(leg))),
            110.. => Step::Happen(Outcome::Connected(leg)),
            0..=8 => Step::Happen(Outcome::Connected(leg)),
            9 => self.line(leg),
            10 => Step::Happen(Outcome::NeverConnected(leg)),
            11 => Step::Happen(Outcome::MediaLost(self.some_leg(leg))),
            12 => Step::Happen(Outcome::SocketGone(id)),
            13..=14 => Step::Happen(Outcome::SocketBack(id)),
            15..=22 => {
                let who = self.anybody(id);
                Step::Happen(Outcome::Talking(who, self.dice.once_in(2)))
            }
            23 if self.playbacks > 0 => Step::Happen(self.playback_news()),
            23 => Step::Happen(Outcome::Missed(id)),
            24..=29 => self.come_back(person),
            30..=33 => Step::Wait(self.dice.below(6_000) as u64),
            34..=41 => self.mute(id),
            42..=47 => self.set_layout(id),
            48..=51 => Step::Ask(self.actor(id), self.plain(leg)),
            52..=58 => self.child(id),
            59..=65 => match self.children.len() {
                0 => Step::Wait(0),
                n => Step::Happen(Outcome::Connected(self.children[n - 1].1)),
            },
            66..=108 => {
                let command = self.command(leg);
                Step::Ask(self.actor(id), command)
            }
            _ => self.rare(id),
        }
    }

    /// A reading of a line.
    fn line(&mut self, leg: LegKey) -> Step {
        let level = [LineLevel::Poor, LineLevel::Good][self.dice.below(2)];
        let quality = LineQuality {
            level,
            picture: PictureSize::Full,
            is_over_tcp: false,
            round_trip_ms: None,
            down: Way::default(),
            up: Way::default(),
        };
        Step::Happen(Outcome::Line(self.some_leg(leg), quality))
    }

    /// A leg, or now and then a child's.
    fn some_leg(&mut self, leg: LegKey) -> LegKey {
        if self.children.is_empty() || self.dice.once_in(2) {
            return leg;
        }
        self.dice.pick(&self.children).1
    }

    /// The newest playback, or one of the few before it.
    pub(crate) fn last_playback(&mut self) -> PlaybackId {
        let back = if self.dice.once_in(2) { 0 } else { self.dice.below(3) };
        PlaybackId(fixtures::member(200_000 + self.playbacks.saturating_sub(back)).0)
    }

    fn playback_news(&mut self) -> Outcome {
        let live = self.dice.once_in(3);
        let opened =
            PlaybackOutcome::Opened { seekable: !live, duration_ms: (!live).then_some(60_000) };
        let all = [opened, opened, PlaybackOutcome::Runs(0), PlaybackOutcome::Waits(900)];
        let over = PlaybackOutcome::Over(live.then_some(PlaybackFault::Lost));
        let news = if self.dice.once_in(4) { over } else { *self.dice.pick(&all) };
        Outcome::Playback(self.last_playback(), news)
    }

    pub(crate) fn layout_name(&mut self) -> String {
        (*self.dice.pick(&LAYOUTS)).to_owned()
    }

    fn anybody(&mut self, id: MemberId) -> MemberId {
        if self.children.is_empty() || self.dice.once_in(2) {
            return id;
        }
        self.dice.pick(&self.children).0
    }

    /// The child's id is what it will be if it is admitted.
    fn child(&mut self, parent: MemberId) -> Step {
        self.legs += 1;
        let (leg, call_id) = (LegKey(self.legs), LegId(format!("call-{}", self.legs)));
        let member = fixtures::member(100_000 + self.legs as usize);
        self.children.push((member, leg));
        let kind = *self.dice.pick(&[MemberKind::Screen, MemberKind::Screen, MemberKind::Device]);
        let layout = self.dice.once_in(2).then(|| (*self.dice.pick(&LAYOUTS)).to_owned());
        let positions = (0..self.dice.below(3)).map(|_| (self.target(), self.position())).collect();
        let brings = Ok(Brings { layout, positions });
        let child = ChildAdmission { member, leg, call_id, kind, brings };
        Step::Ask(self.actor(parent), Command::AdmitChild(Box::new(child)))
    }

    /// Mostly one of those who are there.
    fn somebody(&mut self) -> usize {
        if self.present.is_empty() || self.dice.once_in(5) {
            return self.dice.below(PEOPLE);
        }
        *self.dice.pick(&self.present)
    }

    fn id(&self, person: usize) -> MemberId {
        fixtures::member(person + PEOPLE * self.lives[person])
    }

    /// Somebody's leg: nearly always their last one.
    fn leg(&mut self, person: usize) -> LegKey {
        if self.dice.once_in(8) {
            return LegKey(self.leg_before[person]);
        }
        if let Some(child) = self.children.last()
            && self.dice.once_in(8)
        {
            return child.1;
        }
        if self.dice.once_in(10) {
            return LegKey(self.dice.below(self.legs as usize + 2) as u64);
        }
        LegKey(self.last_leg[person])
    }

    fn new_leg(&mut self, person: usize) -> (LegKey, LegId) {
        self.legs += 1;
        self.leg_before[person] = std::mem::replace(&mut self.last_leg[person], self.legs);
        (LegKey(self.legs), LegId(format!("call-{}", self.legs)))
    }

    fn actor(&mut self, id: MemberId) -> Actor {
        if self.dice.once_in(6) { Actor::Project } else { Actor::Member(id) }
    }

    fn window(&mut self) -> Window {
        let mut at = || {
            let far = i64::from(u32::try_from(self.dice.below(120)).expect("small"));
            self.dice.once_in(20).then_some(fixtures::OPENED_S + far)
        };
        let (join_from, join_until, remove_at) = (at(), at(), at());
        let remove_after_s = self.dice.once_in(16).then_some(1 + self.dice.below(60) as u32);
        Window { join_from, join_until, remove_at, remove_after_s }
    }

    fn grant(&mut self) -> Grant {
        let mut grant = fixtures::grant("somebody");
        grant.permissions = self.permissions();
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
        let admission = Admission { member, leg, call_id, grant, wants_roster, can_return: true };
        Step::Ask(Actor::Member(member), Command::Admit(Box::new(admission)))
    }

    fn come_back(&mut self, person: usize) -> Step {
        let (leg, call_id) = self.new_leg(person);
        let wants_roster = self.dice.once_in(2);
        let actor = self.actor(self.id(person));
        Step::Ask(actor, Command::Reattach { leg, call_id, wants_roster })
    }

    pub(crate) fn target(&mut self) -> Target {
        match self.dice.below(10) {
            0 => Target::Nobody,
            1 => Target::Member(fixtures::member(9_999)),
            2 | 3 => Target::Oneself,
            4 if !self.children.is_empty() => Target::Member(self.dice.pick(&self.children).0),
            _ => {
                let person = self.somebody();
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

    pub(crate) fn position(&mut self) -> Position {
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
