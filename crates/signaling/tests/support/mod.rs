//! A hub without rooms and a socket without a network, for scripts on virtual time.
#![allow(dead_code, unused_imports, clippy::unwrap_used)] // each test file uses its own part

mod desk;
mod facts;
mod fake_hub;

pub use desk::Desk;
pub use facts::dispatch;
pub use fake_hub::FakeHub;

/// Lines of a capture: where a frame comes from, and the frame.
pub fn captured(name: &str) -> Vec<(String, serde_json::Value)> {
    let path = format!("{}/tests/captures/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).expect(&path);
    let row = |line: &str| {
        let mut row: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        (row["from"].as_str().expect("a source").to_owned(), row["frame"].take())
    };
    text.lines().map(row).collect()
}
