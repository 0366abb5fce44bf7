//! Reading settings and status, and watching rooms.

use crate::client::Client;
use crate::envelope::{DONE, Failure, Outcome};
use crate::fields::Fields;
use crate::shapes;
use rotunda_domain::SessionId;
use rotunda_domain::videochat::{SETTINGS, VideochatCommand, VideochatReply, VideochatView};
use rotunda_hub::{RoomSeen, UserSession};
use serde_json::json;

impl Client {
    /// Whoever reads the settings is told of changes from then on.
    pub(crate) async fn room_settings(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let room = self.room(caller, data).await?;
        self.hub().watch(&self.subscriber, &room)?;
        let set = self.hub().videochat_settings(&room).await?;
        let videochat = shapes::settings(&set, SETTINGS);
        let networks = caller.project.to_string();
        Ok(Some(json!({
            "networkId": networks,
            "roomId": room.id.to_string(),
            "settings": { "videochat": videochat },
        })))
    }

    pub(crate) async fn status(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let (room, session) = self.videochat(caller, data).await?;
        let view = self.view(&room, session).await?;
        Ok(Some(shapes::status(session, &room.id.to_string(), &view)))
    }

    pub(crate) async fn view(
        &self,
        room: &RoomSeen,
        session: SessionId,
    ) -> Result<VideochatView, Failure> {
        let asked = self.hub().ask_videochat(session, &room.caller, VideochatCommand::View).await?;
        match asked {
            VideochatReply::View(view) => Ok(*view),
            _ => Err(Failure::new(500, "Internal Server Error")),
        }
    }

    pub(crate) async fn subscribe(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let (room, _) = self.videochat(caller, data).await?;
        self.hub().watch(&self.subscriber, &room)?;
        DONE
    }

    pub(crate) async fn unsubscribe(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let (room, _) = self.videochat(caller, data).await?;
        self.hub().unwatch(&self.subscriber, room.id);
        DONE
    }

    pub(crate) async fn subscribe_room(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let room = self.room(caller, data).await?;
        self.hub().watch(&self.subscriber, &room)?;
        let running = self.hub().videochat_of_room(room.id).map(|id| id.to_string());
        Ok(Some(json!({ "videochatId": running })))
    }

    pub(crate) async fn unsubscribe_room(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Outcome {
        let room = self.room(caller, data).await?;
        self.hub().unwatch(&self.subscriber, room.id);
        DONE
    }
}
