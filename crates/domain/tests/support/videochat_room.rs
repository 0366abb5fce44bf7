//! A session in which people take seats by the tokens of the videochat, with short questions.

#[path = "videochat_media.rs"]
mod media;
#[path = "videochat_views.rs"]
mod views;

use crate::fixtures::{grant, member, now, origin};
use rotunda_domain::command::Target;
use rotunda_domain::event::MemberKind;
use rotunda_domain::videochat::{
    Caller, IdentityView, LiveStreamRequest, Notification, NotificationKind, Notify, RankChange,
    Recipients, RoomRight, SeatRequest, VideochatCommand, VideochatReply, VideochatSettings,
    VideochatView,
};
use rotunda_domain::{
    Actor, Admission, Brings, CanvasPlan, ChildAdmission, Command, Event, Grant, Identity, JoinAs,
    LegId, LegKey, MemberId, Outcome, Output, Play, PlaybackControl, PlaybackId, Refusal, Reply,
    RoomSettings, RoomStream, RoomStreamId, Session, SessionOptions, StreamId, StreamTarget,
};
use std::collections::HashMap;
use std::sync::Arc;

/// What people say.
pub enum Say<'a> {
    Change(&'a str, RankChange),
    Ask,
    Decline(&'a str),
    StopShare,
    StopShareOf(&'a str),
    StartLive(&'a str),
    StopLive,
    Connected(MemberId),
    Disconnected(MemberId),
    Lost(MemberId),
}

/// A notice, with who manages the room.
pub struct Heard {
    pub kind: NotificationKind,
    pub notify: Notify,
    recipients: Recipients,
    managers: Vec<String>,
}

impl Heard {
    pub fn heard_by(&self, names: &[&str]) -> String {
        let hears =
            |name: &&&str| self.recipients.includes(name, self.managers.iter().any(|m| m == *name));
        names.iter().filter(hears).copied().collect::<Vec<_>>().join(" ")
    }
}

pub struct VideochatRoom {
    session: Session,
    pub options: SessionOptions,
    settings: VideochatSettings,
    ms: u64,
    legs: u64,
    rights: HashMap<String, RoomRight>,
    seats: Vec<(String, MemberId)>,
    notices: Vec<Notification>,
    room_stream: Vec<String>,
    gone: Vec<String>,
    plan: Option<Arc<CanvasPlan>>,
    folded: HashMap<String, std::collections::BTreeMap<MemberId, IdentityView>>,
    voice_reported: Vec<String>,
}

impl VideochatRoom {
    pub fn new() -> Self {
        Self::with(VideochatSettings::default())
    }

    pub fn with(settings: VideochatSettings) -> Self {
        let options = SessionOptions::default();
        let session = Session::open(now(0), origin(), RoomSettings::named("lab"), options);
        let mut hall = Self {
            session,
            options,
            settings,
            ms: 0,
            legs: 0,
            rights: HashMap::new(),
            seats: Vec::new(),
            notices: Vec::new(),
            room_stream: Vec::new(),
            gone: Vec::new(),
            plan: None,
            folded: HashMap::new(),
            voice_reported: Vec::new(),
        };
        hall.reopen();
        hall
    }

    /// Begins anew with the options as they are now.
    pub fn reopen(&mut self) {
        self.session = Session::open(now(0), origin(), RoomSettings::named("lab"), self.options);
        self.session.set_videochat(self.settings);
        self.drain();
    }

    pub fn is_over(&self) -> bool {
        self.session.is_over()
    }

    pub fn wait(&mut self, ms: u64) {
        self.ms += ms;
        self.session.handle_timeout(now(self.ms));
        self.drain();
    }

    fn caller(&self, name: &str) -> Caller {
        let right = self.rights.get(name).copied().unwrap_or(RoomRight::Contribute);
        Caller { user: name.into(), right }
    }

    fn handle(&mut self, actor: Actor, command: Command) -> Result<Reply, Refusal> {
        let answer = self.session.handle(now(self.ms), actor, command);
        self.drain();
        answer
    }

    fn ask(&mut self, name: &str, command: VideochatCommand) -> Result<VideochatReply, Refusal> {
        let caller = self.caller(name);
        match self.handle(Actor::Project, Command::Videochat(caller, command))? {
            Reply::Videochat(reply) => Ok(reply),
            other => panic!("{other:?}"),
        }
    }

    pub fn say(&mut self, name: &str, say: Say<'_>) -> Result<(), Refusal> {
        let command = match say {
            Say::Change(whom, change) => {
                if change.voice == Some(true) {
                    self.voice_reported.push(whom.into());
                }
                VideochatCommand::ChangeParticipant(whom.into(), change)
            }
            Say::Ask => VideochatCommand::AskVoice,
            Say::Decline(whom) => VideochatCommand::DeclineVoice(whom.into()),
            Say::StopShare => VideochatCommand::StopShare(None),
            Say::StopShareOf(whom) => VideochatCommand::StopShare(Some(self.id(whom))),
            Say::StartLive(target) => {
                self.legs += 1;
                VideochatCommand::StartLiveStream(LiveStreamRequest {
                    stream: StreamId(uuid::Uuid::from_u128(self.legs.into())),
                    target: StreamTarget::parse(target),
                    playback: Some("https://a.test/see".into()),
                })
            }
            Say::StopLive => VideochatCommand::StopLiveStream,
            Say::Connected(seat) => VideochatCommand::Connected(seat),
            Say::Disconnected(seat) => VideochatCommand::Disconnected(seat),
            Say::Lost(seat) => VideochatCommand::Lost(seat),
        };
        self.ask(name, command).map(drop)
    }

    pub fn ok(&mut self, name: &str, say: Say<'_>) {
        self.say(name, say).expect("permitted");
    }

    pub fn set(&mut self, change: impl FnOnce(&mut VideochatSettings)) {
        change(&mut self.settings);
        let caller = Caller { user: "the application".into(), right: RoomRight::Manage };
        let command = VideochatCommand::Apply(self.settings);
        self.handle(Actor::Project, Command::Videochat(caller, command)).expect("permitted");
    }

    fn reserve_seat(&mut self, name: &str, watches: bool) -> Result<IdentityView, Refusal> {
        let id = member(self.seats.len() + 1);
        let request = SeatRequest { id, name: name.into(), watches, is_back: false };
        match self.ask(name, VideochatCommand::Reserve(request))? {
            VideochatReply::Seat(seat) => {
                self.seats.push((name.into(), id));
                Ok(seat.identity)
            }
            other => panic!("{other:?}"),
        }
    }

    pub fn reserve(&mut self, name: &str, right: RoomRight) -> Result<MemberId, Refusal> {
        self.rights.insert(name.into(), right);
        self.reserve_seat(name, false).map(|seat| seat.id)
    }

    pub fn come(&mut self, name: &str) -> JoinAs {
        self.come_with(name, RoomRight::Contribute)
    }

    pub fn come_all(&mut self, names: &[&str]) {
        for name in names {
            self.come(name);
        }
    }

    /// Takes a seat with a fresh token; answers as what.
    pub fn come_with(&mut self, name: &str, right: RoomRight) -> JoinAs {
        self.rights.insert(name.into(), right);
        let seat = self.reserve_seat(name, false).expect("there is room");
        let join_as = if seat.speaks { JoinAs::Member } else { JoinAs::Audience };
        self.admit(seat.id, name, join_as).expect("the token is fresh");
        self.session.handle_outcome(now(self.ms), Outcome::Connected(LegKey(self.legs)));
        self.drain();
        join_as
    }

    pub fn watch(&mut self, name: &str) -> Result<(), Refusal> {
        self.rights.insert(name.into(), RoomRight::View);
        let id = self.reserve_seat(name, true)?.id;
        self.admit(id, name, JoinAs::Audience)?;
        self.session.handle_outcome(now(self.ms), Outcome::Connected(LegKey(self.legs)));
        self.drain();
        Ok(())
    }

    pub fn come_by_room_token(&mut self, name: &str, join_as: JoinAs) {
        let id = member(self.seats.len() + 1);
        self.seats.push((name.into(), id));
        self.enter(id, Grant { join_as, ..grant(name) }).expect("there is room");
        self.session.handle_outcome(now(self.ms), Outcome::Connected(LegKey(self.legs)));
        self.drain();
    }

    pub fn admit(&mut self, id: MemberId, name: &str, join_as: JoinAs) -> Result<(), Refusal> {
        let right = self.rights.get(name).copied().unwrap_or(RoomRight::Comment);
        let caller = Caller { user: name.into(), right };
        let identity = Some(Identity { seat: id, caller, watches: false });
        self.enter(id, Grant { join_as, identity, ..grant(name) })
    }

    pub fn admit_again(&mut self, name: &str) -> Result<(), Refusal> {
        let id = self.id(name);
        self.admit(id, name, JoinAs::Member)
    }

    fn enter(&mut self, id: MemberId, grant: Grant) -> Result<(), Refusal> {
        self.legs += 1;
        let admission = Admission {
            member: id,
            leg: LegKey(self.legs),
            call_id: LegId("call".into()),
            grant,
            wants_roster: false,
            can_return: true,
        };
        self.handle(Actor::Project, Command::Admit(Box::new(admission))).map(drop)
    }

    /// Comes back on a new leg, as a client does whose standing changed.
    pub fn come_up(&mut self, name: &str) {
        self.legs += 1;
        let leg = LegKey(self.legs);
        let command =
            Command::Reattach { leg, call_id: LegId("again".into()), wants_roster: false };
        let id = self.id(name);
        self.handle(Actor::Member(id), command).expect("here");
        self.session.handle_outcome(now(self.ms), Outcome::Connected(leg));
        self.drain();
    }

    pub fn promote(&mut self, name: &str) {
        let target = Target::Member(self.id(name));
        let command = Command::Promote(target, Box::default());
        self.handle(Actor::Project, command).expect("here");
    }

    pub fn demote(&mut self, name: &str) -> Result<(), Refusal> {
        let target = Target::Member(self.id(name));
        self.handle(Actor::Project, Command::Demote(target, None)).map(drop)
    }

    pub fn leave(&mut self, name: &str) {
        let target = Target::Member(self.id(name));
        self.handle(Actor::Project, Command::Remove { target, keep_out: false }).expect("here");
    }

    /// Somebody who manages the room and has no seat.
    pub fn manages(&mut self, name: &str) {
        self.rights.insert(name.into(), RoomRight::Manage);
    }

    /// As [`Hall::come_with`], where there may be no room.
    pub fn try_come(&mut self, name: &str, right: RoomRight) -> Result<(), Refusal> {
        self.rights.insert(name.into(), right);
        let before = self.all();
        let seat = match self.reserve_seat(name, false) {
            Ok(seat) => seat,
            Err(refusal) => {
                assert_eq!(self.all(), before, "a refused seat changed something");
                return Err(refusal);
            }
        };
        assert!(before.limit == 0 || before.counter < before.limit, "a seat above the limit");
        let join_as = if seat.speaks { JoinAs::Member } else { JoinAs::Audience };
        self.admit(seat.id, name, join_as)?;
        self.session.handle_outcome(now(self.ms), Outcome::Connected(LegKey(self.legs)));
        self.drain();
        Ok(())
    }

    /// Lets everybody whose standing changed come back on a new leg.
    pub fn all_come_up(&mut self) {
        while let Some(line) = self.room_stream.pop() {
            let name = line.split(' ').next().expect("a name").to_owned();
            if self.is_here(&name) {
                self.come_up(&name);
            }
        }
    }

    fn drain(&mut self) {
        while let Some(output) = self.session.poll_output() {
            match output {
                Output::Notify(notification) => self.notices.push(*notification),
                Output::Show(plan) => self.plan = Some(plan),
                Output::Forget(id) => {
                    let name = self.name(id);
                    self.gone.push(name);
                }
                Output::Send(_, Event::RoleChanged { member, promoted, .. }) => {
                    let how = if promoted { "speaks" } else { "is silent" };
                    let line = format!("{} {how}", self.name(member));
                    self.room_stream.push(line);
                }
                _ => {}
            }
        }
    }
}
