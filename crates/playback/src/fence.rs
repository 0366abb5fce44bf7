//! The fence around `ffmpeg` and `ffprobe`: programs beside us that read foreign bytes.
//!
//! They get nothing of our environment, no files, bounded memory, a lower priority than the
//! canvas, and may open nothing but our own door, which the kernel sees to; only known kinds of files
//! are tried.

use rotunda_fence::Fence;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::Command;

/// Address space of a child, bytes: a 4K film needs less than half.
const MEMORY: u64 = 1 << 30;
/// How much less it weighs than we do: the canvas comes first.
const NICE: u8 = 5;
/// Most pixels of a picture: 4096×2304. A larger one is refused before memory is asked for it.
const PIXELS: u64 = 4096 * 2304;
/// Kinds of files that are tried, in FFmpeg's names.
const FORMATS: &str = "mov,mp4,matroska,webm,mp3,flv,live_flv,mpegts,ogg,wav,aac,flac,webvtt";

/// Why nothing can be played here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{program} was not found: to play, install it (Debian: apt-get install {package})")]
pub struct MissingProgram {
    program: &'static str,
    package: &'static str,
}

/// The programs that are needed.
#[derive(Clone, Debug)]
pub struct Programs {
    ffmpeg: PathBuf,
    ffprobe: PathBuf,
    fence: Option<PathBuf>,
}

/// The door of a source, as a child sees it.
pub(crate) enum Door {
    /// Through a [`crate::proxy::Proxy`].
    Web { url: String, proxy: String, port: u16 },
    /// Through a [`rotunda_outbound::Relay`].
    Rtmp { url: String, tc_url: String, port: u16 },
}

impl Programs {
    /// Finds them: `ffmpeg` is a path or a name that is looked for in `PATH`; `ffprobe` is looked
    /// for beside that path first. `fence` is this very program, if it can be the fence
    /// ([`rotunda_fence`]); without it a child has the rights of its parent.
    ///
    /// # Errors
    /// Names the first that is missing.
    pub fn find(ffmpeg: &str, fence: Option<PathBuf>) -> Result<Self, MissingProgram> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let beside = Path::new(ffmpeg).parent().filter(|_| ffmpeg.contains('/'));
        let find = |program: &'static str, package| {
            let folders =
                beside.map(Path::to_owned).into_iter().chain(std::env::split_paths(&path));
            let name = if program == "ffmpeg" { Path::new(ffmpeg).file_name() } else { None };
            let name = name.unwrap_or(program.as_ref());
            let mut paths = folders.map(|folder| folder.join(name));
            paths.find(|path| path.is_file()).ok_or(MissingProgram { program, package })
        };
        Ok(Self { ffmpeg: find("ffmpeg", "ffmpeg")?, ffprobe: find("ffprobe", "ffmpeg")?, fence })
    }

    /// An `ffprobe` that is about to look at what is behind `door`.
    pub(crate) fn ffprobe(&self, door: &Door) -> Command {
        let mut command = self.fenced(&self.ffprobe, door);
        door.limit(&mut command);
        command
    }

    /// An `ffmpeg` that is about to read what is behind `door`, from `from_ms` on, as one input or
    /// as several of the same.
    pub(crate) fn ffmpeg(&self, door: &Door, from_ms: u64, times: usize) -> Command {
        let mut command = self.fenced(&self.ffmpeg, door);
        command.arg("-nostdin");
        for _ in 0..times {
            door.limit(&mut command);
            // What a film needs next is read while it plays: segments take their time to come.
            command.args(["-threads", "2", "-thread_queue_size", "64"]);
            if from_ms > 0 {
                command.arg("-ss").arg(format!("{from_ms}ms"));
            }
            command.arg("-i").arg(door.url());
        }
        command
    }

    fn fenced(&self, program: &Path, door: &Door) -> Command {
        let port = Some(door.port());
        let fence = Fence { memory: MEMORY, nice: NICE, port, ..Fence::default() };
        let mut command = match &self.fence {
            Some(own) => Command::from(fence.command(own.as_os_str(), program.as_os_str())),
            None => Command::new(program),
        };
        command
            .env_clear()
            .current_dir("/")
            .args(["-hide_banner", "-loglevel", "error"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true);
        if let Door::Web { proxy, .. } = door {
            command.env("http_proxy", proxy);
        }
        command
    }
}

impl Door {
    /// What the child may do behind it; goes before each `-i`.
    fn limit(&self, command: &mut Command) {
        command.args(["-probesize", "5000000", "-max_pixels", &PIXELS.to_string()]);
        match self {
            // `crypto` opens nothing itself: it decrypts what one of the others brings.
            Self::Web { .. } => command
                .args(["-analyzeduration", "3000000", "-protocol_whitelist", "http,tcp,crypto"])
                .arg("-format_whitelist")
                .arg(format!("hls,{FORMATS}")),
            // What is looked at is what it lags behind; as `live_flv`, time may go back when
            // another takes over the stream.
            Self::Rtmp { tc_url, .. } => command
                .args(["-analyzeduration", "1000000", "-protocol_whitelist", "rtmp,tcp"])
                .args(["-format_whitelist", "live_flv", "-f", "live_flv"])
                .args(["-rtmp_live", "live", "-rtmp_tcurl", tc_url]),
        };
    }

    /// Where on loopback it is.
    fn port(&self) -> u16 {
        match self {
            Self::Web { port, .. } | Self::Rtmp { port, .. } => *port,
        }
    }

    pub fn url(&self) -> &str {
        match self {
            Self::Web { url, .. } | Self::Rtmp { url, .. } => url,
        }
    }
}
