//! Facts to deliver, with ids that are easy to read in a transcript.

use rotunda_domain::chat::Caption;
use rotunda_domain::line::Way;
use rotunda_domain::{
    Area, CanvasPlan, ChatId, ChatMessage, Dismissal, Event, LayoutView, LegId, LineLevel,
    LineQuality, LineView, MemberId, MemberKind, MemberView, PictureSize, PlannedCell,
    PlaybackEvent, PlaybackFault, PlaybackId, PlaybackState, PlaybackView, Position, ProjectId,
    RecordingEvent, RecordingId, RecordingState, RecordingView, Reservation, RoomId, RoomSettings,
    SessionId, SessionView, Shown, Size, StreamEvent, StreamHealth, StreamId, StreamTarget,
    StreamView, WaiterId, Waiting,
};
use rotunda_hub::Dispatch;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

pub const PROJECT: ProjectId = ProjectId(Uuid::from_u128(0xaaaa));
pub const ROOM: RoomId = RoomId(Uuid::from_u128(0xbbbb));
pub const SESSION: SessionId = SessionId(Uuid::from_u128(0xcccc));
pub const ALICE: MemberId = MemberId(Uuid::from_u128(0xa1));
pub const BOB: MemberId = MemberId(Uuid::from_u128(0xb0));

/// Somebody on `seat`.
pub fn member(id: MemberId, name: &str, seat: Option<u32>) -> MemberView {
    MemberView {
        id,
        room: ROOM,
        session: SESSION,
        name: name.into(),
        kind: MemberKind::Member,
        parent: None,
        requested: Position::Auto,
        current: seat.map(Reservation::Standard),
        visible: seat.is_some(),
        media_lost: false,
        audio_muted: false,
        video_muted: false,
        deaf: false,
        handraised: false,
        hand_raised_at_ms: None,
        input_volume: 0,
        output_volume: 0,
        input_sensitivity: 30,
        meta: serde_json::Map::new(),
    }
}

/// A session with Alice and Bob, the latter off the canvas.
pub fn session() -> SessionView {
    let mut settings = RoomSettings::named("lab");
    settings.display_name = "The Lab".into();
    SessionView {
        id: SESSION,
        room: ROOM,
        project: PROJECT,
        event_channel: "EC_lab".into(),
        preview_url: Some("https://rooms.example/api/video/previews/abc".into()),
        settings,
        auto_created: false,
        layout: "2x1".into(),
        locked: false,
        hide_video_muted: false,
        meta: serde_json::Map::new(),
        audience_count: 3,
        is_recording: false,
        recordings: Vec::new(),
        playbacks: Vec::new(),
        streams: Vec::new(),
        is_streaming: false,
        members: vec![member(ALICE, "Alice", Some(1)), member(BOB, "Bob", None)],
        started_at_ms: 0,
    }
}

fn plan() -> CanvasPlan {
    let cell = |n, x, shown| PlannedCell {
        reservation: Reservation::Standard(n),
        area: Area { x, y: 0, width: 426, height: 720 },
        z: 0,
        shown,
        name: "".into(),
    };
    let cells = vec![
        cell(1, 0, Shown::Camera(ALICE)),
        cell(2, 640, Shown::MuteImage(BOB)),
        cell(3, 854, Shown::Nothing),
    ];
    CanvasPlan { layout: "2x1".into(), size: Size { width: 1280, height: 720 }, cells }
}

/// A narrow line, of which nobody has reported any jitter.
fn quality() -> LineView {
    let down = Way { lost_per_mille: Some(25), jitter_ms: None, kbps: 96 };
    let quality = LineQuality {
        level: LineLevel::Poor,
        picture: PictureSize::Quarter,
        is_over_tcp: false,
        round_trip_ms: Some(180),
        down,
        up: Way { lost_per_mille: Some(0), jitter_ms: Some(4), kbps: 410 },
    };
    let (kind, name) = (MemberKind::Member, "Alice".into());
    LineView { member: ALICE, room: ROOM, session: SESSION, name, kind, quality }
}

