//! Ceremonies of passkeys that are under way: what was asked of a browser, until it answers. They are kept in memory
//! only; who is in the middle of one when the server restarts begins anew.
//!
//! **What if it is full?** The one that was begun first goes, and whoever was in the middle of it begins anew.

use lru::LruCache;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;
use webauthn_rs::prelude::{PasskeyAuthentication, PasskeyRegistration};

/// Ceremonies at a time, a few kilobytes each.
const AT_A_TIME: NonZeroUsize = NonZeroUsize::new(512).unwrap();
/// How long one may take; browsers ask for at most five minutes.
const WITHIN: Duration = Duration::from_secs(5 * 60);

/// What a browser was asked for.
pub(crate) enum Ceremony {
    /// A new passkey, for who was invited by this key.
    Making { key: String, state: Box<PasskeyRegistration> },
    /// A signature of one of this admin's passkeys; of nobody's where the name is unknown.
    Showing { admin: Option<Uuid>, state: Box<PasskeyAuthentication> },
}

/// All that are under way.
pub(crate) struct Ceremonies(Mutex<LruCache<Uuid, (Instant, Ceremony)>>);

impl Default for Ceremonies {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(AT_A_TIME)))
    }
}

impl Ceremonies {
    /// No change is made in two steps, so a poisoned lock is as good.
    fn lock(&self) -> MutexGuard<'_, LruCache<Uuid, (Instant, Ceremony)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins one; its id is a secret of the browser that began it.
    pub fn begin(&self, ceremony: Ceremony, now: Instant) -> Uuid {
        let id = Uuid::new_v4();
        self.lock().put(id, (now, ceremony));
        id
    }

    /// Ends one; it can be ended once, and in time.
    pub fn end(&self, id: Uuid, now: Instant) -> Option<Ceremony> {
        let (begun, ceremony) = self.lock().pop(&id)?;
        (now.saturating_duration_since(begun) < WITHIN).then_some(ceremony)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use webauthn_rs::WebauthnBuilder;
    use webauthn_rs::prelude::Url;

    fn showing() -> Ceremony {
        let here = Url::parse("https://rooms.example").unwrap();
        let site = WebauthnBuilder::new("rooms.example", &here).unwrap().build().unwrap();
        let (_, state) = site.start_passkey_authentication(&[]).unwrap();
        Ceremony::Showing { admin: None, state: Box::new(state) }
    }

    #[test]
    fn a_ceremony_ends_once_and_in_time() {
        let (ceremonies, now) = (Ceremonies::default(), Instant::now());
        let id = ceremonies.begin(showing(), now);
        assert!(ceremonies.end(Uuid::nil(), now).is_none());
        assert!(ceremonies.end(id, now + WITHIN / 2).is_some());
        assert!(ceremonies.end(id, now + WITHIN / 2).is_none());
        let id = ceremonies.begin(showing(), now);
        assert!(ceremonies.end(id, now + WITHIN).is_none());
    }

    #[test]
    fn of_too_many_the_one_that_was_begun_first_goes() {
        let (ceremonies, now) = (Ceremonies::default(), Instant::now());
        let ids: Vec<_> = (0..=AT_A_TIME.get()).map(|_| ceremonies.begin(showing(), now)).collect();
        assert!(ceremonies.end(ids[0], now).is_none() && ceremonies.end(ids[1], now).is_some());
    }
}
