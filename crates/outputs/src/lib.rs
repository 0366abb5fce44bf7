//! What leaves a session beside its legs.
//!
//! [`Outputs`] taps the sessions that somebody records or streams: pictures are copied as they were
//! encoded for members, sound becomes AAC once per session in one `ffmpeg` child; [`Recorder`]s write
//! both into fragmented MP4 files, and a copying child per stream sends both to an RTMP server. A
//! [`Pusher`] posts what is finished to somebody's HTTP server, a [`WebhookSender`] what happened. It knows no permissions, no database and no links; FFmpeg is a
//! program beside this one and is never linked in.
//!
//! [`Recorder`]: recorder

mod aac;
mod adts;
mod avcc;
mod durable_file;
mod ffmpeg;
mod flv;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod mp4;
mod outputs;
mod pcm;
mod preview;
mod push;
mod queue;
mod recorder;
mod rtmp;
mod session_tap;
mod timeline;
mod webhook;

pub use ffmpeg::{Ffmpeg, FfmpegError};
pub use mp4::{Scan, repair, scan};
pub use outputs::{OutputEvents, Outputs, Source};
pub use preview::{PreviewError, animated};
pub use push::{PushError, PushedFilm, Pusher};
pub use recorder::Closed;
pub use rotunda_outbound::UrlRefused;
pub use webhook::{ANSWER_WITHIN, SignedEvent, WebhookAnswer, WebhookError, WebhookSender};
