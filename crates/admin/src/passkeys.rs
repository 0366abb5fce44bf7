//! Passkeys (Web Authentication, level 3): one is made with an invitation, one is shown to sign in. What a browser
//! is asked for waits in [`Ceremonies`](crate::ceremonies::Ceremonies) till it answers.

use crate::Door;
use crate::body::Body;
use crate::ceremonies::Ceremony;
use crate::error::ApiError;
use crate::login::client;
use axum::extract::State;
use axum::http::Extensions;
use axum::response::Response;
use axum::{Extension, Json};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use rotunda_doorway::Site;
use rotunda_hub::NewCredential;
use serde::Deserialize;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::time::Instant;
use uuid::Uuid;
use webauthn_rs::prelude::{
    AuthenticationResult, Passkey, PasskeyAuthentication, PublicKeyCredential,
    RegisterPublicKeyCredential,
};

/// The key of an invitation.
#[derive(Deserialize)]
pub(crate) struct Making {
    key: String,
}

/// What a browser made.
#[derive(Deserialize)]
pub(crate) struct Made {
    key: String,
    ceremony: Uuid,
    credential: RegisterPublicKeyCredential,
}

/// Who wants to sign in.
#[derive(Deserialize)]
pub(crate) struct Showing {
    name: String,
}

/// What a browser shows.
#[derive(Deserialize)]
pub(crate) struct Shown {
    ceremony: Uuid,
    credential: PublicKeyCredential,
}

/// What a request says of where it came from and to.
type From = (Option<IpAddr>, Option<Site>);

fn origin(extensions: &Extensions) -> From {
    (client(extensions), extensions.get::<Site>().cloned())
}

const WRONG: ApiError = ApiError::Unauthorized("this passkey opens nothing here");

/// `POST /admin/api/invitation/passkey/start`: what to make.
pub(crate) async fn start_making(
    State(door): State<Door>,
    extensions: Extensions,
    Body(Making { key }): Body<Making>,
) -> Result<Json<Value>, ApiError> {
    let (from, site) = origin(&extensions);
    let invitation = door.hub.admin_invitation(&key, from).await;
    let name = invitation.map_err(|refused| door.not_let_in(refused))?.name;
    let party = door.relying_party(site.as_ref())?;
    let (user, has) = match door.hub.admin_by_name(&name).await? {
        Some(admin) => (admin.id, door.passkeys(admin.id).await?),
        None => (Uuid::new_v4(), Vec::new()),
    };
    let has = has.iter().map(|passkey| passkey.cred_id().clone()).collect();
    let begun = party.start_passkey_registration(user, &name, &name, Some(has));
    let (asked, state) = begun.map_err(|error| broken(&error))?;
    let ceremony = Ceremony::Making { key, state: Box::new(state) };
    let ceremony = door.ceremonies.begin(ceremony, Instant::now());
    Ok(Json(json!({ "ceremony": ceremony, "options": asked.public_key })))
}

/// `POST /admin/api/invitation/passkey/finish`: uses the invitation.
pub(crate) async fn finish_making(
    State(door): State<Door>,
    extensions: Extensions,
    Body(made): Body<Made>,
) -> Result<Response, ApiError> {
    let (_, site) = origin(&extensions);
    let Some(Ceremony::Making { key, state }) = door.ceremonies.end(made.ceremony, Instant::now())
    else {
        return Err(door.over());
    };
    if key != made.key {
        return Err(door.over());
    }
    let party = door.relying_party(site.as_ref())?;
    let checked = party.finish_passkey_registration(&made.credential, &state);
    let passkey = checked.map_err(|error| {
        tracing::debug!(%error, "a new passkey was refused");
        door.invalid(
            "credential",
            "invalid_parameter",
            "this passkey cannot be checked: make another",
        )
    })?;
    let credential = NewCredential::Passkey { id: id_of(&passkey), passkey: written(&passkey)? };
    let signed_in = door.hub.accept_invitation(&key, credential).await;
    door.let_in(signed_in.map_err(|refused| door.not_let_in(refused))?).await
}

