//! One socket, whatever carries it: who speaks on it, what was answered before, and the way from an
//! endpoint's name to what it does.

use crate::endpoints::{self, Endpoint};
use crate::envelope::{Failure, Outcome, Request, answer, push_envelope};
use crate::fields::Fields;
use crate::{Videochat, VideochatOptions};
use rotunda_domain::videochat::{Caller, VideochatCommand};
use rotunda_domain::{MemberId, SessionId};
use rotunda_doorway::Proof;
use rotunda_hub::{Hub, Push, RoomSeen, Subscriber, UserSession};
use serde_json::{Map, Value, json};
use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};
use tokio::sync::mpsc;

/// Answers remembered for requests that come twice; of more the oldest is forgotten, and one that
/// comes twice then is done twice, which no setter minds.
pub(crate) const ANSWERS: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();
/// Seats one socket may speak for.
const SEATS: usize = 16;

/// The last answer of a session at an endpoint.
pub(crate) struct Answered {
    event_id: String,
    answer: Map<String, Value>,
}

/// A socket.
pub(crate) struct Client {
    door: Videochat,
    session_id: String,
    /// Names the session without giving it away.
    pub(crate) subscriber: Subscriber,
    seats: Vec<(SessionId, Caller, MemberId)>,
}

/// A socket, and what is to be pushed on it; that ends when the socket has to.
pub(crate) struct Opened {
    pub client: Client,
    pub pushes: mpsc::Receiver<Arc<Push>>,
    /// The `user_info` push; there is none for a session nobody knows.
    pub user_info: Option<Value>,
    /// What the session proves.
    pub proof: Option<Proof>,
}

impl Videochat {
    /// Opens a socket for a session; `None` when there are as many as there may be.
    pub(crate) async fn open(&self, session_id: String) -> Option<Opened> {
        let sockets = self.inner.sockets.fetch_add(1, Ordering::Relaxed);
        if sockets >= self.inner.options.sockets_max {
            self.inner.sockets.fetch_sub(1, Ordering::Relaxed);
            tracing::warn!(sockets, "a settings socket is refused: there are too many");
            return None;
        }
        let session = self.hub().user_session(&session_id).await.ok().flatten();
        let (subscriber, pushes) = self.hub().enter_watch(&session_id, session.as_ref());
        let user_info = session.as_ref().map(user_info);
        let proof = session.as_ref().map(|session| Proof::of(&session.project, &session_id));
        let client = Client { door: self.clone(), session_id, subscriber, seats: Vec::new() };
        Some(Opened { client, pushes, user_info, proof })
    }

    /// Whether a page of this origin may open sockets.
    pub(crate) fn admits_origin(&self, origin: Option<&str>) -> bool {
        match (&self.inner.options.allowed_origins, origin) {
            (Some(allowed), Some(origin)) => allowed.iter().any(|one| one == origin),
            _ => true,
        }
    }

