//! Outputs in words short enough to read a hundred of them.

use rotunda_domain::output::MemberMedia;
use rotunda_domain::{
    CanvasPlan, Event, Grant, LegKey, LineView, MemberId, MemberView, Output, Permissions,
    PlaybackOrder, PlaybackView, Position, Record, RecordingEvent, RecordingId, RecordingView,
    SessionView, Shown, StreamId, StreamView, To,
};
use serde_json::{Map, Value};

/// Finds the names of members and legs.
pub trait Names {
    fn of(&self, member: MemberId) -> String;
    fn leg(&self, leg: LegKey) -> String;
}

pub fn output(names: &dyn Names, output: &Output) -> String {
    match output {
        Output::Send(To::Everyone, event) => format!("tell all {}", said(names, event)),
        Output::Send(To::Only(id), event) => {
            format!("tell {} {}", names.of(*id), said(names, event))
        }
        Output::Send(To::AllBut(id), event) => {
            format!("tell all but {} {}", names.of(*id), said(names, event))
        }
        Output::Send(To::Those(ids), event) => {
            let ids: Vec<_> = ids.iter().map(|id| names.of(*id)).collect();
            format!("tell [{}] {}", ids.join(" "), said(names, event))
        }
        Output::Send(To::Waiting(_), event) => format!("tell who waits {}", said(names, event)),
        Output::Waited { admitted, .. } => format!("waited, admitted: {admitted}"),
        Output::Show(plan) => format!("show {}", canvas(names, plan)),
        Output::ApplyMedia(media) => format!("treat {}", treated(names, media)),
        Output::Playback(id, order) => {
            format!("playback {}: {}", names.of(id.as_member()), ordered(order))
        }
        Output::Play(tone) => format!("play {tone:?}"),
        Output::Regrant { member, grant } => {
            format!("grant {} {}", names.of(*member), granted(grant))
        }
        Output::Hold { leg, held: true } => format!("hold {}", names.leg(*leg)),
        Output::Hold { leg, .. } => format!("unhold {}", names.leg(*leg)),
        Output::Release(leg) => format!("release {}", names.leg(*leg)),
        Output::HangUp { leg, member, cause } => {
            let (code, name) = cause.code();
            format!("hang up {} of {}: {code} {name}", names.leg(*leg), names.of(*member))
        }
        Output::Forget(id) => format!("forget {}", names.of(*id)),
        Output::Record(record) => format!("keep {}", kept(names, record)),
        Output::Recording(id, roll) => format!("record {} {roll:?}", number(*id)),
        Output::Stream(id, cast) => format!("stream {} {cast:?}", stream_number(*id)),
        Output::Notify(notification) => format!("notice {:?}", notification.kind),
        Output::Over => "over".into(),
    }
}

fn said(names: &dyn Names, event: &Event) -> String {
    match event {
        Event::RoomSubscribed { call_id, member, session } => {
            format!("room.subscribed {call_id} as {}: {}", names.of(*member), whole(names, session))
        }
        Event::RoomShown(_) => "room.shown".into(),
        Event::RoomStarted(_) => "room.started".into(),
        Event::RoomUpdated { session, updated } => {
            format!("room.updated [{}]: {}", updated.join(" "), room(session, updated))
        }
        Event::RoomEnded(_) => "room.ended".into(),
        Event::MemberJoined(member) => format!("member.joined {}", person(names, member)),
        Event::MemberLeft(member) => format!("member.left {}", person(names, member)),
        Event::MemberUpdated { member, updated } => {
            format!("member.updated [{}] {}", updated.join(" "), person(names, member))
        }
        Event::MemberTalking { member, talking, .. } => {
            format!("member.talking {} {talking}", names.of(*member))
        }
        Event::NetworkQuality(view) => format!("member.network_quality {}", line(names, view)),
        Event::LayoutChanged(view) => format!("layout.changed {}", canvas(names, &view.plan)),
        Event::RoleChanged { member, promoted, grant, view, .. } => {
            let what = if *promoted { "promoted" } else { "demoted" };
            let (who, count) = (names.of(*member), view.audience_count);
            format!("member.{what} {who}, {}, audience {count}", granted(grant))
        }
        Event::Playback(notification, view) => {
            let notification = format!("{notification:?}").to_lowercase();
            format!("playback.{notification} {}", playback(names, view))
        }
        Event::Digits { member, digits, .. } => format!("digits {digits} by {}", names.of(*member)),
        Event::Recording(notification, view) => {
            let notification = match notification {
                RecordingEvent::Started => "started",
                RecordingEvent::Updated => "updated",
                RecordingEvent::Ended => "ended",
            };
            format!("recording.{notification} {}", recording(view))
        }
        Event::Stream(notification, view) => format!("{} {}", notification.name(), stream(view)),
        Event::ChatMessage { message, .. } => format!("chat.message {:?}", message.text),
        Event::Caption { caption, .. } => format!("captions.pushed {:?}", caption.text),
        Event::LobbyUpdated { waiting, .. } => format!("lobby.updated {}", waiting.len()),
        Event::LobbyAdmitted { .. } => "lobby.admitted".into(),
        Event::LobbyDenied { why, .. } => format!("lobby.denied {why:?}"),
        Event::AudienceCount { total, .. } => format!("room.audience_count {total}"),
    }
}

