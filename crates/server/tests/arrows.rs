//! The table of ARCHITECTURE.md against the manifests: an arrow that is not drawn fails.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

type Arrows = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap()
}

/// Rows `| crate | uses | … |` of the first table; several crates may share a row.
fn drawn() -> Arrows {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
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

fn built() -> Arrows {
    let mut arrows = Arrows::new();
    for entry in std::fs::read_dir(root().join("crates")).unwrap() {
        let folder = entry.unwrap().path();
        let text = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let own = text.split("[dev-dependencies]").next().unwrap();
        let uses = own.lines().filter_map(|line| line.strip_prefix("rotunda-"));
        let uses = uses.map(|line| line.split(['.', ' ', '=']).next().unwrap().to_owned());
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        arrows.insert(name, uses.collect());
    }
    arrows
}

#[test]
fn every_arrow_between_crates_is_drawn() {
    let mut drawn = drawn();
    let built = built();
    let all: BTreeSet<String> = built.keys().filter(|n| *n != "server").cloned().collect();
    let anything = ["all of the above".to_owned()];
    for (krate, uses) in &built {
        let allowed = drawn.remove(krate).unwrap_or_else(|| panic!("{krate} is not drawn"));
        let allowed = if allowed.iter().eq(&anything) { all.clone() } else { allowed };
        let more: Vec<_> = uses.difference(&allowed).collect();
        assert!(more.is_empty(), "{krate} uses {more:?}, which ARCHITECTURE.md does not draw");
    }
}
