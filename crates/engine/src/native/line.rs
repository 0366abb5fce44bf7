//! A line as the network measures it, as the rules speak of it (whole numbers with bounds), and as
//! `/metrics` counts it.

use rotunda_domain::line::Way;
use rotunda_domain::{LineLevel, LineQuality, PictureSize};
use rotunda_rtc as rtc;
use rotunda_telemetry::figures;
use std::time::Duration;

/// Adds a reading to the figures of all lines. Of a way on which nothing goes there is nothing to add.
pub(super) fn count(line: &rtc::LineQuality) {
    let figures = figures();
    line.round_trip.into_iter().for_each(|time| figures.round_trip(time));
    for (direction, way) in [("down", line.down), ("up", line.up)] {
        if let Some(loss) = way.loss {
            figures.leg_loss.seen(direction, loss.into());
        }
        if let Some(jitter) = way.jitter {
            figures.leg_jitter.seen(direction, jitter.as_secs_f64());
        }
        if way.bps > 0 {
            figures.leg_bitrate.seen(direction, way.bps as f64);
        }
    }
}

pub(super) fn as_said(line: &rtc::LineQuality) -> LineQuality {
    LineQuality {
        level: match line.level {
            rtc::LineLevel::Good => LineLevel::Good,
            rtc::LineLevel::Fair => LineLevel::Fair,
            rtc::LineLevel::Poor => LineLevel::Poor,
        },
        picture: line.rung.map_or(PictureSize::Unasked, size),
        is_over_tcp: line.is_over_tcp,
        round_trip_ms: line.round_trip.map(ms),
        down: way(line.down),
        up: way(line.up),
    }
}

pub(super) fn size(rung: rtc::Rung) -> PictureSize {
    match rung {
        rtc::Rung::Master => PictureSize::Full,
        rtc::Rung::Half => PictureSize::Half,
        rtc::Rung::Quarter => PictureSize::Quarter,
        rtc::Rung::Sound => PictureSize::None,
    }
}

fn way(way: rtc::Way) -> Way {
    Way {
        // What is no number becomes nothing, what is out of bounds the bound.
        lost_per_mille: way.loss.map(|loss| (loss.clamp(0.0, 1.0) * 1000.0).round() as u16),
        jitter_ms: way.jitter.map(ms),
        kbps: u32::try_from(way.bps / 1000).unwrap_or(u32::MAX),
    }
}

fn ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_whole_and_bounded() {
        let down = rtc::Way { loss: Some(0.0254), jitter: Some(Duration::MAX), bps: u64::MAX };
        let up = rtc::Way { loss: Some(f32::NAN), jitter: None, bps: 96_700 };
        let (level, rung) = (rtc::LineLevel::Poor, Some(rtc::Rung::Sound));
        let round_trip = Some(Duration::from_micros(1_900));
        let line = rtc::LineQuality { level, rung, is_over_tcp: true, round_trip, down, up };
        let said = as_said(&line);
        assert_eq!((said.level, said.picture), (LineLevel::Poor, PictureSize::None));
        assert_eq!((said.is_over_tcp, said.round_trip_ms), (true, Some(1)));
        let (lost_per_mille, jitter_ms) = (Some(25), Some(u32::MAX));
        assert_eq!(said.down, Way { lost_per_mille, jitter_ms, kbps: u32::MAX });
        assert_eq!(said.up, Way { lost_per_mille: Some(0), jitter_ms: None, kbps: 96 });
    }
}
