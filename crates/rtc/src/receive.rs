//! One datagram (or TCP frame) from outside, from anybody: finds its leg or drops it. A stranger
//! gets nothing back, and nothing a stranger sends ends a leg.

use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use str0m::ice::StunMessage;
use str0m::net::{Protocol, Receive};
use str0m::{Input, RtcError};

use crate::counters::one;
use crate::directory::Claim;
use crate::drain::count_in;
use crate::legs::Legs;
use crate::negotiate::Negotiated;
use crate::outlet::{Outlet, Path, Shape, shape_of};
use crate::threads::Thread;
use crate::{Closed, LegKey, roam};

/// Longer ones are no WebRTC.
pub(crate) const MAX_DATAGRAM: usize = 2000;

/// One datagram as received.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival<'a> {
    pub path: Path,
    /// Our own address it came to; one of the candidates.
    pub destination: SocketAddr,
    pub bytes: &'a [u8],
    /// Another thread received it.
    pub is_handed_over: bool,
}

/// Whose datagram it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// A leg here, which has taken it.
    Ours(LegKey),
    /// A leg on that thread, which is to be given it.
    Of(Thread),
    /// Nobody's.
    Nobody,
}

impl Legs {
    /// Takes one datagram in, and says whose it is. It is counted where it stays: what another thread is to
    /// be given, by whatever way, is counted there.
    pub fn receive(&mut self, now: Instant, arrival: Arrival<'_>, out: &mut dyn Outlet) -> Owner {
        let owner = self.take(now, arrival, out);
        if !matches!(owner, Owner::Of(_)) {
            count_in(&self.tally, arrival.bytes.len());
        }
        owner
    }

    fn take(&mut self, now: Instant, arrival: Arrival<'_>, out: &mut dyn Outlet) -> Owner {
        if arrival.bytes.is_empty() || arrival.bytes.len() > MAX_DATAGRAM {
            one(&self.tally.dropped_size);
            return Owner::Nobody;
        }
        // The parser of an unauthenticated packet is the one place where a fault in the stack
        // would be within everybody's reach.
        let found = catch_unwind(AssertUnwindSafe(|| self.owner(now, arrival, out)));
        let key = match found {
            Ok(Owner::Ours(key)) => key,
            // What one thread takes for another's is not sent on by that one: nothing goes in circles.
            Ok(Owner::Of(_)) if arrival.is_handed_over => return Owner::Nobody,
            Ok(elsewhere) => return elsewhere,
            Err(_) => {
                one(&self.tally.panics);
                return Owner::Nobody;
            }
        };
        let shape = shape_of(arrival.bytes);
        let has_moved = shape == Shape::Stun && self.has_moved(key, now, arrival);
        self.demux.heard(arrival.path, now);
        self.with_leg(key, now, out, |leg, tally| {
            // A greeting may be repeated before our answer to the first is there (RFC 6347 §4.2.4).
            if shape == Shape::Dtls && !is_client_hello(arrival.bytes) {
                leg.handshake(false, now);
            }
            let named = match shape {
                Shape::Rtp(pt) => source_of(arrival.bytes).map(|source| (source, pt)),
                _ => None,
            };
            if let Some((source, pt)) = named {
                leg.meet(source, pt, now);
            }
            // A check that was taken for this leg's proves that its sender knows the password. What the
            // rest proves is seen when the stack has deciphered it.
            if shape == Shape::Stun {
                leg.liveness.packet(now, None);
            }
            let quiet = named.filter(|(_, pt)| leg.liveness.is_quiet(now, leg.lines.kind(*pt)));
            let before = quiet.and_then(|(source, _)| leg.reached(source));
            let Some(input) = input(now, arrival) else {
                return;
            };
            if let Err(error) = leg.rtc.handle_input(input) {
                // Whoever sent it (addresses can be forged): never a reason to close a leg that is up.
                leg.refused(&error);
                one(&tally.dropped_refused);
                if matches!(error, RtcError::Dtls(_)) && !leg.connected {
                    one(&tally.dtls_failed);
                    leg.gone = Some(Closed::DtlsFailed);
                }
            }
            if has_moved && leg.new_paths.take(now) {
                let since = (now + roam::HEAD_START).saturating_duration_since(leg.connect_by);
                roam::follow(&mut leg.rtc, arrival.path, now, since);
            }
            if let Some((source, pt)) = named {
                leg.prove(source, pt);
            }
            // On a line that loses much, pictures are seldom whole, and yet somebody is there.
            if let Some((source, pt)) = quiet
                && leg.reached(source) != before
            {
                leg.liveness.packet(now, leg.lines.kind(pt));
            }
        });
        Owner::Ours(key)
    }

    /// Whether the client chooses this path, a check of which was taken, while by the one on which it is
    /// sent to nothing comes any more.
    fn has_moved(&self, key: LegKey, now: Instant, arrival: Arrival<'_>) -> bool {
        let current = self.map.get(&key).and_then(|leg| leg.path);
        let is_quiet = |path| path != arrival.path && self.demux.is_quiet(path, now);
        current.is_some_and(is_quiet)
            && StunMessage::parse(arrival.bytes).is_ok_and(|check| check.use_candidate())
    }

