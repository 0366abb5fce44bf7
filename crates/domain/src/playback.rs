//! What there is to say of a playback: a foreign film or sound, seen and heard in the session.

use crate::id::{PlaybackId, RoomId, SessionId};
use crate::layout::Position;
use crate::refusal::Refusal;
use crate::target::Target;
use std::sync::Arc;

/// Where a playback stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybackState {
    /// It runs, or is about to.
    Playing,
    /// It stands still.
    Paused,
    /// It is over.
    Completed,
}

impl PlaybackState {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Playing => "playing",
            Self::Paused => "paused",
            Self::Completed => "completed",
        }
    }
}

/// Why a playback ended before its end; displayed as the word on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlaybackFault {
    /// The source, or where it led, is at an address that may not be reached from here.
    #[error("url_is_unsafe")]
    Unsafe,
    /// There is no such host, or nobody takes the connection.
    #[error("source_unreachable")]
    Unreachable,
    /// It does not prove who it is.
    #[error("source_untrusted")]
    Untrusted,
    /// It was reached and says nothing, or nothing more.
    #[error("source_silent")]
    Silent,
    /// It answered with this status code.
    #[error("source_refused")]
    Refused(u16),
    /// It leads on and on.
    #[error("source_redirects")]
    Redirects,
    /// It packs what it sends in a way nobody asked for.
    #[error("source_packed")]
    Packed,
    /// The source holds nothing that can be played.
    #[error("source_unreadable")]
    Unreadable,
    /// It is of this kind, which is not played.
    #[error("source_unsupported")]
    Unsupported(&'static str),
    /// Its playlist is too long or names too many addresses.
    #[error("source_playlist_too_large")]
    PlaylistTooLarge,
    /// It is encrypted otherwise than as whole segments with AES-128.
    #[error("source_encrypted")]
    Encrypted,
    /// A source that had been playing did not return.
    #[error("source_lost")]
    Lost,
    /// What plays it is missing here.
    #[error("player_missing")]
    NoPlayer,
    /// Others took the last place in the same moment.
    #[error("player_full")]
    Full,
}

impl PlaybackFault {
    /// The same for people, with what could be done.
    pub fn words(self) -> String {
        let fixed = match self {
            Self::Refused(status) => return format!("the source answered {status}"),
            Self::Unsupported(kind) => {
                return format!(
                    "{kind} cannot be played; MP4, WebM, Matroska, MPEG-TS, HLS, FLV, MP3, AAC, \
                     Ogg, FLAC, WAV and RTMP can"
                );
            }
            Self::Unsafe => "url leads to an address that may not be reached from here",
            Self::Unreachable => "there is no such host, or it takes no connection",
            Self::Untrusted => "the source's certificate is not trusted, or it speaks no TLS",
            Self::Silent => "the source was reached but does not answer, or fell silent",
            Self::Redirects => "the source redirects too often",
            Self::Packed => "the source packs what it sends in a way nobody asked for",
            Self::Unreadable => "the source was read, but holds nothing that can be played",
            Self::PlaylistTooLarge => "the source's playlist is too long",
            Self::Encrypted => {
                "the source is encrypted; of HLS only AES-128 is played, not SAMPLE-AES"
            }
            Self::Lost => "the source broke off and did not return",
            Self::NoPlayer => "the programs that play are missing on this server",
            Self::Full => "this server plays as much as it may (playback.max_at_once)",
        };
        fixed.to_owned()
    }
}

/// A playback at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct PlaybackView {
    /// Which.
    pub id: PlaybackId,
    /// Room of the session.
    pub room: RoomId,
    /// The session.
    pub session: SessionId,
    /// Where it stands.
    pub state: PlaybackState,
    /// What is played.
    pub url: Arc<str>,
    /// −50…50 dB; −50 is silence.
    pub volume: i32,
    /// How far it is, milliseconds from its beginning.
    pub position_ms: u64,
    /// Whether one can seek in it; live sources have no other place.
    pub seekable: bool,
    /// When it began, milliseconds since 1970 UTC.
    pub started_at_ms: i64,
    /// When it ended.
    pub ended_at_ms: Option<i64>,
    /// Why it ended, unless it was stopped or came to its end.
    pub fault: Option<PlaybackFault>,
}

/// What is told of a playback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybackEvent {
    /// It began.
    Started,
    /// It was paused, goes on, was turned or moved, or more is known of it.
    Updated,
    /// It is over.
    Ended,
}

impl PlaybackEvent {
    /// The name it goes by, in history and behind `video.` on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Started => "playback.started",
            Self::Updated => "playback.updated",
            Self::Ended => "playback.ended",
        }
    }
}

/// A wish to play something.
#[derive(Clone, Debug)]
pub struct Play {
    /// What the playback will be called; drawn by the caller, because rules draw nothing.
    pub playback: PlaybackId,
    /// What to play.
    pub url: Arc<str>,
    /// How loud, dB.
    pub volume: i64,
    /// Where to begin, milliseconds.
    pub position_ms: i64,
    /// Who is to sit where, in the same step; [`Target::Oneself`] is the playback.
    pub positions: Vec<(Target, Position)>,
    /// A layout to set in the same step.
    pub layout: Option<String>,
    /// Why this cannot be played here, learnt before; asked after the permission.
    pub hindrance: Option<Refusal>,
}

/// What a playback that runs can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybackControl {
    /// Stand still.
    Pause,
    /// Go on.
    Resume,
    /// End.
    Stop,
    /// Be this loud, dB.
    Volume(i64),
    /// Go to this place, milliseconds from the beginning.
    SeekTo(i64),
    /// Go so much forward, or back, milliseconds.
    SeekBy(i64),
}

/// What the engine is to do about a playback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaybackOrder {
    /// Begin.
    Start {
        /// What to play.
        url: Arc<str>,
        /// From where, milliseconds.
        position_ms: u64,
        /// How loud, dB.
        volume: i32,
    },
    /// Stand still, the picture shown.
    Pause,
    /// Go on.
    Resume,
    /// Go on, or stand, at another place; milliseconds.
    Seek(u64),
    /// Be this loud, dB.
    Volume(i32),
    /// End; nothing follows, and nothing more is told.
    Stop,
}

/// What the world tells of a playback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlaybackOutcome {
    /// It was opened.
    Opened {
        /// Whether one can seek in it.
        seekable: bool,
        /// How long it is, milliseconds, if it has an end.
        duration_ms: Option<u64>,
    },
    /// It runs, from this place on.
    Runs(u64),
    /// It waits for its source at this place.
    Waits(u64),
    /// It is over: by its end, or by a fault.
    Over(Option<PlaybackFault>),
}
