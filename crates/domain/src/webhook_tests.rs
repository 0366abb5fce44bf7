//! Which events are taken, and what becomes of those that were refused.

use super::*;

const HOUR_MS: i64 = 3_600_000;

fn filter(words: &[&str]) -> Result<EventFilter, String> {
    EventFilter::new(words.iter().map(|word| (*word).to_owned()).collect())
}

fn refused(status: u16) -> Tried {
    Tried::Answered { status, wait_ms: None }
}

#[test]
fn an_endpoint_takes_what_it_names_its_families_and_everything_when_it_names_nothing() {
    let all = EventFilter::default();
    assert!(WEBHOOK_EVENTS.iter().all(|name| all.takes(name)));
    for never in ["user.created", "api_token.created", "project.created", "room.*", ""] {
        assert!(!all.takes(never), "{never}");
    }
    let some = filter(&["member.*", "room.started"]).unwrap();
    for (name, is_taken) in [
        ("member.joined", true),
        ("member.left", true),
        ("room.started", true),
        ("room.ended", false),
        ("layout.changed", false),
    ] {
        assert_eq!(some.takes(name), is_taken, "{name}");
    }
    assert_eq!(EventFilter::stored(&some.to_string()), some);
    assert_eq!(EventFilter::stored(""), all);
}

#[test]
fn what_means_no_event_is_named() {
    for wrong in ["member", "*", "member.*.*", "room.begun", "user.created", "mem.*", ".*", ""] {
        assert_eq!(filter(&["room.started", wrong]), Err(wrong.to_owned()));
    }
}

#[test]
fn only_2xx_is_taken_and_only_410_switches_off() {
    let of = |status| fate(refused(status), 0, 1, 0, 0);
    assert!([200, 202, 204, 299].iter().all(|status| of(*status) == Fate::Taken));
    assert_eq!(of(410), Fate::SwitchOff);
    for status in [100, 301, 302, 307, 400, 401, 404, 409, 422, 429, 500, 503] {
        assert!(matches!(of(status), Fate::Again(_)), "{status}");
    }
    assert!(matches!(fate(Tried::Unanswered, 0, 1, 0, 0), Fate::Again(_)));
}

#[test]
fn pauses_double_to_an_hour_and_are_spread_over_their_second_half() {
    let after = |tries, random| match fate(refused(500), 0, tries, 0, random) {
        Fate::Again(at_ms) => at_ms,
        other => panic!("{other:?}"),
    };
    assert_eq!((after(1, 0), after(1, u32::MAX)), (1_000, 2_000));
    assert_eq!((after(5, 0), after(5, u32::MAX)), (16_000, 32_000));
    assert_eq!((after(500, 0), after(500, u32::MAX)), (HOUR_MS / 2, HOUR_MS));
}

#[test]
fn an_endpoint_may_ask_for_a_longer_pause_but_not_for_more_than_an_hour() {
    let asked = |wait_ms| Tried::Answered { status: 503, wait_ms: Some(wait_ms) };
    assert_eq!(fate(asked(60_000), 0, 1, 5, 0), Fate::Again(60_005));
    assert_eq!(fate(asked(1), 0, 1, 0, 0), Fate::Again(1_000));
    assert_eq!(fate(asked(i64::MAX), 0, 1, 0, 0), Fate::Again(HOUR_MS));
}

#[test]
fn an_event_is_tried_for_a_day_the_last_time_when_it_ends_and_is_dead_then() {
    let mut now_ms = 7;
    let mut tries = 0;
    loop {
        tries += 1;
        match fate(refused(500), 7, tries, now_ms, 0x8000_0000) {
            Fate::Again(at_ms) => {
                assert!(at_ms > now_ms && at_ms <= 7 + TRIED_FOR_MS);
                now_ms = at_ms;
            }
            end => {
                assert_eq!((end, now_ms), (Fate::Dead, 7 + TRIED_FOR_MS));
                break;
            }
        }
    }
    assert!((30..60).contains(&tries), "{tries} tries");
    let late = 7 + TRIED_FOR_MS;
    assert_eq!(fate(refused(204), 7, 1, late, 0), Fate::Taken, "even then");
}
