//! Who may do what to whom: every command against `docs/compat/permissions.txt`, which is written
//! by hand from the documents and not from the code.

#[path = "support/fixtures.rs"]
mod fixtures;
#[path = "support/matrix.rs"]
mod matrix;

use matrix::{Line, PREFIXES, held, lines};
use rotunda_domain::chat::{Caption, ChatDraft};
use rotunda_domain::command::Target;
use rotunda_domain::videochat::{Caller, RoomRight, VideochatCommand};
use rotunda_domain::{
    Actor, Admission, Brings, ChatId, ChildAdmission, Command, JoinAs, Knock, LegId, LegKey, Level,
    LinkRequest, LinkRole, LinkTerms, MediaKind, MemberId, MemberKind, MetaChange, Outcome,
    Permissions, Play, PlaybackControl, PlaybackId, Position, RecordingChange, RecordingId,
    Refusal, RoomSettings, Session, SessionOptions, StreamId, StreamTarget, WaiterId, Waiters,
};
use serde_json::Map;
use std::collections::{HashMap, HashSet};

const CALLER: usize = 1;
const OTHER: usize = 2;
const OWN: usize = 3;
const THEIRS: usize = 4;
const NEW: usize = 5;
const NOBODY: usize = 6;

fn id(n: usize) -> MemberId {
    fixtures::member(n)
}

/// The leg and the id of the same one have the same number.
fn leg(n: usize) -> (LegKey, LegId) {
    (LegKey(n as u64), LegId(format!("call-{n}")))
}

fn admission(n: usize, permissions: &[String], join_as: JoinAs) -> Box<Admission> {
    let mut grant = fixtures::grant("somebody");
    grant.permissions = Permissions::from_list(permissions.to_vec());
    grant.join_as = join_as;
    let (leg, call_id) = leg(n);
    let member = id(n);
    Box::new(Admission { member, leg, call_id, grant, wants_roster: false, can_return: true })
}

fn child(n: usize, kind: MemberKind) -> Command {
    let (leg, call_id) = leg(n);
    let (member, brings) = (id(n), Ok(Brings::default()));
    Command::AdmitChild(Box::new(ChildAdmission { member, leg, call_id, kind, brings }))
}

/// Somebody of whom it is known that they do not wait.
fn nobody() -> Waiters {
    Waiters::These(vec![WaiterId(uuid::Uuid::nil())])
}

