//! Threads, queues and clocks around the arithmetic of pictures and sound.
//!
//! A [`Graph`] holds every session's canvas and mix. Encoded media of members goes in through an
//! [`Intake`]; a composed picture, encoded once, and mixes, encoded once per distinct mix, come out
//! of [`Out`]. It knows no RTP, no sockets and no permissions.

mod budget;
mod canvas;
mod canvas_desk;
mod chimes;
mod claim;
mod codecs;
mod decode_pool;
mod decode_queue;
mod decoded;
mod delivery;
mod effort;
mod encoder_slot;
mod graph;
mod intake;
mod jitter;
#[cfg(test)]
mod jitter_lines;
mod keyframe_need;
mod lateness;
mod leader;
mod lending;
mod lip_sync;
mod listeners;
mod load;
mod mixer;
mod options;
mod out;
mod overload;
mod overload_watch;
mod painter;
mod pcm;
mod phase;
mod pictures;
mod playback_sound;
mod presentation_slot;
mod priority;
mod relief;
mod senders;
mod shot_decoder;
mod sight;
mod similarity;
mod skew;
mod smaller;
mod snapshot;
mod sound_packet;
mod sound_track;
mod source;
mod stillness;
mod stretch;
mod tap;
mod ticker;
mod track;
mod uplink;
mod voice;

pub use decode_queue::EncodedVideo;
pub use graph::{Graph, RoomFigures};
pub use intake::{Film, Intake};
pub use lip_sync::{Kind, LipSync};
pub use options::{CanvasSpec, GraphOptions};
pub use out::{MixPart, Out, Past};
pub use overload::Step;
pub use overload_watch::GraphLoad;
pub use playback_sound::{PlaybackSound, SAMPLES};
pub use presentation_slot::Shot;
pub use rotunda_codec::{EncodedFrame, Frame, Rotation, VideoCodec};
pub use smaller::Tier;
pub use snapshot::Taker;
pub use sound_packet::SoundPacket;
pub use sound_track::SoundTrack;
pub use tap::{AccessUnit, Tap, TapKey, WholeMix};
pub use track::Track;
pub use uplink::Wanted;