/// A fact by the name a script uses for it.
pub fn fact(name: &str) -> Event {
    let (room, session_id) = (ROOM, SESSION);
    match name {
        "subscribed" => Event::RoomSubscribed {
            call_id: LegId("leg-1".into()),
            member: ALICE,
            session: Box::new(session()),
        },
        "shown" => Event::RoomShown(Box::new(session())),
        "started" => Event::RoomStarted(Box::new(session())),
        "ended" => Event::RoomEnded(Box::new(session())),
        "updated" => Event::RoomUpdated {
            session: Box::new(session()),
            updated: vec!["layout_name", "locked"],
        },
        "joined" => Event::MemberJoined(member(BOB, "Bob", Some(2))),
        "left" => Event::MemberLeft(member(BOB, "Bob", None)),
        "seeded" => Event::MemberUpdated { member: member(BOB, "Bob", None), updated: vec![] },
        "muted" => Event::MemberUpdated {
            member: MemberView { audio_muted: true, ..member(ALICE, "Alice", Some(1)) },
            updated: vec!["audio_muted"],
        },
        "hand" => Event::MemberUpdated {
            member: MemberView {
                handraised: true,
                hand_raised_at_ms: Some(1_795_293_666_072),
                ..member(ALICE, "Alice", Some(1))
            },
            updated: vec!["handraised"],
        },
        "written" | "deleted" => {
            let is_deleted = name == "deleted";
            let text = if is_deleted { "" } else { "hello" };
            let message = ChatMessage {
                id: ChatId(uuid::Uuid::from_u128(0xc0)),
                from: Some(ALICE),
                name: "Alice".into(),
                to: (!is_deleted).then_some(BOB),
                text: text.into(),
                at_ms: 1_795_293_666_072,
                is_deleted,
            };
            Event::ChatMessage { room, session: session_id, message }
        }
        "caption" => {
            let (from, name, lang) = (Some(ALICE), "Alice".into(), "en".into());
            let caption = Caption { text: "hello".into(), is_final: true, lang };
            Event::Caption { room, session: session_id, from, name, caption }
        }
        "knocked" => {
            let id = WaiterId(uuid::Uuid::from_u128(0xd0));
            let one = Waiting { id, name: "Cid".into(), since_ms: 1_795_293_660_500 };
            Event::LobbyUpdated { room, session: session_id, waiting: Arc::new([one]) }
        }
        "admitted" => {
            let id = WaiterId(uuid::Uuid::from_u128(0xd0));
            Event::LobbyAdmitted { room, session: session_id, id }
        }
        "denied" => {
            let (id, why) = (WaiterId(uuid::Uuid::from_u128(0xd0)), Dismissal::Denied);
            Event::LobbyDenied { room, session: session_id, id, why }
        }
        "talking" => {
            Event::MemberTalking { room, session: session_id, member: ALICE, talking: true }
        }
        "quality" => Event::NetworkQuality(quality()),
        "layout" => {
            Event::LayoutChanged(LayoutView { room, session: session_id, plan: Arc::new(plan()) })
        }
        "audience" => Event::AudienceCount { room, session: session_id, total: 3 },
        "digits" => Event::Digits { room, session: session_id, member: ALICE, digits: "1#".into() },
        output => of_output(output),
    }
}

/// What is told of recordings, playbacks and streams.
fn of_output(name: &str) -> Event {
    let (room, session) = (ROOM, SESSION);
    let (id, at_ms) = (Uuid::from_u128(0xf0), 1_795_293_666_072);
    let is_over = name == "unrecorded" || name == "failed";
    let ended_at_ms = is_over.then_some(at_ms + 1_500);
    match name {
        "recorded" | "unrecorded" => {
            let (reported, state) = match is_over {
                true => (RecordingEvent::Ended, RecordingState::Completed),
                false => (RecordingEvent::Started, RecordingState::Recording),
            };
            let view = RecordingView {
                id: RecordingId(id),
                room,
                session,
                state,
                duration_ms: is_over.then_some(1_500),
                started_at_ms: at_ms,
                ended_at_ms,
                failed: is_over,
            };
            Event::Recording(reported, view)
        }
        "played" | "failed" => {
            let view = PlaybackView {
                id: PlaybackId(id),
                room,
                session,
                state: if is_over { PlaybackState::Completed } else { PlaybackState::Playing },
                url: "https://films.example/one.mp4".into(),
                volume: -10,
                position_ms: 500,
                seekable: true,
                started_at_ms: at_ms,
                ended_at_ms,
                fault: is_over.then_some(PlaybackFault::Refused(404)),
            };
            Event::Playback(PlaybackEvent::Started, view)
        }
        "streamed" => {
            let view = StreamView {
                id: StreamId(id),
                room,
                session,
                target: StreamTarget::parse("rtmp://live.example/app/key").unwrap(),
                room_stream: None,
                health: StreamHealth::Retrying("nobody answers".into()),
                started_at_ms: at_ms,
                ended_at_ms: None,
                duration_ms: None,
            };
            Event::Stream(StreamEvent::Started, view)
        }
        other => panic!("no such fact: {other}"),
    }
}

/// A fact on its way.
pub fn dispatch(name: &str) -> Arc<Dispatch> {
    dispatched(fact(name))
}

/// An event on its way.
pub fn dispatched(event: Event) -> Arc<Dispatch> {
    Arc::new(Dispatch {
        event,
        at_epoch_ms: 1_795_293_666_072,
        project: PROJECT,
        channel: "EC_lab".into(),
        text: OnceLock::new(),
        text_with_hands: OnceLock::new(),
    })
}
