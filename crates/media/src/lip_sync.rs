//! Aligns one member's sound and picture by their sender reports.
//!
//! Each kind tells how old what is shown or heard now is, on the sender's own clock; the younger
//! one is held back by the difference. Nothing is held back before both kinds have had a report.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The instant both kinds' ages are measured from; any fixed one will do.
pub(crate) fn process_origin() -> Instant {
    static ORIGIN: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    *ORIGIN.get_or_init(Instant::now)
}

/// Most that either kind is held back; beyond it the sender is too far apart to be helped.
const MOST: Duration = Duration::from_millis(1000);
/// Changes smaller than this are left alone: nobody notices them, and every change is audible.
const DEAD_BAND_US: i64 = 15_000;
/// Ages are averaged over about this many observations.
const SMOOTH: i64 = 8;
/// An age this far from the average is no unevenness but another clock: averaging begins anew.
const JUMP_US: i64 = 1_000_000;
/// Kinds that seem further apart have reports that make no sense; nothing is done for them.
const NONSENSE_US: i64 = 10_000_000;

/// Sound or picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Sound.
    Sound,
    /// Picture.
    Picture,
}

#[derive(Clone, Copy, Debug, Default)]
struct Side {
    /// Sender's wall clock (µs) and RTP time of one moment.
    report: Option<(i64, u64)>,
    /// Age of what is presented without our own delay, µs on a scale common to both kinds.
    age_us: Option<i64>,
}

#[derive(Debug, Default)]
struct State {
    sound: Side,
    picture: Side,
    /// Positive: sound is held back; negative: the picture is.
    lead_us: i64,
    last_picture: Option<u64>,
}

/// Shared by a member's two kinds.
#[derive(Debug, Default)]
pub struct LipSync {
    state: Mutex<State>,
}

impl LipSync {
    /// Takes a sender report: the sender's wall clock in µs and its RTP time at that moment.
    pub fn report(&self, kind: Kind, wall_us: i64, rtp_time: u64) {
        self.side(kind, |side| side.report = Some((wall_us, rtp_time)));
    }

    /// Takes note that the sample or picture of `rtp_time` would be presented at `now` if nothing
    /// were held back: the caller takes off what it really holds back at the moment, which is not
    /// always what is wished. `origin` is any fixed instant.
    pub fn presented(&self, kind: Kind, rtp_time: u64, now: Instant, origin: Instant) {
        let clock_hz = match kind {
            Kind::Sound => 48_000,
            Kind::Picture => 90_000,
        };
        let now_us = now.saturating_duration_since(origin).as_micros() as i64;
        self.side(kind, |side| {
            let Some((wall_us, at)) = side.report else { return };
            // Only the 32 bits that were on the wire: a report from before the first packet could
            // not be extended as the packets are.
            let ticks = i64::from((rtp_time as u32).wrapping_sub(at as u32) as i32);
            let captured_us = wall_us.saturating_add(ticks.saturating_mul(1_000_000) / clock_hz);
            let age = now_us.saturating_sub(captured_us);
            side.age_us = Some(match side.age_us {
                Some(old) if age.saturating_sub(old).abs() < JUMP_US => old + (age - old) / SMOOTH,
                _ => age,
            });
        });
        self.settle();
    }

