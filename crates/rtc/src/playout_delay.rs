//! How long a receiver is to hold its pictures back (the header extension playout-delay of WebRTC), so that
//! words which are repeated late are there in time.
//!
//! A browser's buffer of sound grows with packets that come late, not with those that are lost and come
//! again within a later one: what lies 60 or 80 ms back finds its place played already. But sound waits for
//! the picture it belongs to, and how long a picture waits can be said.

use std::time::Duration;

use str0m::media::MediaTime;
use str0m::rtp::ExtensionValues;

/// Repetitions that lie no farther back come in time by themselves.
const NEAR: Duration = Duration::from_millis(20);
/// A buffer holds a packet, what one may be late, and browsers keep sound and picture within 30 ms.
const BESIDES: Duration = Duration::from_millis(80);
/// The browser's own bound.
const MOST: MediaTime = MediaTime::from_millis(10_000);

/// What one receiver was asked for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct PlayoutDelay {
    was_asked: bool,
}

impl PlayoutDelay {
    /// What the first packet of the next picture says, where the sound repeats what lies `reach` back. Nothing
    /// for whoever never was to wait; who was is told with each picture, for any may be lost.
    pub fn values(&mut self, reach: Duration) -> Option<ExtensionValues> {
        let is_far = reach > NEAR;
        self.was_asked |= is_far;
        let least = if is_far { reach + BESIDES } else { Duration::ZERO };
        let least = MediaTime::from_millis(least.as_millis() as u64);
        self.was_asked.then(|| ExtensionValues {
            play_delay_min: Some(least),
            play_delay_max: Some(MOST),
            ..ExtensionValues::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least_ms(values: Option<ExtensionValues>) -> Option<u128> {
        values.map(|values| Duration::from(values.play_delay_min.unwrap()).as_millis())
    }

    #[test]
    fn nobody_waits_who_needs_no_far_repetition_and_who_did_is_let_go() {
        let (mut delay, ms) = (PlayoutDelay::default(), Duration::from_millis);
        assert_eq!(least_ms(delay.values(ms(0))), None);
        assert_eq!(least_ms(delay.values(ms(20))), None);
        assert_eq!(least_ms(delay.values(ms(80))), Some(160));
        assert_eq!(least_ms(delay.values(ms(60))), Some(140));
        assert_eq!(least_ms(delay.values(ms(20))), Some(0));
    }
}
