//! What one person's pictures may cost the decoders, which all rooms share: so many pixels a second of all
//! their cameras and screens together. Beyond it pictures are left out before they are decoded, up to a key
//! frame that is asked for when half a second's worth is there again.
//!
//! Time is an argument: that of the pictures' arrival. It refuses to know what a picture shows.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// No picture costs less than one of 320×180, however small it is: a worker is woken for each.
const LEAST_PIXELS: u64 = 320 * 180;
/// So long after their last excess somebody is asked for less.
const ASKED_DOWN: Duration = Duration::from_secs(60);

/// Pixels that may be decoded; never more than a second's worth.
#[derive(Debug)]
struct Purse {
    per_second: u64,
    left: u64,
    at: Option<Instant>,
}

impl Purse {
    fn fill(&mut self, now: Instant) {
        let at = *self.at.get_or_insert(now);
        let since = now.saturating_duration_since(at).min(Duration::from_secs(1));
        let more = u128::from(self.per_second) * since.as_micros() / 1_000_000;
        self.left = (self.left + more as u64).min(self.per_second);
        self.at = Some(at.max(now));
    }

    fn spend(&mut self, pixels: u64, now: Instant) -> bool {
        self.fill(now);
        let is_within = pixels <= self.left;
        if is_within {
            self.left -= pixels;
        }
        is_within
    }

    fn is_half_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.left >= self.per_second / 2
    }
}

/// One person's, shared by all their tracks.
#[derive(Debug)]
pub(crate) struct DecodeBudget(Mutex<Purse>);

impl DecodeBudget {
    /// So many pixels a second.
    pub fn new(per_second: u64) -> Self {
        Self(Mutex::new(Purse { per_second, left: per_second, at: None }))
    }

    fn purse(&self) -> MutexGuard<'_, Purse> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What becomes of a picture that comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// It is taken.
    Taken,
    /// It is left out.
    LeftOut,
    /// Pictures are taken again, from a key frame on.
    Resumed,
}

/// What one track spends of a budget; without one there is no end to it.
#[derive(Debug, Default)]
pub(crate) struct Spending {
    budget: Option<Arc<DecodeBudget>>,
    is_over: AtomicBool,
    left_out: AtomicU64,
}

impl Spending {
    /// That of this budget.
    pub fn of(budget: Arc<DecodeBudget>) -> Self {
        Self { budget: Some(budget), ..Self::default() }
    }

    /// Whether the budget is used up and pictures are left out.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// What becomes of a picture that came at `now`.
    pub fn enter(&self, now: Instant) -> Entry {
        let Some(budget) = self.budget.as_ref().filter(|_| self.is_over()) else {
            return Entry::Taken;
        };
        if !budget.purse().is_half_full(now) {
            self.leave_out(1);
            return Entry::LeftOut;
        }
        self.is_over.store(false, Ordering::Release);
        Entry::Resumed
    }

    /// Whether a picture of so many pixels, which came at `now`, may be decoded.
    pub fn spend(&self, pixels: u64, now: Instant) -> bool {
        let Some(budget) = &self.budget else { return true };
        let is_within = budget.purse().spend(pixels.max(LEAST_PIXELS), now);
        if !is_within {
            self.is_over.store(true, Ordering::Release);
        }
        is_within
    }

    /// A picture had so many pixels more than it said.
    pub fn spend_more(&self, pixels: u64) {
        if let Some(budget) = &self.budget {
            let mut purse = budget.purse();
            purse.left = purse.left.saturating_sub(pixels);
        }
    }

    /// So many pictures are not decoded.
    pub fn leave_out(&self, pictures: usize) {
        self.left_out.fetch_add(pictures as u64, Ordering::Relaxed);
    }

    /// How many were left out.
    pub fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }
}

/// Whether somebody sent more than may be decoded of late, and is to be asked for less.
#[derive(Debug, Default)]
pub(crate) struct Excess {
    left_out: u64,
    until: Option<Instant>,
}

impl Excess {
    /// Whether so at `now`, when so many were left out in all; and how many since the last look.
    pub fn look(&mut self, now: Instant, left_out: u64) -> (bool, u64) {
        let more = left_out.saturating_sub(self.left_out);
        self.left_out = left_out;
        if more > 0 {
            self.until = Some(now + ASKED_DOWN);
        }
        (self.until.is_some_and(|until| now < until), more)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CINEMA: u64 = 4096 * 2160;
    const A_SECOND: u64 = 3 * 1920 * 1080 * 30;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    /// How many of a minute's pictures of this size are taken.
    fn taken(spending: &Spending, pixels: u64, fps: u64) -> u64 {
        let start = Instant::now();
        let is_taken = |n: &u64| {
            let now = start + Duration::from_micros(n * 1_000_000 / fps);
            spending.enter(now) != Entry::LeftOut && spending.spend(pixels, now)
        };
        (0..60 * fps).filter(is_taken).count() as u64
    }

    fn spending() -> Spending {
        Spending::of(Arc::new(DecodeBudget::new(A_SECOND)))
    }

    #[test]
    fn of_the_largest_pictures_at_sixty_a_second_as_many_are_taken_as_are_paid_for() {
        let spending = spending();
        let taken = taken(&spending, CINEMA, 60);
        assert!(taken * CINEMA <= 61 * A_SECOND, "{taken}");
        assert!(taken * CINEMA >= 55 * A_SECOND, "{taken}: what is paid for is had");
    }

    #[test]
    fn of_what_is_within_it_nothing_is_left_out() {
        for (pixels, fps) in [(1280 * 720, 60), (1920 * 1080, 60), (3840 * 2160, 20)] {
            let spending = spending();
            assert_eq!(taken(&spending, pixels, fps), 60 * fps, "{pixels} at {fps}");
            assert_eq!((spending.left_out(), spending.is_over()), (0, false));
        }
    }

    #[test]
    fn two_tracks_of_one_person_share_it() {
        let budget = Arc::new(DecodeBudget::new(1_000_000));
        let (camera, screen) = (Spending::of(budget.clone()), Spending::of(budget));
        let now = Instant::now();
        assert!(camera.spend(600_000, now) && !screen.spend(600_000, now));
        assert!(!camera.is_over() && screen.is_over());
        assert_eq!(screen.enter(now + ms(50)), Entry::LeftOut);
        assert_eq!(screen.enter(now + ms(100)), Entry::Resumed);
        assert_eq!(screen.left_out(), 1);
    }

    #[test]
    fn a_picture_larger_than_it_said_is_paid_for_afterwards() {
        let (spending, now) = (spending(), Instant::now());
        assert!(spending.spend(10, now));
        spending.spend_more(2 * A_SECOND);
        assert!(!spending.spend(10, now) && spending.spend(10, now + ms(100)));
    }

    #[test]
    fn pictures_of_four_pixels_are_bounded_too() {
        let spending = spending();
        assert!(taken(&spending, 4, 8_000) <= 61 * A_SECOND / LEAST_PIXELS);
    }

    #[test]
    fn whoever_sent_too_much_is_asked_for_less_for_a_minute() {
        let (mut excess, start) = (Excess::default(), Instant::now());
        assert_eq!(excess.look(start, 0), (false, 0));
        assert_eq!(excess.look(start, 7), (true, 7));
        assert_eq!(excess.look(start + ms(59_999), 7), (true, 0));
        assert_eq!(excess.look(start + ms(60_000), 7), (false, 0));
    }
}
