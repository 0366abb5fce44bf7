//! How loud a client says it is (RFC 6464), and how far that is believed.
//!
//! Said by clients, and so anything: it decides only whether somebody is decoded, and who says to be louder
//! than they are is decoded beside the others and takes nobody's place. Time is a count of ticks of 20 ms.

use rotunda_compose::LEVEL_FLOOR_DBFS;

/// Ticks after which what was loudest is forgotten, or as many again: a second, so that a pause between
/// words is no silence, and what is said half a second before it is heard counts still.
const WINDOW: u32 = 50;
/// Who is decoded for so long is known by what they sent.
const KNOWN: u32 = 100;
/// So much louder than what they sent is nobody by mistake: clients measure before their encoder does its
/// work, and not all of the packet.
const DOUBT_DB: f32 = 12.0;
/// Nobody's microphone is as still as this.
const SILENT_DBOV: i8 = -100;
/// An Opus packet of silence is a few bytes long.
const SILENT_BYTES: usize = 16;

/// The loudest of the last second or two, in dBFS.
#[derive(Clone, Copy, Debug)]
struct Peak {
    window: f32,
    before: f32,
}

impl Default for Peak {
    fn default() -> Self {
        Self { window: LEVEL_FLOOR_DBFS, before: LEVEL_FLOOR_DBFS }
    }
}

impl Peak {
    fn note(&mut self, dbfs: f32) {
        self.window = self.window.max(dbfs);
    }

    fn turn(&mut self) {
        self.before = std::mem::replace(&mut self.window, LEVEL_FLOOR_DBFS);
    }

    fn dbfs(&self) -> f32 {
        self.window.max(self.before)
    }
}

/// What one client says, beside what was heard of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Claim {
    /// By the last packet; none if it said nothing.
    last: Option<f32>,
    said: Peak,
    heard: Peak,
    ticks: u32,
    decoded_ticks: u32,
    is_doubted: bool,
}

impl Claim {
    /// A packet of so many bytes said this of itself, in dBov, which are dBFS here. Silence does not take so
    /// many bytes: who says to be silent with them says nothing.
    pub fn say(&mut self, level_dbov: Option<i8>, bytes: usize) {
        let is_silent = |level: &i8| *level <= SILENT_DBOV;
        let level_dbov = level_dbov.filter(|level| !is_silent(level) || bytes <= SILENT_BYTES);
        self.last = level_dbov.map(|level| f32::from(level).clamp(LEVEL_FLOOR_DBFS, 0.0));
        self.last.into_iter().for_each(|level| self.said.note(level));
    }

    /// One tick, of which this level was decoded, or nothing was.
    pub fn tick(&mut self, heard_dbfs: Option<f32>) {
        self.ticks += 1;
        if self.ticks >= WINDOW {
            self.ticks = 0;
            self.said.turn();
            self.heard.turn();
        }
        let Some(heard) = heard_dbfs else {
            self.decoded_ticks = 0;
            return;
        };
        self.heard.note(heard);
        self.decoded_ticks = (self.decoded_ticks + 1).min(KNOWN);
        if self.decoded_ticks >= KNOWN {
            self.is_doubted = self.said.dbfs() > self.heard.dbfs() + DOUBT_DB;
        }
    }

    /// Nothing is said any more, and nothing heard. Whoever was not believed is not afterwards either,
    /// until they have been heard for as long again: switching a microphone off and on proves nothing.
    pub fn pause(&mut self) {
        *self = Self { is_doubted: self.is_doubted, ..Self::default() };
    }

    /// What the last packet said, in dBFS; the floor if nothing.
    pub fn last(&self) -> f32 {
        self.last.unwrap_or(LEVEL_FLOOR_DBFS)
    }

    /// How loud it is, in dBFS, without having been decoded; none where that is not known.
    pub fn believed(&self) -> Option<f32> {
        (self.last.is_some() && !self.is_doubted).then(|| self.said.dbfs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(level: Option<i8>, heard: Option<f32>, ticks: u32) -> Claim {
        let mut claim = Claim::default();
        for _ in 0..ticks {
            claim.say(level, 60);
            claim.tick(heard);
        }
        claim
    }

    #[test]
    fn what_was_loud_counts_for_a_second_or_two() {
        let mut claim = said(Some(-20), None, 10);
        claim.say(Some(-90), 60);
        let loud = (0..200).take_while(|_| {
            claim.say(Some(-90), 60);
            claim.tick(None);
            claim.believed() == Some(-20.0)
        });
        assert!((50..=100).contains(&loud.count()));
    }

    #[test]
    fn whoever_says_nothing_is_not_known_and_whoever_says_nonsense_is_bounded() {
        assert_eq!(said(None, None, 10).believed(), None);
        assert_eq!(said(Some(100), None, 1).believed(), Some(0.0));
        assert_eq!(said(Some(i8::MIN), None, 1).believed(), None, "silence is shorter");
        let mut silent = Claim::default();
        silent.say(Some(i8::MIN), 3);
        assert_eq!(silent.believed(), Some(LEVEL_FLOOR_DBFS));
    }

    #[test]
    fn whoever_says_to_be_louder_than_they_are_is_found_out_in_two_seconds_and_believed_again() {
        assert!(said(Some(-10), Some(-60.0), 99).believed().is_some(), "not known yet");
        let mut claim = said(Some(-10), Some(-60.0), 100);
        assert_eq!(claim.believed(), None);
        for _ in 0..101 {
            claim.say(Some(-58), 60);
            claim.tick(Some(-60.0));
        }
        assert_eq!(claim.believed(), Some(-58.0));
        assert!(said(Some(-60), Some(-10.0), 200).believed().is_some(), "modesty is no lie");
    }

    #[test]
    fn whoever_was_found_out_is_not_believed_for_having_been_silent_in_between() {
        let mut claim = said(Some(-10), Some(-60.0), 100);
        claim.pause();
        let goes_on = |claim: &mut Claim, level, ticks| {
            for _ in 0..ticks {
                claim.say(Some(level), 60);
                claim.tick(Some(-60.0));
            }
            claim.believed()
        };
        assert_eq!(goes_on(&mut claim, -10, 200), None);
        claim.pause();
        assert_eq!(goes_on(&mut claim, -58, 100), Some(-58.0));
    }
}