/// What `name` asks for, aimed at `target`, whose leg is number `n`.
fn command(name: &str, target: Target, n: usize) -> Command {
    let mute = |kind, muted| Command::Mute { target, kind, muted };
    let places = vec![(target, Position::OffCanvas)];
    let layout = |positions| Command::SetLayout { name: "2x2".into(), positions };
    let delete = MetaChange::Delete(vec!["key".into()]);
    let (set, update) = (MetaChange::Set(Map::new()), MetaChange::Update(Map::new()));
    match name {
        "video.member.audio_mute" => mute(MediaKind::Audio, true),
        "video.member.audio_unmute" => mute(MediaKind::Audio, false),
        "video.member.video_mute" => mute(MediaKind::Video, true),
        "video.member.video_unmute" => mute(MediaKind::Video, false),
        "video.member.deaf" => Command::Deafen(target, true),
        "video.member.undeaf" => Command::Deafen(target, false),
        "video.member.set_input_volume" => Command::SetLevel(target, Level::InputVolume, 1),
        "video.member.set_output_volume" => Command::SetLevel(target, Level::OutputVolume, 1),
        "video.member.set_input_sensitivity" => {
            Command::SetLevel(target, Level::InputSensitivity, 1)
        }
        "video.member.raisehand" => Command::RaiseHand(target, true),
        "video.member.lowerhand" => Command::RaiseHand(target, false),
        "video.member.set_position" => Command::SetMemberPosition(target, Position::OffCanvas),
        "video.set_position" => Command::SetPositions(places),
        "video.set_layout" => layout(Vec::new()),
        "video.set_layout:positions" => layout(places),
        "video.list_available_layouts" => Command::ListLayouts,
        "video.members.get" => Command::GetMembers,
        "video.room.get" => Command::Describe,
        "network-quality" => Command::ListLines,
        "video.lock" => Command::Lock(true),
        "video.unlock" => Command::Lock(false),
        "video.hide_video_muted" => Command::HideVideoMuted(true),
        "video.show_video_muted" => Command::HideVideoMuted(false),
        "video.prioritize_handraise" => Command::PrioritizeHands(true),
        "video.member.remove" => Command::Remove { target, keep_out: false },
        "video.member.remove:all" => Command::RemoveAll,
        "video.member.promote" => Command::Promote(target, Box::default()),
        "video.member.demote" => Command::Demote(target, None),
        "video.chat.send" => {
            let id = ChatId(uuid::Uuid::from_u128(1));
            Command::SendChat(ChatDraft { id, text: "hello".into(), to: None })
        }
        "video.chat.list" => Command::ListChat,
        "video.chat.delete" => Command::DeleteChat(None),
        "video.captions.push" => {
            let (text, lang) = ("hello".into(), "en".into());
            Command::PushCaption(Caption { text, is_final: true, lang })
        }
        "video.lobby.list" => Command::ListLobby,
        "video.lobby.admit" => Command::AnswerLobby { whom: nobody(), admits: true },
        "video.lobby.admit:all" => Command::AnswerLobby { whom: Waiters::All, admits: true },
        "video.lobby.deny" => Command::AnswerLobby { whom: nobody(), admits: false },
        "video.lobby.deny:all" => Command::AnswerLobby { whom: Waiters::All, admits: false },
        "video.links.create" => {
            let (role, expires_at, max_uses) = (LinkRole::Audience, None, None);
            let terms = LinkTerms { role, expires_at, max_uses };
            Command::Links(Some(LinkRequest::Create(terms)))
        }
        "video.links.list" => Command::Links(Some(LinkRequest::List)),
        "video.links.revoke" => Command::Links(None),
        "knock" => {
            let (id, grant) = (WaiterId(uuid::Uuid::from_u128(1)), fixtures::grant("somebody"));
            Command::Knock(Box::new(Knock { id, grant, name: None, since_ms: None }))
        }
        "let-in-again" => Command::LetInAgain("token".into()),
        "video.get_meta" => Command::GetMeta,
        "video.set_meta" => Command::ChangeMeta(set),
        "video.update_meta" => Command::ChangeMeta(update),
        "video.delete_meta" => Command::ChangeMeta(delete),
        "video.member.get_meta" => Command::GetMemberMeta(target),
        "video.member.set_meta" => Command::ChangeMemberMeta(target, set),
        "video.member.update_meta" => Command::ChangeMemberMeta(target, update),
        "video.member.delete_meta" => Command::ChangeMemberMeta(target, delete),
        "verto.info" => Command::Digits("1".into()),
        "verto.invite:screen" => child(NEW, MemberKind::Screen),
        "verto.invite:device" => child(NEW, MemberKind::Device),
        "video.playback.start" => Command::Play(Box::new(Play {
            playback: PlaybackId(uuid::Uuid::from_u128(1)),
            url: "https://films.test/film.mp4".into(),
            volume: 0,
            position_ms: 0,
            positions: Vec::new(),
            layout: None,
            hindrance: None,
        })),
        "video.playback.pause" => Command::ControlPlayback(None, PlaybackControl::Pause),
        "video.playback.resume" => Command::ControlPlayback(None, PlaybackControl::Resume),
        "video.playback.stop" => Command::ControlPlayback(None, PlaybackControl::Stop),
        "video.playback.set_volume" => Command::ControlPlayback(None, PlaybackControl::Volume(1)),
        "video.playback.seek_absolute" => {
            Command::ControlPlayback(None, PlaybackControl::SeekTo(1))
        }
        "video.playback.seek_relative" => {
            Command::ControlPlayback(None, PlaybackControl::SeekBy(1))
        }
        "video.playback.list" => Command::ListPlaybacks,
        "hang-up" => Command::HangUp(leg(n).0),
        "hold" => Command::Hold(leg(n).0, true),
        "unhold" => Command::Hold(leg(n).0, false),
        "hang-up:all" => Command::HangUpAll(leg(n).0),
        "return" => {
            let (leg, call_id) = leg(NEW);
            Command::Reattach { leg, call_id, wants_roster: false }
        }
        "admit" => Command::Admit(admission(NEW, &[], JoinAs::Member)),
        "video.recording.start" => {
            let recording = RecordingId(uuid::Uuid::from_u128(1));
            Command::StartRecording { recording, hindrance: None }
        }
        "video.recording.pause" => Command::SetRecordingState(RecordingChange::Pause, None),
        "video.recording.resume" => Command::SetRecordingState(RecordingChange::Resume, None),
        "video.recording.stop" => Command::SetRecordingState(RecordingChange::Stop, None),
        "video.recording.list" => Command::ListRecordings,
        "video.stream.start" => {
            let stream = StreamId(uuid::Uuid::from_u128(1));
            Command::StartStream { stream, target: StreamTarget::parse("rtmp://a.test/live/key") }
        }
        "video.stream.stop" => Command::StopStream(None),
        "video.stream.list" => Command::ListStreams,
        "stand" => Command::SetRoomStreams(Vec::new()),
        "apply-room" => Command::ApplyRoom(Box::new(RoomSettings::named("lab"))),
        "videochat" => {
            let caller = Caller { user: "u".into(), right: RoomRight::Manage };
            Command::Videochat(caller, VideochatCommand::View)
        }
        "end" => Command::End,
        _ => panic!("what is {name}?"),
    }
}

