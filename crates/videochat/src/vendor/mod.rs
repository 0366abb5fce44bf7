//! Tokens of vendors, made with the operator's credentials. Nothing here calls a vendor: whoever
//! holds the keys can make a token without the network.
//!
//! Keys are secrets: they are neither shown nor logged.

mod agora;
mod jwt;

use rotunda_domain::videochat::EngineName;
use serde_json::json;
use std::fmt;
use std::time::Duration;
use uuid::Uuid;

/// How long a token opens a connection; the longest that Twilio takes.
const LIFE: Duration = Duration::from_secs(24 * 3600);
/// Longest time a LiveKit and Agora token is good for; the SDKs renew neither by themselves.
const LIFE_S: i64 = LIFE.as_secs() as i64;

macro_rules! keys {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident),+ }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: String,)+
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

keys!(
    /// Credentials of Twilio Video.
    TwilioKeys {
        /// `AC…`.
        account,
        /// `SK…`.
        api_key,
        /// The API key's secret.
        api_secret
    }
);
keys!(
    /// Credentials of Agora.
    AgoraKeys {
        /// 32 hex digits.
        app_id,
        /// 32 hex digits.
        certificate
    }
);
keys!(
    /// Credentials of LiveKit.
    LivekitKeys {
        /// Where clients connect, `wss://…`.
        url,
        /// The API key.
        api_key,
        /// The API secret.
        api_secret
    }
);

/// The vendors there are credentials for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vendors {
    /// Twilio Video.
    pub twilio: Option<TwilioKeys>,
    /// Agora.
    pub agora: Option<AgoraKeys>,
    /// LiveKit.
    pub livekit: Option<LivekitKeys>,
}

/// What a token says.
#[derive(Clone, Debug)]
pub(crate) struct Pass {
    pub room: String,
    pub identity: String,
    pub name: String,
    pub uid: u32,
    /// Whether the bearer may send.
    pub publishes: bool,
    /// Whether others are not told of the bearer.
    pub hidden: bool,
}

impl Vendors {
    /// Which there are.
    pub fn names(&self) -> Vec<EngineName> {
        let twilio = self.twilio.is_some().then_some(EngineName::Twilio);
        let agora = self.agora.is_some().then_some(EngineName::Agora);
        let livekit = self.livekit.is_some().then_some(EngineName::Livekit);
        [twilio, agora, livekit].into_iter().flatten().collect()
    }

    /// The token of `engine`, if there are credentials for it.
    pub(crate) fn token(&self, engine: EngineName, pass: &Pass, now_s: i64) -> Option<String> {
        match engine {
            EngineName::Native => None,
            EngineName::Twilio => self.twilio.as_ref().map(|keys| twilio(keys, pass, now_s)),
            EngineName::Agora => {
                let keys = self.agora.as_ref()?;
                let issued = u32::try_from(now_s).ok()?;
                let salt = (Uuid::new_v4().as_u128() as u32).max(1);
                Some(agora::token(keys, pass, issued, salt, u32::try_from(LIFE_S).ok()?))
            }
            EngineName::Livekit => self.livekit.as_ref().map(|keys| livekit(keys, pass, now_s)),
        }
    }
}

/// An access token with a video grant: identity and room, and no word of what the bearer may.
///
/// Source: Twilio, Access Tokens (`twilio-fpa;v=1`).
fn twilio(keys: &TwilioKeys, pass: &Pass, now_s: i64) -> String {
    let header = json!({ "alg": "HS256", "typ": "JWT", "cty": "twilio-fpa;v=1" });
    let claims = json!({
        "jti": format!("{}-{}", keys.api_key, Uuid::new_v4().simple()),
        "iss": keys.api_key,
        "sub": keys.account,
        "iat": now_s,
        "exp": now_s + LIFE_S,
        "grants": { "identity": pass.identity, "video": { "room": pass.room } },
    });
    jwt::sign(&header, &claims, keys.api_secret.as_bytes())
}

/// An access token; what is not said would be allowed, so everything is.
///
/// Source: LiveKit, Access tokens, `VideoGrant`.
fn livekit(keys: &LivekitKeys, pass: &Pass, now_s: i64) -> String {
    let claims = json!({
        "iss": keys.api_key,
        "sub": pass.identity,
        "name": pass.name,
        "nbf": now_s,
        "exp": now_s + LIFE_S,
        "video": {
            "room": pass.room,
            "roomJoin": true,
            "canPublish": pass.publishes,
            "canSubscribe": true,
            "canPublishData": pass.publishes,
            "hidden": pass.hidden,
        },
    });
    jwt::sign(&json!({ "alg": "HS256", "typ": "JWT" }), &claims, keys.api_secret.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_shown() {
        let keys =
            LivekitKeys { url: "u".into(), api_key: "k".into(), api_secret: "s3cret".into() };
        let vendors = Vendors { livekit: Some(keys), ..Vendors::default() };
        assert!(!format!("{vendors:?}").contains("s3cret"));
        assert_eq!(vendors.names(), [EngineName::Livekit]);
    }
}
