//! Rules by example: `scripts/*.txt` say what happens (`> `) and below it what the session wants
//! done, in order.
//!
//! `> +3s alice talks`: three seconds pass, then Alice talks; what becomes due on the way stands
//! under `-- at`. The stage is `support/script_runner.rs`. `ROTUNDA_BLESS=1 cargo test -p rotunda-domain`
//! writes what comes out; read it against the rules before you commit it.

// Tests may read and write files; rules may not.
#![allow(clippy::disallowed_methods)]

#[path = "support/fixtures.rs"]
mod fixtures;
#[path = "support/parse.rs"]
mod parse;
#[path = "support/parse_commands.rs"]
mod parse_commands;
#[path = "support/script_runner.rs"]
mod script_runner;
#[path = "support/words.rs"]
mod words;

use std::path::Path;

/// The script with its outputs as they are now; comments and blank lines stay where they are.
fn play(script: &str) -> String {
    let mut stage = script_runner::ScriptRunner::new();
    let mut transcript = String::new();
    for line in script.lines() {
        if let Some(input) = line.strip_prefix("> ") {
            transcript += &format!("{line}\n");
            for said in stage.play(input) {
                transcript += &format!("{said}\n");
            }
        } else if line.is_empty() || line.starts_with('#') {
            transcript += &format!("{line}\n");
        }
    }
    transcript
}

fn check(path: &Path) -> Result<(), String> {
    let written = std::fs::read_to_string(path).expect("a script that can be read");
    let played = play(&written);
    if std::env::var_os("ROTUNDA_BLESS").is_some() {
        std::fs::write(path, played).expect("a folder that can be written");
        return Ok(());
    }
    if written == played {
        return Ok(());
    }
    let differ = |(_, (a, b)): &(usize, (&str, &str))| a != b;
    let lines = written.lines().zip(played.lines()).enumerate().find(differ);
    let (at, (a, b)) = lines.unwrap_or((0, ("(shorter or longer)", "")));
    Err(format!("{}:{}\n  written: {a}\n  played:  {b}", path.display(), at + 1))
}

#[test]
fn every_script_plays_as_it_is_written() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/scripts");
    let entries = std::fs::read_dir(folder).expect("the folder of scripts");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    assert!(paths.len() > 10, "scripts are missing");
    let wrong: Vec<_> = paths.iter().filter_map(|path| check(path).err()).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
