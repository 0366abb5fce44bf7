//! What goes in and what comes out, as text to read: `transcripts/*.txt`.
//!
//! `> frame` the client sends, `wait MS` time passes, `deliver FACT` the hub tells; below each
//! stand the frames the client gets (`<`), the calls the hub got (`*`) and the close (`close`).
//! `ROTUNDA_BLESS=1 cargo test -p rotunda-signaling` writes what there is; read it before you commit.

#![allow(clippy::unwrap_used)]

mod support;

use rotunda_signaling::SignalOptions;
use std::fmt::Write;
use support::Desk;

fn play(script: &str) -> String {
    let mut desk = Desk::new(SignalOptions::default());
    let mut transcript = String::new();
    for line in script.lines() {
        let is_output = ["< ", "* ", "close "].iter().any(|mark| line.starts_with(mark));
        if is_output {
            continue;
        }
        writeln!(transcript, "{line}").unwrap();
        if let Some(frame) = line.strip_prefix("> ") {
            desk.send(frame);
        } else if let Some(ms) = line.strip_prefix("wait ") {
            desk.wait(ms.parse().unwrap());
        } else if let Some(fact) = line.strip_prefix("deliver ") {
            desk.deliver(fact);
        } else {
            assert!(line.is_empty() || line.starts_with('#'), "what is {line:?}?");
            continue;
        }
        for frame in desk.frames() {
            writeln!(transcript, "< {frame}").unwrap();
        }
        for call in desk.hub.calls() {
            writeln!(transcript, "* {call}").unwrap();
        }
        if let Some(close_reason) = desk.peer.close_reason() {
            writeln!(transcript, "close {:?}", close_reason.close()).unwrap();
            break;
        }
    }
    transcript
}

#[test]
fn every_script_plays_as_it_is_written() {
    let folder = format!("{}/tests/transcripts", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty());
    let bless = std::env::var_os("ROTUNDA_BLESS").is_some();
    for path in paths {
        let written = std::fs::read_to_string(&path).unwrap();
        let played = play(&written);
        if bless {
            std::fs::write(&path, played).unwrap();
        } else {
            for (line, (was, is)) in written.lines().zip(played.lines()).enumerate() {
                assert_eq!(was, is, "{}:{}", path.display(), line + 1);
            }
            assert_eq!(written.lines().count(), played.lines().count(), "{}", path.display());
        }
    }
}
