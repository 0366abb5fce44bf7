//! What is asked of a videochat that runs.

use crate::client::Client;
use crate::envelope::{DONE, Failure, Outcome};
use crate::fields::Fields;
use rotunda_domain::MemberId;
use rotunda_domain::videochat::{RankChange, VideochatCommand};
use rotunda_hub::UserSession;
use std::sync::Arc;

impl Client {
    pub(crate) async fn ask(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
        command: VideochatCommand,
    ) -> Outcome {
        let (room, session) = self.videochat(caller, data).await?;
        self.hub().ask_videochat(session, &room.caller, command).await?;
        DONE
    }

    pub(crate) async fn change_permissions(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Outcome {
        let target = target(data)?.ok_or_else(|| Failure::bad("targetUser is missing"))?;
        let wanted = data.object("permissions")?;
        let change = RankChange {
            owner: wanted.maybe_flag("isOwner")?,
            panelist: wanted.maybe_flag("isPanelist")?,
            presenter: wanted.maybe_flag("isPresenter")?,
            co_presenter: wanted.maybe_flag("isCoPresenter")?,
            voice: wanted.maybe_flag("isPromoted")?,
        };
        self.ask(caller, data, VideochatCommand::ChangeParticipant(target, change)).await
    }

    pub(crate) async fn request_promotion(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Outcome {
        self.ask(caller, data, VideochatCommand::AskVoice).await
    }

    /// Without a target it is one's own request that is taken back.
    pub(crate) async fn decline_promotion(
        &self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Outcome {
        let own = || Arc::from(caller.user.as_str());
        let target = target(data)?.unwrap_or_else(own);
        self.ask(caller, data, VideochatCommand::DeclineVoice(target)).await
    }

    pub(crate) async fn end(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        self.ask(caller, data, VideochatCommand::End).await
    }

    pub(crate) async fn start_share(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        self.ask(caller, data, VideochatCommand::StartShare).await
    }

    pub(crate) async fn stop_share(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let seat = data.any_text(&["identity"])?.map(seat).transpose()?;
        self.ask(caller, data, VideochatCommand::StopShare(seat)).await
    }

    /// What a client says of its seat is remembered: at a vendor nobody else would say that it is
    /// gone, when the client is.
    pub(crate) async fn connected(&mut self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let seat = seat(data.text("identity")?)?;
        let (room, session) = self.videochat(caller, data).await?;
        let command = VideochatCommand::Connected(seat);
        self.hub().ask_videochat(session, &room.caller, command).await?;
        self.remember_seat(session, room.caller, seat);
        DONE
    }

    pub(crate) async fn disconnected(
        &mut self,
        caller: &UserSession,
        data: &Fields<'_>,
    ) -> Outcome {
        let seat = seat(data.text("identity")?)?;
        self.forget_seat(seat);
        match self.ask(caller, data, VideochatCommand::Disconnected(seat)).await {
            // The last one to leave ends it, and may say so after the vendor did.
            Err(failure) if failure.code == 404 => DONE,
            other => other,
        }
    }
}

fn seat(text: &str) -> Result<MemberId, Failure> {
    text.parse().map_err(|_| Failure::bad("identity must be one that was given"))
}

/// The user meant, by their id; an object with one is read as well.
fn target(data: &Fields<'_>) -> Result<Option<Arc<str>>, Failure> {
    if let Ok(user) = data.object("targetUser") {
        return Ok(user.any_text(&["id", "userId", "identity"])?.map(Arc::from));
    }
    Ok(data.any_text(&["targetUser", "targetUserId", "userId", "identity"])?.map(Arc::from))
}
