//! Wrong credentials, by who sends them and, where one may guess, by what they are for.
//!
//! An address that is wrong too often waits. A login that is tried from everywhere makes those wait
//! who come from an address it never signed in from: longer with each wrong try, never longer than
//! [`LONGEST`], and whoever has waited as long as they were told is heard, whatever others do
//! meanwhile. So nobody can lock somebody else out.

use crate::limiter::{Limiter, REMEMBERED, Ticks};
use lru::LruCache;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Wrong passwords of one address: ten at once, then one each six seconds.
const PASSWORDS: NonZeroU32 = NonZeroU32::new(10).unwrap();
/// Wrong tokens of one address.
const TOKENS: NonZeroU32 = NonZeroU32::new(20).unwrap();
const WINDOW: Duration = Duration::from_secs(60);
/// Wrong passwords for one login that make nobody wait.
const FREE: u32 = 10;
/// The longest wait a login's wrong tries cause.
const LONGEST: Duration = Duration::from_secs(30);
/// Wrong tries are forgotten after so long without another.
const MEMORY: Duration = Duration::from_secs(15 * 60);

/// What counts as one client; none where it is not known.
type From = Option<IpAddr>;

/// Wrong tries, one after the other.
#[derive(Clone, Copy, Default)]
struct Wrong {
    count: u32,
    last_ms: u64,
}

impl Wrong {
    fn add(&mut self, now_ms: u64) {
        self.forget_old(now_ms);
        *self = Self { count: self.count.saturating_add(1), last_ms: now_ms };
    }

    fn forget_old(&mut self, now_ms: u64) {
        if now_ms.saturating_sub(self.last_ms) >= ms(MEMORY) {
            self.count = 0;
        }
    }

    /// How long the next try has to wait.
    fn wait_ms(mut self, now_ms: u64) -> u64 {
        self.forget_old(now_ms);
        let Some(beyond) = self.count.checked_sub(FREE) else { return 0 };
        let delay = 1_000_u64.checked_shl(beyond.min(20)).unwrap_or(u64::MAX).min(ms(LONGEST));
        self.last_ms.saturating_add(delay).saturating_sub(now_ms)
    }
}

/// What is known of a login at an address.
#[derive(Clone, Copy, Default)]
struct Pair {
    /// It signed in from there.
    is_known: bool,
    wrong: Wrong,
    /// When it will be heard, as it was told.
    promised_ms: Option<u64>,
}

struct State {
    logins: LruCache<String, Wrong>,
    pairs: LruCache<(String, From), Pair>,
    /// Tokens that were right, by the address they came from.
    right: LruCache<(From, [u8; 32]), ()>,
}

/// All of it.
pub(crate) struct Guesses {
    clock: Ticks,
    passwords: Limiter<IpAddr>,
    tokens: Limiter<IpAddr>,
    state: Mutex<State>,
}

impl Guesses {
    pub fn new(clock: Ticks) -> Self {
        let state = State {
            logins: LruCache::new(REMEMBERED),
            pairs: LruCache::new(REMEMBERED),
            right: LruCache::new(REMEMBERED),
        };
        Self {
            passwords: Limiter::new(PASSWORDS, WINDOW, clock.clone()),
            tokens: Limiter::new(TOKENS, WINDOW, clock.clone()),
            clock,
            state: Mutex::new(state),
        }
    }

    /// A panic between two steps forgets a wrong try at worst.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a password for `login` is looked at.
    ///
    /// # Errors
    /// How long to wait.
    pub fn may_try(&self, login: &str, from: From) -> Result<(), Duration> {
        let now = self.clock.ms();
        let mut state = self.lock();
        let of_login = state.logins.get(login).copied().unwrap_or_default().wait_ms(now);
        let pair = state.pairs.get_or_insert_mut((login.to_owned(), from), Pair::default);
        let own = pair.wrong.wait_ms(now);
        if pair.is_known {
            return after(own);
        }
        from.map_or(Ok(()), |from| self.passwords.look(&from))?;
        let promised = pair.promised_ms.get_or_insert(now.saturating_add(of_login.max(own)));
        after(promised.saturating_sub(now))?;
        pair.promised_ms = None;
        Ok(())
    }

    /// It was wrong.
    pub fn was_wrong(&self, login: &str, from: From) {
        let now = self.clock.ms();
        let mut state = self.lock();
        let pair = state.pairs.get_or_insert_mut((login.to_owned(), from), Pair::default);
        pair.wrong.add(now);
        if pair.is_known {
            return;
        }
        state.logins.get_or_insert_mut(login.to_owned(), Wrong::default).add(now);
        if let Some(from) = from {
            // An empty bucket stays empty.
            let _ = self.passwords.take(&from);
        }
    }

    /// It was right: from there the login is known, and what others tried is over.
    pub fn was_right(&self, login: &str, from: From) {
        let mut state = self.lock();
        state.logins.pop(login);
        let known = Pair { is_known: true, ..Pair::default() };
        state.pairs.put((login.to_owned(), from), known);
    }

