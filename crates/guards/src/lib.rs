//! What the tests of this crate need to read the house itself: where it stands, what cargo says of it,
//! and its sources. It refuses to know what any of the crates does.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "only tests call it, and fail where they stand"
)]

mod code;
mod modules;

pub use code::{code, identifiers};
pub use modules::{ModulePath, Modules};

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The folder of the workspace whose tests run; not of the one this was built in, which two checkouts
/// with one target folder may share.
///
/// # Panics
/// Not cargo runs it.
pub fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let own = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs it"));
        own.parent().and_then(Path::parent).expect("it lies in crates/").to_owned()
    });
    &ROOT
}

/// What `cargo metadata` says of the packages (format version 1), with these further arguments.
///
/// # Panics
/// Cargo does not answer, as it does when the lock file is not up to date.
pub fn packages(arguments: &[&str]) -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let answer = Command::new(cargo)
        .current_dir(root())
        .args(["metadata", "--format-version", "1", "--locked"])
        .args(arguments)
        .output()
        .expect("cargo runs");
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let mut metadata: Value = serde_json::from_slice(&answer.stdout).expect("JSON");
    match metadata["packages"].take() {
        Value::Array(packages) => packages,
        other => panic!("no packages but {other}"),
    }
}

/// Every Rust file below `crates/`.
///
/// # Panics
/// A folder cannot be read.
pub fn sources() -> Vec<PathBuf> {
    let all = rust_files(&root().join("crates"));
    assert!(all.len() > 300, "the sources are not found");
    all
}

/// Every Rust file below a folder, in order.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let (mut all, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}
