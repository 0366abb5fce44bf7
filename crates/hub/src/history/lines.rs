//! From what a session keeps to rows and event payloads.
//!
//! Payloads use the names of the wire's events, and leave out what would make history grow with
//! the square of a room: the list of members in a session's own events, and a layout's empty cells.

use super::record::{Fps, HistoryRecord};
use rotunda_domain::{
    Event, InHistory, LayoutView, MemberId, MemberView, PlaybackEvent, PlaybackView, ProjectId,
    Record, RecordingEvent, RecordingState, RecordingView, SessionView, StreamEvent, StreamView,
};
use rotunda_store::{
    EventRow, HistoryWrite, MemberRow, RecordingPlace, RecordingRow, RecordingStatus, SessionRow,
    SessionStatus,
};
use serde_json::{Value, json};

/// What to write for a line; `None` for what history does not keep.
pub(super) fn write_of(line: HistoryRecord, fps: Fps) -> Option<HistoryWrite> {
    let HistoryRecord { project, at_epoch_ms, record } = line;
    Some(match record {
        Record::SessionStarted(view) => {
            let row = session_row(&view, fps, at_epoch_ms);
            HistoryWrite::SessionStarted(
                Box::new(row),
                of_session("room.started", &view, at_epoch_ms),
            )
        }
        Record::SessionEnded(view) => HistoryWrite::SessionEnded {
            project,
            session: view.id,
            at_ms: at_epoch_ms,
            event: of_session("room.ended", &view, at_epoch_ms),
        },
        Record::MemberJoined(view) => HistoryWrite::MemberJoined(
            project,
            member_row(&view, at_epoch_ms),
            of_member(project, "member.joined", &view, &[], at_epoch_ms),
        ),
        Record::MemberLeft(view) => HistoryWrite::MemberLeft {
            project,
            session: view.session,
            member: view.id,
            at_ms: at_epoch_ms,
            event: of_member(project, "member.left", &view, &[], at_epoch_ms),
        },
        Record::Happened(event) => return happened(project, event, at_epoch_ms),
    })
}

/// Tells how many mere events of a session were left out before `next`.
pub(super) fn left_out(next: &EventRow, count: u64) -> HistoryWrite {
    let payload = json!({ "count": count });
    HistoryWrite::Event(EventRow {
        room: next.room,
        session: next.session,
        level: "warning".into(),
        ..EventRow::new(next.project, "events.left_out", payload, next.created_at_ms)
    })
}

fn happened(project: ProjectId, event: Event, at_ms: i64) -> Option<HistoryWrite> {
    let kept = event.hearers().history;
    if kept == InHistory::Unkept {
        return None;
    }
    let write = written(project, event, at_ms)?;
    let gives_way = kept == InHistory::MayGiveWay;
    debug_assert_eq!(gives_way, write.is_event_only(), "{}", write.event().name);
    Some(write)
}

/// How an event is written that is kept.
fn written(project: ProjectId, event: Event, at_ms: i64) -> Option<HistoryWrite> {
    Some(match event {
        Event::RoomUpdated { session, updated } => {
            let mut event = of_session("room.updated", &session, at_ms);
            event.payload["room_session"]["updated"] = json!(updated);
            HistoryWrite::SessionChanged {
                project,
                session: session.id,
                locked: session.locked,
                settings: Box::new(session.settings),
                event,
                is_reported: true,
            }
        }
        Event::MemberUpdated { member, updated } => {
            HistoryWrite::Event(of_member(project, "member.updated", &member, &updated, at_ms))
        }
        Event::LayoutChanged(view) => HistoryWrite::Event(of_layout(project, &view, at_ms)),
        Event::Recording(reported, view) => {
            let row = recording_row(project, &view, at_ms);
            let event = of_recording(project, reported, &view, at_ms);
            HistoryWrite::Recording(Box::new(row), event)
        }
        Event::Digits { room, session, member, digits } => {
            let payload = json!({"room_id": room.0, "room_session_id": session.0,
                "member_id": member.0, "digits": digits});
            let mut event = EventRow::new(project, "member.digits", payload, at_ms);
            (event.room, event.session, event.member) = (Some(room), Some(session), Some(member));
            HistoryWrite::Event(event)
        }
        Event::Stream(reported, view) => {
            HistoryWrite::Event(of_stream(project, reported, &view, at_ms))
        }
        Event::Playback(reported, view) => {
            HistoryWrite::Event(of_playback(project, reported, &view, at_ms))
        }
        // These are unkept.
        Event::RoomStarted(_)
        | Event::RoomEnded(_)
        | Event::MemberJoined(_)
        | Event::MemberLeft(_)
        | Event::RoomSubscribed { .. }
        | Event::RoomShown(_)
        | Event::RoleChanged { .. }
        | Event::MemberTalking { .. }
        | Event::NetworkQuality(_)
        | Event::ChatMessage { .. }
        | Event::Caption { .. }
        | Event::LobbyUpdated { .. }
        | Event::LobbyAdmitted { .. }
        | Event::LobbyDenied { .. }
        | Event::AudienceCount { .. } => return None,
    })
}

fn session_row(view: &SessionView, fps: Fps, at_ms: i64) -> SessionRow {
    SessionRow {
        id: view.id,
        project: view.project,
        room: view.room,
        auto_created: view.auto_created,
        settings: view.settings.clone(),
        fps: fps.of(view.settings.quality),
        locked: view.locked,
        status: SessionStatus::InProgress,
        start_ms: view.started_at_ms,
        end_ms: None,
        created_at_ms: at_ms,
        updated_at_ms: at_ms,
    }
}

