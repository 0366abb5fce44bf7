//! Whoever a session delivers to, as the session sees them. It refuses to know sockets.

use crate::connections::delivery::Delivery;
use rotunda_domain::{Grant, LegId, LegKey, MemberId, SessionId, WaiterId};
use rotunda_engine::LegRequest;
use std::sync::Arc;

/// Somebody with a seat, or who waits to be let in.
pub(crate) trait Recipient: Send + Sync {
    /// Hands something on, or keeps it until it can be.
    fn deliver(&self, delivery: Delivery);
    /// They hold this grant from now on, and are to come back on another leg.
    fn regrant(&self, grant: Grant);
    /// Says what may flow on a leg of theirs, or of their screen or device.
    fn entitle(&self, request: LegRequest, is_child: bool) -> LegRequest;
    /// Their seat is on another main leg, offered by `sdp`.
    fn moved(&self, call: &LegId, leg: LegKey, member: MemberId, sdp: &str);
    /// Microphone and camera are off or on.
    fn muted(&self, member: MemberId, muted: [bool; 2]);
    /// A leg of theirs is up.
    fn settled(&self);
    /// A leg is theirs no more.
    fn released(&self, call: &LegId, leg: LegKey);
    /// The seat is given up, and with it all that was granted in it.
    fn left(self: Arc<Self>, member: MemberId);
    /// They wait no more: let in to a session, or not.
    fn waited(self: Arc<Self>, waiter: WaiterId, admitted_in: Option<SessionId>);
}
