//! A clock that is a little wrong, as every camera's and microphone's is: what it calls a second lasts
//! somewhat more or less.

use std::time::Duration;

/// How wrong a clock is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Parts per million it is too fast.
    pub ppm: i32,
}

impl Pace {
    /// How much it shows after so long.
    pub fn shown(self, real: Duration) -> Duration {
        let nanos = real.as_nanos() as i128 * (1_000_000 + i128::from(self.ppm)) / 1_000_000;
        Duration::from_nanos(nanos.max(0) as u64)
    }

    /// How long it takes until it shows this.
    pub fn real(self, shown: Duration) -> Duration {
        let nanos = shown.as_nanos() as i128 * 1_000_000 / (1_000_000 + i128::from(self.ppm));
        Duration::from_nanos(nanos.max(0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_shows_a_second_before_it_is_over() {
        let hour = Duration::from_secs(3600);
        let fast = Pace { ppm: 100 };
        assert_eq!(fast.shown(hour), hour + Duration::from_millis(360));
        assert_eq!(Pace::default().real(hour), hour);
        for ppm in [-100, 0, 100] {
            let pace = Pace { ppm };
            assert!(pace.real(pace.shown(hour)).abs_diff(hour) <= Duration::from_nanos(1));
        }
    }
}
