//! Who may do what to whom: every command against the table below, which is written by hand from
//! the documents and not from the code.

#[path = "support/fixtures.rs"]
mod fixtures;

use rotunda_domain::command::Target;
use rotunda_domain::{
    Actor, Admission, ChildAdmission, Command, Dial, JoinAs, LegId, LegKey, MediaKind, MemberId,
    MemberKind, MetaChange, Outcome, Permissions, Position, Refusal, RoomSettings, Session,
    SessionOptions,
};
use serde_json::Map;
use std::collections::HashSet;

/// One line a command. The second column names what stands after `room.self.`, `room.member.` and
/// `room.` in the one permission the caller holds; `a&b` are two of them, `.` is the short name
/// that covers all below it. Then what comes of it for a caller who holds
///
/// * nothing, the self permission, the member permission, the room permission,
/// * for the application, and for audience whose token says everything.
///
/// Five signs each, for five whom it is aimed at: the caller, a screen of the caller's, another
/// member, a device of another's, nobody there is. `+` is done, `-` is not permitted (403), `?` is
/// not found (404), which is asked last.
const TABLE: &str = "
# command            permission             nothing self  member room  appl.  audience
mute_audio           audio_mute              -----  ++---  --++?  -----  ?+++?  -----
unmute_audio         audio_unmute            -----  ++---  --++?  -----  ?+++?  -----
unmute_audio         audio_mute              -----  -----  -----  -----  ?+++?  -----
mute_audio           audio_unmute            -----  -----  -----  -----  ?+++?  -----
mute_audio           .                       -----  ++---  --++?  ++++?  ?+++?  -----
mute_video           video_mute              -----  ++---  --++?  -----  ?+++?  -----
unmute_video         video_unmute            -----  ++---  --++?  -----  ?+++?  -----
unmute_video         video_mute              -----  ++---  --++?  -----  ?+++?  -----
mute_video           video_unmute            -----  -----  -----  -----  ?+++?  -----
mute_video           audio_mute              -----  -----  -----  -----  ?+++?  -----
deaf                 deaf                    -----  ++---  --++?  -----  ?+++?  -----
undeaf               undeaf                  -----  ++---  --++?  -----  ?+++?  -----
undeaf               deaf                    -----  ++---  --++?  -----  ?+++?  -----
deaf                 undeaf                  -----  -----  -----  -----  ?+++?  -----
deaf                 audio_mute              -----  -----  -----  -----  ?+++?  -----
input_volume         set_input_volume        -----  ++---  --++?  -----  ?+++?  -----
output_volume        set_output_volume       -----  ++---  --++?  -----  ?+++?  -----
input_volume         set_output_volume       -----  -----  -----  -----  ?+++?  -----
input_sensitivity    set_input_sensitivity   -----  ++---  --++?  -----  ?+++?  -----
raise_hand           raisehand               -----  ++---  ++++?  -----  ?+++?  -----
lower_hand           lowerhand               -----  ++---  ++++?  -----  ?+++?  -----
lower_hand           raisehand               -----  -----  -----  -----  ?+++?  -----
set_member_position  set_position            -----  ++---  --++?  -----  ?+++?  -----
set_positions        set_position            -----  -----  -----  ++++?  ?+++?  -----
set_layout           set_layout              -----  -----  -----  +++++  +++++  -----
set_layout           set_position            -----  -----  -----  -----  +++++  -----
layout_and_places    set_layout              -----  -----  -----  -----  ?+++?  -----
layout_and_places    set_position            -----  -----  -----  -----  ?+++?  -----
layout_and_places    set_layout&set_position -----  -----  -----  ++++?  ?+++?  -----
list_layouts         list_available_layouts  -----  -----  -----  +++++  +++++  -----
list_members         -                       +++++  +++++  +++++  +++++  +++++  +++++
describe             .                       -----  -----  -----  -----  +++++  -----
lock                 lock                    -----  -----  -----  +++++  +++++  -----
lock                 unlock                  -----  -----  -----  -----  +++++  -----
unlock               unlock                  -----  -----  -----  +++++  +++++  -----
unlock               lock                    -----  -----  -----  -----  +++++  -----
hide_video_muted     hide_video_muted        -----  -----  -----  +++++  +++++  -----
show_video_muted     show_video_muted        -----  -----  -----  +++++  +++++  -----
show_video_muted     hide_video_muted        -----  -----  -----  -----  +++++  -----
prioritize_hands     prioritize_handraise    -----  -----  -----  +++++  +++++  -----
prioritize_hands     raisehand               -----  -----  -----  -----  +++++  -----
remove               remove                  -----  -----  ++++?  -----  ?+++?  -----
remove_all           remove                  -----  -----  +++++  -----  +++++  -----
promote              promote                 -----  -----  ++++?  -----  ?+++?  -----
demote               demote                  -----  -----  +?+??  -----  ??+??  -----
demote               promote                 -----  -----  -----  -----  ??+??  -----
get_meta             -                       +++++  +++++  +++++  +++++  +++++  +++++
set_meta             set_meta                -----  -----  -----  +++++  +++++  -----
update_meta          set_meta                -----  -----  -----  +++++  +++++  -----
delete_meta          set_meta                -----  -----  -----  +++++  +++++  -----
get_member_meta      -                       ++++?  ++++?  ++++?  ++++?  ?+++?  +?++?
set_member_meta      set_meta                -----  ++---  --++?  -----  ?+++?  -----
update_member_meta   set_meta                -----  ++---  --++?  ++++?  ?+++?  -----
delete_member_meta   set_meta                -----  ++---  --++?  ++++?  ?+++?  -----
send_digits          -                       +++++  +++++  +++++  +++++  -----  +++++
share_screen         screenshare             -----  +++++  -----  -----  -----  -----
share_screen         additional_source       -----  -----  -----  -----  -----  -----
add_device           additional_source       -----  +++++  -----  -----  -----  -----
add_device           screenshare             -----  -----  -----  -----  -----  -----
hang_up              -                       ++--?  ++--?  ++--?  ++--?  ++++?  +?--?
hang_up              remove                  ++--?  ++--?  ++--?  ++--?  ++++?  +?--?
hold                 -                       ++--?  ++--?  ++--?  ++--?  ----?  +?--?
hold                 remove                  ++--?  ++--?  ++--?  ++--?  ----?  +?--?
unhold               -                       ++--?  ++--?  ++--?  ++--?  ----?  +?--?
hang_up_all          -                       ++--?  ++--?  ++--?  ++--?  ----?  +?--?
return               -                       +++++  +++++  +++++  +++++  -----  +++++
admit                -                       +++++  +++++  +++++  +++++  +++++  +++++
apply_room           .                       -----  -----  -----  -----  +++++  -----
end                  .                       -----  -----  -----  -----  +++++  -----
";

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
    Box::new(Admission { member: id(n), leg, call_id, grant, wants_roster: false })
}

