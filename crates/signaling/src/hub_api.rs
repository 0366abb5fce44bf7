//! What this door asks of the hub, as a trait, so that frames can be tested without media.

use rotunda_domain::{Command, LegId, Refusal, Reply, SessionView};
use rotunda_hub::{
    Accepted, ConnectRefused, ConnectRequest, Hub, Invite, LegAction, Renewed, Subscription,
};
use std::future::Future;

/// The hub as seen from here; the meaning of each call is the hub's.
pub trait HubApi: Clone + Send + Sync + 'static {
    /// Checks a token and opens, or takes up again, the connection it speaks for.
    ///
    /// # Errors
    /// [`ConnectRefused`]: the token opens nothing, the protocol string is not of a connection
    /// here, there are too many applications or wrong guesses, or something of ours broke.
    fn connect(
        &self,
        connection: ConnectRequest,
    ) -> impl Future<Output = Result<Accepted, ConnectRefused>> + Send;

    /// Says that a socket of the connection closed.
    fn disconnect(&self, protocol: &str, socket: u64);

    /// Opens a leg; gives the answer's SDP.
    ///
    /// # Errors
    /// [`Refusal`], in the order reattach, window, existence, lock, limit, offer.
    fn invite(
        &self,
        protocol: &str,
        invite: Invite,
    ) -> impl Future<Output = Result<String, Refusal>> + Send;

    /// Renegotiates a leg; gives the answer's SDP.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a leg that is not the connection's, otherwise what the engine
    /// says of the offer.
    fn modify(
        &self,
        protocol: &str,
        call_id: &LegId,
        sdp: String,
    ) -> impl Future<Output = Result<Renewed, Refusal>> + Send;

    /// Does with a leg what its client wishes.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a leg that is not the connection's, otherwise what the rules say.
    fn ask_leg(
        &self,
        protocol: &str,
        call_id: &LegId,
        subscription: LegAction,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Runs a command for the connection's member, or for an application, in the session named.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the connection has no seat in that session or the application's
    /// project no such session, [`Refusal::NotPermitted`] when the application's token was
    /// revoked, [`Refusal::Broken`] when it cannot be looked up, otherwise what the rules say.
    fn execute(
        &self,
        protocol: &str,
        room_session_id: &str,
        command: Command,
    ) -> impl Future<Output = Result<Reply, Refusal>> + Send;

    /// Lets an application hear events of a channel.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] for whoever is no application or no more, [`Refusal::NotFound`]
    /// for a channel that is not of its project, [`Refusal::LimitReached`] when it listens to as
    /// many as it may, [`Refusal::Broken`] when its token cannot be looked up.
    fn subscribe(
        &self,
        protocol: &str,
        subscription: Subscription,
    ) -> impl Future<Output = Result<(), Refusal>> + Send;

    /// Has the connection's bearer wait to be let in, and says whether that is needed.
    ///
    /// # Errors
    /// [`Refusal::Conflict`] for who is in already, [`Refusal::LimitReached`] where too many wait or
    /// knock, otherwise what stands in the way of a join.
    fn enter_lobby(
        &self,
        protocol: &str,
        name: Option<String>,
    ) -> impl Future<Output = Result<Reply, Refusal>> + Send;

    /// Gives up the connection's place in the lobby.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for a connection that is not there or does not wait.
    fn leave_lobby(&self, protocol: &str) -> Result<(), Refusal>;

    /// The sessions of an application's project.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] for whoever is no application or no more, [`Refusal::Broken`]
    /// when its token cannot be looked up.
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

    async fn enter_lobby(&self, protocol: &str, name: Option<String>) -> Result<Reply, Refusal> {
        Hub::enter_lobby(self, protocol, name).await
    }

    fn leave_lobby(&self, protocol: &str) -> Result<(), Refusal> {
        Hub::leave_lobby(self, protocol)
    }

    async fn sessions(&self, protocol: &str) -> Result<Vec<SessionView>, Refusal> {
        Hub::sessions(self, protocol).await
    }
}
