//! The `ffmpeg` program: where it is, and how a child of it is started, with the rights it needs and no
//! others. What a child is for is its caller's business.

use rotunda_fence::Fence;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// Address space of a child, bytes: the program and its libraries take half a gigabyte of it.
pub(crate) const MEMORY: u64 = 1 << 30;
/// The same of one that writes a film anew, which keeps a note of every sample: of a day's film these
/// are six millions.
const MEMORY_OF_FILM: u64 = 4 << 30;
/// A film that is written anew is larger by its head at most, bytes.
const HEAD: u64 = 1 << 30;

/// Why there is no FFmpeg.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FfmpegError {
    /// No such program.
    #[error(
        "ffmpeg was not found: install it (Debian: apt-get install ffmpeg) or set outputs.ffmpeg"
    )]
    Missing,
}

/// A copy may play this much shorter: the last sample's length is reckoned otherwise.
const SHORTER: std::time::Duration = std::time::Duration::from_millis(500);

/// An `ffmpeg` that can be started.
#[derive(Clone, Debug)]
pub struct Ffmpeg {
    program: PathBuf,
    fence: Option<PathBuf>,
}

impl Ffmpeg {
    /// Finds `wanted`: a path, or a name that is looked for in `PATH`. `fence` is this very program, if
    /// it can be the fence ([`rotunda_fence`]); without it a child has the rights of its parent.
    ///
    /// # Errors
    /// [`FfmpegError::Missing`].
    pub fn find(wanted: &str, fence: Option<PathBuf>) -> Result<Self, FfmpegError> {
        let is_program = |path: &Path| path.is_file();
        let program = if wanted.contains('/') {
            Some(PathBuf::from(wanted)).filter(|path| is_program(path))
        } else {
            let folders = std::env::var_os("PATH").unwrap_or_default();
            std::env::split_paths(&folders).map(|f| f.join(wanted)).find(|path| is_program(path))
        };
        program.map(|program| Self { program, fence }).ok_or(FfmpegError::Missing)
    }

    /// Writes the film `path` anew with a head that lists every sample, so that it can be sought
    /// in, and puts it in the old one's place when it is whole; nothing is encoded. Answers its
    /// size.
    ///
    /// # Errors
    /// The child failed, or what it wrote plays shorter; the old file is untouched.
    pub async fn make_seekable(&self, path: &Path) -> std::io::Result<u64> {
        let part = path.with_extension("part");
        let bytes = tokio::fs::metadata(path).await?.len();
        // The child may make no files, so it finds this one made.
        tokio::fs::File::create(&part).await?;
        let (from, to) = (path.to_string_lossy().into_owned(), part.to_string_lossy().into_owned());
        let args = ["-y", "-i", &from, "-map", "0", "-c", "copy", "-movflags", "+faststart"];
        let fence = Fence {
            memory: MEMORY_OF_FILM,
            nice: 5,
            reads: Some(path.to_owned()),
            writes: Some((part.clone(), bytes.saturating_add(HEAD))),
            ..Fence::default()
        };
        let args = [&args[..], &["-f", "mp4", &to]].concat();
        let written = async { self.start(&fence, &args)?.wait_with_output().await }.await;
        let is_done = written.as_ref().is_ok_and(|done| done.status.success());
        let (old, new) = (path.to_owned(), part.clone());
        let swapped = tokio::task::spawn_blocking(move || swap(&old, &new, is_done));
        let swapped = swapped.await.map_err(std::io::Error::other)?;
        if swapped.is_err() {
            let _ = tokio::fs::remove_file(&part).await;
            let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let status = written.map(|done| done.status.to_string());
            tracing::warn!(file, ?status, "a recording was not made seekable");
        }
        swapped
    }

    /// Whether what is started is fenced, so that it may open nothing by another process's name.
    pub(crate) fn is_fenced(&self) -> bool {
        self.fence.is_some()
    }

    /// Starts a child with these arguments, which may what `fence` says; it reads stdin and writes
    /// stdout. What it complains of is heard by nobody: it would speak of paths, addresses and keys.
    ///
    /// It has a process group of its own, so that a Ctrl-C meant for us does not end it first, and
    /// nothing of our environment, because it needs nothing of it and prints what it is given.
    ///
    /// # Errors
    /// The operating system's.
    pub(crate) fn start(&self, fence: &Fence, args: &[&str]) -> std::io::Result<Child> {
        let mut command = match &self.fence {
            Some(own) => Command::from(fence.command(own.as_os_str(), self.program.as_os_str())),
            None => Command::new(&self.program),
        };
        command
            .args(["-nostdin", "-hide_banner", "-loglevel", "error"])
            .args(args)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
    }
}

fn swap(old: &Path, new: &Path, is_done: bool) -> std::io::Result<u64> {
    let wrong = |what| Err(std::io::Error::other(what));
    if !is_done {
        return wrong("the child failed");
    }
    let (before, after) = (crate::scan(old)?, crate::scan(new)?);
    if !after.is_seekable || after.duration + SHORTER < before.duration {
        return wrong("what the child wrote is not the same film");
    }
    let file = std::fs::File::open(new)?;
    file.sync_all()?;
    let bytes = file.metadata()?.len();
    std::fs::set_permissions(new, std::fs::metadata(old)?.permissions())?;
    std::fs::rename(new, old)?;
    if let Some(folder) = old.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(bytes)
}

#[cfg(test)]
impl Ffmpeg {
    /// The machine's own, unfenced: a test is no fence.
    pub(crate) fn plain() -> Self {
        Self::find("ffmpeg", None).expect("ffmpeg is installed")
    }
}