fn child(n: usize, kind: MemberKind) -> Command {
    let (leg, call_id) = leg(n);
    let (layout, positions) = (None, Vec::new());
    Command::AdmitChild(Box::new(ChildAdmission {
        member: id(n),
        leg,
        call_id,
        kind,
        layout,
        positions,
    }))
}

/// What `name` asks for, aimed at `target`, whose leg is number `n`.
fn command(name: &str, target: Target, n: usize) -> Command {
    let mute = |kind, muted| Command::Mute { target, kind, muted };
    let places = vec![(target, Position::OffCanvas)];
    let layout = |positions| Command::SetLayout { name: "2x2".into(), positions };
    let delete = MetaChange::Delete(vec!["key".into()]);
    let (set, update) = (MetaChange::Set(Map::new()), MetaChange::Update(Map::new()));
    match name {
        "mute_audio" => mute(MediaKind::Audio, true),
        "unmute_audio" => mute(MediaKind::Audio, false),
        "mute_video" => mute(MediaKind::Video, true),
        "unmute_video" => mute(MediaKind::Video, false),
        "deaf" => Command::Deafen(target, true),
        "undeaf" => Command::Deafen(target, false),
        "input_volume" => Command::Turn(target, Dial::InputVolume, 1),
        "output_volume" => Command::Turn(target, Dial::OutputVolume, 1),
        "input_sensitivity" => Command::Turn(target, Dial::InputSensitivity, 1),
        "raise_hand" => Command::RaiseHand(target, true),
        "lower_hand" => Command::RaiseHand(target, false),
        "set_member_position" => Command::SetMemberPosition(target, Position::OffCanvas),
        "set_positions" => Command::SetPositions(places),
        "set_layout" => layout(Vec::new()),
        "layout_and_places" => layout(places),
        "list_layouts" => Command::ListLayouts,
        "describe" => Command::Describe,
        "list_members" => Command::GetMembers,
        "lock" => Command::Lock(true),
        "unlock" => Command::Lock(false),
        "hide_video_muted" => Command::HideVideoMuted(true),
        "show_video_muted" => Command::HideVideoMuted(false),
        "prioritize_hands" => Command::PrioritizeHands(true),
        "remove" => Command::Remove(target),
        "remove_all" => Command::RemoveAll,
        "promote" => Command::Promote(target, Box::default()),
        "demote" => Command::Demote(target, None),
        "get_meta" => Command::GetMeta,
        "set_meta" => Command::ChangeMeta(set),
        "update_meta" => Command::ChangeMeta(update),
        "delete_meta" => Command::ChangeMeta(delete),
        "get_member_meta" => Command::GetMemberMeta(target),
        "set_member_meta" => Command::ChangeMemberMeta(target, set),
        "update_member_meta" => Command::ChangeMemberMeta(target, update),
        "delete_member_meta" => Command::ChangeMemberMeta(target, delete),
        "send_digits" => Command::Digits("1".into()),
        "share_screen" => child(NEW, MemberKind::Screen),
        "add_device" => child(NEW, MemberKind::Device),
        "hang_up" => Command::HangUp(leg(n).0),
        "hold" => Command::Hold(leg(n).0, true),
        "unhold" => Command::Hold(leg(n).0, false),
        "hang_up_all" => Command::HangUpAll(leg(n).0),
        "return" => {
            let (leg, call_id) = leg(NEW);
            Command::Return { leg, call_id, wants_roster: false }
        }
        "admit" => Command::Admit(admission(NEW, &[], JoinAs::Member)),
        "apply_room" => Command::ApplyRoom(Box::new(RoomSettings::named("lab"))),
        "end" => Command::End,
        _ => panic!("what is {name}?"),
    }
}

