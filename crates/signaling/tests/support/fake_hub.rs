//! A hub that answers by the words it is given. Whatever a call causes is in the inbox *before*
//! the call returns, which is the hardest case for the order of reply and events.

use super::facts::{ALICE, BOB, PROJECT, dispatch, member, session};
use rotunda_domain::command::Target;
use rotunda_domain::layout::catalog;
use rotunda_domain::{
    Command, Event, Flow, Grant, JoinAs, LegId, LobbyState, Permissions, Refusal, Reply,
    SessionView, WaiterId, Waiting, Window,
};
use rotunda_hub::{
    Accepted, ConnectRefused, ConnectRequest, Credential, Delivery, Invite, LegAction, LostSeat,
    Renewed, Subscription, Unconfirmed, Who,
};
use rotunda_signaling::HubApi;
use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;

#[derive(Clone, Default)]
pub struct FakeHub {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    inboxes: HashMap<String, mpsc::Sender<Delivery>>,
    legs: Vec<String>,
    sockets: u64,
    calls: Vec<String>,
}

impl FakeHub {
    /// Calls since the last time this was asked.
    pub fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().calls)
    }

    /// The way into the inbox of a connection.
    pub fn inbox(&self, protocol: &str) -> mpsc::Sender<Delivery> {
        self.state.lock().unwrap().inboxes[protocol].clone()
    }

    /// Closes every inbox.
    pub fn close(&self) {
        self.state.lock().unwrap().inboxes.clear();
    }

    fn note(&self, call: String) {
        self.state.lock().unwrap().calls.push(call);
    }

    fn tell(&self, protocol: &str, name: &str) {
        let delivery = Delivery::Event(dispatch(name));
        self.inbox(protocol).try_send(delivery).expect("room in the inbox");
    }
}

fn grant(token: &str) -> Grant {
    let audience = token == "audience";
    Grant {
        token_id: "never shown".into(),
        user_name: "Alice".into(),
        join_as: if audience { JoinAs::Audience } else { JoinAs::Member },
        permissions: match audience {
            true => Permissions::default(),
            false => Permissions::from_list(vec!["room.set_layout".into(), "odd one".into()]),
        },
        window: Window { join_from: Some(1_795_000_000), ..Window::default() },
        expires_at: (token == "fresh").then_some(1_795_300_000),
        ..Grant::for_room(PROJECT, "lab")
    }
}

impl HubApi for FakeHub {
    async fn connect(&self, connection: ConnectRequest) -> Result<Accepted, ConnectRefused> {
        let token = match connection.credential {
            Credential::RoomToken(token) => token,
            Credential::ApiToken { token, .. } if token.starts_with("PT") => token,
            Credential::ApiToken { .. } => "bad".into(),
        };
        match &*token {
            "bad" => return Err(ConnectRefused::BadToken("The token's signature is wrong".into())),
            "broken" => return Err(ConnectRefused::Broken),
            "panic" => panic!("the hub fell over"),
            "never" => pending().await,
            _ => {}
        }
        let mut state = self.state.lock().unwrap();
        let protocol = match connection.protocol {
            Some(known) if state.inboxes.contains_key(&known) => known,
            Some(_) if !connection.was_refused => return Err(ConnectRefused::UnknownProtocol),
            Some(_) | None => format!("signalwire_sig{0}_{0}", state.inboxes.len() + 1),
        };
        let (sender, inbox) = mpsc::channel(256);
        state.inboxes.insert(protocol.clone(), sender);
        state.sockets += 1;
        Ok(Accepted {
            protocol: (*protocol).into(),
            socket: state.sockets,
            authorization_state: "a secret".into(),
            lost: (token == "lost").then(|| LostSeat {
                member: ALICE,
                leg: LegId("main".into()),
                children: vec![LegId("screen".into())],
                audio: Flow::Both,
                video: Flow::Receive,
            }),
            who: match token.starts_with("PT") {
                true => Who::Application { project: PROJECT, scopes: vec!["video".into()] },
                false => Who::Person {
                    grant: Box::new(grant(&token)),
                    room_display_name: "The Lab".into(),
                    room_meta: serde_json::Map::new(),
                },
            },
            names: std::collections::HashSet::new(),
            inbox,
            unconfirmed: Unconfirmed::default(),
        })
    }

    fn disconnect(&self, protocol: &str, socket: u64) {
        self.note(format!("disconnect {protocol} {socket}"));
    }

