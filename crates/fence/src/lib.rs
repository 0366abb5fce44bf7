//! What the kernel forbids a child that reads foreign bytes, whoever this process runs as.
//!
//! The child begins as this very program, which takes its own rights away and becomes the other
//! (`execve`): nothing has to be done between `fork` and `exec`, where only `unsafe` code may work.
//! It may read the system's programs and libraries, connect by TCP to one port, and nothing else. It
//! refuses to know what the child is for.

mod files;
mod syscalls;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};
use rustix::process::{Resource, Rlimit, getpriority_process, setpriority_process, setrlimit};
use std::ffi::{OsStr, OsString};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The first argument by which a program knows that it is to be the fence.
pub const VERB: &str = "fence";

/// Rules that are asked for; older kernels keep those they know.
const KNOWN: ABI = ABI::V6;
/// Open files of a child.
const FILES: u64 = 64;
/// How much less a child weighs than we do.
const NICE: i32 = 5;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fence {
    /// Most memory it may address, bytes.
    pub memory: u64,
    /// The one TCP port it may connect to.
    pub port: u16,
}

impl Fence {
    /// A command that begins as `own`, this very program, and becomes `program`; its arguments are
    /// added by the caller.
    pub fn command(self, own: &OsStr, program: &OsStr) -> Command {
        let mut command = Command::new(own);
        command.args([VERB, &self.memory.to_string(), &self.port.to_string()]).arg(program);
        command
    }

    /// Takes this process's rights away and becomes the program of `arguments`, which are those
    /// behind [`VERB`]; comes back only when that failed.
    pub fn enter(arguments: impl IntoIterator<Item = OsString>) -> FenceError {
        let mut arguments = arguments.into_iter();
        let mut number = || arguments.next()?.into_string().ok()?.parse::<u64>().ok();
        let (memory, port) = (number(), number().and_then(|port| u16::try_from(port).ok()));
        let (Some(memory), Some(port), Some(program)) = (memory, port, arguments.next()) else {
            return FenceError::Arguments;
        };
        if let Err(error) = (Self { memory, port }).close(&program) {
            return error;
        }
        FenceError::System(Command::new(program).args(arguments).exec())
    }

    fn close(self, program: &OsStr) -> Result<(), FenceError> {
        let most = |most| Rlimit { current: Some(most), maximum: Some(most) };
        let system = |error: rustix::io::Errno| FenceError::System(error.into());
        let nice = getpriority_process(None).map_err(system)?;
        setpriority_process(None, (nice + NICE).min(19)).map_err(system)?;
        for (what, limit) in [
            (Resource::Core, 0),
            (Resource::Fsize, 0),
            (Resource::Nofile, FILES),
            (Resource::As, self.memory),
        ] {
            setrlimit(what, most(limit)).map_err(system)?;
        }
        self.rules()?.add_rules(files::readable(program))?.restrict_self()?;
        Ok(syscalls::forbid()?)
    }

    fn rules(self) -> Result<landlock::RulesetCreated, RulesetError> {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(KNOWN))?
            .handle_access(AccessNet::from_all(KNOWN))?
            .scope(Scope::from_all(KNOWN))?
            .create()?
            .add_rule(NetPort::new(self.port, AccessNet::ConnectTcp))
    }
}

/// How much of the rules this kernel keeps. It is tried on a thread that ends with it.
pub fn strength() -> Strength {
    let fence = Fence { memory: 0, port: 0 };
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
