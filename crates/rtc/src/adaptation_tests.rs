use super::*;
use crate::outlet::Full;

const NEEDS: Needs = Needs { master: 1_600_000, half: 300_000, quarter: 120_000 };

/// Over TCP.
const NOTHING_WAITS: Option<(usize, Progress)> =
    Some((0, Progress { taken: 0, held: 0, full: None, emptied: None, ended: None }));

/// It has read so many bits a second for 300 ms, which was not fast enough.
fn choke(line: &mut Adaptation, bps: u64, now: Instant) -> bool {
    let taken = bps * 3 / 80;
    let full = Some(Full { at: now - ms(300), taken: 0, held: 0, wait: 1 });
    line.choked(&Progress { taken, full, ..Progress::default() }, now)
}

/// The kernel took no more, after half a megabyte.
fn full_at(at: Instant) -> Option<Full> {
    Some(Full { at, taken: 500_000, held: 18_000, wait: 1 })
}

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// A receiver who was sent so many bits a second of pictures for two seconds, and now.
fn sent(bps: u64) -> (Adaptation, Instant) {
    let (mut line, began) = (Adaptation::new(Rung::Master), Instant::now());
    for n in 0..5 {
        line.sent[1].read(bps / 16 * n, began + ms(500) * n as u32);
    }
    (line, began + ms(2_000))
}

#[test]
fn over_tcp_little_more_than_a_round_trip_is_on_the_way() {
    let (mut line, now) = sent(1_600_000);
    assert_eq!(line.on_the_way(1_600_000, now), None, "no round trip was seen");
    line.note_rtt(Some(ms(60)), now);
    assert_eq!(line.on_the_way(1_600_000, now), Some(18_500));
    line.note_rtt(Some(ms(900)), now);
    let more = line.on_the_way(1_600_000, now).unwrap();
    assert!((18_500..26_000).contains(&more), "{more}: a queue is no longer way");
    (0..600).for_each(|_| line.note_rtt(Some(ms(160)), now));
    assert!(
        (38_000..42_000).contains(&line.on_the_way(1_600_000, now).unwrap()),
        "a longer way is, after a while"
    );
}

#[test]
fn soon_after_an_alarm_the_receivers_own_estimate_decides_whether_the_half_fits() {
    for (remb, rung) in [(150_000, Rung::Quarter), (260_000, Rung::Half)] {
        let (mut line, now) = sent(1_500_000);
        line.estimate.said(remb, now);
        assert_eq!(line.doubted(&NEEDS, now), None, "nothing is wrong with the line");
        line.gauge.alarmed(700_000, now);
        assert_eq!(line.alarmed(None, now), Some(Move::Down(Rung::Half)));
        line.estimate.said(remb, now + ms(400));
        line.doubted(&NEEDS, now + ms(400));
        assert_eq!(line.chooser.rung(), rung, "{remb}");
    }
}

#[test]
fn over_tcp_what_was_read_and_what_the_receiver_says_decide_at_once() {
    for (read, remb, rung) in
        [(400_000, 0, Rung::Half), (0, 300_000, Rung::Half), (0, 100_000, Rung::Quarter)]
    {
        let (mut line, now) = sent(1_500_000);
        line.estimate.said(remb, now);
        line.began = Some(now - ms(5_000));
        assert!(choke(&mut line, read, now));
        assert_eq!(line.alarmed(Some(&NEEDS), now), Some(Move::Down(rung)), "{read} {remb}");
    }
}

#[test]
fn what_was_refused_in_a_jam_is_paid_with_one_key_frame_after_it() {
    let (mut line, now) = sent(400_000);
    line.gauge.alarmed(300_000, now);
    assert!(line.refuses_repeats(now));
    line.refused_repeat(1_200);
    assert!(!line.pays_keyframe(), "the line is still full");
    line.gauge.drained(400_000, Duration::ZERO, now + ms(2_000));
    assert!(line.pays_keyframe() && !line.pays_keyframe());
    line.refused_repeat(1_200);
    line.begins_anew();
    assert!(!line.pays_keyframe(), "another picture has begun");
}

#[test]
fn while_a_queue_is_to_empty_the_picture_is_given_much_less() {
    let (mut line, now) = sent(400_000);
    line.chooser = Chooser::new(Rung::Half);
    line.gauge.alarmed(500_000, now);
    let jammed = line.room(now).bps.unwrap();
    line.gauge.drained(500_000, Duration::ZERO, now + ms(500));
    let calm = line.room(now + ms(500)).bps.unwrap();
    assert!(jammed + SOUND_BPS < 320_000 && (320_000..430_000).contains(&calm), "{jammed} {calm}");
}

#[test]
fn a_way_of_tcp_that_became_longer_is_seen_when_nothing_waits() {
    let (mut line, now) = sent(1_600_000);
    line.began = Some(now - ms(9_000));
    line.note_rtt(Some(ms(40)), now);
    assert!(choke(&mut line, 400_000, now));
    line.alarmed(Some(&NEEDS), now);
    line.note_rtt(Some(ms(300)), now + ms(900));
    line.judge(Some(&NEEDS), false, NOTHING_WAITS, now + ms(1_000));
    assert!(line.gauge.ceiling(now + ms(1_000)).is_some(), "it may be a queue yet");
    let later = now + ms(5_000);
    line.judge(Some(&NEEDS), false, NOTHING_WAITS, later - ms(500));
    assert!(line.gauge.ceiling(later).is_some(), "what was seen before the calm may be a queue's");
    line.note_rtt(Some(ms(301)), later - ms(100));
    line.sent[1].read(1_980_000, later - ms(500));
    line.sent[1].read(2_000_000, later);
    line.judge(Some(&NEEDS), false, NOTHING_WAITS, later);
    assert_eq!(line.gauge.ceiling(later), None);
    assert!(line.on_the_way(1_600_000, later).unwrap() > 18_000, "more is on a longer way");
}