    fn known_answer(&self, key: &(String, &'static str), id: &str) -> Option<Map<String, Value>> {
        let mut answered = self.inner.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let last = answered.get(key).filter(|last| last.event_id == id)?;
        Some(last.answer.clone())
    }

    fn remember(&self, key: (String, &'static str), last: Answered) {
        let mut answered = self.inner.answered.lock().unwrap_or_else(PoisonError::into_inner);
        answered.put(key, last);
    }
}

impl Client {
    pub(crate) fn hub(&self) -> &Hub {
        self.door.hub()
    }

    pub(crate) fn options(&self) -> &VideochatOptions {
        &self.door.inner.options
    }

    pub(crate) fn now_s(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    /// Answers a request. What that takes is there only while it is done: most sockets ask for
    /// nothing most of the time.
    pub(crate) async fn call(&mut self, name: &str, body: Option<Value>) -> Map<String, Value> {
        Box::pin(self.answer_to(name, body)).await
    }

    /// Who, then what, then once only.
    async fn answer_to(&mut self, name: &str, body: Option<Value>) -> Map<String, Value> {
        let Some((name, endpoint)) = endpoints::find(name) else {
            return answer(&Err(Failure::new(404, "no such endpoint")));
        };
        let request = match Request::read(body) {
            Ok(request) => request,
            Err(failure) => return answer(&Err(failure)),
        };
        let caller = match self.hub().user_session(&self.session_id).await {
            Ok(Some(caller)) => caller,
            Ok(None) => return answer(&Err(Failure::unauthorized())),
            Err(error) => return answer(&Err(error.into())),
        };
        let key = (self.session_id.clone(), name);
        if let Some(id) = &request.event_id
            && let Some(known) = self.door.known_answer(&key, id)
        {
            return known;
        }
        let outcome = self.obey(endpoint, &caller, &Fields::new(&request.data)).await;
        let answer = answer(&outcome);
        // One that failed may be asked again under the same id, and succeed.
        if let Some(event_id) = request.event_id.filter(|_| outcome.is_ok()) {
            self.door.remember(key, Answered { event_id, answer: answer.clone() });
        }
        answer
    }

    async fn obey(
        &mut self,
        endpoint: Endpoint,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Outcome {
        match endpoint {
            Endpoint::Set(setting) => self.set(caller, setting, data).await,
            Endpoint::GetRoomSettings => self.room_settings(caller, data).await,
            Endpoint::TokenForRoom => self.token_for_room(caller, data).await,
            Endpoint::Token => self.token(caller, data).await,
            Endpoint::ListenerToken => self.listener_token(caller, data).await,
            Endpoint::AdditionalToken => self.additional_token(caller, data).await,
            Endpoint::Status => self.status(caller, data).await,
            Endpoint::ChangePermissions => self.change_permissions(caller, data).await,
            Endpoint::RequestPromotion => self.request_promotion(caller, data).await,
            Endpoint::DeclinePromotion => self.decline_promotion(caller, data).await,
            Endpoint::End => self.end(caller, data).await,
            Endpoint::StartShare => self.start_share(caller, data).await,
            Endpoint::StopShare => self.stop_share(caller, data).await,
            Endpoint::StartLiveStream => self.start_live(caller, data).await,
            Endpoint::StopLiveStream => self.stop_live(caller, data).await,
            Endpoint::Connected => self.connected(caller, data).await,
            Endpoint::Disconnected => self.disconnected(caller, data).await,
            Endpoint::Subscribe => self.subscribe(caller, data).await,
            Endpoint::Unsubscribe => self.unsubscribe(caller, data).await,
            Endpoint::SubscribeRoom => self.subscribe_room(caller, data).await,
            Endpoint::UnsubscribeRoom => self.unsubscribe_room(caller, data).await,
        }
    }

    /// The room named by `roomId`, in the network that is the caller's own.
    pub(crate) async fn room(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Result<RoomSeen, Failure> {
        let network = data.any_text(&["networkId"])?;
        if network.is_some_and(|network| network != caller.project.to_string()) {
            return Err(Failure::new(404, "no such room"));
        }
        Ok(self.hub().room_seen(caller, data.text("roomId")?).await?)
    }

    /// The videochat named by `videochatId`, or the one that goes on in `roomId`.
    pub(crate) async fn videochat(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Result<(RoomSeen, SessionId), Failure> {
        if let Some(id) = data.any_text(&["videochatId"])? {
            return Ok(self.hub().room_of_videochat(caller, id).await?);
        }
        if data.any_text(&["roomId"])?.is_none() {
            return Err(Failure::bad("videochatId is missing"));
        }
        let room = self.room(caller, data).await?;
        let session = self.hub().videochat_of_room(room.id);
        Ok((room, session.ok_or_else(|| Failure::new(404, "no such videochat"))?))
    }

    pub(crate) fn remember_seat(&mut self, session: SessionId, caller: Caller, seat: MemberId) {
        self.forget_seat(seat);
        if self.seats.len() < SEATS {
            self.seats.push((session, caller, seat));
        }
    }

    pub(crate) fn forget_seat(&mut self, seat: MemberId) {
        self.seats.retain(|(_, _, known)| *known != seat);
    }

    /// The socket is gone: seats it spoke for are given up later, if nobody speaks for them again.
    pub(crate) async fn close(self) {
        for (session, caller, seat) in &self.seats {
            let command = VideochatCommand::Lost(*seat);
            // Fails only when seat or session are over.
            let _ = self.hub().ask_videochat(*session, caller, command).await;
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.door.hub().leave_watch(&self.subscriber);
        self.door.inner.sockets.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Who the caller is, as the first thing they are told.
fn user_info(session: &UserSession) -> Value {
    let roles: Vec<_> = session
        .rooms
        .iter()
        .map(|(room, right)| {
            json!({
                "roleName": right.as_str(),
                "targetType": "room",
                "targetId": room,
                "permissions": [format!("room.{}", right.as_str())],
            })
        })
        .collect();
    push_envelope(json!({
        "user": {
            "id": session.user,
            "name": session.name,
            "permissions": { "admin": session.is_admin, "developer": false },
            "userRoles": roles,
        },
        "network": { "id": session.project.to_string() },
    }))
}
