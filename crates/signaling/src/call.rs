//! What a peer wants of the hub, as values, and the one function that carries it out.

use crate::hub_api::HubApi;
use rotunda_domain::{Command, LegId, Refusal, Reply, SessionView};
use rotunda_hub::{
    Accepted, ConnectRefused, ConnectRequest, Delivery, Invite, LegAction, LostSeat, Renewed,
    Subscription, Unconfirmed, Who,
};
use std::collections::HashSet;
use std::sync::Arc;
use tokio::sync::mpsc;

/// One call on the hub.
#[derive(Debug)]
pub struct Call {
    /// Which; the answer comes back under it.
    pub number: u64,
    /// The connection it is made for; empty before there is one.
    pub protocol: Arc<str>,
    /// What is called.
    pub hub_call: HubCall,
}

/// What can be called.
#[derive(Debug)]
pub enum HubCall {
    /// Open the connection, or take one up again.
    Connect(ConnectRequest),
    /// Give the connection a fresh token.
    Renew(ConnectRequest),
    /// Open a leg.
    Invite(Invite),
    /// Renegotiate a leg.
    Modify(LegId, String),
    /// End a leg, or more.
    Bye(LegId, LegAction),
    /// Put a leg on hold, or take it off again.
    Hold(LegId, bool),
    /// Send digits on a leg.
    Digits(LegId, String),
    /// Run a command in the session named.
    Execute(String, Command),
    /// Listen to a channel.
    Subscribe(Subscription),
    /// Wait to be let in, under a name of one's own if there is one.
    EnterLobby(Option<String>),
    /// Wait no more.
    LeaveLobby,
    /// List the sessions.
    Sessions,
}

/// What came of a call.
#[derive(Debug)]
pub enum Answer {
    /// Of `Connect` and `Renew`.
    Connected(Result<Box<ConnectResult>, ConnectRefused>),
    /// Of `Invite`: the answer's SDP.
    Agreed(Result<String, Refusal>),
    /// Of `Modify`.
    Renewed(Result<Renewed, Refusal>),
    /// Of `Bye`.
    Ended(Result<(), Refusal>),
    /// Of `Execute`, `Digits`, `Hold`, `Subscribe`, `EnterLobby` and `LeaveLobby`.
    Executed(Result<Reply, Refusal>),
    /// Of `Sessions`.
    Listed(Result<Vec<SessionView>, Refusal>),
    /// The hub broke while it was at it.
    Broken,
}

/// What the peer needs to know of a link.
#[derive(Debug)]
pub struct ConnectResult {
    /// Names the connection across sockets.
    pub protocol: Arc<str>,
    /// What to hand out, to take the connection up again.
    pub authorization_state: Arc<str>,
    /// What the client named when it joined.
    pub names: HashSet<&'static str>,
    /// The seat the client may still take itself to be in.
    pub lost: Option<LostSeat>,
    /// Who it is.
    pub who: Who,
}

/// The end of a link the socket holds on to.
#[derive(Debug)]
pub struct Attachment {
    /// The connection.
    pub protocol: Arc<str>,
    /// Which of its sockets this is.
    pub socket: u64,
    /// What to send; closed when the socket is to close.
    pub inbox: mpsc::Receiver<Delivery>,
    /// Where to strike out what the client has.
    pub unconfirmed: Unconfirmed,
}

/// Carries `call` out; a new link comes back as what the peer and what the socket needs of it.
pub async fn carry_out(door: &impl HubApi, call: Call) -> (Answer, Option<Attachment>) {
    let protocol = call.protocol;
    let answer = match call.hub_call {
        HubCall::Connect(connection) => return split(door.connect(connection).await),
        HubCall::Renew(connection) => return renew(door, &protocol, connection).await,
        HubCall::Invite(invite) => Answer::Agreed(door.invite(&protocol, invite).await),
        HubCall::Modify(leg, sdp) => Answer::Renewed(door.modify(&protocol, &leg, sdp).await),
        HubCall::Bye(leg, action) => Answer::Ended(door.ask_leg(&protocol, &leg, action).await),
        HubCall::Digits(leg, digits) => {
            let action = LegAction::Digits(digits);
            let sent = door.ask_leg(&protocol, &leg, action).await;
            Answer::Executed(sent.map(|()| Reply::Done))
        }
        HubCall::Hold(leg, held) => {
            let done = door.ask_leg(&protocol, &leg, LegAction::Hold(held)).await;
            Answer::Executed(done.map(|()| Reply::Done))
        }
        HubCall::Execute(session, command) => {
            Answer::Executed(door.execute(&protocol, &session, command).await)
        }
        HubCall::Subscribe(action) => {
            Answer::Executed(door.subscribe(&protocol, action).await.map(|()| Reply::Done))
        }
        HubCall::EnterLobby(name) => Answer::Executed(door.enter_lobby(&protocol, name).await),
        HubCall::LeaveLobby => Answer::Executed(door.leave_lobby(&protocol).map(|()| Reply::Done)),
        HubCall::Sessions => Answer::Listed(door.sessions(&protocol).await),
    };
    (answer, None)
}

/// A fresh token for a connection is a connect under its own protocol string. A hub that opens
/// another connection instead has not renewed this one.
async fn renew(
    door: &impl HubApi,
    protocol: &str,
    connection: ConnectRequest,
) -> (Answer, Option<Attachment>) {
    match door.connect(connection).await {
        Ok(link) if *link.protocol != *protocol => {
            door.disconnect(&link.protocol, link.socket);
            (Answer::Connected(Err(ConnectRefused::UnknownProtocol)), None)
        }
        outcome => split(outcome),
    }
}

fn split(outcome: Result<Accepted, ConnectRefused>) -> (Answer, Option<Attachment>) {
    match outcome {
        Err(refused) => (Answer::Connected(Err(refused)), None),
        Ok(link) => {
            let line = Attachment {
                protocol: link.protocol.clone(),
                socket: link.socket,
                inbox: link.inbox,
                unconfirmed: link.unconfirmed,
            };
            let accepted = ConnectResult {
                protocol: link.protocol,
                authorization_state: link.authorization_state,
                names: link.names,
                lost: link.lost,
                who: link.who,
            };
            (Answer::Connected(Ok(Box::new(accepted))), Some(line))
        }
    }
}