/// Every command has a number here, so that a new one cannot be forgotten in the table.
fn number(command: &Command) -> usize {
    match command {
        Command::Admit(_) => 0,
        Command::Return { .. } => 1,
        Command::AdmitChild(_) => 2,
        Command::HangUpAll(_) => 3,
        Command::HangUp(_) => 4,
        Command::GetMembers => 5,
        Command::ListLayouts => 6,
        Command::SetLayout { .. } => 7,
        Command::SetPositions(_) => 8,
        Command::SetMemberPosition(..) => 9,
        Command::Deafen(..) => 10,
        Command::Turn(..) => 11,
        Command::Lock(_) => 12,
        Command::HideVideoMuted(_) => 13,
        Command::Remove(_) => 14,
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
    }
}
const COMMANDS: usize = 30;

/// Another member with a device, and the caller, who has a screen unless it is the screen that is
/// asked about: what opened that to everybody would answer for the permission.
fn session(permissions: &[String], join_as: JoinAs, with_screen: bool) -> Session {
    let options = SessionOptions { screenshare_is_open: with_screen, ..SessionOptions::default() };
    let (origin, room) = (fixtures::origin(), RoomSettings::named("lab"));
    let mut session = Session::open(fixtures::now(0), origin, room, options);
    let mut bring = |n: usize, actor, command| {
        session.handle(fixtures::now(0), actor, command).expect("there is room");
        session.outcome(fixtures::now(0), Outcome::Connected(leg(n).0));
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

/// The permissions of a column: those of the line after `prefix`, none for `-`.
fn held(prefix: &str, names: &str) -> Vec<String> {
    let name = |name: &str| match name {
        "." => prefix.trim_end_matches('.').to_owned(),
        name => format!("{prefix}{name}"),
    };
    names.split('&').filter(|name| *name != "-").map(name).collect()
}

fn everything() -> Vec<String> {
    ["room", "room.self", "room.member"].map(str::to_owned).to_vec()
}

/// The five signs for one who holds `permissions`, or for the application.
fn signs(name: &str, permissions: &[String], join_as: JoinAs, actor: Actor) -> String {
    let sign = |target, n| {
        let with_screen = !matches!(name, "share_screen" | "add_device");
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

fn lines() -> impl Iterator<Item = Vec<&'static str>> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_whitespace().collect())
}

#[test]
fn everybody_may_what_the_table_says() {
    let mut wrong = Vec::new();
    for line in lines() {
        let [name, names, expected @ ..] = &line[..] else { panic!("a line too short") };
        let caller = Actor::Member(id(CALLER));
        let member = |prefix: Option<&str>| {
            let held = prefix.map_or_else(Vec::new, |prefix| held(prefix, names));
            signs(name, &held, JoinAs::Member, caller)
        };
        let played = [
            member(None),
            member(Some("room.self.")),
            member(Some("room.member.")),
            member(Some("room.")),
            signs(name, &[], JoinAs::Member, Actor::Project),
            signs(name, &everything(), JoinAs::Audience, caller),
        ];
        if played != expected {
            wrong.push(format!("{name} {names}\n  {}\n  {}", expected.join(" "), played.join(" ")));
        }
    }
    assert!(wrong.is_empty(), "written, then played:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_leaves_no_command_out() {
    let target = Target::Oneself;
    let asked: HashSet<_> = lines().map(|line| number(&command(line[0], target, CALLER))).collect();
    assert_eq!(asked.len(), COMMANDS);
}

/// Those not announced yet are nobody to others, and may do nothing that needs others.
#[test]
fn who_is_not_there_yet_is_not_found() {
    let mut session = session(&everything(), JoinAs::Member, false);
    let caller = Actor::Member(id(CALLER));
    let admit = Command::Admit(admission(NEW, &[], JoinAs::Member));
    session.handle(fixtures::now(0), Actor::Project, admit).expect("there is room");
    for line in lines().filter(|line| line[4].ends_with('?') && line[4] != "??+??") {
        let asked = command(line[0], Target::Member(id(NEW)), NOBODY);
        let answer = session.handle(fixtures::now(1), caller, asked);
        assert!(matches!(answer, Err(Refusal::NotFound(_))), "{}: {answer:?}", line[0]);
    }
}
