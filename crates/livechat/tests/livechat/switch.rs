//! What the switch does: at every door one person more is refused, whoever is in stays in.

use crate::desk::{Desk, SITE};
use rotunda_domain::videochat::RoomRight;
use rotunda_domain::{Brings, Grant, LegId, Outcome, ProjectId, RoomSettings};
use rotunda_hub::{
    Accepted, ConnectRequest, Credential, Direction, Invite, LegRole, LivechatChange, RoomRights,
    UserSession, VideochatError, WhipError, WhipLeg,
};
use uuid::Uuid;

const OFF: &str = "audio and video chat is switched off for this site";

fn grant(project: ProjectId, room: &str) -> Grant {
    Grant {
        token_id: Uuid::new_v4().to_string(),
        user_name: "Ann".into(),
        ..Grant::for_room(project, room)
    }
}

impl Desk {
    async fn token_of(&self, project: ProjectId, room: &str) -> String {
        self.hub.mint_room_token(&grant(project, room)).await.unwrap()
    }

    /// The leg asked for last has come up.
    fn is_up(&self) {
        let asked = self.engine.asked.lock().unwrap().last().cloned().unwrap();
        let (leg, session) = (asked.leg, asked.session);
        rotunda_engine::EngineEvents::happened(&self.listener, session, Outcome::Connected(leg));
    }

    /// By WHIP or WHEP, into a room that begins with whoever comes first.
    async fn comes(
        &self,
        project: ProjectId,
        room: &str,
        direction: Direction,
    ) -> Result<WhipLeg, String> {
        let token = self.token_of(project, room).await;
        let opened = self.hub.open_whip(&token, direction, "v=0".into(), None).await;
        let opened = opened.inspect(|_| self.is_up());
        opened.map_err(|refused| match refused {
            WhipError::Refused(refusal) => refusal.to_string(),
            other => panic!("{other}"),
        })
    }

    /// By the SDK; `before` is a connection that is taken up again.
    async fn connects(&self, room: &str, before: Option<&Accepted>) -> Accepted {
        let connection = ConnectRequest {
            credential: Credential::RoomToken(self.token_of(self.project, room).await),
            protocol: before.map(|link| link.protocol.to_string()),
            authorization_state: before.map(|link| link.authorization_state.to_string()),
            origin: None,
            was_refused: false,
            is_renewal: false,
            address: None,
        };
        self.hub.connect(connection).await.unwrap()
    }

    async fn invites(&self, link: &Accepted) -> Result<String, String> {
        let invite = Invite {
            call_id: LegId("call".into()),
            role: LegRole::Main,
            sdp: "v=0".into(),
            wants_roster: false,
            names: std::collections::HashSet::new(),
            brings: Ok(Brings::default()),
        };
        let answered = self.hub.invite(&link.protocol, invite).await;
        answered.inspect(|_| self.is_up()).map_err(|refusal| refusal.to_string())
    }

    /// By the settings door.
    async fn seat(&self, room: &str, watching: bool) -> Result<(), String> {
        let session = UserSession {
            project: self.project,
            user: "ben".into(),
            name: "Ben".into(),
            is_admin: false,
            rooms: RoomRights::from([(room.to_owned(), RoomRight::Manage)]),
            expires_at_ms: i64::MAX,
        };
        let seen = self.hub.room_seen(&session, room).await.unwrap();
        match self.hub.take_seat(&seen, "Ben", watching).await {
            Ok(_) => Ok(()),
            Err(VideochatError::Refused(refusal)) => Err(refusal.to_string()),
            Err(other) => panic!("{other}"),
        }
    }

    async fn set(&self, enabled: bool, record: bool) {
        let change =
            LivechatChange { enabled: Some(enabled), record: Some(record), ..Default::default() };
        self.hub.change_livechat(SITE, change).await.unwrap();
    }

    fn recorded(&self) -> usize {
        self.engine.recorded.lock().unwrap().len()
    }

