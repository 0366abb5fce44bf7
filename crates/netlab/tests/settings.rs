//! How settings are written, and what is said to who writes them wrongly.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use rotunda_netlab::Settings;
use std::time::Duration;

#[test]
fn nothing_said_is_a_perfect_link() {
    assert_eq!("".parse(), Ok(Settings::default()));
}

#[test]
fn every_setting_is_read() {
    let text = "rate=500k queue=250 delay=20 jitter=7.5 loss=5 burst=3 dup=1.5 reorder=1 tcponly=1";
    let settings = Settings {
        rate: 500_000,
        queue: Duration::from_millis(250),
        delay: Duration::from_millis(20),
        jitter: Duration::from_micros(7_500),
        loss: 5.0,
        burst: 3,
        duplicates: 1.5,
        reorder: true,
        tcp_only: true,
    };
    assert_eq!(text.parse(), Ok(settings));
}

#[test]
fn a_change_leaves_the_rest() {
    let before: Settings = "rate=2M loss=10".parse().unwrap();
    assert_eq!(before.changed("loss=0"), "rate=2000k".parse());
}

#[test]
fn a_wrong_word_says_what_to_change() {
    let rows = [
        ("loss", "loss: write it as name=value, for instance loss=5"),
        (
            "speed=1",
            "speed: choose among rate, queue, delay, jitter, loss, burst, dup, reorder and tcponly",
        ),
        (
            "rate=5",
            "rate=5: give bits a second, 0 (no limit) or from 1k to 10000M, for instance 500k",
        ),
        (
            "rate=-1k",
            "rate=-1k: give bits a second, 0 (no limit) or from 1k to 10000M, for instance 500k",
        ),
        (
            "rate=99999999999999999999M",
            "rate=99999999999999999999M: give bits a second, 0 (no limit) or from 1k to 10000M, for instance 500k",
        ),
        ("delay=inf", "delay=inf: give milliseconds, from 0 to 10000"),
        ("queue=NaN", "queue=NaN: give milliseconds, from 0 to 10000"),
        ("jitter=10001", "jitter=10001: give milliseconds, from 0 to 10000"),
        ("loss=101", "loss=101: give how many of a hundred packets, from 0 to 100"),
        ("burst=0", "burst=0: give how many packets in a row, from 1 to 1000"),
        ("dup=-1", "dup=-1: give how many of a hundred packets, from 0 to 100"),
        ("reorder=yes", "reorder=yes: give 0 or 1"),
    ];
    for (text, said) in rows {
        assert_eq!(text.parse::<Settings>().unwrap_err().to_string(), said);
    }
}
