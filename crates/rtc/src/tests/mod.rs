//! Tests without sockets on virtual time (`rig`), and a few with real sockets (`sockets`).

mod answers;
mod client;
mod cost;
mod dtls;
mod fan;
mod hostile;
mod joins;
mod keyframes;
mod line_quality;
mod liveness;
mod offers;
mod one_way;
mod packets;
mod peer;
mod redundancy;
mod rig;
mod routes;
mod sections;
mod senders;
mod slow;
mod sockets;
mod threads;
mod weak_lines;
