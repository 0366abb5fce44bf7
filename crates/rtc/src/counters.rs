//! What the network thread counts. It refuses to know who reads it or in what format.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A reading of the network threads' counters, all together; all but `legs` and `tcp_connections` only
        /// ever grow.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Counters { $($(#[$doc])* pub $name: u64,)* }

        impl Counters {
            /// Adds what another thread has counted.
            pub(crate) fn add(&mut self, other: &Self) {
                $(self.$name += other.$name;)*
            }
        }

        /// The live counters.
        #[derive(Debug, Default)]
        pub(crate) struct Tally { $(pub $name: AtomicU64,)* }

        impl Tally {
            pub fn read(&self) -> Counters {
                Counters { $($name: self.$name.load(Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Legs now.
    legs,
    /// ICE-TCP connections now.
    tcp_connections,
    /// Datagrams (or TCP frames) received, and their bytes.
    packets_in,
    /// Bytes received.
    bytes_in,
    /// Datagrams (or TCP frames) sent.
    packets_out,
    /// Bytes sent.
    bytes_out,
    /// Send calls that carried more than one datagram.
    gso_batches,
    /// Received, but longer than 2000 bytes or empty.
    dropped_size,
    /// Received, but neither STUN, DTLS nor RTP.
    dropped_rubbish,
    /// Received from an address that belongs to no leg.
    dropped_stranger,
    /// STUN that proved nothing, or came faster than allowed.
    dropped_stun,
    /// Media from a leg that may not send any.
    dropped_unwanted,
    /// Media of one leg beyond what any camera sends.
    dropped_flood,
    /// Received by another thread than their leg's, which was handed them.
    strays,
    /// Received by another thread, and lost because too many waited for their leg's.
    dropped_strays,
    /// The stack refused it (a wrong record, a packet it could not read).
    dropped_refused,
    /// The UDP socket's buffer was full.
    dropped_udp_full,
    /// The UDP socket failed otherwise.
    dropped_udp_error,
    /// The TCP peer did not read fast enough.
    dropped_tcp_full,
    /// Pictures not sent to a receiver that could not take them.
    pictures_skipped,
    /// Pictures sent, times receivers.
    pictures_out,
    /// Pictures and sounds that found the command channel full.
    commands_dropped,
    /// Packets sent again because a receiver asked (NACK, RTX).
    retransmitted,
    /// Packets asked for again that were not sent, because the line was full.
    repeats_refused,
    /// Key frame requests from receivers.
    plis_in,
    /// Key frame requests to senders.
    plis_out,
    /// Times a stream's encoder was asked for a key frame.
    keyframes_wanted,
    /// Of those, because somebody came.
    keyframes_for_joins,
    /// Because a receiver lost something that repeats did not heal.
    keyframes_for_losses,
    /// Because a receiver climbs to a better picture.
    keyframes_for_climbs,
    /// Because a receiver over TCP did not read fast enough.
    keyframes_for_slow,
    /// Because a picture was lost on the way to the network thread.
    keyframes_for_gaps,
    /// Times a receiver was given a worse picture.
    falls,
    /// Times a receiver was given a better one.
    climbs,
    /// Pictures received that have something missing before them.
    gaps_in,
    /// Legs ended by a DTLS handshake that failed.
    dtls_failed,
    /// Legs ended by a panic in the stack.
    panics,
}

pub(crate) fn add(counter: &AtomicU64, n: usize) {
    counter.fetch_add(n as u64, Relaxed);
}

pub(crate) fn one(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}
