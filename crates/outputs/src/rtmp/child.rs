//! The `ffmpeg` child that speaks RTMP for a stream: it copies what we give it and encodes nothing.
//!
//! It is given a door on loopback instead of the server's address, and the key in a file without a
//! name instead of on its command line, where anybody on the machine could read it.

use crate::ffmpeg::{Ffmpeg, MEMORY};
use rotunda_domain::StreamTarget;
use rotunda_fence::{Fence, HANDED_PATH};
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs::File;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::os::fd::AsRawFd;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, ChildStdout};
use tokio::time::timeout;

/// How long it may take to say goodbye to the server.
const GOODBYE: Duration = Duration::from_secs(2);

/// What a server is told about a stream, taken from its address.
#[derive(Debug, PartialEq, Eq)]
struct Names {
    /// `live` of `rtmp://host/live/key`; all between the host and the last part.
    application: String,
    /// Host and application, as the server is to believe it was called.
    called: String,
    /// The last part, with what follows a question mark.
    key: String,
}

/// A child that was started, before it has said anything.
pub(crate) struct Publisher {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: ChildStdout,
    /// Read by the child when it starts; gone with us.
    _names: File,
}

impl Publisher {
    /// Starts a child that sends what it is given to the server behind `door`, an address of
    /// loopback.
    pub fn start(ffmpeg: &Ffmpeg, target: &StreamTarget, door: SocketAddr) -> io::Result<Self> {
        let names = Names::of(target);
        let file = names.file()?;
        let path = format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd());
        // A fenced child may not look into our files, so it is handed this one.
        let names = if ffmpeg.is_fenced() { HANDED_PATH } else { &path };
        let fence = Fence {
            memory: MEMORY,
            port: Some(door.port()),
            hands: Some(path.clone().into()),
            ..Fence::default()
        };
        let mut child = ffmpeg.start(&fence, &args(names, &format!("rtmp://{door}/")))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("it has no pipes"));
        };
        Ok(Self { child, stdin: Some(stdin), stdout, _names: file })
    }

    /// Whether the address names an application and a key.
    pub fn has_names(target: &StreamTarget) -> bool {
        let names = Names::of(target);
        !names.application.is_empty() && !names.key.is_empty()
    }

    /// Its input, and what it reports of its progress.
    pub fn pipes(&mut self) -> (Option<&mut ChildStdin>, &mut ChildStdout) {
        (self.stdin.as_mut(), &mut self.stdout)
    }

    /// Ends it by ending its input, so that the server hears of it.
    pub async fn goodbye(mut self) {
        if let Some(mut stdin) = self.stdin.take() {
            let _ = timeout(GOODBYE, stdin.shutdown()).await;
        }
        let _ = timeout(GOODBYE, self.child.wait()).await;
    }

    /// Ends it at once. What it complained of is not asked: it speaks of its own memory, of our door
    /// and of the key.
    pub async fn end(mut self) {
        let _ = self.child.start_kill();
        let _ = timeout(GOODBYE, self.child.wait()).await;
    }
}

fn args<'a>(names: &'a str, door: &'a str) -> Vec<&'a str> {
    let report = ["-nostats", "-progress", "pipe:1", "-stats_period", "0.5"];
    // What comes is known; without these it gathers seconds before it begins.
    let input = ["-probesize", "32", "-analyzeduration", "0", "-f", "flv", "-i", "pipe:0"];
    // Our clock is kept: it goes on over reconnections. Where sound fails, pictures do not wait.
    let copy = ["-map", "0", "-c", "copy", "-copyts", "-max_interleave_delta", "1000000"];
    let output = ["-flush_packets", "1", "-flvflags", "no_duration_filesize", "-fpre", names];
    [&report[..], &input, &copy, &output, &["-f", "flv", door]].concat()
}

impl Names {
    fn of(target: &StreamTarget) -> Self {
        let (_, rest) = target.as_str().split_once("://").unwrap_or_default();
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (path, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
        let (application, key) = path.rsplit_once('/').unwrap_or((path, ""));
        Self {
            application: application.to_owned(),
            called: format!("rtmp://{host}/{application}"),
            key: format!("{key}{query}"),
        }
    }

    /// Options of the child's output, one a line.
    fn file(&self) -> io::Result<File> {
        let file = memfd_create("names", MemfdFlags::CLOEXEC)?;
        let mut file = File::from(file);
        let Self { application, called, key } = self;
        write!(file, "rtmp_app={application}\nrtmp_tcurl={called}\nrtmp_playpath={key}\n")?;
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_part_is_the_key_and_the_rest_the_application() {
        for (url, application, called, key) in [
            ("rtmp://a.test/live/key", "live", "rtmp://a.test/live", "key"),
            (
                "rtmps://a.test:443/app/inst/key?a=b/c",
                "app/inst",
                "rtmp://a.test:443/app/inst",
                "key?a=b/c",
            ),
            ("rtmp://a.test/live", "live", "rtmp://a.test/live", ""),
            ("rtmp://a.test/live/", "live", "rtmp://a.test/live", ""),
            ("rtmp://a.test", "", "rtmp://a.test/", ""),
        ] {
            let names = Names::of(&StreamTarget::parse(url).unwrap());
            let expected =
                Names { application: application.into(), called: called.into(), key: key.into() };
            assert_eq!(names, expected, "{url}");
        }
    }
}
