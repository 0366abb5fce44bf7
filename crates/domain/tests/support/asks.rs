//! Reads what somebody in a script asks of the session: the commands any actor may give.

use crate::parse::{parts, permissions};
use rotunda_domain::command::Target;
use rotunda_domain::{
    Command, Dial, MediaAllowed, MediaKind, MemberId, MetaChange, Position, Promotion, RecordingId,
    Refusal, Roll,
};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Finds the id of somebody, who need not have come yet.
pub type Ids<'a> = &'a mut dyn FnMut(&str) -> MemberId;

pub fn command(verb: &str, rest: &str, id: Ids<'_>) -> Command {
    match (verb, rest) {
        ("looks", "into the session") => Command::Describe,
        ("lists", "members") => Command::GetMembers,
        ("lists", "layouts") => Command::ListLayouts,
        ("locks", "") => Command::Lock(true),
        ("unlocks", "") => Command::Lock(false),
        ("hides", "video muted") => Command::HideVideoMuted(true),
        ("shows", "video muted") => Command::HideVideoMuted(false),
        ("prioritizes", "hands") => Command::PrioritizeHands(true),
        ("prioritizes", "nobody") => Command::PrioritizeHands(false),
        ("removes", "everybody") => Command::RemoveAll,
        ("removes", who) => Command::Remove(target(who, id)),
        ("dials", digits) => Command::Digits(digits.into()),
        ("lists", "recordings") => Command::ListRecordings,
        ("records", rest) => records(rest),
        ("pauses", number) => Command::Roll(Roll::Pause, Some(recording(number))),
        ("resumes", number) => Command::Roll(Roll::Resume, Some(recording(number))),
        ("stops", number) => Command::Roll(Roll::Stop, Some(recording(number))),
        ("reads", "meta") => Command::GetMeta,
        ("reads", rest) => Command::GetMemberMeta(target(of(rest, "meta"), id)),
        ("mutes" | "unmutes", rest) => mute(rest, verb == "mutes", id),
        ("raises" | "lowers", rest) => {
            Command::RaiseHand(target(of(rest, "hand"), id), verb == "raises")
        }
        ("deafens" | "undeafens", who) => Command::Deafen(target(who, id), verb == "deafens"),
        ("turns", rest) => turn(rest, id),
        ("places", wish) => {
            let (target, place) = wish_of(wish, id);
            Command::SetMemberPosition(target, place)
        }
        ("sets" | "updates" | "deletes", rest) if rest.starts_with("meta") => {
            meta(verb, &rest[4..], id)
        }
        ("sets", rest) => sets(rest, id),
        ("promotes", rest) => promote(rest, id),
        ("demotes", rest) => {
            let mut parts = parts(rest);
            let who = target(parts.next().expect("demotes NAME"), id);
            Command::Demote(who, parts.next().map(media))
        }
        _ => panic!("what is {verb:?} {rest:?}?"),
    }
}

/// A recording by its number.
pub fn recording(number: &str) -> RecordingId {
    let number: u128 = number.parse().expect("a number");
    RecordingId(Uuid::from_u128(0xb000 + number))
}

/// `1`, or `1 in vain`: the disk is full.
fn records(rest: &str) -> Command {
    let number = rest.trim_end_matches(" in vain");
    let hindrance = (number != rest).then(|| Refusal::LimitReached("the disk is full".to_owned()));
    Command::StartRecording { recording: recording(number), hindrance }
}

/// Whose `thing`: `thing` is the caller's, `thing of NAME` another's.
fn of<'a>(rest: &'a str, thing: &str) -> &'a str {
    let rest = rest.strip_prefix(thing).unwrap_or_else(|| panic!("{rest:?} is no {thing}"));
    if rest.is_empty() { "self" } else { rest.strip_prefix(" of ").expect("of NAME") }
}

fn mute(rest: &str, muted: bool, id: Ids<'_>) -> Command {
    let (kind, whose) = rest.split_once(" of ").unwrap_or((rest, "self"));
    let kind = match kind {
        "audio" => MediaKind::Audio,
        "video" => MediaKind::Video,
        _ => panic!("mutes what: {kind:?}?"),
    };
    Command::Mute { target: target(whose, id), kind, muted }
}