    /// Whether a token is looked at, by the digest of all that is shown; one that was right from
    /// there before always is.
    ///
    /// # Errors
    /// How long to wait.
    pub fn may_show(&self, from: From, digest: &[u8; 32]) -> Result<(), Duration> {
        let is_known = self.lock().right.get(&(from, *digest)).is_some();
        match from.filter(|_| !is_known) {
            Some(from) => self.tokens.look(&from),
            None => Ok(()),
        }
    }

    /// The token was right.
    pub fn token_was_right(&self, from: From, digest: &[u8; 32]) {
        self.lock().right.put((from, *digest), ());
    }

    /// The token was wrong.
    ///
    /// # Errors
    /// How long to wait, when it was one too many.
    pub fn token_was_wrong(&self, from: From) -> Result<(), Duration> {
        from.map_or(Ok(()), |from| self.tokens.take(&from))
    }
}

fn after(wait_ms: u64) -> Result<(), Duration> {
    if wait_ms == 0 { Ok(()) } else { Err(Duration::from_millis(wait_ms)) }
}

fn ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limiter::tests::hands;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    struct Rig {
        ms: Arc<AtomicU64>,
        guesses: Guesses,
    }

    impl Rig {
        fn new() -> Self {
            let (ms, clock) = hands();
            Self { ms, guesses: Guesses::new(clock) }
        }

        /// Tries a wrong password; answers whether it was looked at.
        fn wrong(&self, login: &str, from: From) -> Result<(), Duration> {
            self.guesses.may_try(login, from)?;
            self.guesses.was_wrong(login, from);
            Ok(())
        }

        fn wait(&self, time: Duration) {
            self.ms.fetch_add(ms(time), Ordering::Relaxed);
        }
    }

    fn at(n: u8) -> From {
        Some(IpAddr::from([192, 0, 2, n]))
    }

    #[test]
    fn one_address_guesses_ten_times_at_once_whatever_login_it_names() {
        let rig = Rig::new();
        let tried = (0..200).filter(|n| rig.wrong(&format!("login {n}"), at(1)).is_ok()).count();
        assert_eq!(tried, 10);
        assert!(rig.wrong("login 200", at(2)).is_ok(), "another address is another matter");
        rig.wait(Duration::from_secs(6));
        assert!(rig.wrong("ann", at(1)).is_ok() && rig.wrong("ann", at(1)).is_err());
    }

    #[test]
    fn wrong_tries_from_everywhere_never_lock_out_who_comes_from_a_known_address() {
        let rig = Rig::new();
        rig.guesses.was_right("ann", at(1));
        (2..=250).for_each(|n| _ = rig.wrong("ann", at(n)));
        assert_eq!(rig.guesses.may_try("ann", at(1)), Ok(()));
    }

    #[test]
    fn who_comes_from_a_new_address_waits_half_a_minute_at_most_whatever_others_do_meanwhile() {
        let rig = Rig::new();
        let tried = (2..=250).filter(|n| rig.wrong("ann", at(*n)).is_ok()).count();
        assert_eq!(tried, 10, "then each waits");
        let wait = rig.guesses.may_try("ann", at(1)).unwrap_err();
        assert!(wait <= LONGEST, "{wait:?}");
        for n in 2..=250 {
            rig.wait(wait / 249);
            let _ = rig.wrong("ann", at(n));
        }
        rig.wait(Duration::from_millis(300));
        assert_eq!(rig.guesses.may_try("ann", at(1)), Ok(()), "as it was told");
    }

    #[test]
    fn waits_grow_to_their_bound_and_pass() {
        let mut wrong = Wrong::default();
        let waits: Vec<_> = (0..16)
            .map(|_| {
                wrong.add(1);
                wrong.wait_ms(1)
            })
            .collect();
        assert_eq!(waits[..9], [0; 9]);
        assert_eq!(waits[9..], [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(wrong.wait_ms(30_001), 0);
        wrong.add(1 + ms(MEMORY));
        assert_eq!(wrong.count, 1);
    }

    #[test]
    fn wrong_tokens_are_counted_by_address_and_a_token_that_was_right_there_goes_on() {
        let rig = Rig::new();
        let (good, bad) = ([1; 32], [2; 32]);
        rig.guesses.token_was_right(at(1), &good);
        for _ in 0..20 {
            assert_eq!(rig.guesses.may_show(at(1), &bad), Ok(()));
            assert_eq!(rig.guesses.token_was_wrong(at(1)), Ok(()));
        }
        assert_eq!(rig.guesses.may_show(at(1), &bad), Err(Duration::from_secs(3)));
        assert_eq!(rig.guesses.may_show(at(1), &good), Ok(()));
        assert_eq!(rig.guesses.may_show(at(2), &bad), Ok(()));
    }
}