/// `POST /admin/api/login/passkey/start`: what to sign. A name that has no passkeys gets made-up ones.
pub(crate) async fn start_showing(
    State(door): State<Door>,
    site: Option<Extension<Site>>,
    Body(Showing { name }): Body<Showing>,
) -> Result<Json<Value>, ApiError> {
    let party = door.relying_party(site.as_deref())?;
    let admin = door.hub.admin_by_name(&name).await?;
    let has = match &admin {
        Some(admin) => door.passkeys(admin.id).await?,
        None => Vec::new(),
    };
    let begun = party.start_passkey_authentication(&has);
    let (asked, state) = begun.map_err(|error| broken(&error))?;
    let mut options = serde_json::to_value(asked.public_key).map_err(|error| broken(&error))?;
    if has.is_empty() {
        options["allowCredentials"] = door.made_up(&name);
    }
    let admin = admin.filter(|_| !has.is_empty()).map(|admin| admin.id);
    let ceremony = Ceremony::Showing { admin, state: Box::new(state) };
    let ceremony = door.ceremonies.begin(ceremony, Instant::now());
    Ok(Json(json!({ "ceremony": ceremony, "options": options })))
}

/// `POST /admin/api/login/passkey/finish`
pub(crate) async fn finish_showing(
    State(door): State<Door>,
    extensions: Extensions,
    Body(shown): Body<Shown>,
) -> Result<Response, ApiError> {
    let (from, site) = origin(&extensions);
    let Some(Ceremony::Showing { admin, state }) =
        door.ceremonies.end(shown.ceremony, Instant::now())
    else {
        return Err(door.over());
    };
    let Some(admin) = admin else {
        door.hub.passkey_was_wrong(from)?;
        return Err(WRONG);
    };
    let result = door.check(&shown.credential, &state, (from, site))?;
    door.used(admin, &result).await?;
    door.let_in(door.hub.admin_signs_in(admin).await?).await
}

impl Door {
    /// An admin's passkeys; one that this version cannot read is none.
    async fn passkeys(&self, admin: Uuid) -> Result<Vec<Passkey>, ApiError> {
        let rows = self.hub.admin_passkeys(admin).await?;
        Ok(rows.iter().filter_map(|row| serde_json::from_str(row).ok()).collect())
    }

    /// As the passkeys of somebody would be listed.
    fn made_up(&self, name: &str) -> Value {
        let ids = self.strangers.of(name).into_iter().map(|id| BASE64_URL_SAFE_NO_PAD.encode(&id));
        ids.map(|id| json!({ "type": "public-key", "id": id })).collect()
    }

    fn check(
        &self,
        shown: &PublicKeyCredential,
        state: &PasskeyAuthentication,
        (from, site): From,
    ) -> Result<AuthenticationResult, ApiError> {
        let party = self.relying_party(site.as_ref())?;
        match party.finish_passkey_authentication(shown, state) {
            Ok(result) => Ok(result),
            Err(error) => {
                tracing::debug!(%error, "a passkey was refused");
                self.hub.passkey_was_wrong(from)?;
                Err(WRONG)
            }
        }
    }

    /// The passkey that was used must be there still, and keeps its counter.
    async fn used(&self, admin: Uuid, result: &AuthenticationResult) -> Result<(), ApiError> {
        let mut all = self.passkeys(admin).await?;
        let used = all.iter_mut().find(|one| one.cred_id() == result.cred_id()).ok_or(WRONG)?;
        if used.update_credential(result) == Some(true) {
            self.hub.passkey_used(&id_of(used), &written(used)?).await?;
        }
        Ok(())
    }

    fn over(&self) -> ApiError {
        self.invalid("ceremony", "invalid_state", "it is over or unknown: begin anew")
    }
}

fn id_of(passkey: &Passkey) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(passkey.cred_id())
}

fn written(passkey: &Passkey) -> Result<String, ApiError> {
    serde_json::to_string(passkey).map_err(|error| broken(&error))
}

fn broken(error: &dyn std::error::Error) -> ApiError {
    tracing::error!(%error, "a passkey's ceremony failed");
    ApiError::Broken
}