/// `name level picture`.
pub fn line(names: &dyn Names, view: &LineView) -> String {
    let (level, picture) =
        (view.quality.level.as_str(), view.quality.picture.as_str().unwrap_or("unasked"));
    format!("{} {level} {picture}", names.of(view.member))
}

/// Scripts call recordings by numbers.
fn number(id: RecordingId) -> u128 {
    id.0.as_u128() & 0xfff
}

fn stream_number(id: StreamId) -> u128 {
    id.0.as_u128() & 0xfff
}

pub fn stream(view: &StreamView) -> String {
    let seconds = |ms: u64| format!(", over after {} s", ms as f64 / 1000.0);
    let duration = view.duration_ms.map_or_else(String::new, seconds);
    let room_stream = if view.room_stream.is_some() { "standing, " } else { "" };
    let why = view.health.why().map_or_else(String::new, |why| format!(": {why}"));
    let (number, health) = (stream_number(view.id), view.health.as_str());
    format!("{number}({room_stream}{health}{why}, {:?}{duration})", view.target)
}

pub fn recording(view: &RecordingView) -> String {
    let seconds = |ms: u64| format!(", {} s", ms as f64 / 1000.0);
    let duration = view.duration_ms.map_or_else(String::new, seconds);
    let failed = if view.failed { ", failed" } else { "" };
    format!("{}({}{duration}{failed})", number(view.id), view.state.as_str())
}

fn ordered(order: &PlaybackOrder) -> String {
    match order {
        PlaybackOrder::Start { url, position_ms, volume } => {
            format!("start {url} at {position_ms} ms, {volume} dB")
        }
        order => format!("{order:?}"),
    }
}

/// `name state at position`, and in brackets what is not as usual.
pub fn playback(names: &dyn Names, view: &PlaybackView) -> String {
    let mut words = format!(
        "{} {} at {} ms",
        names.of(view.id.as_member()),
        view.state.as_str(),
        view.position_ms
    );
    if view.volume != 0 {
        words += &format!(", {} dB", view.volume);
    }
    if !view.seekable {
        words += ", not seekable";
    }
    if let Some(fault) = view.fault {
        words += &format!(", {fault}");
    }
    words
}

/// The fields of a room that changed, as they are now.
fn room(session: &SessionView, updated: &[&str]) -> String {
    let value = |name: &&str| match *name {
        "layout_name" => format!("layout {}", session.layout),
        "locked" => format!("locked {}", session.locked),
        "hide_video_muted" => format!("hide_video_muted {}", session.hide_video_muted),
        "prioritize_handraise" => {
            format!("prioritize_handraise {}", session.settings.prioritize_handraise)
        }
        "meta" => format!("meta {}", meta(&session.meta)),
        "recording" => format!("recording {}", session.is_recording),
        "streaming" => format!("streaming {}", session.is_streaming),
        _ => format!("layout {}", session.layout),
    };
    let mut values: Vec<_> = updated.iter().map(value).collect();
    values.dedup();
    values.join(", ")
}

fn granted(grant: &Grant) -> String {
    let (room_stream, media) = (grant.join_as.as_str(), grant.media_allowed.as_str());
    let names = grant.permissions.as_slice();
    if names == Permissions::defaults().as_slice() {
        return format!("as {room_stream}, {media}, may what is usual");
    }
    let names = if names.is_empty() { "nothing".into() } else { names.join(" ") };
    format!("as {room_stream}, {media}, may {names}")
}

/// Short, because some are as long as they may be.
pub fn meta(meta: &Map<String, Value>) -> String {
    let text = Value::Object(meta.clone()).to_string();
    match text.chars().count() {
        0..=60 => text,
        chars => format!("{{{chars} characters}}"),
    }
}

