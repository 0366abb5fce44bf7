//! The table and the drawing of ARCHITECTURE.md against what cargo builds: an arrow that is not drawn
//! fails, and so does one that is drawn and not there.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use rotunda_guards::{packages, root};
use std::collections::{BTreeMap, BTreeSet};

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn page() -> String {
    std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap()
}

/// Rows `| crate | uses | … |` of the first table; several crates may share a row.
fn drawn() -> Arrows {
    let text = page();
    let rows = text.lines().filter(|line| line.starts_with("| ") && !line.contains("---"));
    let mut arrows = Arrows::new();
    for row in rows.skip(1) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let names = |cell: &str| -> BTreeSet<String> {
            cell.split(',').map(|name| name.trim().to_owned()).filter(|n| n != "–").collect()
        };
        for krate in names(cells[0]) {
            arrows.insert(krate, names(cells[1]));
        }
    }
    arrows
}

/// What each crate of ours needs of the others to be built; tests may use more.
fn built() -> Arrows {
    let ours = |name: &str| name.strip_prefix("rotunda-").map(str::to_owned);
    let uses = |package: &serde_json::Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        let all = all.filter(|one| one["kind"].is_null());
        all.filter_map(|one| ours(one["name"].as_str().unwrap())).collect()
    };
    let all = packages(&["--no-deps"]);
    all.iter().map(|one| (ours(one["name"].as_str().unwrap()).unwrap(), uses(one))).collect()
}

/// Each crate stands above all it uses.
fn level(krate: &str, arrows: &Arrows) -> usize {
    arrows[krate].iter().map(|used| level(used, arrows) + 1).max().unwrap_or(0)
}

fn drawing(arrows: &Arrows) -> String {
    let mut levels = BTreeMap::<_, Vec<&str>>::new();
    for krate in arrows.keys() {
        levels.entry(level(krate, arrows)).or_default().push(krate);
    }
    let rows = levels.iter().rev();
    rows.map(|(level, crates)| format!("{level}   {}\n", crates.join("   "))).collect()
}

#[test]
fn every_arrow_between_crates_is_drawn_and_every_arrow_drawn_is_there() {
    assert_eq!(drawn(), built(), "ARCHITECTURE.md's table and the manifests");
}

/// `ROTUNDA_BLESS=1` draws it anew.
#[test]
fn the_drawing_is_that_of_the_table() {
    let (text, drawing) = (page(), drawing(&built()));
    let begin = text.find("```text\n").unwrap() + "```text\n".len();
    let end = begin + text[begin..].find("```").unwrap();
    if std::env::var_os("ROTUNDA_BLESS").is_some() {
        let text = format!("{}{drawing}{}", &text[..begin], &text[end..]);
        return std::fs::write(root().join("ARCHITECTURE.md"), text).unwrap();
    }
    assert_eq!(text[begin..end], drawing);
}
