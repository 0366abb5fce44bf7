//! The bits a second of a smaller picture: as many as its weakest receiver's line takes, within what
//! the picture's size is worth. It refuses to know receivers; time is an argument.

use std::time::{Duration, Instant};

use crate::tier::Tier;

/// It grows at most once in this long, by a twelfth.
const GROWS_EVERY: Duration = Duration::from_secs(1);
/// The encoder is told of a change from a thirtieth on.
const WORTH_TELLING: u32 = 30;

/// What one receiver's line leaves for the picture, in bits a second; none where no limit is known.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    pub bps: Option<u64>,
    pub is_calm: bool,
}

/// The rate of one stream's encoder.
#[derive(Clone, Debug)]
pub(crate) struct TierRate {
    least: u32,
    most: u32,
    bps: u32,
    asked: u32,
    grew: Option<Instant>,
}

impl TierRate {
    /// Halfway between least and most; none for the master, whose rate is the operator's.
    pub fn new(tier: Tier) -> Option<Self> {
        let (least, most) = tier.rates()?;
        let bps = Self::first(least, most);
        Some(Self { least, most, bps, asked: bps, grew: None })
    }

    /// What an encoder begins with.
    pub fn first(least: u32, most: u32) -> u32 {
        least + (most - least) / 4
    }

    /// Follows the receivers; gives the new rate if the encoder is to be told of one.
    pub fn follow(&mut self, rooms: impl Iterator<Item = Room>, now: Instant) -> Option<u32> {
        let (mut allowed, mut are_calm) = (u64::from(self.most), true);
        for room in rooms {
            allowed = allowed.min(room.bps.unwrap_or(u64::MAX));
            are_calm &= room.is_calm;
        }
        let allowed = (allowed as u32).max(self.least);
        if self.bps > allowed {
            self.bps = allowed;
        } else if are_calm
            && self.grew.is_none_or(|at| now.saturating_duration_since(at) >= GROWS_EVERY)
        {
            self.grew = Some(now);
            self.bps = (self.bps + self.bps / 12).min(allowed);
        }
        let is_worth = self.bps.abs_diff(self.asked) > self.asked / WORTH_TELLING;
        is_worth.then(|| {
            self.asked = self.bps;
            self.bps
        })
    }

    /// Bits a second now.
    pub fn bps(&self) -> u32 {
        self.bps
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(bps: u64, is_calm: bool) -> Room {
        Room { bps: Some(bps), is_calm }
    }

    #[test]
    fn it_falls_at_once_to_the_weakest_and_never_below_what_is_worth_sending() {
        let (mut rate, now) = (TierRate::new(Tier::Half).unwrap(), Instant::now());
        let rooms = [room(500_000, true), room(250_000, false)];
        assert_eq!(rate.follow(rooms.into_iter(), now), Some(250_000));
        assert_eq!(rate.follow([room(1, false)].into_iter(), now), Some(220_000));
    }

    #[test]
    fn it_grows_bit_by_bit_while_everybody_is_calm() {
        let (mut rate, mut now) = (TierRate::new(Tier::Half).unwrap(), Instant::now());
        for _ in 0..30 {
            rate.follow([room(450_000, true)].into_iter(), now);
            now += GROWS_EVERY;
        }
        assert_eq!(rate.bps(), 450_000);
        let before = rate.bps();
        rate.follow([room(600_000, false)].into_iter(), now);
        assert_eq!(rate.bps(), before, "somebody is not calm");
        let free = Room { bps: None, is_calm: true };
        for n in 0..90 {
            rate.follow([free].into_iter(), now + GROWS_EVERY * n);
        }
        assert_eq!(rate.bps(), 600_000);
    }

    #[test]
    fn small_changes_are_kept_from_the_encoder() {
        let (mut rate, now) = (TierRate::new(Tier::Half).unwrap(), Instant::now());
        let nearly = u64::from(rate.bps()) - 1_000;
        assert_eq!(rate.follow([room(nearly, true)].into_iter(), now), None);
    }
}
