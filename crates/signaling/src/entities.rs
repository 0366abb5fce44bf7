//! People, sessions, canvases and what belongs to them, as they are written (wire protocol §9.6): fields and
//! their types, in the order in which they are sent. `json` fills them.

use crate::shape::{Percent, Seat, Sometimes, Word, shape};
use rotunda_domain::{
    LineLevel, LinkRole, MemberKind, PictureSize, PlaybackState, Position, RecordingState,
    Reservation, StreamState,
};
use serde_json::{Map, Value};
use std::sync::Arc;
use uuid::Uuid;

shape! {
    /// Somebody.
    Member<'a> {
        id: Uuid,
        room_id: Uuid,
        room_session_id: Uuid,
        /// The project's, as in the connect result.
        scope_id: Uuid,
        name: Arc<str>,
        r#type: Word<MemberKind>,
        /// Whose screen or device it is.
        parent_id: Option<Uuid>,
        requested_position: Word<Position>,
        current_position: Word<Seat>,
        /// Whether their picture is on the canvas.
        visible: bool,
        /// Nothing comes from them any more.
        media_lost: bool,
        audio_muted: bool,
        video_muted: bool,
        deaf: bool,
        handraised: bool,
        /// −50 to 50.
        input_volume: i32,
        /// −50 to 50.
        output_volume: i32,
        /// 0 to 100.
        input_sensitivity: i32,
        /// What the application keeps with them.
        meta: &'a Map<String, Value>,
        /// Since when the hand is up, in seconds since 1970 UTC; for connections that named it.
        hand_raised_at: Sometimes<Option<f64>>,
    }
}

shape! {
    /// A session, with everybody in it.
    Session<'a> {
        id: Uuid,
        room_session_id: Uuid,
        room_id: Uuid,
        project_id: Uuid,
        event_channel: Arc<str>,
        name: &'a str,
        display_name: &'a str,
        layout_name: Arc<str>,
        /// Nobody else may join.
        locked: bool,
        recording: bool,
        streaming: bool,
        hide_video_muted: bool,
        prioritize_handraise: bool,
        logos_visible: bool,
        blind_mode: bool,
        silent_mode: bool,
        meeting_mode: bool,
        /// What the application keeps with it.
        meta: &'a Map<String, Value>,
        audience_count: u32,
        preview_url: Option<&'a str>,
        /// Those that are not over, for those who may know of them.
        recordings: Vec<Recording>,
        /// Those that are not over, for those who may know of them.
        playbacks: Vec<Playback>,
        /// Those that are not over, for those who may know of them.
        streams: Vec<Stream>,
        members: Vec<Member<'a>>,
    }
}

shape! {
    /// A recording; times are seconds since 1970 UTC.
    Recording {
        id: Uuid,
        room_id: Uuid,
        room_session_id: Uuid,
        state: Word<RecordingState>,
        /// In seconds, as soon as it is over.
        duration: Option<f64>,
        started_at: f64,
        ended_at: Option<f64>,
        /// Why it is not what it should be.
        error: Sometimes<&'static str>,
    }
}

shape! {
    /// A playback; times are seconds since 1970 UTC.
    Playback {
        id: Uuid,
        room_id: Uuid,
        room_session_id: Uuid,
        state: Word<PlaybackState>,
        url: Arc<str>,
        /// −50 to 50.
        volume: i32,
        /// How far it is, in milliseconds.
        position: u64,
        seekable: bool,
        started_at: f64,
        ended_at: Option<f64>,
        /// Why it ended, unless it was stopped or came to its end.
        error: Option<String>,
        /// The same for people.
        error_message: Option<String>,
    }
}

shape! {
    /// A stream; times are seconds since 1970 UTC.
    Stream {
        id: Uuid,
        room_id: Uuid,
        room_session_id: Uuid,
        state: Word<StreamState>,
        url: String,
        /// In seconds, as soon as it is over.
        duration: Option<f64>,
        started_at: f64,
        ended_at: Option<f64>,
        /// `connecting`, `live`, `retrying` or `failed`.
        health: &'static str,
        /// Why it does not go.
        error: Option<String>,
    }
}

shape! {
    /// Somebody who waits to be let in.
    Waiting {
        id: Uuid,
        name: Arc<str>,
        /// In seconds since 1970 UTC.
        since: f64,
    }
}

shape! {
    /// A link that opens the room.
    RoomLink {
        id: Uuid,
        /// As what it lets in.
        role: Word<LinkRole>,
        /// From when on it opens nothing, in seconds since 1970 UTC.
        expires_at: Option<i64>,
        /// How often it may be used.
        max_uses: Option<u32>,
        /// How often it was.
        uses: u32,
        /// In seconds since 1970 UTC.
        created_at: f64,
        /// What stands behind the `#` of `/r/NAME#KEY`; in the answer that made it alone.
        key: Sometimes<String>,
    }
}

shape! {
    /// A message of the chat.
    ChatMessage {
        id: Uuid,
        /// Who sent it; null is the application.
        from: Option<Uuid>,
        /// The sender's name then.
        name: Arc<str>,
        /// Plain text; empty once it was deleted.
        text: Arc<str>,
        /// When it was sent, in seconds since 1970 UTC.
        at: f64,
        /// The member it is for alone.
        to: Sometimes<Uuid>,
        /// That it was deleted.
        deleted: Sometimes<bool>,
    }
}

shape! {
    /// What somebody says, in letters.
    Caption<'a> {
        /// Who pushed it; null is the application.
        member_id: Option<Uuid>,
        name: Arc<str>,
        text: &'a str,
        /// The next piece of the same member replaces what is not final.
        r#final: bool,
        /// Language tag (RFC 5646).
        lang: &'a str,
    }
}

shape! {
    /// A layout with everybody in it.
    Layout {
        id: Arc<str>,
        name: Arc<str>,
        room_id: Uuid,
        room_session_id: Uuid,
        layers: Vec<Layer>,
    }
}

shape! {
    /// One rectangle of a layout, in percent of the canvas.
    Layer {
        layer_index: usize,
        z_index: i32,
        x: Percent,
        y: Percent,
        width: Percent,
        height: Percent,
        member_id: Option<Uuid>,
        reservation: Word<Reservation>,
        position: Word<Reservation>,
        /// Whether a playback is shown there.
        playing_file: bool,
        /// Whether somebody is there with the camera on.
        visible: bool,
    }
}

shape! {
    /// How good a line is; what nobody has reported is null.
    LineQuality {
        level: Word<LineLevel>,
        /// What is sent of the canvas; null where no picture was asked for.
        picture: Word<PictureSize>,
        over_tcp: bool,
        round_trip_ms: Option<u32>,
        /// What is sent to them.
        down: LineWay,
        /// What comes from them.
        up: LineWay,
    }
}

shape! {
    /// One way of a line.
    LineWay {
        loss_percent: Option<f64>,
        jitter_ms: Option<u32>,
        kbps: u32,
    }
}

shape! {
    /// Somebody of whom nothing more is told.
    MemberName {
        id: Uuid,
        room_id: Uuid,
        room_session_id: Uuid,
    }
}

shape! {
    /// Somebody who began or stopped talking.
    TalkingMember {
        id: Uuid,
        room_id: Uuid,
        room_session_id: Uuid,
        talking: bool,
    }
}