    fn owner(&mut self, now: Instant, arrival: Arrival<'_>, out: &mut dyn Outlet) -> Owner {
        match shape_of(arrival.bytes) {
            Shape::Rubbish => {
                one(&self.tally.dropped_rubbish);
                Owner::Nobody
            }
            Shape::Stun => {
                let owner = self.stun_owner(now, arrival, out).unwrap_or(Owner::Nobody);
                if owner == Owner::Nobody {
                    one(&self.tally.dropped_stun);
                }
                owner
            }
            shape => self.media_owner(now, arrival, shape),
        }
    }

    /// DTLS, RTP, RTCP: only from an address that has authenticated by STUN.
    fn media_owner(&mut self, now: Instant, arrival: Arrival<'_>, shape: Shape) -> Owner {
        let known = self.demux.by_path(arrival.path).and_then(|key| self.map.get_mut(&key));
        let Some(leg) =
            known.filter(|leg| input(now, arrival).is_some_and(|i| leg.rtc.accepts(&i)))
        else {
            let at = self.directory.thread_of(arrival.path).filter(|at| *at != self.thread);
            return at.map_or_else(
                || {
                    one(&self.tally.dropped_stranger);
                    Owner::Nobody
                },
                Owner::Of,
            );
        };
        if let Shape::Rtp(pt) = shape
            && (!leg.takes(pt) || source_of(arrival.bytes).is_some_and(|s| leg.leaves_out(s)))
        {
            one(&self.tally.dropped_unwanted);
            return Owner::Nobody;
        }
        if shape != Shape::Dtls && !leg.flood.take(now) {
            one(&self.tally.dropped_flood);
            return Owner::Nobody;
        }
        Owner::Ours(leg.key)
    }

    /// STUN names its leg itself and proves it knows the password; its address is learned.
    fn stun_owner(
        &mut self,
        now: Instant,
        arrival: Arrival<'_>,
        out: &mut dyn Outlet,
    ) -> Option<Owner> {
        let message = StunMessage::parse(arrival.bytes).ok()?;
        if !message.is_binding_request() {
            return None; // An ICE-lite agent asks nothing, so nothing is an answer.
        }
        let (ours, _) = message.split_username()?;
        let key = match self.demux.by_ufrag(ours) {
            Some(key) => key,
            None => match self.claim(now, arrival, ours, out) {
                Owner::Ours(key) => key,
                elsewhere => return Some(elsewhere),
            },
        };
        let known = self.demux.by_path(arrival.path) == Some(key);
        let leg = self.map.get_mut(&key)?;
        if !known && !leg.checks.take(now) {
            return None;
        }
        if !leg.rtc.accepts(&input(now, arrival)?) {
            return None;
        }
        if !known && !self.learn(key, arrival.path, now) {
            return None;
        }
        Some(Owner::Ours(key))
    }

    /// Whose a check is that is of no leg here. If a leg has waited for it, it lives here from now on.
    fn claim(
        &mut self,
        now: Instant,
        arrival: Arrival<'_>,
        ufrag: &str,
        out: &mut dyn Outlet,
    ) -> Owner {
        let proves = |agreed: &mut Negotiated| {
            input(now, arrival).is_some_and(|input| agreed.rtc.accepts(&input))
        };
        match self.directory.clone().claim((ufrag, self.thread), now, proves) {
            Claim::Ours(key, waiting) => {
                self.adopt(now, key, *waiting, out);
                Owner::Ours(key)
            }
            Claim::Of(at) if at != self.thread => Owner::Of(at),
            Claim::Of(_) | Claim::Nobody => Owner::Nobody,
        }
    }

    fn learn(&mut self, key: LegKey, path: Path, now: Instant) -> bool {
        let Some(leg) = self.map.get_mut(&key) else {
            return false;
        };
        if !leg.new_paths.take(now) {
            return false;
        }
        if let Some(forgotten) = leg.learn(path) {
            self.demux.drop_path(forgotten, key);
            self.directory.unlearn(forgotten, key);
        }
        self.passed_on.extend(self.directory.learn(path, key, self.thread).map(|at| (at, path)));
        // The same address may have belonged to a leg of a page that was reloaded.
        let before = self.demux.add_path(path, key);
        if let Some(other) = before.and_then(|other| self.map.get_mut(&other)) {
            other.forget(path.peer, path.tcp);
        }
        true
    }

    /// An address is another thread's leg's now.
    pub fn pass_on(&mut self, path: Path) {
        if self.directory.thread_of(path) == Some(self.thread) {
            return; // It has come back since.
        }
        let Some(key) = self.demux.by_path(path) else {
            return;
        };
        self.demux.drop_path(path, key);
        if let Some(leg) = self.map.get_mut(&key) {
            leg.forget(path.peer, path.tcp);
        }
    }
}

fn input<'a>(now: Instant, arrival: Arrival<'a>) -> Option<Input<'a>> {
    let proto = if arrival.path.tcp { Protocol::Tcp } else { Protocol::Udp };
    let received = Receive::new(proto, arrival.path.peer, arrival.destination, arrival.bytes);
    Some(Input::Receive(now, received.ok()?))
}

/// Whether a DTLS record begins with a `ClientHello` (RFC 6347 §4.3.2: type 22, a header of 13 bytes,
/// message 1).
fn is_client_hello(record: &[u8]) -> bool {
    record.first() == Some(&22) && record.get(13) == Some(&1)
}

/// The synchronisation source of an RTP packet (RFC 3550 §5.1).
fn source_of(packet: &[u8]) -> Option<u32> {
    packet.get(8..12)?.try_into().ok().map(u32::from_be_bytes)
}