#[test]
fn a_jam_of_tcp_tells_what_the_line_takes_when_it_is_over() {
    // Of a line of 300 kbit/s nothing is acknowledged for most of the jam, and then all at once.
    let (mut line, now) = sent(1_500_000);
    line.began = Some(now - ms(9_000));
    let full =
        Progress { taken: 500_000, held: 18_000, full: full_at(now), emptied: None, ended: None };
    assert!(line.choked(&full, now + ms(300)));
    line.alarmed(Some(&NEEDS), now);
    line.judge(Some(&NEEDS), false, Some((3_000, full)), now + ms(500));
    let over =
        Progress { taken: 521_000, held: 6_000, emptied: Some((now + ms(900), 520_000)), ..full };
    line.judge(Some(&NEEDS), false, Some((0, over)), now + ms(1_000));
    let takes = line.gauge.ceiling(now + ms(30_000)).expect("it is remembered");
    assert!((280_000..320_000).contains(&takes), "{takes}");
    assert!(line.gauge.is_sure());
}

#[test]
fn what_went_before_anything_waited_over_tcp_says_nothing_of_the_line() {
    let (mut line, now) = sent(1_500_000);
    line.began = Some(now - ms(9_000));
    let full = |at: u64, taken| Progress {
        taken,
        held: 18_000,
        full: full_at(now - ms(at)),
        emptied: None,
        ended: None,
    };
    line.judge(Some(&NEEDS), false, Some((60_000, full(350, 520_000))), now);
    assert_eq!(line.gauge.ceiling(now), None, "TCP may be sending something again");
    assert_eq!(line.chooser.rung(), Rung::Master);
    let chosen = line.judge(Some(&NEEDS), false, Some((60_000, full(400, 515_000))), now);
    assert_eq!((line.gauge.ceiling(now), chosen), (Some(300_000), Some(Move::Down(Rung::Quarter))));
}

#[test]
fn a_jam_of_tcp_that_lasts_tells_what_the_line_takes_without_an_end() {
    let (mut line, now) = sent(1_500_000);
    line.began = Some(now - ms(9_000));
    let full =
        Progress { taken: 500_000, held: 18_000, full: full_at(now), emptied: None, ended: None };
    assert!(line.choked(&full, now + ms(300)));
    line.alarmed(Some(&NEEDS), now);
    let later = now + ms(3_200);
    line.sent[1].read(600_000, later);
    let still = Progress { taken: 508_000, held: 6_000, ..full };
    line.judge(Some(&NEEDS), false, Some((9_000, still)), later);
    let takes = line.gauge.ceiling(later).unwrap();
    assert!((30_000..60_000).contains(&takes), "{takes}");
}

#[test]
fn a_probe_ends_as_soon_as_the_receiver_says_less() {
    let (mut line, now) = sent(300_000);
    line.chooser = Chooser::new(Rung::Half);
    line.gauge.measured(450_000, now);
    let rtt = Some(ms(40));
    let calm = Report {
        loss: 0.0,
        rtt,
        sent_bps: 300_000,
        is_mixed: false,
        said_bps: 0,
        is_denied: false,
    };
    line.gauge.report(calm, now);
    let later = now + ms(3_000);
    line.report = Some(calm);
    line.judge(Some(&NEEDS), true, None, later);
    assert!(line.chooser.repetitions() > 0);
    line.receiver_said(300_000, later);
    line.receiver_said(280_000, later);
    assert!(line.chooser.repetitions() > 0, "that is little less");
    line.receiver_said(200_000, later + ms(300));
    assert_eq!((line.chooser.repetitions(), line.chooser.rung()), (0, Rung::Half));
}

#[test]
fn a_short_stop_of_tcp_is_not_held_against_a_line_for_long() {
    let (mut line, now) = sent(1_500_000);
    line.began = Some(now - ms(9_000));
    let full =
        Progress { taken: 500_000, held: 18_000, full: full_at(now), emptied: None, ended: None };
    assert!(line.choked(&full, now + ms(300)));
    line.alarmed(Some(&NEEDS), now + ms(300));
    let over = Progress { taken: 520_000, emptied: Some((now + ms(400), 520_000)), ..full };
    line.judge(Some(&NEEDS), false, Some((0, over)), now + ms(500));
    assert!(line.gauge.ceiling(now + ms(2_000)).is_some());
    assert_eq!(
        line.gauge.ceiling(now + ms(12_000)),
        None,
        "after a minute, if it had lasted longer"
    );
}

#[test]
fn a_jam_of_tcp_tells_what_the_line_takes_though_the_kernel_is_full_again() {
    let (mut line, now) = sent(1_500_000);
    line.began = Some(now - ms(9_000));
    let mut progress = Progress { taken: 500_000, held: 18_000, ..Progress::default() };
    progress.note_empty(now - ms(1));
    progress.note_full(now);
    assert!(line.choked(&progress, now + ms(300)));
    line.alarmed(Some(&NEEDS), now);
    (progress.taken, progress.held) = (520_000, 6_000);
    progress.note_empty(now + ms(900));
    progress.note_full(now + ms(950));
    progress.note_empty(now + ms(960));
    line.judge(Some(&NEEDS), false, Some((0, progress)), now + ms(1_000));
    let takes = line.gauge.ceiling(now + ms(30_000)).expect("it is remembered");
    assert!((280_000..320_000).contains(&takes), "{takes}");
}
