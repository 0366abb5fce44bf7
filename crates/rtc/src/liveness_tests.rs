use super::*;

const MS: Duration = Duration::from_millis(1);

/// One who sends a packet every `every` for `time`; gives what was said with its time.
struct Leg {
    liveness: Liveness,
    start: Instant,
    now: Instant,
    said: Vec<(Turn, u128)>,
}

impl Leg {
    fn up() -> Self {
        let (mut liveness, now) = (Liveness::default(), Instant::now());
        liveness.begin(now);
        Self { liveness, start: now, now, said: vec![] }
    }

    fn pass(
        &mut self,
        time: Duration,
        every: Option<Duration>,
        kind: Option<MediaKind>,
    ) -> &mut Self {
        let end = self.now + time;
        let mut next = every.map(|every| self.now + every);
        while self.now < end {
            self.now += MS;
            if next.is_some_and(|at| at <= self.now) {
                self.liveness.packet(self.now, kind);
                next = every.map(|every| self.now + every);
            }
            if self.liveness.deadline().is_some_and(|at| at <= self.now) {
                self.liveness.look(self.now);
            }
            if let Some(turn) = self.liveness.take_turn() {
                self.said.push((turn, (self.now - self.start).as_millis()));
            }
        }
        self
    }

    fn pictures(&mut self, time: Duration) -> &mut Self {
        self.pass(time, Some(50 * MS), Some(MediaKind::Video))
    }

    fn sound(&mut self, time: Duration) -> &mut Self {
        self.pass(time, Some(20 * MS), Some(MediaKind::Audio))
    }

    fn others(&mut self, time: Duration, every: Duration) -> &mut Self {
        self.pass(time, Some(every), None)
    }

    fn nothing(&mut self, time: Duration) -> &mut Self {
        self.pass(time, None, None)
    }
}

#[test]
fn pictures_that_stop_with_all_else_are_noticed_within_two_seconds_and_reported_once() {
    let mut leg = Leg::up();
    leg.pictures(1000 * MS).nothing(9_000 * MS).pictures(3_000 * MS);
    assert_eq!(leg.said, [(Turn::FellSilent, 2_700), (Turn::Heard, 10_050)]);
}

#[test]
fn a_second_cut_is_noticed_like_the_first() {
    let mut leg = Leg::up();
    leg.pictures(1000 * MS).nothing(2_000 * MS).pictures(100 * MS).nothing(2_000 * MS);
    let turns: Vec<_> = leg.said.iter().map(|(turn, _)| *turn).collect();
    assert_eq!(turns, [Turn::FellSilent, Turn::Heard, Turn::FellSilent]);
    assert_eq!(leg.said[2].1 - 3_100, 1_700);
}

#[test]
fn a_still_picture_with_a_report_every_second_and_a_half_is_not_silent() {
    let mut leg = Leg::up();
    leg.pictures(1000 * MS).others(60_000 * MS, 1_500 * MS);
    assert_eq!(leg.said, []);
}

#[test]
fn whoever_only_listens_is_judged_by_consent_checks_alone() {
    let mut leg = Leg::up();
    leg.others(120_000 * MS, 6_000 * MS);
    assert_eq!(leg.said, []);
    let last = (leg.now - leg.start).as_millis();
    leg.nothing(20_000 * MS);
    assert_eq!(leg.said, [(Turn::FellSilent, last + 15_000)]);
}

#[test]
fn a_camera_switched_off_leaves_a_leg_at_rest() {
    let mut leg = Leg::up();
    leg.pictures(2_000 * MS).others(20_000 * MS, 1_000 * MS).others(60_000 * MS, 6_000 * MS);
    assert_eq!(leg.said, []);
}

#[test]
fn before_the_leg_is_up_nothing_is_said() {
    let mut leg = Leg::up();
    leg.liveness = Liveness::default();
    leg.pictures(1000 * MS).nothing(60_000 * MS);
    assert_eq!(leg.said, []);
    assert_eq!(leg.liveness.deadline(), None);
}

#[test]
fn an_agreement_without_pictures_is_no_silence() {
    let mut leg = Leg::up();
    leg.pictures(1000 * MS).liveness.agreed_anew();
    leg.others(60_000 * MS, 5_000 * MS);
    assert_eq!(leg.said, []);
}

#[test]
fn sound_without_a_picture_that_stops_with_all_else_is_noticed_within_four_seconds() {
    let mut leg = Leg::up();
    leg.sound(20_000 * MS).nothing(8_000 * MS).sound(1_000 * MS);
    assert_eq!(leg.said, [(Turn::FellSilent, 24_000), (Turn::Heard, 28_020)]);
}

#[test]
fn a_microphone_that_is_switched_off_leaves_a_leg_at_rest() {
    let mut leg = Leg::up();
    leg.sound(5_000 * MS).others(10_000 * MS, 2_500 * MS).others(60_000 * MS, 6_000 * MS);
    assert_eq!(leg.said, []);
}

#[test]
fn sound_that_comes_says_nothing_of_pictures_of_which_none_comes_whole() {
    let mut leg = Leg::up();
    leg.pass(2_000 * MS, Some(50 * MS), Some(MediaKind::Video));
    leg.pass(1_000 * MS, Some(20 * MS), Some(MediaKind::Audio));
    assert!(leg.liveness.is_quiet(leg.now, Some(MediaKind::Video)));
    assert!(!leg.liveness.is_quiet(leg.now, Some(MediaKind::Audio)));
}
