//! What is set for a room: kept, told, and done in the session that runs.
//!
//! A room with no session has settings as well; a room that a token made has them as long as its
//! session. Setters of one room wait for each other, and for a session that is just being started.

use super::{RoomSeen, VideochatError};
use crate::videochat::subscribers::PushEvent;
use crate::{Hub, now};
use rotunda_domain::Refusal;
use rotunda_domain::videochat::{
    EngineName, RoomRight, SetBy, Setting, VideochatCommand, VideochatReply, VideochatSettings,
};
use rotunda_store::StoreError;

/// That somebody may change a setting of a room; only [`Hub::may_set`] gives it.
#[derive(Debug)]
pub struct SettingPermit<'a> {
    room: &'a RoomSeen,
    setting: &'static Setting,
}

impl Hub {
    /// What is set for a room.
    ///
    /// # Errors
    /// `NoRoom` when it is gone meanwhile.
    pub async fn videochat_settings(
        &self,
        room: &RoomSeen,
    ) -> Result<VideochatSettings, VideochatError> {
        if room.is_stored {
            return Ok(self.store().videochat_settings(room.id).await?);
        }
        let running =
            self.inner.services.directory.session_of(room.id).ok_or(VideochatError::NoRoom)?;
        match self.ask(&running, &room.caller, VideochatCommand::View).await? {
            VideochatReply::View(view) => Ok(view.settings),
            _ => Err(Refusal::Broken.into()),
        }
    }

    /// Permits the caller to change this setting. Asked before the value is looked at.
    ///
    /// # Errors
    /// `AdminsOnly`, `ManagersOnly`.
    pub fn may_set<'a>(
        room: &'a RoomSeen,
        setting: &'static Setting,
    ) -> Result<SettingPermit<'a>, VideochatError> {
        if setting.set_by == SetBy::Administrators && !room.is_admin {
            return Err(VideochatError::AdminsOnly);
        }
        if room.caller.right < RoomRight::Manage {
            return Err(VideochatError::ManagersOnly);
        }
        Ok(SettingPermit { room, setting })
    }

    /// Changes the permitted setting to what it is in `new`, and no other: kept first, then told, then
    /// done in the session that runs. Setting what is set already tells nobody. Once begun it is done
    /// whole.
    ///
    /// # Errors
    /// [`VideochatError`].
    pub async fn set_videochat(
        &self,
        permit: SettingPermit<'_>,
        new: VideochatSettings,
    ) -> Result<(), VideochatError> {
        let SettingPermit { room, setting } = permit;
        // Where another setting is changed this is the default engine, which is always offered.
        self.is_offered(VideochatSettings::default().with(setting, &new).engine)?;
        let (hub, room) = (self.clone(), room.clone());
        crate::whole(async move { hub.set_in_turn(&room, setting, &new).await }).await
    }

    pub(super) fn is_offered(&self, engine: EngineName) -> Result<(), VideochatError> {
        let is_offered =
            engine == EngineName::Native || self.inner.options.vendors.contains(&engine);
        is_offered.then_some(()).ok_or(VideochatError::NotConfigured(engine.as_str()))
    }

    async fn set_in_turn(
        &self,
        room: &RoomSeen,
        setting: &Setting,
        new: &VideochatSettings,
    ) -> Result<(), VideochatError> {
        let turn = self.inner.services.directory.turn(room.project, &room.name).await;
        let running = turn.running().map(|running| running.handle.clone());
        let running = running.filter(|handle| handle.room == room.id);
        let old = match (room.is_stored, &running) {
            (true, _) => self.store().videochat_settings(room.id).await?,
            (false, Some(_)) => self.videochat_settings(room).await?,
            (false, None) => return Err(VideochatError::NoRoom),
        };
        let new = old.with(setting, new);
        let changed = new.differing(&old);
        let is_switched = new.enable_streaming != old.enable_streaming;
        if !changed.is_empty() {
            self.keep_and_tell(room, &new, changed).await?;
            if let Some(running) = &running {
                let command = VideochatCommand::Apply(new);
                // Refused only when the session is over, and then the next one begins with these.
                let _ = self.ask(running, &room.caller, command).await;
            }
        } else if room.is_stored && self.store().room_by_id(room.project, room.id).await?.is_none()
        {
            return Err(VideochatError::NoRoom);
        }
        if let Some(running) = running.filter(|_| is_switched) {
            self.inner.services.previews.show(running.id, new.enable_streaming);
            // Those of its streams that stand with the room begin again; if it is over, none does.
            let _ = self.stand(room.project, room.id, None).await;
        }
        Ok(())
    }

    async fn keep_and_tell(
        &self,
        room: &RoomSeen,
        new: &VideochatSettings,
        changed: Vec<&'static Setting>,
    ) -> Result<(), VideochatError> {
        if room.is_stored {
            let names: Vec<_> = changed.iter().map(|setting| setting.field).collect();
            let kept = self.store().put_videochat_settings(room.project, room.id, new, &names);
            kept.await.map_err(|error| match error {
                // The room was deleted meanwhile.
                StoreError::Declined(_) => VideochatError::NoRoom,
                other => other.into(),
            })?;
        }
        let event = PushEvent::Settings(changed, *new);
        self.inner.services.subscribers.tell(room.id, now().epoch_ms, event);
        Ok(())
    }
}
