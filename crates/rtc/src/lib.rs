//! WebRTC legs on real sockets: why this crate exists is that a few threads with one UDP port (and one
//! TCP port) carry every peer connection of the server, and that a picture encoded once is
//! packetised once and shared by all who receive it.
//!
//! It refuses to know rooms, members, roles or codecs' insides. A leg is an opaque [`LegKey`], a
//! broadcast picture stream an opaque [`StreamKey`]; whoever starts the [`Net`] listens with a
//! [`NetEvents`].
//!
//! ```text
//!  callers ── Net (handle) ──► each thread's control, sound and media channels
//!                                               ▼
//!  sockets ── udp / tcp ──► net thread ── Legs (sans-IO: demux, fan-out, one Rtc per leg)
//!                               ▲                 │
//!                               └── Outlet ◄──────┘   events ──► NetEvents
//! ```
//!
//! A leg lives on one thread ([`directory`]); a stream's pictures go to the threads that have receivers of
//! it ([`route`]).

mod adaptation;
mod alarm;
mod answer;
mod catch_up;
mod chooser;
mod clock;
mod command;
mod config;
mod counters;
mod deliver;
mod demux;
mod directory;
mod distribute;
mod drain;
mod driver;
mod dtls;
mod estimate;
mod events;
mod fanout;
mod formats;
#[cfg(any(test, fuzzing))]
pub mod fuzzing;
mod gauge;
mod group;
mod keyframe_budget;
mod keyframe_requests;
mod layers;
mod leg;
mod legs;
mod line_quality;
mod line_watch;
mod liveness;
mod met;
mod negotiate;
mod net;
mod offer;
mod outlet;
mod packetize;
mod picture;
mod playout_delay;
mod receive;
mod records;
mod redundancy;
mod roam;
mod route;
mod run;
mod section;
mod sender;
mod sender_line;
mod sent;
mod shared;
mod sift;
mod sockets;
mod sources;
mod stream;
mod tcp;
mod tcp_conn;
mod tcp_pieces;
mod threads;
mod tier;
mod tier_rate;
mod tiers;
mod transport;
mod udp;

#[cfg(test)]
mod tests;

pub use command::SoundPart;
pub use config::{NetConfig, default_threads, local_candidate_ips};
pub use counters::Counters;
pub use events::{Closed, MediaKind, NetEvents, Rotation, SenderReport, SoundIn, VideoIn};
pub use line_quality::{LineLevel, LineQuality, Way};
pub use negotiate::{Answer, Offer};
pub use net::{Net, NetError, NetJoin};
pub use offer::OfferRefused;
pub use picture::{Picture, VideoCodec};
pub use redundancy::{KEPT, Past};
pub use sender::Uplink;
pub use tier::{Rung, Tier};

/// Names one leg (one peer connection). The caller chooses it and never uses it twice at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LegKey(pub u64);

/// Names one broadcast picture stream (one encoder's output). The caller chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct StreamKey {
    /// Whose pictures they are: a number here.
    pub session: u64,
    /// What they are encoded in.
    pub codec: VideoCodec,
    /// Which size of them.
    pub tier: Tier,
}