/// Every command has a number here, so that a new one cannot be forgotten in the table.
fn number(command: &Command) -> usize {
    match command {
        Command::Admit(_) => 0,
        Command::Reattach { .. } => 1,
        Command::AdmitChild(_) => 2,
        Command::HangUpAll(_) => 3,
        Command::HangUp(_) => 4,
        Command::GetMembers => 5,
        Command::ListLayouts => 6,
        Command::SetLayout { .. } => 7,
        Command::SetPositions(_) => 8,
        Command::SetMemberPosition(..) => 9,
        Command::Deafen(..) => 10,
        Command::SetLevel(..) => 11,
        Command::Lock(_) => 12,
        Command::HideVideoMuted(_) => 13,
        Command::Remove { .. } => 14,
        Command::RemoveAll => 15,
        Command::RaiseHand(..) => 16,
        Command::PrioritizeHands(_) => 17,
        Command::GetMeta => 18,
        Command::ChangeMeta(_) => 19,
        Command::GetMemberMeta(_) => 20,
        Command::ChangeMemberMeta(..) => 21,
        Command::Promote(..) => 22,
        Command::Demote(..) => 23,
        Command::Digits(_) => 24,
        Command::Mute { .. } => 25,
        Command::ApplyRoom(_) => 26,
        Command::End => 27,
        Command::Describe => 28,
        Command::Hold(..) => 29,
        Command::StartRecording { .. } => 30,
        Command::SetRecordingState(..) => 31,
        Command::ListRecordings => 32,
        Command::Play(_) => 33,
        Command::ControlPlayback(..) => 34,
        Command::ListPlaybacks => 35,
        Command::StartStream { .. } => 36,
        Command::StopStream(_) => 37,
        Command::ListStreams => 38,
        Command::SetRoomStreams(_) => 39,
        Command::Videochat(..) => 40,
        Command::ListLines => 41,
        Command::SendChat(_) => 42,
        Command::ListChat => 43,
        Command::DeleteChat(_) => 44,
        Command::PushCaption(_) => 45,
        Command::ListLobby => 46,
        Command::AnswerLobby { .. } => 47,
        Command::Knock(_) => 48,
        Command::LetInAgain(_) => 49,
        Command::Links(_) => 50,
        // As any of the others, with values that cannot be read; the doors test it.
        Command::Misread(..) => COMMANDS,
    }
}
const COMMANDS: usize = 51;

/// Another member with a device, and the caller, who has a screen unless it is the screen that is
/// asked about: what opened that to everybody would answer for the permission.
fn session(permissions: &[String], join_as: JoinAs, with_screen: bool) -> Session {
    let options = SessionOptions { screenshare_is_open: with_screen, ..SessionOptions::default() };
    let (origin, room) = (fixtures::origin(), RoomSettings::named("lab"));
    let mut session = Session::open(fixtures::now(0), origin, room, options);
    let mut bring = |n: usize, actor, command| {
        session.handle(fixtures::now(0), actor, command).expect("there is room");
        session.handle_outcome(fixtures::now(0), Outcome::Connected(leg(n).0));
    };
    let other = ["room.self.additional_source".to_owned()];
    bring(OTHER, Actor::Project, Command::Admit(admission(OTHER, &other, JoinAs::Member)));
    bring(THEIRS, Actor::Member(id(OTHER)), child(THEIRS, MemberKind::Device));
    bring(CALLER, Actor::Project, Command::Admit(admission(CALLER, permissions, join_as)));
    if with_screen && join_as == JoinAs::Member {
        bring(OWN, Actor::Member(id(CALLER)), child(OWN, MemberKind::Screen));
    }
    session
}

