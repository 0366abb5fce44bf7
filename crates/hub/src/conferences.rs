//! Conferences, as the doors see them: what is stored, what a change does to a session that runs, and what
//! somebody is given who shows one of their tokens.

use crate::auth::users::whole_seconds;
use crate::room_links::ExchangeRefused;
use crate::rooms::{RoomError, whole};
use crate::{Hub, RoomFilter};
use rotunda_domain::conference::name_from;
use rotunda_domain::{Conference, ConferenceSettings, ConferenceTokenId, Grant, ProjectId, RoomId};
use rotunda_store::{
    ConferenceTokenRow, ConferenceVisit, ListPage, OnlyIf, Page, StoreError, is_conference_token,
};
use std::net::IpAddr;
use uuid::Uuid;

/// How often another name is looked for, when the first one is taken; each has 32 random bits.
const NAMES: usize = 5;

/// What somebody gets for a conference's token.
#[derive(Clone, Debug)]
pub struct ConferencePass {
    /// What the token leads to.
    pub visit: ConferenceVisit,
    /// A room token.
    pub token: String,
    /// What that grants.
    pub grant: Grant,
}

impl Hub {
    /// Makes a conference. Without a name of its own it gets one of what people read.
    ///
    /// # Errors
    /// `NameTaken`.
    pub async fn create_conference(
        &self,
        project: ProjectId,
        settings: ConferenceSettings,
    ) -> Result<Conference, RoomError> {
        if !settings.room.name.is_empty() {
            return Ok(self.store().create_conference(project, settings).await?);
        }
        let plain = name_from(&settings.room.display_name);
        let mut name = plain.clone();
        for _ in 0..NAMES {
            let mut settings = settings.clone();
            settings.room.name = name;
            match self.store().create_conference(project, settings).await {
                Err(StoreError::NotUnique) => name = format!("{plain}-{}", few_digits()),
                made => return Ok(made?),
            }
        }
        Err(RoomError::NameTaken)
    }

    /// The conference with this id.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn conference(
        &self,
        project: ProjectId,
        id: RoomId,
    ) -> Result<Conference, RoomError> {
        self.store().conference(project, id).await?.ok_or(RoomError::NotFound)
    }

    /// Changes a conference, by the rules of [`Hub::update_room`].
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn update_conference<E: Send + 'static>(
        &self,
        project: ProjectId,
        id: RoomId,
        only_if: OnlyIf,
        change: impl FnOnce(&mut ConferenceSettings) -> Result<(), E> + Send + 'static,
    ) -> Result<Result<Conference, E>, RoomError> {
        let name = self.conference(project, id).await?.room.settings.name;
        let hub = self.clone();
        whole(async move {
            let _turn = hub.inner.services.directory.turn(project, &name).await;
            let changed = hub.store().change_conference(project, id, only_if, change).await?;
            if let Ok(conference) = &changed {
                hub.apply_room(&conference.room).await;
            }
            Ok(changed)
        })
        .await
    }

    /// Deletes a conference and its tokens, and ends its session; the history stays.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn delete_conference(
        &self,
        project: ProjectId,
        id: RoomId,
        only_if: OnlyIf,
    ) -> Result<(), RoomError> {
        self.conference(project, id).await?;
        self.delete_room_if(project, id, only_if).await
    }

    /// A page of the project's conferences, newest first.
    ///
    /// # Errors
    /// The store's.
    pub async fn conferences_page(
        &self,
        project: ProjectId,
        filter: RoomFilter,
        page: Page,
    ) -> Result<ListPage<Conference>, StoreError> {
        self.store().conferences(project, filter, page).await
    }

    /// A page of a conference's tokens, the moderator's first.
    ///
    /// # Errors
    /// `NotFound` when there is no such conference.
    pub async fn conference_tokens_page(
        &self,
        project: ProjectId,
        id: RoomId,
        page: Page,
    ) -> Result<ListPage<ConferenceTokenRow>, RoomError> {
        self.conference(project, id).await?;
        Ok(self.store().tokens_of_conference(project, id, page).await?)
    }

    /// One token of a conference.
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn conference_token(
        &self,
        project: ProjectId,
        id: ConferenceTokenId,
    ) -> Result<ConferenceTokenRow, StoreError> {
        self.store().conference_token(project, id).await?.ok_or(StoreError::NotFound)
    }

    /// Replaces a conference's token: the former opens nothing any more, and who came by it is gone within a
    /// second (`auth/revoke.rs`).
    ///
    /// # Errors
    /// `NotFound`.
    pub async fn reset_conference_token(
        &self,
        project: ProjectId,
        id: ConferenceTokenId,
    ) -> Result<ConferenceTokenRow, StoreError> {
        self.store().reset_conference_token(project, id).await
    }

    /// Gives whoever shows a conference's token a room token, in the name of `user_name`, or a random one's
    /// where that is empty.
    ///
    /// # Errors
    /// [`ExchangeRefused`], which tells of a token that never was what it tells of one that was reset.
    pub async fn exchange_conference_token(
        &self,
        token: &str,
        user_name: String,
        from: Option<IpAddr>,
    ) -> Result<ConferencePass, ExchangeRefused> {
        let too_often = |wait| ExchangeRefused::TooOften { retry_after_s: whole_seconds(wait) };
        if let Some(from) = from {
            self.inner.exchanges.take(&from).map_err(too_often)?;
        }
        let Some(visit) = self.store().conference_by_token(token).await? else {
            self.inner.guesses.token_was_wrong(from).map_err(too_often)?;
            return Err(ExchangeRefused::Unknown);
        };
        let room = (visit.project, &*visit.room_name);
        let grant = visit.role.grant(visit.link, room, Uuid::new_v4().to_string(), user_name);
        let token = self.mint_room_token(&grant).await?;
        Ok(ConferencePass { visit, token, grant })
    }
}

impl Hub {
    /// Gives a visitor by what stands behind a page's `#` a room token in their name: by a conference's token,
    /// or by the key of a link.
    ///
    /// # Errors
    /// [`ExchangeRefused`].
    pub async fn exchange_key(
        &self,
        (room_name, key): (&str, &str),
        user_name: String,
        from: Option<IpAddr>,
    ) -> Result<String, ExchangeRefused> {
        if !is_conference_token(key) {
            return self.exchange_link((room_name, key), user_name, from).await;
        }
        let pass = self.exchange_conference_token(key, user_name, from).await?;
        let is_there = pass.visit.room_name == room_name;
        is_there.then_some(pass.token).ok_or(ExchangeRefused::Unknown)
    }
}

/// Eight hex digits.
fn few_digits() -> String {
    let mut digits = Uuid::new_v4().simple().to_string();
    digits.truncate(8);
    digits
}
