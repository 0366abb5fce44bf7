//! What may come into the binary, as `deny.toml` says it: licences and sources. cargo-deny reads the same
//! file; this needs no program that would have to be built first.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use rotunda_guards::{packages, root};
use serde_json::Value;
use spdx::{Expression, ParseMode};

/// All that is built on the one platform there are binaries for.
fn all() -> Vec<Value> {
    packages(&["--filter-platform", "x86_64-unknown-linux-gnu"])
}

fn allowed() -> toml::Table {
    std::fs::read_to_string(root().join("deny.toml")).unwrap().parse().unwrap()
}

fn texts(value: &toml::Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

fn is_licensed(licence: &str, allowed: &[String]) -> bool {
    // Some write a slash for `OR`, as cargo once asked them to.
    let expression = Expression::parse_mode(licence, ParseMode::LAX).unwrap();
    expression.evaluate(|asked| allowed.iter().any(|one| *one == asked.to_string()))
}

#[test]
fn every_dependency_has_a_licence_that_deny_toml_allows() {
    let allowed = texts(&allowed()["licenses"]["allow"]);
    let wrong: Vec<_> = all()
        .iter()
        .filter(|package| {
            package["license"].as_str().is_none_or(|licence| !is_licensed(licence, &allowed))
        })
        .map(|package| format!("{}: {}", package["id"], package["license"]))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(!is_licensed("GPL-3.0-only", &allowed) && !is_licensed("MIT AND GPL-2.0", &allowed));
    assert!(is_licensed("GPL-3.0-only OR MIT", &allowed) && is_licensed("Unlicense/MIT", &allowed));
}

#[test]
fn every_dependency_comes_from_a_registry_that_deny_toml_allows() {
    let registries = texts(&allowed()["sources"]["allow-registry"]);
    let registries: Vec<_> = registries.iter().map(|url| format!("registry+{url}")).collect();
    let inside = root().to_str().unwrap();
    for package in all() {
        let is_fine = match package["source"].as_str() {
            Some(source) => registries.iter().any(|registry| registry == source),
            None => package["manifest_path"].as_str().unwrap().starts_with(inside),
        };
        assert!(is_fine, "{} comes from {}", package["id"], package["source"]);
    }
}

#[test]
fn every_dependency_of_ours_names_its_version() {
    for package in packages(&["--no-deps"]) {
        for dependency in package["dependencies"].as_array().unwrap() {
            let is_ours = dependency["path"].is_string();
            assert!(
                is_ours || dependency["req"] != "*",
                "{}: {}",
                package["name"],
                dependency["name"]
            );
        }
    }
}