    /// Waits until so many sessions are recorded: each is from its first leg on, a moment after that.
    async fn is_recorded(&self, sessions: usize) {
        let so = async {
            while self.recorded() < sessions {
                tokio::task::yield_now().await;
            }
        };
        let patience = std::time::Duration::from_secs(20);
        tokio::time::timeout(patience, so).await.expect("no session is recorded");
    }

    /// Nobody gets in, by whichever door, into a room that runs or one that does not.
    async fn is_shut(&self) {
        let fresh = self.connects("lobby", None).await;
        let off = Some(OFF.to_owned());
        assert_eq!(self.invites(&fresh).await.err(), off);
        for room in ["lobby", "empty", "unknown"] {
            for direction in [Direction::Whip, Direction::Whep] {
                assert_eq!(
                    self.comes(self.project, room, direction).await.err(),
                    off,
                    "{room} {direction:?}"
                );
            }
        }
        for (room, watching) in [("lobby", false), ("lobby", true), ("empty", false)] {
            assert_eq!(self.seat(room, watching).await.err(), off, "{room} {watching}");
        }
    }
}

#[tokio::test]
async fn a_linked_site_that_is_off_lets_nobody_in_ends_nothing_and_touches_no_other_project() {
    let desk = Desk::open().await;
    desk.agent("ann@example.org", "correct horse", true).await;
    let theirs = desk.store.create_project(None, "theirs").await.unwrap().id;
    for room in ["lobby", "empty"] {
        desk.store.create_room(desk.project, RoomSettings::named(room)).await.unwrap();
    }
    let ann = desk.connects("lobby", None).await;
    desk.invites(&ann).await.unwrap();
    let pub_leg = desk.comes(desk.project, "lobby", Direction::Whip).await.unwrap();
    desk.seat("lobby", false).await.unwrap();

    desk.store.link_livechat(SITE, desk.project).await.unwrap();
    desk.is_shut().await;
    assert_eq!(desk.hub.load().0, 1, "nothing begins and nothing ends");
    assert!(desk.hub.has_whip(&pub_leg.id, Direction::Whip));
    let again = desk.connects("lobby", Some(&ann)).await;
    assert_eq!(again.protocol, ann.protocol);
    desk.invites(&again).await.unwrap();
    desk.comes(theirs, "lobby", Direction::Whip).await.unwrap();

    desk.set(true, false).await;
    desk.comes(desk.project, "lobby", Direction::Whep).await.unwrap();
    desk.seat("empty", false).await.unwrap();
    desk.set(false, true).await;
    desk.is_shut().await;
    desk.store.unlink_livechat(desk.project).await.unwrap();
    desk.comes(desk.project, "unknown", Direction::Whip).await.unwrap();
    assert_eq!(desk.recorded(), 0, "no session began while a site recorded");
}

#[tokio::test]
async fn a_linked_site_that_records_has_the_sessions_recorded_that_begin_from_then_on() {
    let desk = Desk::open().await;
    desk.agent("ann@example.org", "correct horse", true).await;
    let theirs = desk.store.create_project(None, "theirs").await.unwrap().id;
    desk.set(true, true).await;
    desk.comes(desk.project, "before", Direction::Whip).await.unwrap();
    assert_eq!(desk.recorded(), 0, "the site is linked to no project");
    desk.store.link_livechat(SITE, desk.project).await.unwrap();
    desk.comes(desk.project, "before", Direction::Whep).await.unwrap();
    desk.comes(theirs, "lobby", Direction::Whip).await.unwrap();
    assert_eq!(desk.recorded(), 0, "neither what ran already nor what is another's");
    desk.comes(desk.project, "after", Direction::Whip).await.unwrap();
    desk.is_recorded(1).await;
    desk.comes(desk.project, "after", Direction::Whep).await.unwrap();
    let recorded = desk.engine.recorded.lock().unwrap().clone();
    let began = desk.engine.asked.lock().unwrap().last().unwrap().session;
    assert_eq!(recorded, [began], "once, from its start");
    desk.set(true, false).await;
    desk.comes(desk.project, "later", Direction::Whip).await.unwrap();
    assert_eq!(desk.recorded(), 1);
}
