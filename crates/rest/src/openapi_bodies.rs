//! Bodies as the API document shows them. Requests are not read into these: one wrong field would
//! then hide the others. A test sends every field of them with a wrong type and expects it named,
//! so that the document and the readers cannot part.

#![allow(dead_code, reason = "only their shapes are used")]

use serde_json::Value;
use utoipa::ToSchema;

macro_rules! room_fields {
    ($(#[$doc:meta])* $name:ident { $($extra:tt)* }) => {
        $(#[$doc])*
        #[derive(ToSchema)]
        pub(crate) struct $name {
            $($extra)*
            /// Defaults to the value of name.
            #[schema(max_length = 200)]
            display_name: Option<String>,
            #[schema(max_length = 3000)]
            description: Option<String>,
            #[schema(minimum = 1, maximum = 300, default = 20)]
            max_members: Option<u32>,
            /// 720p or 1080p.
            #[schema(default = "720p")]
            quality: Option<String>,
            /// The room does not accept new participants before this time. RFC 3339, a date
            /// (midnight UTC) or Unix seconds.
            #[schema(format = DateTime)]
            join_from: Option<String>,
            /// The room stops accepting new participants at this time.
            #[schema(format = DateTime)]
            join_until: Option<String>,
            /// Everybody is removed at this time.
            #[schema(format = DateTime)]
            remove_at: Option<String>,
            /// Each person is removed this long after joining.
            #[schema(minimum = 1, maximum = 200000)]
            remove_after_seconds_elapsed: Option<i32>,
            /// The initial layout of each session.
            #[schema(default = "grid-responsive")]
            layout: Option<String>,
            #[schema(default = false)]
            record_on_start: Option<bool>,
            #[schema(default = false)]
            enable_room_previews: Option<bool>,
            audio_video_sync: Option<bool>,
            /// The other name of audio_video_sync, which wins when both are given.
            sync_audio_video: Option<bool>,
            /// At most 2000 characters when written.
            #[schema(value_type = Option<Object>)]
            meta: Option<Value>,
            #[schema(default = false)]
            prioritize_handraise: Option<bool>,
            #[schema(default = true)]
            tone_on_entry_and_exit: Option<bool>,
            #[schema(default = false)]
            room_join_video_off: Option<bool>,
            #[schema(default = false)]
            user_join_video_off: Option<bool>,
            /// Write each member's name into their cell. The operator's default when null.
            logos_visible: Option<bool>,
            /// Cameras may not be switched off.
            #[schema(default = false)]
            blind_mode: Option<bool>,
            /// Microphones may not be switched off.
            #[schema(default = false)]
            silent_mode: Option<bool>,
            /// No tones when somebody comes or goes.
            #[schema(default = false)]
            meeting_mode: Option<bool>,
            /// For whom the chat is: off, members or all (audience, too).
            #[schema(default = "members")]
            enable_chat: Option<String>,
            /// Whoever comes waits until a host lets them in, but for tokens with room.lobby.skip or
            /// room.member.promote.
            #[schema(default = false)]
            lobby: Option<bool>,
        }
    };
}

room_fields! {
    /// A new room.
    CreateRoom {
        /// Unique within the project.
        #[schema(max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
        name: String,
    }
}

room_fields! {
    /// Changes to a room: what is left out stays, null puts a field back to its default.
    UpdateRoom {}
}

/// What a room token is to grant.
#[derive(ToSchema)]
pub(crate) struct CreateRoomToken {
    /// The room need not exist yet.
    #[schema(max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
    room_name: String,
    /// A fresh random name for each authorization when absent.
    #[schema(max_length = 100)]
    user_name: Option<String>,
    /// The eleven defaults when absent; none for audience.
    permissions: Option<Vec<String>>,
    /// Replaces the room's.
    #[schema(format = DateTime)]
    join_from: Option<String>,
    /// Replaces the room's.
    #[schema(format = DateTime)]
    join_until: Option<String>,
    /// Replaces the room's.
    #[schema(format = DateTime)]
    remove_at: Option<String>,
    /// Replaces the room's.
    #[schema(minimum = 1, maximum = 200000)]
    remove_after_seconds_elapsed: Option<i32>,
    #[schema(default = false)]
    join_audio_muted: Option<bool>,
    #[schema(default = false)]
    join_video_muted: Option<bool>,
    /// When false, the room must exist at join time.
    #[schema(default = true)]
    auto_create_room: Option<bool>,
    /// Only for a room this token creates.
    #[schema(default = false)]
    enable_room_previews: Option<bool>,
    /// Only for a room this token creates.
    #[schema(max_length = 200)]
    room_display_name: Option<String>,
    /// The session ends when this member leaves.
    #[schema(default = false)]
    end_room_session_on_leave: Option<bool>,
    /// member or audience.
    #[schema(default = "member")]
    join_as: Option<String>,
    /// all, audio-only or video-only.
    #[schema(default = "all")]
    media_allowed: Option<String>,
    /// At most 2000 characters when written.
    #[schema(value_type = Option<Object>)]
    room_meta: Option<Value>,
    /// At most 2000 characters when written.
    #[schema(value_type = Option<Object>)]
    meta: Option<Value>,
    #[schema(default = false)]
    audio_video_sync: Option<bool>,
    /// The other name of audio_video_sync, which wins when both are given.
    sync_audio_video: Option<bool>,
}

/// Where a stream goes.
#[derive(ToSchema)]
pub(crate) struct StreamBody {
    /// `rtmp://` or `rtmps://`; its last part is the key.
    #[schema(max_length = 800)]
    url: String,
}

/// What is to be done in a session. Beside `action` goes what it is about.
#[derive(ToSchema)]
pub(crate) struct ActionBody {
    /// Of the session: `end`, `lock`, `unlock`, `set_layout`. Of a member: `audio_mute`, `audio_unmute`,
    /// `video_mute`, `video_unmute`, `deaf`, `undeaf`, `lowerhand`, `promote`, `demote`, `remove`. Of
    /// somebody who waits in the lobby: `admit`, `deny`. Of what runs: `start_recording`,
    /// `pause_recording`, `resume_recording`, `stop_recording`, `start_stream`, `stop_stream`, `play`,
    /// `pause_playback`, `resume_playback`, `stop_playback`.
    action: String,
    /// Whom it is about.
    #[schema(format = Uuid)]
    member_id: Option<String>,
    /// Who waits.
    #[schema(format = Uuid)]
    waiter_id: Option<String>,
    /// Of `remove`: what they came by opens the session no more.
    #[schema(default = false)]
    keep_out: Option<bool>,
    /// Of `set_layout`: its name.
    layout: Option<String>,
    /// Of `start_stream` and `play`.
    #[schema(max_length = 2000)]
    url: Option<String>,
    #[schema(format = Uuid)]
    recording_id: Option<String>,
    #[schema(format = Uuid)]
    stream_id: Option<String>,
    #[schema(format = Uuid)]
    playback_id: Option<String>,
}

/// What a link is to be.
#[derive(ToSchema)]
pub(crate) struct LinkBody {
    /// As what it lets in: host, member, guest or audience.
    role: String,
    /// From when on it lets nobody in any more. RFC 3339, a date (midnight UTC) or Unix seconds.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// How often it may be exchanged for a token.
    #[schema(minimum = 1, maximum = 100000)]
    max_uses: Option<u32>,
}

/// Who comes, and by which link: the parts of `/r/NAME#KEY`.
#[derive(ToSchema)]
pub(crate) struct LinkTokenBody {
    #[schema(max_length = 100, pattern = "^[A-Za-z0-9_-]+$")]
    room_name: String,
    #[schema(max_length = 100)]
    key: String,
    /// The visitor's name.
    #[schema(max_length = 100)]
    user_name: String,
}

/// An endpoint that events are sent to.
#[derive(ToSchema)]
pub(crate) struct WebhookBody {
    /// `http://` or `https://`; must be there when it is made.
    #[schema(max_length = 800)]
    url: String,
    /// Names of events and families such as `member.*`; empty or absent is every one.
    #[schema(max_items = 100)]
    events: Option<Vec<String>>,
    #[schema(max_length = 200)]
    description: Option<String>,
    /// Whether anything is sent; true when absent.
    enabled: Option<bool>,
}

/// A new secret.
#[derive(ToSchema)]
pub(crate) struct WebhookSecretBody {
    /// How long the present secret signs as well, seconds; a day when absent.
    #[schema(minimum = 0, maximum = 604800)]
    overlap_seconds: Option<u32>,
}

/// What is sent again.
#[derive(ToSchema)]
pub(crate) struct WebhookReplayBody {
    /// One event; all that were given up when absent.
    #[schema(format = Uuid)]
    event_id: Option<String>,
}

/// 422: everything that is wrong with a request, at once.
#[derive(ToSchema)]
pub(crate) struct ValidationErrors {
    errors: Vec<ValidationError>,
}

/// What is wrong with one field.
#[derive(ToSchema)]
pub(crate) struct ValidationError {
    /// Always validation_error.
    r#type: String,
    /// For programs.
    code: String,
    /// For people.
    message: String,
    attribute: Option<String>,
    /// Where codes are explained.
    url: String,
}

/// Every other error.
#[derive(ToSchema)]
pub(crate) struct PlainError {
    /// The name of the status.
    error: String,
}
