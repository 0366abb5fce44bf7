//! Whose passkeys these are: a host's (WebAuthn's relying party), which is where people find the page. And what is asked
//! of whoever names nobody, so that a name does not show whether there is somebody of that name.

use crate::Door;
use crate::error::ApiError;
use rotunda_doorway::Site;
use url::{Host, Url};
use webauthn_rs::fake::{FakePasskeyDistribution, WebauthnFakeCredentialGenerator};
use webauthn_rs::prelude::CredentialID;
use webauthn_rs::{Webauthn, WebauthnBuilder};

impl Door {
    /// What makes and checks passkeys for the host that a request came to.
    ///
    /// # Errors
    /// `Invalid` where it is an address: browsers keep passkeys for names only.
    pub(crate) fn relying_party(&self, site: Option<&Site>) -> Result<Webauthn, ApiError> {
        let here = || site.map(Site::to_string).unwrap_or_default();
        let base = self.options.page_base.clone().unwrap_or_else(here);
        relying_party(&base).ok_or_else(|| {
            let message = format!(
                "passkeys belong to a host with a name, and this page is at {base}: use a password, or set \
                 server.public_url"
            );
            self.invalid("ceremony", "invalid_state", message)
        })
    }
}

fn relying_party(base: &str) -> Option<Webauthn> {
    let page = Url::parse(base).ok()?;
    let Some(Host::Domain(host)) = page.host() else { return None };
    let origin = Url::parse(&page.origin().ascii_serialization()).ok()?;
    WebauthnBuilder::new(host, &origin).ok()?.rp_name("Rotunda").build().ok()
}

type Generator = WebauthnFakeCredentialGenerator<FakePasskeyDistribution>;

/// How often passkeys are made up for a name before there are none.
const TRIES: u8 = 16;

/// Makes up passkeys for names that have none, the same for the same name until the server restarts.
pub(crate) struct Strangers(Option<Generator>);

impl Strangers {
    /// Ready to make some up; without random numbers none are.
    pub fn new() -> Self {
        let key = Generator::new_hmac_key();
        Self(key.and_then(|key| Generator::new(&key)).ok())
    }

    /// What stands in for the passkeys of `name`: at least one, for an admin who has none looks the same.
    pub fn of(&self, name: &str) -> Vec<CredentialID> {
        let Some(generator) = &self.0 else { return Vec::new() };
        // The generator knows people without any; few of them, so that a few tries find others.
        let mut tries = (0..TRIES).map(|n| generator.generate(format!("{n} {name}").as_bytes()));
        tries.find_map(|made| made.ok().filter(|made| !made.is_empty())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_belong_to_the_name_of_the_host_that_people_find_the_page_at() {
        for (base, origin) in [
            ("https://rooms.example", "https://rooms.example/"),
            ("https://rooms.example:8443/video/", "https://rooms.example:8443/"),
            ("http://localhost:7880", "http://localhost:7880/"),
        ] {
            let party = relying_party(base).unwrap();
            let allowed = party.get_allowed_origins().iter().map(Url::as_str);
            assert_eq!(allowed.collect::<Vec<_>>(), [origin]);
        }
        for none in ["", "https://192.0.2.7", "https://[::1]:7880", "rooms.example"] {
            assert!(relying_party(none).is_none(), "{none}");
        }
    }

    #[test]
    fn a_stranger_has_passkeys_and_each_time_the_same() {
        let strangers = Strangers::new();
        for n in 0..1000 {
            assert!(!strangers.of(&format!("{n}")).is_empty());
        }
        assert_eq!(strangers.of("eve"), strangers.of("eve"));
        assert_ne!(strangers.of("eve"), strangers.of("mallory"));
    }
}
