//! The time line of a file: which pictures and sounds are in it, and when. It begins with a key
//! frame, what lies between a pause and the key frame after it is cut out, and the file's clock
//! goes on without a gap. Values only.

/// Samples of a frame of sound.
const FRAME: u64 = 1024;

/// Bounds of the time from one picture to the next (60 and 10 a second), 1/90000 s.
const STEP_MIN: u64 = 1500;
const STEP_MAX: u64 = 9000;

/// A stretch of the session that is in the file.
#[derive(Clone, Copy, Debug)]
struct Take {
    /// Session's and file's time at which it begins, 1/90000 s.
    from: u64,
    file_from: u64,
    /// Session's time at which it ends.
    until: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rolling {
    /// Until a key frame comes.
    Waiting,
    Yes,
    Paused,
}

/// Decides what of a session is in a file.
#[derive(Debug)]
pub(crate) struct Timeline {
    rolling: Rolling,
    now: Option<Take>,
    before: Option<Take>,
    last_picture: u64,
    /// From one picture to the next where they follow closely.
    step: u64,
}

impl Take {
    /// Place in the file of a frame of sound (both 1/48000 s), if it lies within.
    fn sound(&self, at: u64) -> Option<u64> {
        let starts = at * 15 >= self.from * 8;
        let ends = self.until.is_none_or(|until| (at + FRAME) * 15 <= until * 8);
        // One rounding for the whole take: frames follow each other without a seam.
        let (from, file_from) = (self.from * 8 / 15, self.file_from * 8 / 15);
        (starts && ends).then(|| at.saturating_sub(from) + file_from)
    }
}

impl Timeline {
    pub fn new() -> Self {
        Self { rolling: Rolling::Waiting, now: None, before: None, last_picture: 0, step: STEP_MAX }
    }

    /// Place in the file of a picture (1/90000 s); `None` when it is not in it.
    pub fn picture(&mut self, at: u64, keyframe: bool) -> Option<u64> {
        if self.rolling == Rolling::Waiting && keyframe {
            self.before = self.now;
            let file_from = self.before.map_or(0, |take| take.file_end());
            self.now = Some(Take { from: at, file_from, until: None });
            self.rolling = Rolling::Yes;
        }
        if self.rolling != Rolling::Yes {
            return None;
        }
        let step = at.saturating_sub(self.last_picture);
        self.step = step.clamp(STEP_MIN, self.step);
        self.last_picture = at;
        self.now.map(|take| at - take.from + take.file_from)
    }

    /// Place in the file of 1024 samples (both 1/48000 s). Sound comes some time after its picture,
    /// so it may belong to the take before.
    pub fn sound(&self, at: u64) -> Option<u64> {
        let within = |take: Option<Take>| take.and_then(|take| take.sound(at));
        within(self.now).or_else(|| within(self.before))
    }

    /// Ends the take at `at` or with its last picture; answers where the file's last picture ends.
    pub fn pause(&mut self, at: u64) -> Option<u64> {
        let was = std::mem::replace(&mut self.rolling, Rolling::Paused);
        let take = self.now.as_mut().filter(|_| was == Rolling::Yes)?;
        // No picture is shorter than the others: players that count frames would stumble over it.
        take.until = Some(at.max(self.last_picture + self.step));
        Some(take.file_end())
    }

    pub fn resume(&mut self) {
        if self.rolling == Rolling::Paused {
            self.rolling = Rolling::Waiting;
        }
    }

    /// Whether sound of the last take may still come: the session's time of its end, 1/48000 s.
    pub fn sound_until(&self) -> Option<u64> {
        self.now.and_then(|take| take.until).map(|until| until * 8 / 15)
    }
}

impl Take {
    fn file_end(&self) -> u64 {
        self.until.unwrap_or(self.from) - self.from + self.file_from
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_begins_with_a_key_frame_and_its_sound_no_earlier() {
        let mut timeline = Timeline::new();
        assert_eq!(timeline.picture(900, false), None);
        assert_eq!(timeline.sound(0), None);
        assert_eq!(timeline.picture(90_000, true), Some(0));
        assert_eq!(timeline.picture(94_500, false), Some(4500));
        assert_eq!(timeline.sound(47_999), None);
        assert_eq!(timeline.sound(48_000), Some(0));
        assert_eq!(timeline.sound(48_500), Some(500));
    }

    #[test]
    fn what_lies_between_pause_and_resume_is_cut_out_and_the_clock_goes_on() {
        let mut timeline = Timeline::new();
        timeline.picture(90_000, true);
        timeline.picture(171_000, false);
        timeline.picture(175_500, false);
        assert_eq!(timeline.pause(180_000), Some(90_000));
        assert_eq!(timeline.picture(184_500, true), None);
        assert_eq!(
            timeline.sound(95_000 - 1024),
            Some(95_000 - 1024 - 48_000),
            "late, but of before"
        );
        assert_eq!(timeline.sound(96_000), None);
        timeline.resume();
        assert_eq!(timeline.picture(900_000, false), None);
        assert_eq!(timeline.picture(904_500, true), Some(90_000));
        assert_eq!(timeline.sound(400_000), None, "while nobody recorded");
        assert_eq!(timeline.sound(482_400), Some(48_000));
        assert_eq!(timeline.pause(949_500), Some(135_000));
        assert_eq!(timeline.sound_until(), Some(506_400));
    }

    #[test]
    fn an_hour_of_frames_has_no_seam_and_both_clocks_agree_at_the_end() {
        let mut timeline = Timeline::new();
        let start = 1_234_500;
        assert_eq!(timeline.picture(start, true), Some(0));
        let first = (start * 8).div_ceil(15);
        let mut expected = timeline.sound(first).unwrap();
        assert!(expected <= 1);
        let mut at = first;
        for _ in 0..3600 * 48_000 / FRAME {
            assert_eq!(timeline.sound(at), Some(expected));
            (at, expected) = (at + FRAME, expected + FRAME);
        }
        let picture = timeline.picture(start + 3600 * 90_000, false).unwrap();
        let sound = timeline.sound(first + 3600 * 48_000).unwrap();
        assert!((picture as f64 / 90_000.0 - sound as f64 / 48_000.0).abs() < 0.0001);
    }

    #[test]
    fn pausing_before_anything_was_shown_gives_nothing() {
        let mut timeline = Timeline::new();
        assert_eq!(timeline.pause(5), None);
        timeline.resume();
        assert_eq!(timeline.picture(90_000, true), Some(0));
        timeline.pause(95_000);
        assert_eq!(timeline.pause(99_000), None, "twice is once");
    }
}
