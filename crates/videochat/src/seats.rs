//! Tokens: for a seat, for watching, and for the second connection that some vendors want.

use crate::client::Client;
use crate::envelope::{Failure, Outcome};
use crate::fields::Fields;
use crate::shapes;
use crate::vendor::Pass;
use rotunda_domain::SessionId;
use rotunda_domain::videochat::{EngineName, IdentityView};
use rotunda_hub::{RoomSeen, SeatToken, UserSession};
use serde_json::{Value, json};

/// What a share's second connection adds to the number of its seat, where numbers tell connections
/// apart (Agora).
const SECOND: u32 = 0x4000_0000;

impl Client {
    /// Begins the videochat of a room, or joins the one that goes on.
    pub(crate) async fn token_for_room(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let room = self.room(caller, data).await?;
        self.seat(caller, &room, false).await
    }

    pub(crate) async fn token(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let (room, _) = self.videochat(caller, data).await?;
        self.seat(caller, &room, false).await
    }

    pub(crate) async fn listener_token(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let room = match data.any_text(&["videochatId"])? {
            Some(_) => self.videochat(caller, data).await?.0,
            None => self.room(caller, data).await?,
        };
        self.seat(caller, &room, true).await
    }

    /// Whoever takes a seat is told of what happens from then on.
    async fn seat(&self, caller: &UserSession, room: &RoomSeen, watching: bool) -> Outcome {
        let taken = self.hub().take_seat(room, &caller.name, watching).await?;
        if !watching {
            self.hub().watch(&self.subscriber, room)?;
        }
        let token = match &taken.token {
            Some(token) => token.clone(),
            None => self.vendor_token(&taken, room, watching).await?,
        };
        let seat = &taken.seat.identity;
        let mut answer = self.place(taken.session, room, taken.seat.engine);
        answer["videochatMode"] = taken.seat.mode.as_str().into();
        answer["token"] = token.into();
        answer["user"] = shapes::user(seat);
        answer["permissions"] = shapes::permissions(seat.ranks, seat.speaks, watching);
        if !watching {
            answer["identity"] = seat.id.to_string().into();
            answer["uid"] = seat.uid.into();
        }
        Ok(Some(answer))
    }

    /// Where a connection goes.
    fn place(&self, session: SessionId, room: &RoomSeen, engine: EngineName) -> Value {
        let vendors = &self.options().vendors;
        let (room_there, app_id, url) = match engine {
            EngineName::Native => (room.name.clone(), None, None),
            EngineName::Agora => {
                (session.to_string(), vendors.agora.as_ref().map(|keys| keys.app_id.clone()), None)
            }
            EngineName::Livekit => {
                (session.to_string(), None, vendors.livekit.as_ref().map(|keys| keys.url.clone()))
            }
            EngineName::Twilio => (session.to_string(), None, None),
        };
        let mut place = json!({
            "videochatId": session.to_string(),
            "roomId": room.id.to_string(),
            "videochatEngine": engine.as_str(),
            "room": room_there,
        });
        if let Some(app_id) = app_id {
            place["videochatAppId"] = app_id.into();
        }
        if let Some(url) = url {
            place["videochatUrl"] = url.into();
        }
        place
    }

    async fn vendor_token(
        &self,
        taken: &SeatToken,
        room: &RoomSeen,
        watching: bool,
    ) -> Result<String, Failure> {
        let set = self.hub().videochat_settings(room).await?;
        let seat = &taken.seat.identity;
        let hidden = watching || (set.exclude_listeners && !seat.speaks);
        self.pass(taken.seat.engine, taken.session, seat, hidden, seat.uid)
    }

    fn pass(
        &self,
        engine: EngineName,
        session: SessionId,
        seat: &IdentityView,
        hidden: bool,
        uid: u32,
    ) -> Result<String, Failure> {
        let pass = Pass {
            room: session.to_string(),
            identity: seat.id.to_string(),
            name: seat.name.to_string(),
            uid,
            publishes: seat.speaks,
            hidden,
        };
        let made = self.options().vendors.token(engine, &pass, self.now_s());
        made.ok_or_else(|| {
            Failure::new(501, format!("engine {} is not configured", engine.as_str()))
        })
    }

    /// A second connection beside one's seat, for a share: only where the vendor knows one track of
    /// each kind per connection.
    pub(crate) async fn additional_token(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Outcome {
        let (room, session) = self.videochat(caller, data).await?;
        let view = self.view(&room, session).await?;
        if view.engine != EngineName::Agora {
            let text = format!("engine {} needs no additional token", view.engine.as_str());
            return Err(Failure::new(501, text));
        }
        let own = view.identities.iter().find(|seat| *seat.user == *caller.user);
        let seat = own.filter(|seat| seat.speaks);
        let seat = seat.ok_or(rotunda_domain::Refusal::NotPermitted)?;
        let uid = seat.uid | SECOND;
        let mut answer = self.place(session, &room, view.engine);
        answer["token"] = self.pass(view.engine, session, seat, false, uid)?.into();
        answer["identity"] = seat.id.to_string().into();
        answer["uid"] = uid.into();
        Ok(Some(answer))
    }
}
