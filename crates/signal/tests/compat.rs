//! `docs/compat/methods.md` is the method table as a page; this keeps the two the same.
//! `ROTUNDA_BLESS=1` writes it.
#![allow(clippy::unwrap_used)]

use rotunda_signal::methods::{LATER, METHODS};
use std::fmt::Write;
use std::path::Path;

fn page() -> String {
    let mut text = String::from(
        "# Room methods\n\nGenerated from the method table of `crates/signal/src/methods.rs`. Every \
         method also takes `room_session_id`.\n\n| method | what it does | permission | parameters |\n\
         | --- | --- | --- | --- |\n",
    );
    for method in &METHODS {
        let (name, doc) = (method.name, method.doc);
        let (permission, params) = (method.permission, method.params);
        writeln!(text, "| `{name}` | {doc} | {permission} | {params} |").unwrap();
    }
    text += "\nRefused by name until a later version brings them:\n\n";
    for name in LATER {
        writeln!(text, "- `{name}`").unwrap();
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
