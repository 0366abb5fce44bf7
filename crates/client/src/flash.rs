//! Measures how far apart a flash and its beep come: the probe of lip sync.

use crate::picture::mean_of;
use crate::probe::{Heard, Probe, Seen};
use crate::timeline::Timeline;
use rotunda_codec::Rect;
use std::time::Instant;

/// Luma that is a flash, and luma that is none any more.
const BRIGHT: u8 = 150;
const DARK: u8 = 100;
/// A sample that belongs to a beep, and how long it is quiet before another one (samples).
const LOUD: f32 = 0.05;
const QUIET: u64 = 9_600;
/// A flash and a beep further apart belong to different pairs; µs.
const PAIR_US: i64 = 480_000;
/// Moments kept of each kind. When full no more are taken.
const KEPT: usize = 4096;

#[derive(Clone, Copy, Debug)]
struct Moment {
    rtp: u64,
    at: Instant,
    reported_us: Option<i64>,
}

/// One flash and its beep.
#[derive(Clone, Copy, Debug)]
pub struct Offset {
    /// When the flash came.
    pub at: Instant,
    /// By how much the flash came after its beep, µs; negative when it came first.
    pub arrived_us: i64,
    /// The same by the server's sender reports, as a browser plays them.
    pub reported_us: Option<i64>,
}

/// A probe for a member whose picture flashes while it beeps.
#[derive(Debug)]
pub struct FlashBeep {
    area: Option<Rect>,
    pictures: Timeline,
    sounds: Timeline,
    is_bright: bool,
    quiet_since: Option<u64>,
    flashes: Vec<Moment>,
    beeps: Vec<Moment>,
}

impl FlashBeep {
    /// Looks at `area` of the picture, or at its middle ninth.
    pub fn new(area: Option<Rect>) -> Self {
        let origin = Instant::now();
        Self {
            area,
            pictures: Timeline::new(90_000, origin),
            sounds: Timeline::new(48_000, origin),
            is_bright: true,
            quiet_since: None,
            flashes: Vec::new(),
            beeps: Vec::new(),
        }
    }

    /// Flashes with their beeps, oldest first.
    pub fn offsets(&self) -> Vec<Offset> {
        let beeps: Vec<(i64, Moment)> =
            self.beeps.iter().filter_map(|b| Some((self.sounds.us(b.rtp)?, *b))).collect();
        let pair = |flash: &Moment| {
            let seen = self.pictures.us(flash.rtp)?;
            let (heard, beep) = beeps.iter().min_by_key(|(us, _)| us.abs_diff(seen))?;
            let arrived_us = seen - heard;
            let reported = flash.reported_us.zip(beep.reported_us).map(|(f, b)| f - b);
            (arrived_us.abs() < PAIR_US).then_some(Offset {
                at: flash.at,
                arrived_us,
                reported_us: reported,
            })
        };
        self.flashes.iter().filter_map(pair).collect()
    }

    /// Beeps heard, each with when its packet came.
    pub fn beeps(&self) -> impl Iterator<Item = Instant> {
        self.beeps.iter().map(|b| b.at)
    }

    /// Flashes seen, each with when its picture came.
    pub fn flashes(&self) -> impl Iterator<Item = Instant> {
        self.flashes.iter().map(|f| f.at)
    }
}

impl Probe for FlashBeep {
    fn picture(&mut self, seen: &Seen<'_>) {
        self.pictures.note(seen.rtp_90khz, seen.arrived);
        let (w, h) = (seen.frame.width(), seen.frame.height());
        let area = self.area.unwrap_or(Rect::new(w / 3, h / 3, w / 3, h / 3));
        let luma = mean_of(seen.frame, area).y;
        if luma > BRIGHT && !self.is_bright && self.flashes.len() < KEPT {
            self.flashes.push(Moment {
                rtp: seen.rtp_90khz,
                at: seen.arrived,
                reported_us: seen.reported_us,
            });
        }
        self.is_bright = if self.is_bright { luma >= DARK } else { luma > BRIGHT };
    }

    fn sound(&mut self, heard: &Heard<'_>) {
        self.sounds.note(heard.rtp_48khz, heard.arrived);
        for (i, sample) in heard.pcm.iter().enumerate() {
            if sample.abs() < LOUD {
                continue;
            }
            let rtp = heard.rtp_48khz + i as u64;
            let before = self.quiet_since.replace(rtp);
            let is_new = before.is_some_and(|last| rtp.saturating_sub(last) > QUIET);
            if is_new && self.beeps.len() < KEPT {
                let after_us = i as i64 * 1_000_000 / 48_000;
                self.beeps.push(Moment {
                    rtp,
                    at: heard.arrived,
                    reported_us: heard.reported_us.map(|us| us + after_us),
                });
            }
        }
        self.quiet_since.get_or_insert(heard.rtp_48khz);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_codec::{Frame, Yuv};
    use std::time::Duration;

    /// Flash and beep once a second, the flash `late_ms` after the beep.
    fn watched(late_ms: u64) -> FlashBeep {
        let mut probe = FlashBeep::new(None);
        let start = Instant::now();
        let mut frame = Frame::new(64, 48);
        for ms in (0..5000u64).step_by(20) {
            let arrived = start + Duration::from_millis(ms);
            let loud = (1000..).contains(&ms) && ms % 1000 < 100;
            let pcm = [if loud { 0.2 } else { 0.0 }; 960];
            let rtp_48khz = 500_000 + ms * 48;
            probe.sound(&Heard { pcm: &pcm, rtp_48khz, arrived, reported_us: None });
            let bright = ms >= 1000 && (ms + 1000 - late_ms) % 1000 < 100;
            frame.fill(if bright { Yuv::WHITE } else { Yuv::BLACK });
            let rtp_90khz = 3_000_000 + ms * 90;
            let frame = frame.view();
            probe.picture(&Seen { frame, rtp_90khz, arrived, reported_us: Some(0) });
        }
        probe
    }

    #[test]
    fn the_distance_is_measured_with_its_sign() {
        for late in [0, 200] {
            let offsets = watched(late).offsets();
            assert!(offsets.len() >= 3, "{}", offsets.len());
            for offset in &offsets[1..] {
                assert_eq!(offset.arrived_us, late as i64 * 1000);
            }
        }
    }
}