/// `input_volume to 20`, `input_volume of NAME to 20`.
fn turn(rest: &str, id: Ids<'_>) -> Command {
    let (dial, value) = rest.split_once(" to ").expect("turns DIAL to NUMBER");
    let (dial, whose) = dial.split_once(" of ").unwrap_or((dial, "self"));
    let dials = [Dial::InputVolume, Dial::OutputVolume, Dial::InputSensitivity];
    let dial = dials.into_iter().find(|d| d.facts().1 == dial).expect("a dial");
    Command::Turn(target(whose, id), dial, value.parse().expect("a number"))
}

fn sets(rest: &str, id: Ids<'_>) -> Command {
    if let Some(wishes) = rest.strip_prefix("positions ") {
        return Command::SetPositions(self::wishes(wishes, id));
    }
    let rest = rest.strip_prefix("layout ").expect("sets layout NAME");
    let (name, wishes) = rest.split_once(" with ").unwrap_or((rest, ""));
    Command::SetLayout { name: name.into(), positions: self::wishes(wishes, id) }
}

/// `NAME at PLACE, NAME at PLACE`.
pub fn wishes(text: &str, id: Ids<'_>) -> Vec<(Target, Position)> {
    parts(text).map(|wish| wish_of(wish, id)).collect()
}

fn wish_of(wish: &str, id: Ids<'_>) -> (Target, Position) {
    let (who, place) = wish.split_once(" at ").expect("NAME at PLACE");
    (target(who, id), Position::parse(place).expect("a position"))
}

/// ` {"a":1}`, ` of NAME {"a":1}`, and for deleting names of keys instead.
fn meta(verb: &str, rest: &str, id: Ids<'_>) -> Command {
    let rest = rest.strip_prefix(' ').expect("meta and what of it");
    let (whose, rest) = match rest.strip_prefix("of ") {
        Some(rest) => rest.split_once(' ').map(|(who, rest)| (Some(who), rest)).expect("of NAME X"),
        None => (None, rest),
    };
    let change = match verb {
        "sets" => MetaChange::Set(object(rest)),
        "updates" => MetaChange::Update(object(rest)),
        _ => MetaChange::Delete(rest.split(' ').map(str::to_owned).collect()),
    };
    match whose {
        Some(who) => Command::ChangeMemberMeta(target(who, id), change),
        None => Command::ChangeMeta(change),
    }
}

/// JSON; a value such as `"é*30"` is thirty times é.
fn object(text: &str) -> Map<String, Value> {
    let mut object: Map<String, Value> = serde_json::from_str(text).expect("JSON");
    for value in object.values_mut() {
        if let Some((what, times)) = value.as_str().and_then(|text| text.split_once('*')) {
            *value = what.repeat(times.parse().expect("a number")).into();
        }
    }
    object
}

/// `ann, audio off, video off, audio-only, may room.lock, meta {"a":1}`.
fn promote(rest: &str, id: Ids<'_>) -> Command {
    let mut parts = parts(rest);
    let who = target(parts.next().expect("promotes NAME"), id);
    let mut promotion = Promotion::default();
    for part in parts {
        match part.split_once(' ') {
            Some(("audio", "off")) => promotion.join_audio_muted = true,
            Some(("video", "off")) => promotion.join_video_muted = true,
            Some(("may", names)) => promotion.permissions = Some(permissions(names)),
            Some(("meta", text)) => promotion.meta = Some(object(text)),
            _ => promotion.media_allowed = Some(media(part)),
        }
    }
    Command::Promote(who, Box::new(promotion))
}

fn media(text: &str) -> MediaAllowed {
    MediaAllowed::parse(text).unwrap_or_else(|| panic!("{text:?} is no kind of media"))
}

fn target(name: &str, id: Ids<'_>) -> Target {
    match name {
        "self" => Target::Oneself,
        "nobody" => Target::Nobody,
        "stranger" => Target::Member(MemberId(Uuid::from_u128(0xdead))),
        name => Target::Member(id(name)),
    }
}
