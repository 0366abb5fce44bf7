//! A headless client: joins rooms over the real WebSocket and real UDP or ICE-TCP, sends synthetic
//! or recorded media, and measures what comes back. It exists for tests that need many, raw or
//! misbehaving clients, and for benchmarks.
//!
//! It is an independent reading of the protocol: it shares no rule with the server and refuses to
//! know the server's crates, except the one that wraps the C codecs.
//!
//! Everything runs in tasks of the caller's tokio runtime: a few per client, so that one process
//! carries hundreds. What happened is written down as facts; a test waits on facts, never on time.
//!
//! ```text
//!  Client ─┬─ Signal ── WebSocket: requests, replies, events ──► Journal
//!          ├─ Leg ───── own socket, own peer connection ───────► LegFacts, Probe
//!          └─ camera, microphone ──► Leg
//! ```

mod camera;
mod child;
mod child_kind;
mod client;
mod content;
pub mod cpu;
mod error;
mod flash;
mod ivf;
mod journal;
mod leg;
mod leg_command;
mod leg_shared;
mod leg_task;
mod level;
mod microphone;
mod ogg;
mod options;
mod pace;
mod peer;
mod picture;
mod probe;
mod raw;
mod receive;
mod seen;
mod sight;
mod signal;
mod sources;
mod stamp;
mod timeline;
mod transport;
mod verto;
mod wire;

pub use camera::Camera;
pub use child::Child;
pub use child_kind::ChildKind;
pub use client::{Client, Seat};
pub use content::Content;
pub use error::{ClientError, Refused};
pub use flash::{FlashBeep, Offset};
pub use ivf::Clip;
pub use journal::{Beat, Event, Journal};
pub use leg::{Leg, LegOptions};
pub use level::{level_dbfs, tone_dbfs};
pub use microphone::{Microphone, Voice};
pub use ogg::OpusFile;
pub use options::{JoinOptions, Resume};
pub use picture::{fitted, mean_of, psnr};
pub use probe::{Heard, Probe, Seen};
pub use raw::{RawPicture, RawSound};
pub use receive::{Receive, Watch};
pub use rotunda_codec::{Frame, FrameView, Rect, VideoCodec, Yuv};
pub use seen::{Arrival, LegFacts, PictureFacts, SoundFacts};
pub use signal::Signal;
pub use sources::Sources;
pub use stamp::{Stamp, StampReader, StampSeen, draw_stamp, read_stamp};
pub use timeline::Timeline;
pub use transport::Transport;
