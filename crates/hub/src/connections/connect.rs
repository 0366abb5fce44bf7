//! Connections, as the signalling door asks for them: who speaks, on which socket, for which seat.
//! Their legs are the business of `legs.rs`.

use crate::Hub;
use crate::auth::{FormerSeat, Seal, TokenRefused};
use crate::connections::connection::{Claim, Connection};
use crate::connections::link::{Accepted, ConnectRefused, ConnectRequest, Credential, Who};
use crate::now;
use rotunda_domain::{Grant, Outcome, RoomSettings};
use std::sync::Arc;

impl Hub {
    /// Accepts a client, new or returning.
    ///
    /// A known protocol string without the statement that goes with it is accepted without being
    /// bound to what it names (wire protocol §3.4): a stolen string alone opens nothing.
    ///
    /// # Errors
    /// [`ConnectRefused`].
    pub async fn connect(&self, request: ConnectRequest) -> Result<Accepted, ConnectRefused> {
        let now = now();
        let token = match &request.credential {
            Credential::RoomToken(token) => token,
            Credential::ApiToken { project, token } => {
                let protocol = request.protocol.as_deref();
                let address = request.address;
                return self.connect_application((project, token), protocol, address).await;
            }
        };
        let bearer =
            self.count_refused(self.open_bearer(token, now.epoch_s()).await, request.address);
        let bearer = bearer.map_err(|refused| match refused {
            TokenRefused::Unavailable(error) => ConnectRefused::after(&error),
            TokenRefused::TooOften { retry_after_s } => ConnectRefused::TooOften(retry_after_s),
            refused => ConnectRefused::BadToken(refused.to_string()),
        })?;
        let seal = bearer.seal(request.origin.as_deref());
        let settings = self.room_of(&bearer.grant).await?;
        let (connection, claim) = self.connection_of(&request, &bearer.grant, &seal)?;
        connection.lock().address = request.address;
        connection.lock().door.is_named = bearer.is_named;
        let is_renewal = request.is_renewal;
        Ok(link(&connection, settings, (bearer.grant, seal), claim, is_renewal))
    }

    /// The room as it is, or as the token would make it.
    async fn room_of(&self, token: &Grant) -> Result<RoomSettings, ConnectRefused> {
        let room = self.store().room_by_name(token.project, &token.room_name).await;
        let room = room.map_err(|error| {
            tracing::error!(%error, "the room was not looked up");
            ConnectRefused::after(&error)
        })?;
        Ok(room.map_or_else(|| rotunda_domain::entry::room_from(token), |room| room.settings))
    }

    /// The connection a client means, or a new one.
    ///
    /// A string we never gave is refused once. One of a connection that is forgotten is not: the
    /// client may hold it in memory and send nothing else, so it is let in as new, with the seat it
    /// takes itself to be in if it shows what we stated of that.
    fn connection_of(
        &self,
        request: &ConnectRequest,
        token: &Grant,
        seal: &Seal,
    ) -> Result<(Arc<Connection>, Claim), ConnectRefused> {
        let anew = |former, claim| (self.new_connection(token, seal, former), claim);
        let Some(protocol) = &request.protocol else { return Ok(anew(None, Claim::None)) };
        let state = request.authorization_state.as_deref().unwrap_or_default();
        let stated = seal.read(protocol, state);
        let same_room = |p: &Arc<Connection>| {
            let held = p.lock().grant();
            (held.project, &held.room_name) == (token.project, &token.room_name)
        };
        let known = self.inner.services.connections.get(protocol).filter(|p| p.whip_whep.is_none());
        let place = seal.read_place(protocol, state);
        let (connection, claim) = match (known.filter(same_room), stated) {
            (Some(known), Some(_)) => return Ok((known, Claim::Proved)),
            (Some(known), None) if request.is_renewal => return Ok((known, Claim::Proved)),
            (Some(_), None) => anew(None, Claim::Unproved),
            (None, Some(former)) => anew(former, Claim::None),
            (None, None) if request.was_refused || seal.has_named(protocol) => {
                anew(None, Claim::None)
            }
            (None, None) => return Err(ConnectRefused::UnknownProtocol),
        };
        connection.lock().door.place = place;
        Ok((connection, claim))
    }

    fn new_connection(
        &self,
        token: &Grant,
        seal: &Seal,
        former: Option<FormerSeat>,
    ) -> Arc<Connection> {
        let connection = Connection::new(seal.new_protocol(), token.clone(), seal.clone());
        connection.lock().former = former;
        self.inner.services.connections.add(connection)
    }

    /// A socket of the connection closed: a timer starts, and nothing else.
    pub fn disconnect(&self, protocol: &str, socket: u64) {
        if let Some(application) = self.inner.services.applications.get(protocol) {
            return self.application_gone(application, socket);
        }
        let Some(connection) = self.inner.services.connections.get(protocol) else { return };
        if !connection.lose_socket(socket) {
            return;
        }
        let (seat, waits) = {
            let state = connection.lock();
            (state.seat.clone(), state.door.waits())
        };
        match (seat, waits) {
            (Some(seat), _) => seat.session.outcomes.tell(Outcome::SocketGone(seat.member)),
            (None, Some((session, waiter))) => session.outcomes.tell(Outcome::WaiterGone(waiter)),
            (None, None) => connection.forget_idle(),
        }
    }
}

/// Gives a connection its next socket.
fn link(
    connection: &Connection,
    room: RoomSettings,
    (token, seal): (Grant, Seal),
    claim: Claim,
    is_renewal: bool,
) -> Accepted {
    let taken = connection.take_socket(token.clone(), seal, claim, is_renewal);
    let (seat, waits, grant, lost, names) = {
        let state = connection.lock();
        let grant = state.grant();
        let former = state.former.as_ref().filter(|_| state.seat.is_none());
        (
            state.seat.clone(),
            state.door.waits(),
            grant.clone(),
            former.and_then(|former| former.lost(&grant)),
            state.names.clone(),
        )
    };
    if let Some(seat) = seat {
        seat.session.outcomes.tell(Outcome::TokenShown(seat.member, token.terms()));
        seat.session.outcomes.tell(Outcome::SocketBack(seat.member));
        if taken.overflowed {
            seat.session.outcomes.tell(Outcome::Missed(seat.member));
        }
    }
    if let Some((session, waiter)) = waits {
        session.outcomes.tell(Outcome::WaiterBack(waiter, token.terms()));
    }
    Accepted {
        protocol: connection.protocol.clone(),
        socket: taken.socket,
        authorization_state: connection.authorization_state(),
        lost,
        who: Who::Person {
            grant: Box::new(Arc::unwrap_or_clone(grant)),
            room_display_name: room.display_name,
            room_meta: room.meta.unwrap_or_default(),
        },
        names,
        inbox: taken.inbox,
        unconfirmed: taken.unconfirmed,
    }
}