fn member_row(view: &MemberView, at_ms: i64) -> MemberRow {
    MemberRow {
        id: view.id,
        session: view.session,
        name: view.name.to_string(),
        kind: view.kind.as_str().into(),
        join_ms: at_ms,
        leave_ms: None,
    }
}

fn of_session(name: &str, view: &SessionView, at_ms: i64) -> EventRow {
    let payload = json!({ "room_session": {
        "id": view.id.0,
        "room_id": view.room.0,
        "name": view.settings.name,
        "display_name": view.settings.display_name,
        "quality": view.settings.quality.as_str(),
        "max_members": view.settings.max_members,
        "layout_name": &*view.layout,
        "locked": view.locked,
        "hide_video_muted": view.hide_video_muted,
        "meta": view.meta,
        "audience_count": view.audience_count,
        "member_count": view.members.len(),
    }});
    EventRow {
        room: Some(view.room),
        session: Some(view.id),
        ..EventRow::new(view.project, name, payload, at_ms)
    }
}

fn of_member(
    project: ProjectId,
    name: &str,
    view: &MemberView,
    updated: &[&str],
    at_ms: i64,
) -> EventRow {
    let mut member = json!({
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "name": &*view.name,
        "type": view.kind.as_str(),
        "parent_id": view.parent.map(|id| id.0),
        "requested_position": view.requested.to_string(),
        "current_position": view.current.map(|at| at.to_string()),
        "visible": view.visible,
        "media_lost": view.media_lost,
        "audio_muted": view.audio_muted,
        "video_muted": view.video_muted,
        "deaf": view.deaf,
        "handraised": view.handraised,
        "input_volume": view.input_volume,
        "output_volume": view.output_volume,
        "input_sensitivity": view.input_sensitivity,
        "meta": view.meta,
    });
    if !updated.is_empty() {
        member["updated"] = json!(updated);
    }
    EventRow {
        room: Some(view.room),
        session: Some(view.session),
        member: Some(view.id),
        ..EventRow::new(project, name, json!({ "member": member }), at_ms)
    }
}

/// Without its address, which may hold somebody's secrets.
fn of_playback(
    project: ProjectId,
    reported: PlaybackEvent,
    view: &PlaybackView,
    at_ms: i64,
) -> EventRow {
    let payload = json!({ "playback": {
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "state": view.state.as_str(),
        "volume": view.volume,
        "position": view.position_ms,
        "seekable": view.seekable,
        "error": view.fault.map(|fault| fault.to_string()),
    }});
    EventRow {
        room: Some(view.room),
        session: Some(view.session),
        ..EventRow::new(project, reported.name(), payload, at_ms)
    }
}

/// Without the key, which is a secret.
fn of_stream(project: ProjectId, reported: StreamEvent, view: &StreamView, at_ms: i64) -> EventRow {
    let payload = json!({ "stream": {
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "room_stream_id": view.room_stream.map(|id| id.0),
        "state": view.state().as_str(),
        "health": view.health.as_str(),
        "url": view.target.without_key(),
        "duration": view.duration_ms.map(|ms| ms as f64 / 1000.0),
        "error": view.health.why(),
    }});
    let is_trouble = reported == StreamEvent::Interrupted;
    EventRow {
        room: Some(view.room),
        session: Some(view.session),
        level: if is_trouble { "warning".into() } else { "info".into() },
        ..EventRow::new(project, reported.name(), payload, at_ms)
    }
}

fn of_layout(project: ProjectId, view: &LayoutView, at_ms: i64) -> EventRow {
    let taken = |(index, cell): (usize, &rotunda_domain::PlannedCell)| -> Option<Value> {
        let MemberId(member) = cell.member()?;
        Some(json!({
            "layer_index": index,
            "reservation": cell.reservation.to_string(),
            "member_id": member,
        }))
    };
    let layers: Vec<Value> = view.plan.cells.iter().enumerate().filter_map(taken).collect();
    let payload = json!({ "layout": {
        "name": &*view.plan.layout,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "layers": layers,
    }});
    EventRow {
        room: Some(view.room),
        session: Some(view.session),
        ..EventRow::new(project, "layout.changed", payload, at_ms)
    }
}

fn recording_row(project: ProjectId, view: &RecordingView, at_ms: i64) -> RecordingRow {
    RecordingRow {
        id: view.id,
        project,
        session: view.session,
        // Over is not whole: that is told when the file is.
        status: match view.state {
            RecordingState::Recording => RecordingStatus::Recording,
            RecordingState::Paused => RecordingStatus::Paused,
            RecordingState::Completed => RecordingStatus::Processing,
        },
        started_ms: view.started_at_ms,
        finished_ms: view.ended_at_ms,
        duration_ms: None,
        bytes: None,
        is_seekable: false,
        place: RecordingPlace::Local,
        created_at_ms: at_ms,
        updated_at_ms: at_ms,
    }
}

fn of_recording(
    project: ProjectId,
    reported: RecordingEvent,
    view: &RecordingView,
    at_ms: i64,
) -> EventRow {
    let payload = json!({ "recording": {
        "id": view.id.0,
        "room_id": view.room.0,
        "room_session_id": view.session.0,
        "state": view.state.as_str(),
        "duration": view.duration_ms.map(|ms| ms as f64 / 1000.0),
        "failed": view.failed,
    }});
    EventRow {
        room: Some(view.room),
        session: Some(view.session),
        recording: Some(view.id.0),
        level: if view.failed { "error".into() } else { "info".into() },
        ..EventRow::new(project, reported.name(), payload, at_ms)
    }
}