    async fn invite(&self, protocol: &str, invite: Invite) -> Result<String, Refusal> {
        let Invite { call_id, role, wants_roster, names, sdp, .. } = invite;
        let lines = if names.contains(Event::NETWORK_QUALITY) { " lines" } else { "" };
        let hands = if names.contains(Event::HAND_RAISED_AT) { " hands" } else { "" };
        self.note(format!("invite {call_id} {role:?} roster={wants_roster}{lines}{hands}"));
        match &*sdp {
            "window" => return Err(Refusal::NotPermitted),
            "missing" => return Err(Refusal::NotFound("Room not found")),
            "locked" => return Err(Refusal::NotAdmitted("Room is locked")),
            "rubbish" => return Err(Refusal::invalid("the offer has no audio and no video")),
            "broken" => return Err(Refusal::Broken),
            "stolen" => return Err(Refusal::OUT_OF_ORDER),
            "forgotten" => return Err(Refusal::UNKNOWN_CALL),
            "panic" => panic!("the hub fell over"),
            "never" => pending().await,
            "slow" => tokio::task::yield_now().await,
            _ => {}
        }
        self.state.lock().unwrap().legs.push(call_id.0);
        self.tell(protocol, "joined");
        Ok("v=0 answer\r\n".into())
    }

    async fn modify(&self, _: &str, call_id: &LegId, _: String) -> Result<Renewed, Refusal> {
        self.note(format!("modify {call_id}"));
        match self.state.lock().unwrap().legs.contains(&call_id.0) {
            true => Ok(Renewed { sdp: "v=0 new answer\r\n".into(), is_held: false }),
            false => Err(Refusal::NotFound("Not Found")),
        }
    }

    async fn ask_leg(
        &self,
        protocol: &str,
        call_id: &LegId,
        subscription: LegAction,
    ) -> Result<(), Refusal> {
        match subscription {
            LegAction::HangUp => self.note(format!("bye {call_id}")),
            LegAction::HangUpAll => self.note(format!("bye all {call_id}")),
            LegAction::Hold(held) => {
                self.note(format!("hold {call_id} {held}"));
                let is_known = self.state.lock().unwrap().legs.contains(&call_id.0);
                return is_known.then_some(()).ok_or(Refusal::NotFound("Not Found"));
            }
            LegAction::Digits(digits) => {
                self.note(format!("digits {call_id} {digits}"));
                return Ok(());
            }
        }
        let mut state = self.state.lock().unwrap();
        let Some(at) = state.legs.iter().position(|leg| *leg == call_id.0) else {
            return Err(Refusal::NotFound("Not Found"));
        };
        state.legs.remove(at);
        drop(state);
        self.tell(protocol, "left");
        Ok(())
    }

    async fn execute(
        &self,
        protocol: &str,
        room_session_id: &str,
        command: Command,
    ) -> Result<Reply, Refusal> {
        self.note(format!("{command:?}"));
        if room_session_id.parse::<uuid::Uuid>().is_err() {
            return Err(Refusal::NotFound("Room session not found"));
        }
        match command {
            Command::Describe => Ok(Reply::Session(Box::new(session()))),
            Command::GetMembers => Ok(Reply::Members(vec![member(ALICE, "Alice", Some(1))])),
            Command::ListLayouts => Ok(Reply::Layouts(&catalog::NAMES[..2])),
            Command::SetLayout { name, .. } if catalog::exists(&name) => {
                self.tell(protocol, "layout");
                Ok(Reply::Done)
            }
            Command::Misread(_, refusal) => Err(refusal),
            Command::SetLayout { .. } => Err(Refusal::invalid("there is no such layout")),
            Command::Mute { target: Target::Nobody, .. } => Err(Refusal::UNKNOWN_MEMBER),
            Command::Mute { target: Target::Member(id), .. } if id == BOB => {
                Err(Refusal::NotPermitted)
            }
            _ => {
                self.tell(protocol, "muted");
                Ok(Reply::Done)
            }
        }
    }

    async fn subscribe(&self, protocol: &str, subscription: Subscription) -> Result<(), Refusal> {
        let mut names: Vec<_> = subscription.names.iter().copied().collect();
        names.sort_unstable();
        self.note(format!(
            "subscribe {:?} {names:?} show={}",
            subscription.channel, subscription.show
        ));
        if subscription.channel.as_deref().is_some_and(|channel| channel != "EC_lab") {
            return Err(Refusal::NotFound("Not Found"));
        }
        self.tell(protocol, if subscription.channel.is_some() { "shown" } else { "started" });
        Ok(())
    }

    async fn enter_lobby(&self, protocol: &str, name: Option<String>) -> Result<Reply, Refusal> {
        self.note(format!("enter lobby {name:?}"));
        let Some(name) = name else { return Ok(Reply::Lobby(LobbyState::Admitted)) };
        self.tell(protocol, "admitted");
        let id = WaiterId(uuid::Uuid::from_u128(0xd0));
        let shown = Waiting { id, name: name.into(), since_ms: 1_795_293_660_500 };
        Ok(Reply::Lobby(LobbyState::Waiting(shown)))
    }

    fn leave_lobby(&self, _: &str) -> Result<(), Refusal> {
        self.note("leave lobby".into());
        Ok(())
    }

    async fn sessions(&self, _: &str) -> Result<Vec<SessionView>, Refusal> {
        Ok(vec![SessionView { members: vec![], ..session() }])
    }
}
