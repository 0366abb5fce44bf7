//! What a room token says, claim by claim. Claims at their default are left out, except `s`, `acr` and `ja`.

use super::TokenRefused;
use rotunda_domain::room::is_room_name;
use rotunda_domain::text::{plain_name, shows_nothing};
use rotunda_domain::videochat::{Caller, RoomRight};
use rotunda_domain::{
    Grant, Identity, JoinAs, LinkId, MediaAllowed, MemberId, Permissions, ProjectId, Right, Verb,
    Window,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Number, Value};
use uuid::Uuid;

macro_rules! claims {
    ($name:ident { $($claim:ident: $type:ty),+ $(,)? }) => {
        /// The payload. A claim given twice is refused by serde.
        #[derive(Default, Serialize, Deserialize)]
        pub(super) struct $name {
            iat: i64,
            jti: String,
            sub: String,
            r: String,
            $(#[serde(default, skip_serializing_if = "Option::is_none")] $claim: Option<$type>,)+
            #[serde(default, skip_serializing, deserialize_with = "present")]
            exp: Option<Number>,
            #[serde(default, skip_serializing, deserialize_with = "present")]
            nbf: Option<Number>,
        }
    };
}

// u user name · s permissions · acr auto-create · jf, ju, rat join from, join until, remove at ·
// rse remove after seconds · ja join as · ma media allowed · mta, rmta meta of the person, of the
// room · jam, jvm join muted · erp previews · rdn display name · ers end on leave · sav lip sync ·
// lk the link it was given for
// vi seat of the videochat · vu whose it is · vr what they might do in the room then · vw only watches
claims!(Claims {
    u: String,
    s: Vec<String>,
    acr: bool,
    jf: i64,
    ju: i64,
    rat: i64,
    rse: u32,
    ja: String,
    ma: String,
    mta: Map<String, Value>,
    rmta: Map<String, Value>,
    jam: bool,
    jvm: bool,
    erp: bool,
    rdn: String,
    ers: bool,
    sav: bool,
    lk: Uuid,
    vi: Uuid,
    vu: String,
    vr: String,
    vw: bool,
});

/// A time that is there has to be a number: `null` and text are refused, where a lenient reader
/// would take them for "no limit".
fn present<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Number>, D::Error> {
    Number::deserialize(from).map(Some)
}

impl Claims {
    /// The claims of a new token.
    pub(super) fn of(grant: &Grant, now_epoch_s: i64) -> Self {
        let is_member = grant.join_as == JoinAs::Member;
        // Always there, as in the documented example: an application may read its own token.
        let names = grant.permissions.as_slice();
        let permissions = if is_member { names.to_vec() } else { Vec::new() };
        let not_empty = |meta: &Map<String, Value>| Some(meta.clone()).filter(|m| !m.is_empty());
        Self {
            iat: now_epoch_s,
            jti: grant.token_id.clone(),
            sub: grant.project.to_string(),
            r: grant.room_name.clone(),
            u: Some(grant.user_name.clone()).filter(|name| !name.is_empty()),
            s: Some(permissions),
            acr: Some(grant.auto_create_room),
            jf: grant.window.join_from,
            ju: grant.window.join_until,
            rat: grant.window.remove_at,
            rse: grant.window.remove_after_s,
            ja: Some(grant.join_as.as_str().into()),
            ma: (grant.media_allowed != MediaAllowed::All)
                .then(|| grant.media_allowed.as_str().into()),
            mta: not_empty(&grant.meta),
            rmta: not_empty(&grant.room_meta),
            jam: grant.join_audio_muted.then_some(true),
            jvm: grant.join_video_muted.then_some(true),
            erp: grant.enable_room_previews.then_some(true),
            rdn: grant.room_display_name.clone(),
            ers: grant.end_room_session_on_leave.then_some(true),
            sav: grant.audio_video_sync.then_some(true),
            lk: grant.link.map(|link| link.0),
            vi: grant.identity.as_ref().map(|identity| identity.seat.0),
            vu: grant.identity.as_ref().map(|identity| identity.caller.user.to_string()),
            vr: grant.identity.as_ref().map(|identity| identity.caller.right.as_str().into()),
            vw: grant.identity.as_ref().and_then(|identity| identity.watches.then_some(true)),
            exp: None,
            nbf: None,
        }
    }

    /// Reads a payload whose signature was checked.
    pub(super) fn read(payload: &[u8]) -> Result<Self, TokenRefused> {
        serde_json::from_slice(payload).map_err(|_| TokenRefused::Claim("set"))
    }

    /// Whether the token names its bearer.
    pub(super) fn is_named(&self) -> bool {
        self.u.as_deref().is_some_and(|name| !shows_nothing(name))
    }

    /// What the claims grant at `now_epoch_s`.
    pub(super) fn grant(self, project: ProjectId, now_epoch_s: i64) -> Result<Grant, TokenRefused> {
        let expires_at = self.check_times(now_epoch_s)?;
        if !is_room_name(&self.r) {
            return Err(TokenRefused::Claim("r"));
        }
        let join_as = self.ja.as_deref().map_or(Some(JoinAs::Member), JoinAs::parse);
        let join_as = join_as.ok_or(TokenRefused::Claim("ja"))?;
        let identity = identity(self.vi, self.vu, self.vr, self.vw)?;
        let media = self.ma.as_deref().map_or(Some(MediaAllowed::All), MediaAllowed::parse);
        Ok(Grant {
            project,
            token_id: self.jti,
            room_name: self.r,
            // The one place where a person gets the name that others see.
            user_name: self
                .u
                .filter(|name| !shows_nothing(name))
                .map_or_else(random_name, |name| plain_name(&name)),
            join_as,
            permissions: permissions(join_as, self.s),
            media_allowed: media.ok_or(TokenRefused::Claim("ma"))?,
            window: Window {
                join_from: self.jf,
                join_until: self.ju,
                remove_at: self.rat,
                remove_after_s: self.rse,
            },
            join_audio_muted: self.jam.unwrap_or(false),
            join_video_muted: self.jvm.unwrap_or(false),
            auto_create_room: self.acr.unwrap_or(true),
            enable_room_previews: self.erp.unwrap_or(false),
            room_display_name: self.rdn,
            end_room_session_on_leave: self.ers.unwrap_or(false),
            meta: self.mta.unwrap_or_default(),
            room_meta: self.rmta.unwrap_or_default(),
            audio_video_sync: self.sav.unwrap_or(false),
            identity,
            expires_at,
            link: self.lk.map(LinkId),
        })
    }

    /// Enforces `exp` and `nbf` where they are given, without leeway: the clock that wrote them is
    /// the one that reads them. Answers when the token ends.
    fn check_times(&self, now_epoch_s: i64) -> Result<Option<i64>, TokenRefused> {
        let expires_at = self.exp.as_ref().map(|exp| seconds(exp, "exp")).transpose()?;
        let not_before = self.nbf.as_ref().map(|nbf| seconds(nbf, "nbf")).transpose()?;
        if expires_at.is_some_and(|at| now_epoch_s >= at) {
            return Err(TokenRefused::Expired);
        }
        if not_before.is_some_and(|at| now_epoch_s < at) {
            return Err(TokenRefused::NotYet);
        }
        Ok(expires_at)
    }
}

/// A `NumericDate` (RFC 7519 §2) in whole seconds; fractions are legal, what no clock will ever
/// show is not.
fn seconds(number: &Number, claim: &'static str) -> Result<i64, TokenRefused> {
    const FAR: f64 = 1e15;
    let float = number.as_f64().filter(|s| s.abs() < FAR).ok_or(TokenRefused::Claim(claim))?;
    Ok(number.as_i64().unwrap_or(float.floor() as i64))
}

/// The seat a token opens. One of before tokens named the user opens the seat that is kept, and cannot
/// keep one again.
fn identity(
    seat: Option<Uuid>,
    user: Option<String>,
    right: Option<String>,
    watches: Option<bool>,
) -> Result<Option<Identity>, TokenRefused> {
    let Some(seat) = seat.map(MemberId) else { return Ok(None) };
    let right = right.as_deref().map_or(Some(RoomRight::View), RoomRight::parse);
    let right = right.ok_or(TokenRefused::Claim("vr"))?;
    let caller = Caller { user: user.unwrap_or_default().into(), right };
    Ok(Some(Identity { seat, caller, watches: watches.unwrap_or(false) }))
}

/// Audience may do nothing, whatever the token says, but be spared the lobby; an explicit empty list stays
/// empty.
fn permissions(join_as: JoinAs, listed: Option<Vec<String>>) -> Permissions {
    match (join_as, listed) {
        (JoinAs::Audience, listed) => {
            let listed = Permissions::from_list(listed.unwrap_or_default());
            Permissions::of_audience(listed.allow(Right::OnRoom(Verb::SkipLobby)))
        }
        (JoinAs::Member, Some(list)) => Permissions::from_list(list),
        (JoinAs::Member, None) => Permissions::defaults(),
    }
}

/// Ten characters nobody else is likely to have.
fn random_name() -> String {
    let mut name = Uuid::new_v4().simple().to_string();
    name.truncate(10);
    name
}
