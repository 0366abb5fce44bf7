//! A place in a lobby is a connection's: it outlives sockets and sessions, and nothing is left of it otherwise.

use super::*;
use crate::auth::Seal;
use crate::connections::connection::Claim;
use rotunda_domain::{Event, LobbyState, Permissions, Reply, WaiterId, Waiters};
use tokio::sync::mpsc;

/// Somebody before the room `lab`, with a socket.
struct Guest {
    connection: Arc<Connection>,
    socket: u64,
    inbox: mpsc::Receiver<Delivery>,
}

impl Guest {
    fn place(&self) -> Option<(SessionId, WaiterId)> {
        let waits = self.connection.lock().door.waits();
        waits.map(|(session, id)| (session.id, id))
    }

    /// What becomes of the knock.
    async fn hears(&mut self) -> Event {
        let verdict = async {
            loop {
                match self.inbox.recv().await.expect("a socket") {
                    Delivery::Event(dispatch) => return dispatch.event.clone(),
                    _ => continue,
                }
            }
        };
        tokio::time::timeout(PATIENCE, verdict).await.expect("an answer")
    }
}

impl House {
    async fn lobby(&self) -> Room {
        self.room(RoomSettings { lobby: true, ..RoomSettings::named("lab") }).await
    }

    fn guest(&self, token: &str, may: &[&str]) -> Guest {
        let list = may.iter().map(|name| (*name).to_owned()).collect();
        let (token_id, permissions) = (token.into(), Permissions::from_list(list));
        let grant = Grant { token_id, permissions, ..self.grant("lab", false) };
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA512, &[1; 64]);
        let seal = Seal::new(Arc::new(key), &grant, None, None);
        let connection = Connection::new(seal.new_protocol(), grant.clone(), seal.clone());
        let connection = self.hub.inner.services.connections.add(connection);
        let taken = connection.take_socket(grant, seal, Claim::None, false);
        Guest { connection, socket: taken.socket, inbox: taken.inbox }
    }

    async fn waits(&self, guest: &Guest) -> WaiterId {
        match self.hub.enter_lobby(&guest.connection.protocol, None).await {
            Ok(Reply::Lobby(LobbyState::Waiting(shown))) => shown.id,
            other => panic!("does not wait: {other:?}"),
        }
    }

    /// A host is in the session.
    async fn hosted(&self) -> SessionId {
        let host = self.guest("host", &["room.member.promote"]);
        self.hub.invite(&host.connection.protocol, main("call")).await.unwrap();
        self.happens(Outcome::Connected);
        let seat = host.connection.lock().seat.clone().expect("a seat");
        seat.session.id
    }

    async fn ask(&self, session: SessionId, command: Command) {
        let session = self.hub.inner.services.directory.by_id(session).expect("a session");
        self.hub.command(&session, Actor::Project, command).await.unwrap();
    }
}

#[tokio::test]
async fn whoever_is_let_in_hears_of_it_and_comes_in_by_the_same_token() {
    let house = House::open().await;
    house.lobby().await;
    let mut guest = house.guest("guest", &[]);
    let protocol = guest.connection.protocol.clone();
    assert_eq!(house.hub.invite(&protocol, main("call")).await, Err(Refusal::LOBBY));
    let id = house.waits(&guest).await;
    assert_eq!(house.waits(&guest).await, id, "asked again it is the same place");
    let (session, _) = guest.place().expect("a place");
    assert_eq!(house.kept().await, [], "nobody is in yet");
    assert_eq!(house.hosted().await, session, "the session that was to be");
    let whom = Waiters::These(vec![id]);
    house.ask(session, Command::AnswerLobby { whom, admits: true }).await;
    assert!(matches!(guest.hears().await, Event::LobbyAdmitted { .. }));
    house.until("the place is kept", |_| guest.place().is_none()).await;
    house.hub.invite(&protocol, main("call")).await.unwrap();
    assert_eq!(house.last_leg().session, session);
    let again = house.hub.enter_lobby(&protocol, None).await;
    assert!(matches!(again, Err(Refusal::Conflict(_))), "{again:?}");
}

#[tokio::test]
async fn whoever_waits_when_the_session_is_over_waits_for_the_next_if_a_socket_is_there() {
    let house = House::open().await;
    house.lobby().await;
    let (guest, gone) = (house.guest("guest", &[]), house.guest("gone", &[]));
    let (id, _) = (house.waits(&guest).await, house.waits(&gone).await);
    let session = house.hosted().await;
    house.hub.disconnect(&gone.connection.protocol, gone.socket);
    let connections = &house.hub.inner.services.connections;
    assert!(connections.get(&gone.connection.protocol).is_some(), "the place is kept for a while");
    house.ask(session, Command::End).await;
    house
        .until("nobody waits for the next session", |_| {
            guest.place().is_some_and(|(next, own)| next != session && own == id)
        })
        .await;
    house
        .until("who was gone is remembered", |house| {
            house.hub.inner.services.connections.get(&gone.connection.protocol).is_none()
        })
        .await;
}

#[tokio::test]
async fn whoever_waits_for_a_room_that_is_deleted_is_sent_away() {
    let house = House::open().await;
    let room = house.lobby().await;
    let mut guest = house.guest("guest", &[]);
    house.waits(&guest).await;
    house.hub.delete_room(house.project, room.id).await.unwrap();
    let verdict = guest.hears().await;
    let closed = rotunda_domain::Dismissal::Closed;
    assert!(matches!(verdict, Event::LobbyDenied { why, .. } if why == closed), "{verdict:?}");
    assert!(guest.place().is_none());
}

#[tokio::test]
async fn a_place_is_given_up_when_asked_and_only_where_there_is_one() {
    let house = House::open().await;
    house.lobby().await;
    let guest = house.guest("guest", &[]);
    let protocol = guest.connection.protocol.clone();
    let none = Err(Refusal::NotFound("you do not wait to be let in"));
    assert_eq!(house.hub.leave_lobby(&protocol), none);
    let first = house.waits(&guest).await;
    house.hub.leave_lobby(&protocol).unwrap();
    house.until("the place is kept", |_| guest.place().is_none()).await;
    assert_ne!(house.waits(&guest).await, first, "another place");
    let host = house.guest("host", &["room.member.promote"]);
    let state = house.hub.enter_lobby(&host.connection.protocol, None).await;
    assert!(matches!(state, Ok(Reply::Lobby(LobbyState::Admitted))), "{state:?}");
}

#[tokio::test]
async fn a_name_that_could_not_stand_is_refused_where_nobody_waits_too() {
    let house = House::open().await;
    house.room(RoomSettings::named("lab")).await;
    let guest = house.guest("guest", &[]);
    let protocol = &guest.connection.protocol;
    for name in ["", "\u{200b}", "a\tb", &*"n".repeat(101)] {
        let answer = house.hub.enter_lobby(protocol, Some(name.to_owned())).await;
        assert!(matches!(answer, Err(Refusal::Invalid(_))), "{name:?}: {answer:?}");
    }
    let answer = house.hub.enter_lobby(protocol, Some("Ann".into())).await;
    assert!(matches!(answer, Ok(Reply::Lobby(LobbyState::Admitted))), "{answer:?}");
}
