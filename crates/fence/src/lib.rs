//! What the kernel forbids a child of ours that is somebody else's program, whoever this process runs as.
//!
//! The child begins as this very program, which takes its own rights away and becomes the other
//! (`execve`): nothing has to be done between `fork` and `exec`, where only `unsafe` code may work.
//! It may read the system's programs and libraries, and of what is ours the files it is given; it may
//! connect by TCP to the one port it is given, and nothing else. It refuses to know what the child is for.

mod files;
mod syscalls;
mod words;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::io::{FdFlags, fcntl_setfd};
use rustix::process::{Resource, Rlimit, getpriority_process, setpriority_process, setrlimit};
use std::ffi::{OsStr, OsString};
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The first argument by which a program knows that it is to be the fence.
pub const VERB: &str = "fence";

/// Rules that are asked for; older kernels keep those they know.
const KNOWN: ABI = ABI::V6;
/// Open files of a child.
const FILES: u64 = 64;

/// Why a child did not begin.
#[derive(Debug, thiserror::Error)]
pub enum FenceError {
    /// It was not called as [`Fence::command`] calls it.
    #[error("a fence is begun by the server only")]
    Arguments,
    /// The kernel refused a rule.
    #[error("the kernel refused a rule: {0}")]
    Rules(#[from] RulesetError),
    /// The kernel refused the filter of system calls.
    #[error("the kernel refused a filter of system calls: {0}")]
    Filter(#[from] seccompiler::Error),
    /// It refused a limit, or the program.
    #[error("the kernel refused: {0}")]
    System(#[from] std::io::Error),
}

/// What a child may.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fence {
    /// Most memory it may address, bytes.
    pub memory: u64,
    /// How much less it weighs than we do.
    pub nice: u8,
    /// The one TCP port it may connect to; without it, it has no sockets at all.
    pub port: Option<u16>,
    /// A file it may read.
    pub reads: Option<PathBuf>,
    /// A file it may write and read, and how large that may grow, bytes. It must be there.
    pub writes: Option<(PathBuf, u64)>,
    /// A file that is opened for it before its rights are gone: it finds it as [`HANDED_PATH`]. For
    /// what has no name that the fence lets through.
    pub hands: Option<PathBuf>,
}

/// Stands in a child's arguments for where it finds the file it was handed: which number that has is known
/// when it is opened, for the server may have been started with other files open.
pub const HANDED_PATH: &str = "/proc/self/fd/HANDED";

impl Fence {
    /// A command that begins as `own`, this very program, and becomes `program`; its arguments are
    /// added by the caller.
    pub fn command(&self, own: &OsStr, program: &OsStr) -> Command {
        let mut command = Command::new(own);
        command.arg(VERB).args(self.words()).arg(program);
        command
    }

    /// Takes this process's rights away and becomes the program of `arguments`, which are those
    /// behind [`VERB`]; comes back only when that failed.
    pub fn enter(arguments: impl IntoIterator<Item = OsString>) -> FenceError {
        let mut arguments = arguments.into_iter();
        let Some((fence, program)) = Self::read(&mut arguments).zip(arguments.next()) else {
            return FenceError::Arguments;
        };
        let handed = match fence.close(&program) {
            Ok(handed) => handed,
            Err(error) => return error,
        };
        let arguments = arguments.map(|argument| named(argument, handed));
        FenceError::System(Command::new(program).args(arguments).exec())
    }

    /// Gives the number of the file that is handed on, if one is.
    fn close(&self, program: &OsStr) -> Result<Option<i32>, FenceError> {
        let system = |error: rustix::io::Errno| FenceError::System(error.into());
        let nice = getpriority_process(None).map_err(system)? + i32::from(self.nice);
        setpriority_process(None, nice.min(19)).map_err(system)?;
        let handed = self.hands.as_deref().map(hand).transpose()?;
        for (what, limit) in [
            (Resource::Core, 0),
            (Resource::Fsize, self.writes.as_ref().map_or(0, |(_, most)| *most)),
            (Resource::Nofile, FILES),
            (Resource::As, self.memory),
        ] {
            setrlimit(what, Rlimit { current: Some(limit), maximum: Some(limit) })
                .map_err(system)?;
        }
        let ours =
            files::ours(self.reads.as_deref(), self.writes.as_ref().map(|(path, _)| &**path));
        self.rules()?.add_rules(files::readable(program))?.add_rules(ours)?.restrict_self()?;
        syscalls::forbid(self.port.is_some())?;
        Ok(handed)
    }

    fn rules(&self) -> Result<landlock::RulesetCreated, RulesetError> {
        let rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(KNOWN))?
            .handle_access(AccessNet::from_all(KNOWN))?
            .scope(Scope::from_all(KNOWN))?
            .create()?;
        match self.port {
            Some(port) => rules.add_rule(NetPort::new(port, AccessNet::ConnectTcp)),
            None => Ok(rules),
        }
    }
}

/// Opens a file and leaves it open for what this process becomes; gives its number.
fn hand(path: &Path) -> Result<i32, FenceError> {
    let handed = OwnedFd::from(std::fs::File::open(path)?);
    fcntl_setfd(&handed, FdFlags::empty()).map_err(std::io::Error::from)?;
    // It is closed when what this process becomes closes it, or ends.
    Ok(handed.into_raw_fd())
}

/// An argument as the child is to read it.
fn named(argument: OsString, handed: Option<i32>) -> OsString {
    match (argument.to_str(), handed) {
        (Some(text), Some(number)) if text.contains(HANDED_PATH) => {
            text.replace(HANDED_PATH, &format!("/proc/self/fd/{number}")).into()
        }
        _ => argument,
    }
}

/// How much of the rules this kernel keeps. It is tried on a thread that ends with it.
pub fn strength() -> Strength {
    let fence = Fence { port: Some(0), ..Fence::default() };
    let tried = std::thread::spawn(move || fence.rules()?.restrict_self());
    match tried.join() {
        Ok(Ok(status)) => match status.ruleset {
            RulesetStatus::FullyEnforced => Strength::Whole,
            RulesetStatus::PartiallyEnforced => Strength::Partly,
            RulesetStatus::NotEnforced => Strength::No,
        },
        _ => Strength::No,
    }
}

/// How much of the rules for files and connections a kernel keeps; those for system calls and
/// limits are kept by all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strength {
    /// All of them.
    Whole,
    /// Some: it is older than Linux 6.12.
    Partly,
    /// None: it is older than Linux 5.13, or Landlock is switched off.
    No,
}
