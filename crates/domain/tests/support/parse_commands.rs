//! Reads what somebody in a script asks of the session: the commands any actor may give.

use crate::parse::{parts, permissions};
use rotunda_domain::command::Target;
use rotunda_domain::{
    Command, Level, MediaAllowed, MediaKind, MemberId, MetaChange, Play, PlaybackControl,
    PlaybackFault, PlaybackId, PlaybackOutcome, Position, Promotion, RecordingChange, RecordingId,
    Refusal, RoomStream, RoomStreamId, StreamId, StreamTarget,
};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Finds the id of somebody, who need not have come yet.
pub type Ids<'a> = &'a mut dyn FnMut(&str) -> MemberId;

pub fn command(verb: &str, rest: &str, id: Ids<'_>) -> Command {
    match (verb, rest) {
        ("looks", "into the session") => Command::Describe,
        ("lists", "lines") => Command::ListLines,
        ("lists", "members") => Command::GetMembers,
        ("lists", "layouts") => Command::ListLayouts,
        ("locks", "") => Command::Lock(true),
        ("unlocks", "") => Command::Lock(false),
        ("hides", "video muted") => Command::HideVideoMuted(true),
        ("shows", "video muted") => Command::HideVideoMuted(false),
        ("prioritizes", "hands") => Command::PrioritizeHands(true),
        ("prioritizes", "nobody") => Command::PrioritizeHands(false),
        ("removes", "everybody") => Command::RemoveAll,
        ("removes", who) => {
            let for_good = who.strip_suffix(" for good");
            Command::Remove {
                target: target(for_good.unwrap_or(who), id),
                keep_out: for_good.is_some(),
            }
        }
        ("dials", digits) => Command::Digits(digits.into()),
        ("lists", "recordings") => Command::ListRecordings,
        ("records", rest) => records(rest),
        ("pauses" | "resumes" | "stops", number) if is_number(number) => {
            let change = match verb {
                "pauses" => RecordingChange::Pause,
                "resumes" => RecordingChange::Resume,
                _ => RecordingChange::Stop,
            };
            Command::SetRecordingState(change, Some(recording(number)))
        }
        ("lists", "streams") => Command::ListStreams,
        ("streams", rest) => streams(rest),
        ("unstreams", number) => Command::StopStream(Some(stream(number))),
        ("stands", rest) => Command::SetRoomStreams(parts(rest).map(room_stream).collect()),
        ("reads", "meta") => Command::GetMeta,
        ("reads", rest) => Command::GetMemberMeta(target(of(rest, "meta"), id)),
        ("mutes" | "unmutes", rest) => mute(rest, verb == "mutes", id),
        ("raises" | "lowers", rest) => {
            Command::RaiseHand(target(of(rest, "hand"), id), verb == "raises")
        }
        ("deafens" | "undeafens", who) => Command::Deafen(target(who, id), verb == "deafens"),
        ("turns", rest) => turn(rest, id),
        ("plays", rest) => play(rest, id),
        ("lists", "playbacks") => Command::ListPlaybacks,
        ("pauses", name) => control(name, PlaybackControl::Pause, id),
        ("resumes", name) => control(name, PlaybackControl::Resume, id),
        ("stops", name) => control(name, PlaybackControl::Stop, id),
        ("tunes", rest) => {
            let (name, volume) = rest.split_once(" to ").expect("tunes NAME to DB");
            control(name, PlaybackControl::Volume(volume.parse().expect("a number")), id)
        }
        ("seeks", rest) => {
            let (name, to) = rest.split_once(' ').expect("seeks NAME to MS, or by MS");
            let (how, ms) = to.split_once(' ').expect("to MS, or by MS");
            let ms = ms.parse().expect("a number");
            control(
                name,
                if how == "to" { PlaybackControl::SeekTo(ms) } else { PlaybackControl::SeekBy(ms) },
                id,
            )
        }
        ("places", requested) => {
            let (target, place) = position_of(requested, id);
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

/// Recordings have numbers, playbacks have names.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
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

/// A stream by its number.
pub fn stream(number: &str) -> StreamId {
    let number: u128 = number.parse().expect("a number");
    StreamId(Uuid::from_u128(0xc000 + number))
}

/// `1 to ADDRESS`.
fn streams(rest: &str) -> Command {
    let (number, url) = rest.split_once(" to ").expect("streams NUMBER to ADDRESS");
    Command::StartStream { stream: stream(number), target: StreamTarget::parse(url) }
}

/// `7 to ADDRESS as 1`: what stands as 7 with the room is stream 1 if it begins now; `again 7 …`:
/// also if somebody stopped it.
fn room_stream(part: &str) -> RoomStream {
    let renewed = part.strip_prefix("again ");
    let (is_renewed, part) = (renewed.is_some(), renewed.unwrap_or(part));
    let (id, rest) = part.split_once(" to ").expect("stands NUMBER to ADDRESS as NUMBER");
    let (url, number) = rest.split_once(" as ").expect("as NUMBER");
    let id = RoomStreamId(Uuid::from_u128(id.parse().expect("a number")));
    let target = StreamTarget::parse(url).expect("an address");
    RoomStream { id, target, stream: stream(number), is_renewed }
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
    let (level, value) = rest.split_once(" to ").expect("turns DIAL to NUMBER");
    let (level, whose) = level.split_once(" of ").unwrap_or((level, "self"));
    let levels = [Level::InputVolume, Level::OutputVolume, Level::InputSensitivity];
    let level = levels.into_iter().find(|d| d.facts().1 == level).expect("a dial");
    Command::SetLevel(target(whose, id), level, value.parse().expect("a number"))
}

fn sets(rest: &str, id: Ids<'_>) -> Command {
    if let Some(positions) = rest.strip_prefix("positions ") {
        return Command::SetPositions(self::positions(positions, id));
    }
    let rest = rest.strip_prefix("layout ").expect("sets layout NAME");
    let (name, positions) = rest.split_once(" with ").unwrap_or((rest, ""));
    Command::SetLayout { name: name.into(), positions: self::positions(positions, id) }
}

/// `NAME at PLACE, NAME at PLACE`.
pub fn positions(text: &str, id: Ids<'_>) -> Vec<(Target, Position)> {
    parts(text).map(|requested| position_of(requested, id)).collect()
}

fn position_of(requested: &str, id: Ids<'_>) -> (Target, Position) {
    let (who, place) = requested.split_once(" at ").expect("NAME at PLACE");
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

/// `film`, `film in LAYOUT, from 3000, at 20 dB, with self at reserved-1, but not here`, `film of
/// rtmp://...`.
fn play(rest: &str, id: Ids<'_>) -> Command {
    let (rest, positions) = rest.split_once(", with ").unwrap_or((rest, ""));
    let mut parts = parts(rest);
    let name = parts.next().expect("plays NAME");
    let (name, url) = name.split_once(" of ").unwrap_or((name, ""));
    let url = if url.is_empty() { format!("https://films.test/{name}.mp4") } else { url.into() };
    let mut play = Play {
        playback: PlaybackId(id(name).0),
        url: url.into(),
        volume: 0,
        position_ms: 0,
        positions: self::positions(positions, id),
        layout: None,
        hindrance: None,
    };
    for part in parts {
        let (what, value) = part.split_once(' ').expect("WHAT VALUE");
        match what {
            "in" => play.layout = Some(value.into()),
            "from" => play.position_ms = value.parse().expect("a number"),
            "at" => play.volume = value.parse().expect("a number"),
            "but" => play.hindrance = Some(Refusal::Unsupported(value.into())),
            _ => panic!("plays how: {part:?}?"),
        }
    }
    Command::Play(Box::new(play))
}

fn control(name: &str, control: PlaybackControl, id: Ids<'_>) -> Command {
    Command::ControlPlayback((name != "nobody").then(|| PlaybackId(id(name).0)), control)
}

/// `opens, 60000 ms`, `opens live`, `runs at 0`, `waits at 500`, `ends`, `fails`, `is unsafe`.
pub fn news(what: &str) -> Option<PlaybackOutcome> {
    let ms = |text: &str| text.parse::<u64>().expect("a number");
    Some(match what.split_once([' ', ',']).unwrap_or((what, "")) {
        ("opens", "live") => PlaybackOutcome::Opened { seekable: false, duration_ms: None },
        ("opens", rest) => {
            let duration_ms = rest.trim().strip_suffix(" ms").map(ms);
            PlaybackOutcome::Opened { seekable: true, duration_ms }
        }
        ("runs", rest) => PlaybackOutcome::Runs(ms(rest.strip_prefix("at ")?)),
        ("waits", rest) => PlaybackOutcome::Waits(ms(rest.strip_prefix("at ")?)),
        ("ends", "") => PlaybackOutcome::Over(None),
        ("fails", "") => PlaybackOutcome::Over(Some(PlaybackFault::Lost)),
        ("is", "unsafe") => PlaybackOutcome::Over(Some(PlaybackFault::Unsafe)),
        _ => return None,
    })
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
