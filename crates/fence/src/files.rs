//! The files a child may read: programs and libraries, and what these look for at their start.

use landlock::{AccessFs, PathBeneath, PathFd, RulesetError, path_beneath_rules};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Folders of systems, where no data of ours lies.
const FOLDERS: [&str; 14] = [
    "/bin",
    "/lib",
    "/lib32",
    "/lib64",
    "/usr/bin",
    "/usr/lib",
    "/usr/lib32",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/share",
    "/usr/local/bin",
    "/usr/local/lib",
    "/nix/store",
    "/gnu/store",
];
/// Files that the loader and the C library look for.
const FILES: [&str; 5] =
    ["/etc/ld.so.cache", "/etc/ld.so.preload", "/dev/null", "/dev/zero", "/dev/urandom"];

/// A rule for each of them that is there; for `program`, and the libraries beside it, wherever it
/// is.
pub(crate) fn readable(
    program: &OsStr,
) -> impl Iterator<Item = Result<PathBeneath<PathFd>, RulesetError>> {
    let program = PathBuf::from(program);
    let beside = program.parent().and_then(Path::parent).map(|prefix| prefix.join("lib"));
    let beside = beside.filter(|_| program.is_absolute());
    let system = FOLDERS.iter().chain(&FILES).map(PathBuf::from);
    let access = AccessFs::Execute | AccessFs::ReadFile | AccessFs::ReadDir;
    let nowhere = path_beneath_rules(["/dev/null"], AccessFs::ReadFile | AccessFs::WriteFile);
    path_beneath_rules(system.chain(beside).chain([program]), access).chain(nowhere)
}

/// A rule for each of the files of ours that the child was given; it may make no others.
pub(crate) fn ours(
    reads: Option<&Path>,
    writes: Option<&Path>,
) -> impl Iterator<Item = Result<PathBeneath<PathFd>, RulesetError>> {
    let written = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::Truncate;
    path_beneath_rules(reads, AccessFs::ReadFile).chain(path_beneath_rules(writes, written))
}
