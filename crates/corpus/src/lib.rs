//! Plays the fuzzers' committed inputs as plain tests: whatever once broke something, or takes a path
//! nothing else takes, is tried at every `make test`, without a fuzzer.
//!
//! An input lies in `fuzz/corpus/TARGET/`; how it is found stands in `fuzz/README.md`. Used by tests only.

use std::fs;
use std::path::PathBuf;

/// The folder with a target's inputs, of the checkout whose tests run: another may have built this into the
/// same target folder.
fn folder(target: &str) -> PathBuf {
    let own = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs it"));
    own.join("../../fuzz/corpus").join(target)
}

/// Hands every committed input of `target` to `take`, in the order of their names.
///
/// # Panics
/// When there is none, for then nothing is tested; or when `take` does, after the input's name was
/// printed.
pub fn play(target: &str, take: impl Fn(&[u8])) {
    let folder = folder(target);
    let listed = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut inputs: Vec<PathBuf> = listed.flatten().map(|entry| entry.path()).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "no input in {}", folder.display());
    for input in inputs {
        println!("{}", input.display());
        take(&fs::read(&input).unwrap_or_else(|e| panic!("{}: {e}", input.display())));
    }
}
