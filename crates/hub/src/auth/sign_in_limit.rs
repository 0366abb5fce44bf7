//! Wrong credentials, by who sends them and, where one may guess, by what they are for.
//!
//! An address that is wrong too often waits. A login that is tried from everywhere makes those wait
//! who come from an address it never signed in from: longer with each wrong try, never longer than
//! [`LONGEST`], and whoever has waited as long as they were told is heard, whatever others do
//! meanwhile. So nobody can lock somebody else out.

use crate::auth::limiter::{Limiter, REMEMBERED, Ticks};
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

/// What a login that never signed in from an address tried there.
#[derive(Clone, Copy, Default)]
struct Pair {
    wrong: Wrong,
    /// When it will be heard, as it was told.
    promised_ms: Option<u64>,
}

type At = (String, From);

struct State {
    logins: LruCache<String, Wrong>,
    /// Where logins signed in. Only who signs in pushes another out.
    known: LruCache<At, Wrong>,
    /// Only wrong tries, which each address has few of, and promises about logins that were tried too
    /// often push another out.
    strange: LruCache<At, Pair>,
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
            known: LruCache::new(REMEMBERED),
            strange: LruCache::new(REMEMBERED),
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
        let pair = (login.to_owned(), from);
        if let Some(wrong) = state.known.get(&pair) {
            return after(wrong.wait_ms(now));
        }
        from.map_or(Ok(()), |from| self.passwords.look(&from))?;
        let of_login = state.logins.get(login).copied().unwrap_or_default().wait_ms(now);
        let mut own = state.strange.get(&pair).copied().unwrap_or_default();
        let longest = of_login.max(own.wrong.wait_ms(now));
        let heard_ms = own.promised_ms.unwrap_or(now.saturating_add(longest));
        let is_heard = heard_ms <= now;
        if !is_heard || own.promised_ms.is_some() {
            own.promised_ms = (!is_heard).then_some(heard_ms);
            state.strange.put(pair, own);
        }
        after(heard_ms.saturating_sub(now))
    }

    /// It was wrong.
    pub fn was_wrong(&self, login: &str, from: From) {
        let now = self.clock.ms();
        let mut state = self.lock();
        let pair = (login.to_owned(), from);
        if let Some(wrong) = state.known.get_mut(&pair) {
            return wrong.add(now);
        }
        state.strange.get_or_insert_mut(pair, Pair::default).wrong.add(now);
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
        let pair = (login.to_owned(), from);
        state.strange.pop(&pair);
        state.known.put(pair, Wrong::default());
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
    use crate::auth::limiter::tests::hands;
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
    fn names_made_up_at_one_address_push_out_no_known_pair_and_no_promise() {
        let rig = Rig::new();
        rig.guesses.was_right("ann", at(1));
        (2..=12).for_each(|n| _ = rig.wrong("ben", at(n)));
        let wait = rig.guesses.may_try("ben", at(1)).unwrap_err();
        for n in 0..REMEMBERED.get() + 10 {
            let _ = rig.wrong(&format!("login {n}"), at(100));
        }
        (20..=60).for_each(|n| _ = rig.wrong("ann", at(n)));
        assert_eq!(rig.guesses.may_try("ann", at(1)), Ok(()), "known there");
        rig.wait(wait);
        (20..=60).for_each(|n| _ = rig.wrong("ben", at(n)));
        assert_eq!(rig.guesses.may_try("ben", at(1)), Ok(()), "as it was told");
    }

    #[test]
    fn wrong_tokens_are_counted_by_address() {
        let rig = Rig::new();
        let tokens = (0..30).filter(|_| rig.guesses.token_was_wrong(at(1)).is_ok());
        assert_eq!(tokens.count(), 20);
        assert_eq!(rig.guesses.token_was_wrong(at(1)), Err(Duration::from_secs(3)));
        assert_eq!(rig.guesses.token_was_wrong(at(2)), Ok(()));
    }
}
