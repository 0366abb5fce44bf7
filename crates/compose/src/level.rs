//! How loud somebody is, whether that is speech, and who is loudest.
//!
//! Levels are RMS in dBFS against 1.0 (a full-scale sine is −3). Time is counted in frames of
//! 20 ms; there is no clock here.

use crate::mix::MixFrame;

/// The lowest level there is: digital silence, as in RFC 6464.
pub const LEVEL_FLOOR_DBFS: f32 = -127.0;

/// 1 s: pauses between words do not close the gate.
const HOLD_FRAMES: u32 = 50;
/// An open gate stays so down to this much below its threshold.
const HYSTERESIS_DB: f32 = 3.0;
/// 60 ms of sound make a talker: a click of the mouse does not.
const ATTACK_FRAMES: u32 = 3;
/// 800 ms of quiet end the talk.
const RELEASE_FRAMES: u32 = 40;
/// Share of the old level kept per frame while it falls: 300 ms.
const METER_DECAY: f32 = 0.935;

/// The level of a frame in dBFS, not below [`LEVEL_FLOOR_DBFS`].
pub fn rms_dbfs(frame: &MixFrame) -> f32 {
    let mean = frame.iter().map(|sample| sample * sample).sum::<f32>() / frame.len() as f32;
    if mean.is_finite() && mean > 0.0 {
        (10.0 * mean.log10()).max(LEVEL_FLOOR_DBFS)
    } else {
        LEVEL_FLOOR_DBFS
    }
}

/// A level that rises at once and falls over 300 ms, so that the choice of the loudest does not
/// change with every syllable.
#[derive(Debug, Clone, Default)]
pub struct LevelMeter {
    power: f32,
}

impl LevelMeter {
    /// A meter at the floor.
    pub fn new() -> LevelMeter {
        LevelMeter::default()
    }

    /// Takes one frame and gives the level after it, in dBFS.
    pub fn update(&mut self, frame: &MixFrame) -> f32 {
        self.update_dbfs(rms_dbfs(frame))
    }

    /// The same for a frame whose level is known already.
    pub fn update_dbfs(&mut self, dbfs: f32) -> f32 {
        let power = 10f32.powf(dbfs.clamp(LEVEL_FLOOR_DBFS, 60.0) / 10.0);
        self.power = power.max(self.power * METER_DECAY);
        self.dbfs()
    }

    /// The level now, in dBFS.
    pub fn dbfs(&self) -> f32 {
        if self.power > 0.0 {
            (10.0 * self.power.log10()).max(LEVEL_FLOOR_DBFS)
        } else {
            LEVEL_FLOOR_DBFS
        }
    }
}

/// What a gate says of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GateState {
    /// To be mixed.
    pub open: bool,
    /// To be called a talker.
    pub talking: bool,
}

/// Decides frame by frame whether a member is heard and whether they talk.
///
/// It opens with the first loud frame, which is heard already: not even a short beep is eaten.
#[derive(Debug, Clone)]
pub struct Gate {
    threshold_dbfs: Option<f32>,
    hold: u32,
    loud_frames: u32,
    release: u32,
}

impl Gate {
    /// A closed gate with this threshold; `None` never opens.
    pub fn new(threshold_dbfs: Option<f32>) -> Gate {
        Gate { threshold_dbfs, hold: 0, loud_frames: 0, release: 0 }
    }

    /// Changes the threshold; an open gate closes in its own time, unless it is never to open.
    pub fn set_threshold(&mut self, threshold_dbfs: Option<f32>) {
        self.threshold_dbfs = threshold_dbfs;
        if threshold_dbfs.is_none() {
            self.close();
        }
    }

    /// Closes at once and ends the talk, as for a member who is muted.
    pub fn close(&mut self) {
        *self = Gate::new(self.threshold_dbfs);
    }

    /// Takes the level of one frame (20 ms).
    pub fn update(&mut self, level_dbfs: f32) -> GateState {
        let open = self.hold > 0;
        let loud = self.threshold_dbfs.is_some_and(|threshold| {
            level_dbfs >= if open { threshold - HYSTERESIS_DB } else { threshold }
        });
        if loud {
            self.hold = HOLD_FRAMES;
            self.loud_frames = (self.loud_frames + 1).min(ATTACK_FRAMES);
        } else {
            self.hold = self.hold.saturating_sub(1);
            self.loud_frames = self.loud_frames.saturating_sub(1);
        }
        self.release = match (loud, self.loud_frames >= ATTACK_FRAMES) {
            (_, true) => RELEASE_FRAMES,
            (true, false) if self.release > 0 => RELEASE_FRAMES,
            _ => self.release.saturating_sub(1),
        };
        self.state()
    }

    /// The state after the last frame.
    pub fn state(&self) -> GateState {
        GateState { open: self.hold > 0, talking: self.release > 0 }
    }
}

/// The threshold of a gate for an input sensitivity of 0–100 (more is held as 100).
///
/// 0 never opens. 1 is −30 dBFS, a raised voice at the microphone; 30, the default, −55, a quiet
/// speaker on an ordinary laptop; 100 is −75, the room itself. Linear in between, always falling.
pub fn sensitivity_to_dbfs(sensitivity: u8) -> Option<f32> {
    let value = f32::from(sensitivity.min(100));
    match sensitivity {
        0 => None,
        1..=30 => Some(-30.0 - (value - 1.0) * 25.0 / 29.0),
        _ => Some(-55.0 - (value - 30.0) * 20.0 / 70.0),
    }
}

/// The `n` loudest of (who, level), loudest first; of equals the one who stands first.
pub fn loudest(levels: &[(usize, f32)], n: usize) -> Vec<usize> {
    let mut order: Vec<&(usize, f32)> = levels.iter().filter(|(_, db)| !db.is_nan()).collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.into_iter().take(n).map(|(who, _)| *who).collect()
}
