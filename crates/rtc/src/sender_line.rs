//! What a sender's line leaves for its picture: where much of its sound is lost while the picture takes
//! most of the line, the picture is halved, for a voice matters more. If that does not help, it was chance
//! that lost it, and the picture is what it was. It refuses to know packets; time is an argument.

use std::time::{Duration, Instant};

/// A sender who loses more of its sound than this is to send less of its picture.
const LOSSY: f32 = 0.08;
/// A picture of fewer bits a second is not what fills a line.
const LARGE_BPS: u64 = 300_000;
/// It is looked at for so long before anything is done, and after.
const LOOKED_AT: Duration = Duration::from_secs(10);
/// Below this nothing is halved.
const LEAST_BPS: u64 = 100_000;
/// A smaller picture has helped when so much of the loss is left at most, or as little as of a clean line.
const HELPED: f32 = 0.4;
/// A picture that was not what filled the line is left alone for this long.
const LEFT_ALONE: Duration = Duration::from_secs(300);
/// A sender who loses less than this has a clean line.
const CLEAN: f32 = 0.03;
/// Who is not lossy may send twice the picture after so long, and again: no bound lasts.
const DOUBLED_AFTER: Duration = Duration::from_secs(30);
/// No camera sends more. A browser believes the last bound for ever, so that one is taken back by this.
const UNBOUND_BPS: u64 = 10_000_000;

/// One sender's.
#[derive(Clone, Debug, Default)]
pub(crate) struct SenderLine {
    loss: f32,
    lossy_since: Option<Instant>,
    calm_since: Option<Instant>,
    /// When the picture was last halved, and the loss before.
    halved: Option<(Instant, f32)>,
    left_alone_until: Option<Instant>,
    most_bps: Option<u64>,
}

impl SenderLine {
    /// What the picture may have at most, in bits a second; none where there was never a bound.
    pub fn most_bps(&self) -> Option<u64> {
        self.most_bps
    }

    /// What came of the sender since it was last looked at: the share of its sound that was lost, 0 to 1,
    /// and its picture's bits a second. True if the bound is another now.
    pub fn received(&mut self, sound_loss: f32, picture_bps: u64, now: Instant) -> bool {
        self.loss = if sound_loss.is_finite() { sound_loss.clamp(0.0, 1.0) } else { 0.0 };
        let before = self.most_bps;
        self.judge(now);
        self.halve(picture_bps, now);
        self.double(now);
        self.most_bps != before
    }

    fn judge(&mut self, now: Instant) {
        let Some((_, before)) = self.halved.filter(|(at, _)| is_past(*at, LOOKED_AT, now)) else {
            return;
        };
        self.halved = None;
        if self.loss > (before * HELPED).max(CLEAN) {
            self.most_bps = Some(UNBOUND_BPS);
            self.left_alone_until = Some(now + LEFT_ALONE);
        }
    }

    fn halve(&mut self, picture_bps: u64, now: Instant) {
        let is_left_alone = self.left_alone_until.is_some_and(|until| until > now);
        if self.loss <= LOSSY || picture_bps <= LARGE_BPS || self.halved.is_some() || is_left_alone
        {
            self.lossy_since = None;
            return;
        }
        if is_past(*self.lossy_since.get_or_insert(now), LOOKED_AT, now) {
            self.lossy_since = None;
            self.halved = Some((now, self.loss));
            self.most_bps = Some((picture_bps / 2).max(LEAST_BPS));
        }
    }

    fn double(&mut self, now: Instant) {
        let Some(most) = self.most_bps.filter(|_| self.loss <= LOSSY) else {
            self.calm_since = None;
            return;
        };
        if is_past(*self.calm_since.get_or_insert(now), DOUBLED_AFTER, now) {
            self.calm_since = Some(now);
            self.most_bps = Some((most * 2).min(UNBOUND_BPS));
        }
    }
}

fn is_past(at: Instant, time: Duration, now: Instant) -> bool {
    now.saturating_duration_since(at) >= time
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sender over a line that takes so many bits a second beside its sound, for so many seconds; gives
    /// the bounds it was given.
    fn sender(
        line: &mut SenderLine,
        takes: u64,
        lost: f32,
        seconds: u32,
        from: Instant,
    ) -> Vec<Option<u64>> {
        let mut bounds = vec![];
        for n in 0..seconds * 2 {
            let sends = line.most_bps().unwrap_or(800_000).min(800_000);
            let over = sends.saturating_sub(takes) as f32 / sends as f32;
            if line.received(
                over.max(lost),
                sends.min(takes),
                from + Duration::from_millis(500) * n,
            ) {
                bounds.push(line.most_bps());
            }
        }
        bounds
    }

    #[test]
    fn a_picture_that_takes_the_line_from_its_sound_is_halved_until_it_does_not() {
        let (mut line, now) = (SenderLine::default(), Instant::now());
        let bounds = sender(&mut line, 500_000, 0.0, 30, now);
        assert_eq!(bounds, [Some(250_000)]);
        let later = now + Duration::from_secs(30);
        assert_eq!(sender(&mut line, 900_000, 0.0, 60, later).last(), Some(&Some(1_000_000)));
    }

    #[test]
    fn where_chance_loses_the_sound_the_picture_is_soon_what_it_was_and_left_alone() {
        let (mut line, now) = (SenderLine::default(), Instant::now());
        let bounds = sender(&mut line, 900_000, 0.2, 200, now);
        assert_eq!(bounds, [Some(400_000), Some(UNBOUND_BPS)]);
    }

    #[test]
    fn no_bound_lasts_on_a_line_that_is_not_lossy() {
        let (mut line, now) = (SenderLine::default(), Instant::now());
        let at = |seconds: u64| now + Duration::from_secs(seconds);
        let mut bounds = (0..22).filter(|n| line.received(0.12, 2_000_000, at(*n))).count();
        bounds += (22..400).filter(|n| line.received(0.04, 500_000, at(*n))).count();
        assert!(bounds >= 2, "{bounds}");
        assert_eq!(line.most_bps(), Some(UNBOUND_BPS));
    }

    #[test]
    fn a_sender_who_loses_little_or_shows_little_is_left_alone() {
        let (mut line, now) = (SenderLine::default(), Instant::now());
        assert!(sender(&mut line, 900_000, 0.05, 100, now).is_empty());
        assert!((0..200).all(|n| !line.received(0.5, 200_000, now + Duration::from_secs(200 + n))));
        assert!((0..200).all(|n| !line.received(
            f32::NAN,
            u64::MAX,
            now + Duration::from_secs(500 + n)
        )));
    }
}
