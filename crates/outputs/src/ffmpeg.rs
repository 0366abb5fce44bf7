//! The `ffmpeg` program: where it is, and how a child of it is started. What a child is for is its
//! caller's business.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// Why there is no FFmpeg.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FfmpegError {
    /// No such program.
    #[error(
        "ffmpeg was not found: install it (Debian: apt-get install ffmpeg) or set outputs.ffmpeg"
    )]
    Missing,
}

/// An `ffmpeg` that can be started.
#[derive(Clone, Debug)]
pub struct Ffmpeg {
    program: PathBuf,
}

impl Ffmpeg {
    /// Finds `wanted`: a path, or a name that is looked for in `PATH`.
    ///
    /// # Errors
    /// [`FfmpegError::Missing`].
    pub fn find(wanted: &str) -> Result<Self, FfmpegError> {
        let is_program = |path: &Path| path.is_file();
        let program = if wanted.contains('/') {
            Some(PathBuf::from(wanted)).filter(|path| is_program(path))
        } else {
            let folders = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&folders).map(|f| f.join(wanted)).find(|path| is_program(path))
        };
        program.map(|program| Self { program }).ok_or(FfmpegError::Missing)
    }

    /// Starts a child with these arguments; it reads stdin, writes stdout, and complains on stderr
    /// only of what is wrong.
    ///
    /// It has a process group of its own, so that a Ctrl-C meant for us does not end it first, and
    /// nothing of our environment, because it needs nothing of it and prints what it is given.
    ///
    /// # Errors
    /// The operating system's.
    pub(crate) fn start(&self, args: &[&str]) -> std::io::Result<Child> {
        Command::new(&self.program)
            .args(["-nostdin", "-hide_banner", "-loglevel", "error"])
            .args(args)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}
