//! Calls to the hub that are under way, and what each of them was made for.

use crate::call::ConnectResult;
use rotunda_domain::LegId;
use serde_json::Value;

/// A call under way.
#[derive(Debug)]
pub struct Pending {
    /// Which.
    pub number: u64,
    /// When the client is answered without the hub.
    pub until_ms: u64,
    /// What it was made for.
    pub reason: Reason,
}

/// A call the client was answered without.
#[derive(Debug)]
pub struct Late {
    pub number: u64,
    /// The leg that must go if the hub opens it after all.
    pub leg: Option<LegId>,
}

/// What a call was made for: under which ids the client waits.
#[derive(Debug)]
pub enum Reason {
    /// `signalwire.connect`.
    Connect { id: Value },
    /// `signalwire.connect`, accepted, of a client that may hold lost legs.
    Probe(Probe),
    /// `signalwire.reauthenticate`.
    Renew { id: Value },
    /// A room method; one that promises a boolean resolves to `true`.
    Room { id: Value, resolves_true: bool },
    /// `video.rooms.get`.
    Rooms { id: Value },
    /// `verto.info`.
    Digits { id: Value },
    /// `verto.invite`.
    Invite { id: Value, inner: Value, call_id: LegId },
    /// `verto.modify`, renegotiating.
    Update { id: Value, inner: Value, call_id: LegId },
    /// `verto.modify`, holding or no longer.
    Hold { id: Value, inner: Value, call_id: LegId, held: bool },
    /// `verto.bye`; its reply is out already.
    Bye { call_id: LegId },
}

/// A connect that waits until it is known whether the client holds a leg.
#[derive(Debug)]
pub struct Probe {
    pub id: Value,
    pub accepted: Box<ConnectResult>,
    pub leg: LegId,
    /// Whatever the client says of the leg comes before the answer to this ping.
    pub fence: String,
    pub is_held: bool,
}
