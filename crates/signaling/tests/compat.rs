//! `docs/compat/methods.md` is the method table as a page; this keeps the two the same.
//! `ROTUNDA_BLESS=1` writes it.
#![allow(clippy::unwrap_used)]

use rotunda_signaling::methods::{BESIDE, Beside, METHODS, Method};
use std::fmt::Write;
use std::path::Path;

/// One row: wire name, what it does, permission, parameters, event, the SDK's method, test.
fn rows() -> Vec<[&'static str; 7]> {
    let of = |m: &'static Method| [m.name, m.doc, m.permission, m.params, m.event, m.sdk, m.test];
    let beside = |b: Beside| [b.name, b.doc, b.permission, b.params, b.event, b.sdk, b.test];
    METHODS.iter().map(of).chain(BESIDE.into_iter().map(beside)).collect()
}

fn page() -> String {
    let mut text = String::from(
        "# Methods\n\nGenerated from the method table of `crates/signaling/src/methods.rs`. Those that begin \
         with `video.` also take `room_session_id`, but for `video.rooms.get`. An API token may do \
         whatever a permission is named for, in its own project.\n\n| method | in the SDK | what it \
         does | permission | parameters | events | test |\n| --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for [name, doc, permission, params, event, sdk, test] in rows() {
        let test = format!("[{test}](../../tests/e2e/{test}.test.mjs)");
        writeln!(
            text,
            "| `{name}` | `{sdk}` | {doc} | {permission} | {params} | {event} | {test} |"
        )
        .unwrap();
    }
    text
}

#[test]
fn the_page_of_methods_says_what_the_table_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap();
    let file = root.join("docs/compat/methods.md");
    if std::env::var_os("ROTUNDA_BLESS").is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), page(), "{}", file.display());
}

#[test]
fn every_method_names_a_test_that_calls_it_and_that_is_run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap();
    let run = std::fs::read_to_string(root.join("tests/e2e/run.mjs")).unwrap();
    for [name, .., sdk, test] in rows() {
        let file = root.join(format!("tests/e2e/{test}.test.mjs"));
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let calls = [format!("\"{sdk}\""), format!(".{sdk}("), format!("{sdk}({{")];
        assert!(calls.iter().any(|call| text.contains(call)), "{name}: no {sdk} in {test}");
        assert!(run.contains(&format!("\"{test}\"")), "{test} is not run");
    }
}