fn everything() -> Vec<String> {
    ["room", "room.self", "room.member"].map(str::to_owned).to_vec()
}

/// The five signs for one who holds `permissions`, or for the application.
fn signs(name: &str, permissions: &[String], join_as: JoinAs, actor: Actor) -> String {
    let sign = |target, n| {
        let with_screen = !name.starts_with("verto.invite");
        let mut session = session(permissions, join_as, with_screen);
        while session.poll_output().is_some() {}
        match session.handle(fixtures::now(1), actor, command(name, target, n)) {
            Ok(_) => '+',
            Err(Refusal::NotPermitted) => '-',
            Err(Refusal::NotFound(_)) => '?',
            Err(refusal) => panic!("{name}: {refusal:?}"),
        }
    };
    let known = [OWN, OTHER, THEIRS].map(|n| sign(Target::Member(id(n)), n));
    let (me, nobody) = (sign(Target::Oneself, CALLER), sign(Target::Nobody, NOBODY));
    assert_eq!(nobody, sign(Target::Member(id(NOBODY)), NOBODY), "{name}: no id, unknown id");
    if actor != Actor::Project {
        assert_eq!(me, sign(Target::Member(id(CALLER)), CALLER), "{name}: oneself by id");
    }
    [me].into_iter().chain(known).chain([nobody]).collect()
}

/// The five signs for a member who holds `permissions`.
fn signs_of_member(method: &str, permissions: &[String]) -> String {
    signs(method, permissions, JoinAs::Member, Actor::Member(id(CALLER)))
}

#[test]
fn everybody_may_what_the_table_says() {
    let mut wrong = Vec::new();
    for line in lines() {
        let Line { method, names, nothing, holding, application, audience } = line;
        let caller = Actor::Member(id(CALLER));
        let written = [&[nothing][..], &holding, &[application, audience]].concat();
        let mut played = vec![signs_of_member(method, &[])];
        played.extend(PREFIXES.map(|prefix| signs_of_member(method, &held(prefix, names))));
        played.push(signs(method, &[], JoinAs::Member, Actor::Project));
        played.push(signs(method, &everything(), JoinAs::Audience, caller));
        if played != written {
            let (written, played) = (written.join(" "), played.join(" "));
            wrong.push(format!("{method} {names}\n  {written}\n  {played}"));
        }
    }
    assert!(wrong.is_empty(), "written, then played:\n{}", wrong.join("\n"));
}

#[test]
fn a_permission_does_nothing_for_what_the_table_does_not_give_it() {
    let names: HashSet<_> = lines().iter().map(|line| line.names).collect();
    let names = names.into_iter().filter(|name| !["-", "."].contains(name) && !name.contains('&'));
    let methods: HashMap<_, _> = lines().iter().map(|l| (l.method, l.nothing)).collect();
    let given: HashSet<_> = lines().iter().map(|line| (line.method, line.names)).collect();
    for name in names {
        for (method, nothing) in methods.iter().filter(|(m, _)| !given.contains(&(**m, name))) {
            for prefix in PREFIXES {
                let played = signs_of_member(method, &held(prefix, name));
                assert_eq!(played, *nothing, "{method} with {prefix}{name}");
            }
        }
    }
}

#[test]
fn the_table_leaves_no_command_out() {
    let number = |line: &Line| number(&command(line.method, Target::Oneself, CALLER));
    let asked: HashSet<_> = lines().iter().map(number).collect();
    assert_eq!(asked.len(), COMMANDS);
}

/// Those not announced yet are nobody to others, and may do nothing that needs others.
#[test]
fn who_is_not_there_yet_is_not_found() {
    let mut session = session(&everything(), JoinAs::Member, false);
    let caller = Actor::Member(id(CALLER));
    let admit = Command::Admit(admission(NEW, &[], JoinAs::Member));
    session.handle(fixtures::now(0), Actor::Project, admit).expect("there is room");
    for line in lines().iter().filter(|line| line.application.ends_with('?')) {
        let asked = command(line.method, Target::Member(id(NEW)), NOBODY);
        let answer = session.handle(fixtures::now(1), caller, asked);
        assert!(matches!(answer, Err(Refusal::NotFound(_))), "{}: {answer:?}", line.method);
    }
}
