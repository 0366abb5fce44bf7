//! A WebRTC client of another make, in a process of its own: the Python programs of `tests/peers`.
//! They say on standard output, a word a line, what they perceive, and end with their standard input.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Such a program; ended when it is dropped.
pub struct Peer {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

/// GStreamer's bindings are Debian's, everything else is PyPI's.
fn python(program: &str) -> PathBuf {
    if program.starts_with("gst") { "/usr/bin/python3".into() } else { crate::bucket::python() }
}

impl Peer {
    /// Starts a program of `tests/peers`.
    ///
    /// # Panics
    /// It cannot be started.
    pub fn start(program: &str, arguments: &[String]) -> Self {
        // Of the checkout that runs, which need not be the one that built this.
        let own = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs it"));
        let folder = own.join("../../tests/peers");
        let mut child = Command::new(python(program))
            .arg(folder.join(program))
            .args(arguments)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let (put, lines) = channel();
        let output = child.stdout.take().expect("it is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if put.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines, said: Vec::new() }
    }

    /// What it has said so far.
    pub fn said(&mut self) -> &[String] {
        self.said.extend(self.lines.try_iter());
        &self.said
    }

    /// Waits until it has said all of these.
    ///
    /// # Panics
    /// It does not in time, or ends before.
    pub fn until(&mut self, words: &[&str], within: Duration) {
        let end = Instant::now() + within;
        while !words.iter().all(|word| self.said.iter().any(|said| said == word)) {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Timeout) => panic!("{words:?}, but it said {:?}", self.said),
                Err(RecvTimeoutError::Disconnected) => panic!("it ended, and said {:?}", self.said),
            }
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