    /// The same for a picture, once per `version`: one that stays on the canvas does not age.
    pub fn presented_once(&self, version: u64, rtp_time: u64, now: Instant, origin: Instant) {
        let last = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.last_picture.replace(version)
        };
        if last != Some(version) {
            self.presented(Kind::Picture, rtp_time, now, origin);
        }
    }

    /// The picture of this version is as good as presented: it says nothing of when it came.
    pub fn pass_over(&self, version: u64) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.last_picture = Some(version);
    }

    /// How long `kind` is to be held back.
    pub fn delay(&self, kind: Kind) -> Duration {
        let lead = self.state.lock().unwrap_or_else(PoisonError::into_inner).lead_us;
        let held = if kind == Kind::Sound { lead } else { -lead };
        Duration::from_micros(held.max(0) as u64).min(MOST)
    }

    fn side(&self, kind: Kind, change: impl FnOnce(&mut Side)) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match kind {
            Kind::Sound => change(&mut state.sound),
            Kind::Picture => change(&mut state.picture),
        }
    }

    fn settle(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let (Some(sound), Some(picture)) = (state.sound.age_us, state.picture.age_us) {
            let wanted = picture.saturating_sub(sound);
            let is_sense = wanted.saturating_abs() < NONSENSE_US;
            if is_sense && (wanted - state.lead_us).abs() > DEAD_BAND_US {
                state.lead_us = wanted;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sender whose picture arrives `late_ms` after its sound; both clocks begin anywhere.
    fn converge(picture_ms: u64, sound_ms: u64) -> LipSync {
        let sync = LipSync::default();
        let origin = Instant::now();
        sync.report(Kind::Sound, 5_000_000_000, 77_000);
        sync.report(Kind::Picture, 5_000_000_000, 9_000_000);
        for n in 0..100u64 {
            let captured = n * 20;
            let heard = origin + Duration::from_millis(captured + sound_ms);
            sync.presented(Kind::Sound, 77_000 + captured * 48, heard, origin);
            let seen = origin + Duration::from_millis(captured + picture_ms);
            sync.presented(Kind::Picture, 9_000_000 + captured * 90, seen, origin);
        }
        sync
    }

    #[test]
    fn sound_waits_for_a_picture_that_is_late() {
        let sync = converge(260, 60);
        let held = sync.delay(Kind::Sound).as_millis();
        assert!((180..=220).contains(&held), "{held}");
        assert_eq!(sync.delay(Kind::Picture), Duration::ZERO);
    }

    #[test]
    fn a_picture_waits_for_sound_that_is_late() {
        let sync = converge(30, 150);
        let held = sync.delay(Kind::Picture).as_millis();
        assert!((100..=140).contains(&held), "{held}");
    }

    #[test]
    fn a_report_from_before_the_first_packet_is_understood() {
        let sync = LipSync::default();
        let origin = Instant::now();
        // The packets' times were extended by another turn of the 32 bits than the report's.
        sync.report(Kind::Sound, 0, 0xF000_0000);
        sync.report(Kind::Picture, 0, 0xF000_0000);
        for n in 0..50u64 {
            let heard = origin + Duration::from_millis(n * 20 + 50);
            sync.presented(Kind::Sound, (3 << 32) + 0xF000_0000 + n * 960, heard, origin);
            let seen = origin + Duration::from_millis(n * 20 + 150);
            sync.presented(Kind::Picture, (7 << 32) + 0xF000_0000 + n * 1800, seen, origin);
        }
        assert_eq!(sync.delay(Kind::Sound), Duration::from_millis(100));
    }

    #[test]
    fn reports_that_make_no_sense_change_nothing_and_true_ones_heal() {
        let sync = LipSync::default();
        let origin = Instant::now();
        sync.report(Kind::Sound, 0, 0);
        sync.report(Kind::Picture, 3_600_000_000, 0);
        let show = |n: u64| {
            sync.presented(Kind::Sound, n * 960, origin + Duration::from_millis(n * 20), origin);
            let seen = origin + Duration::from_millis(n * 20 + 80);
            sync.presented(Kind::Picture, n * 1800, seen, origin);
        };
        (0..50).for_each(show);
        assert_eq!(sync.delay(Kind::Sound), Duration::ZERO);
        assert_eq!(sync.delay(Kind::Picture), Duration::ZERO);
        sync.report(Kind::Picture, 0, 0);
        show(50);
        assert_eq!(sync.delay(Kind::Sound), Duration::from_millis(80), "at once");
    }

    #[test]
    fn nothing_waits_before_both_kinds_were_reported() {
        let sync = LipSync::default();
        let origin = Instant::now();
        sync.report(Kind::Sound, 0, 0);
        sync.presented(Kind::Sound, 48_000, origin + Duration::from_secs(9), origin);
        sync.presented(Kind::Picture, 90_000, origin + Duration::from_secs(1), origin);
        assert_eq!(sync.delay(Kind::Sound), Duration::ZERO);
    }

    #[test]
    fn a_sender_far_apart_is_not_waited_for_without_end() {
        assert_eq!(converge(5_000, 20).delay(Kind::Sound), MOST);
    }
}