fn kept(names: &dyn Names, record: &Record) -> String {
    match record {
        Record::SessionStarted(_) => "session started".into(),
        Record::SessionEnded(_) => "session ended".into(),
        Record::MemberJoined(member) => format!("joined {}", person(names, member)),
        Record::MemberLeft(member) => format!("left {}", person(names, member)),
        Record::Happened(event) => said(names, event),
    }
}

fn whole(names: &dyn Names, session: &SessionView) -> String {
    let people: Vec<_> = session.members.iter().map(|m| person(names, m)).collect();
    let audience = session.audience_count;
    let mut words = format!("layout {}, {}, audience {audience}", session.layout, people.join(" "));
    if session.is_recording {
        let known: Vec<_> = session.recordings.iter().map(recording).collect();
        words += &format!(", recording: {}", known.join(" "));
    }
    for view in &session.playbacks {
        words += &format!(", playback {}", playback(names, view));
    }
    if session.is_streaming {
        let known: Vec<_> = session.streams.iter().map(stream).collect();
        words += &format!(", streaming: {}", known.join(" "));
    }
    words
}

/// `name@seat`, and in brackets what is not as usual.
pub fn person(names: &dyn Names, view: &MemberView) -> String {
    let seat = view.current.map_or_else(|| "off-canvas".to_owned(), |seat| seat.to_string());
    let requested = format!("asks {}", view.requested);
    let kind = match view.parent {
        Some(parent) => format!("{} of {}", view.kind.as_str(), names.of(parent)),
        None => view.kind.as_str().to_owned(),
    };
    let dials = dials(view.input_volume, view.output_volume, view.input_sensitivity);
    let notification = format!("meta {}", meta(&view.meta));
    let unusual = [
        (kind.as_str(), kind != "member"),
        ("audio off", view.audio_muted),
        ("video off", view.video_muted),
        ("deaf", view.deaf),
        ("hand up", view.handraised),
        (dials.as_str(), !dials.is_empty()),
        ("not visible", !view.visible),
        ("media lost", view.media_lost),
        (requested.as_str(), view.requested != Position::Auto),
        (notification.as_str(), !view.meta.is_empty()),
    ];
    let unusual: Vec<_> = unusual.iter().filter_map(|(word, is)| is.then_some(*word)).collect();
    let name = names.of(view.id);
    if unusual.is_empty() {
        return format!("{name}@{seat}");
    }
    format!("{name}@{seat}({})", unusual.join(", "))
}

fn canvas(names: &dyn Names, plan: &CanvasPlan) -> String {
    let mut words = vec![format!("{}:", plan.layout)];
    for cell in &plan.cells {
        match cell.shown {
            Shown::Nothing => {}
            Shown::Camera(id) => words.push(format!("{}={}", cell.reservation, names.of(id))),
            Shown::Playing(id) => {
                words.push(format!("{}={} playing", cell.reservation, names.of(id)));
            }
            Shown::MuteImage(id) => {
                words.push(format!("{}={}'s mute image", cell.reservation, names.of(id)));
            }
            Shown::Lost(id) => words.push(format!("{}={} lost", cell.reservation, names.of(id))),
        }
    }
    let empty = plan.cells.iter().filter(|cell| cell.member().is_none()).count();
    if empty > 0 {
        words.push(format!("+{empty} empty"));
    }
    words.join(" ")
}

/// The dials that are not as they were at first.
fn dials(input: i32, output: i32, sensitivity: i32) -> String {
    [("in", input, 0), ("out", output, 0), ("sensitivity", sensitivity, 30)]
        .iter()
        .filter(|(_, value, usual)| value != usual)
        .map(|(name, value, _)| format!("{name} {value}"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn treated(names: &dyn Names, media: &MemberMedia) -> String {
    let word = |muted| if muted { "off" } else { "on" };
    let MemberMedia { member, audio_muted, video_muted, deaf, .. } = *media;
    let MemberMedia { input_volume, output_volume, input_sensitivity, .. } = *media;
    let (audio, video) = (word(audio_muted), word(video_muted));
    let mut words = format!("{}: audio {audio}, video {video}", names.of(member));
    if deaf {
        words += ", deaf";
    }
    let dials = dials(input_volume, output_volume, input_sensitivity);
    if !dials.is_empty() {
        words += &format!(", {dials}");
    }
    words
}
