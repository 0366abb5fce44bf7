//! What this door asks of the hub, as a trait, so that frames can be tested without media.

use rotunda_domain::{Command, LegId, Refusal, Reply, SessionView};
use rotunda_hub::{
    Accepted, ConnectRefused, ConnectRequest, Hub, Invite, LegAction, Renewed, Subscription,
};
use std::future::Future;

/// The hub as seen from here; the meaning of each call is the hub's.
pub trait HubApi: Clone + Send + Sync + 'static {
    /// Checks a token and opens, or takes up again, the connection it speaks for.
    fn connect(
        &self,
        connection: ConnectRequest,
    ) -> impl Future<Output = Result<Accepted, ConnectRefused>> + Send;

    /// Says that a socket of the connection closed.
    fn disconnect(&self, protocol: &str, socket: u64);

    /// Opens a leg; gives the answer's SDP.
    fn invite(
        &self,
        protocol: &str,
        invite: Invite,
    ) -> impl Future<Output = Result<String, Refusal>> + Send;

    /// Renegotiates a leg; gives the answer's SDP.
    fn modify(
        &self,
        protocol: &str,
        call_id: &LegId,
        sdp: String,
    ) -> impl Future<Output = Result<Renewed, Refusal>> + Send;

    /// Does with a leg what its client wishes.
    fn ask_leg(
        &self,
        protocol: &str,
        call_id: &LegId,
        subscription: LegAction,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Runs a command for the connection's member, or for an application, in the session named.
    fn execute(
        &self,
        protocol: &str,
        room_session_id: &str,
        command: Command,
    ) -> impl Future<Output = Result<Reply, Refusal>> + Send;

    /// Lets an application hear events of a channel.
    fn subscribe(
        &self,
        protocol: &str,
        subscription: Subscription,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// The sessions of an application's project.
    fn sessions(
        &self,
        protocol: &str,
    ) -> impl Future<Output = Result<Vec<SessionView>, Refusal>> + Send;
}

impl HubApi for Hub {
    async fn connect(&self, connection: ConnectRequest) -> Result<Accepted, ConnectRefused> {
        Hub::connect(self, connection).await
    }

    fn disconnect(&self, protocol: &str, socket: u64) {
        Hub::disconnect(self, protocol, socket);
    }

    async fn invite(&self, protocol: &str, invite: Invite) -> Result<String, Refusal> {
        Hub::invite(self, protocol, invite).await
    }

    async fn modify(
        &self,
        protocol: &str,
        call_id: &LegId,
        sdp: String,
    ) -> Result<Renewed, Refusal> {
        Hub::modify(self, protocol, call_id, sdp).await
    }

    async fn ask_leg(
        &self,
        protocol: &str,
        call_id: &LegId,
        subscription: LegAction,
    ) -> Result<(), Refusal> {
        Hub::ask_leg(self, protocol, call_id, subscription).await
    }

    async fn execute(
        &self,
        protocol: &str,
        room_session_id: &str,
        command: Command,
    ) -> Result<Reply, Refusal> {
        Hub::execute(self, protocol, room_session_id, command).await
    }

    async fn subscribe(&self, protocol: &str, subscription: Subscription) -> Result<(), Refusal> {
        Hub::subscribe(self, protocol, subscription).await
    }

    async fn sessions(&self, protocol: &str) -> Result<Vec<SessionView>, Refusal> {
        Hub::sessions(self, protocol).await
    }
}
