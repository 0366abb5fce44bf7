//! What the acceptance tests need: the built server as a process of its own, with free ports and a
//! data folder that is gone afterwards, and its REST side as an application uses it.
//!
//! It refuses to know the server's crates: everything goes through the process's doors.

mod bucket;
mod film;
mod hook_receiver;
mod http;
mod machine;
mod peer;
mod people;
mod process;
mod receiver;
mod rtmp_server;
mod throttled_tcp;
mod whip_whep;

pub use bucket::{Bucket, CREDENTIALS, Object, python, sha256};
pub use film::{Film, slices};
pub use hook_receiver::{Hook, HookReceiver};
pub use http::{Answer, ask, download, get, send};
pub use machine::fairly;
pub use peer::Peer;
pub use people::{Had, Room, median_ms, observe, pause, undisturbed, watched};
pub use process::{Stack, binary};
pub use receiver::{Manner, Received, Receiver};
pub use rotunda_client as client;
pub use rtmp_server::{Publisher, RtmpServer};
pub use throttled_tcp::ThrottledTcp;
pub use whip_whep::{Posted, as_obs_writes_it};
