//! Files of a crate do not use one another in a circle, so that each can be read after those it uses;
//! only a parent and its children may name one another. And the hub's wings do not name its rooms
//! beside them.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use rotunda_guards::{ModulePath, Modules, root};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Folders of the hub that may name each other.
const WINGS: [&str; 6] = ["sessions", "connections", "auth", "videochat", "archive", "history"];

type Edges = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

/// Who names whom, but for parents and children.
fn edges(modules: &Modules) -> Edges {
    let is_kin = |a: &ModulePath, b: &ModulePath| a.starts_with(b) || b.starts_with(a);
    let named = |module: &ModulePath| {
        let named = modules.named_by(module).into_iter();
        (module.clone(), named.filter(|named| !is_kin(module, named)).collect())
    };
    modules.texts.keys().map(named).collect()
}

fn reached(edges: &Edges, from: &ModulePath) -> BTreeSet<ModulePath> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        open.extend(edges[module].iter().filter(|next| reached.insert((*next).clone())));
    }
    reached
}

/// Each circle with the edges that make it, in words.
fn circles(modules: &Modules) -> Vec<String> {
    let edges = edges(modules);
    let reach: BTreeMap<_, _> = edges.keys().map(|one| (one, reached(&edges, one))).collect();
    let around = |one: &ModulePath| -> BTreeSet<ModulePath> {
        reach[one].iter().filter(|other| reach[other].contains(one)).cloned().collect()
    };
    let all: BTreeSet<_> = edges.keys().map(around).filter(|circle| circle.len() > 1).collect();
    all.iter().map(|circle| in_words(circle, &edges)).collect()
}

fn in_words(circle: &BTreeSet<ModulePath>, edges: &Edges) -> String {
    let names: Vec<_> = circle.iter().map(|module| module.join("/")).collect();
    let mut text = names.join(", ");
    for from in circle {
        for to in edges[from].intersection(circle) {
            write!(text, "\n    {} -> {}", from.join("/"), to.join("/")).unwrap();
        }
    }
    text
}

#[test]
fn files_do_not_use_one_another_in_a_circle() {
    let mut wrong = String::new();
    for folder in std::fs::read_dir(root().join("crates")).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        let modules = Modules::read(&folder.path().join("src"));
        assert!(!modules.texts.is_empty(), "the sources of {name} are not found");
        for circle in circles(&modules) {
            writeln!(wrong, "{name}: {circle}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "files use one another in a circle:\n{wrong}");
}

#[test]
fn the_wings_of_the_hub_name_no_room_beside_them() {
    let modules = Modules::read(&root().join("crates/hub/src"));
    let is_in_wing = |module: &ModulePath| module.len() > 1 && WINGS.contains(&&*module[0]);
    assert!(WINGS.iter().all(|wing| modules.texts.contains_key(&vec![(*wing).to_owned()])));
    let mut wrong = Vec::new();
    for module in modules.texts.keys().filter(|module| is_in_wing(module)) {
        let named = modules.named_by(module).into_iter();
        let beside = named.filter(|named| !WINGS.contains(&&*named[0]));
        wrong.extend(beside.map(|named| format!("{} -> {}", module.join("/"), named.join("/"))));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_circle_is_found_however_it_is_written_and_a_parent_with_its_child_is_none() {
    let texts = [
        ("", "mod one; mod two; mod three; mod four; pub use one::One;"),
        (
            "one",
            "use std::{fmt, io}; use crate::{fmt::Debug, two::{self, Two}}; /* use crate::four */",
        ),
        ("two", "fn f() { super::three::g(\"crate::four\") } // crate::four\n"),
        ("three", "mod child; use child::X as Y; use crate::one::{One, child};"),
        ("three/child", "use super::Z; use super::super::four;"),
        (
            "four",
            "use crate::Hub; fn f() -> impl Fn() + use<'_> { g(); }\n#[cfg(test)]\nmod tests { use crate::three; }",
        ),
    ];
    let place = |path: &str| path.split('/').filter(|p| !p.is_empty()).map(str::to_owned).collect();
    let texts = texts.map(|(path, text)| (place(path), text.to_owned()));
    let modules = Modules { texts: texts.into_iter().collect() };
    let circle = "one, three, two\n    one -> two\n    three -> one\n    two -> three";
    assert_eq!(circles(&modules), [circle]);
}
