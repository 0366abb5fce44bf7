//! The built program as an operator types it, on a data folder of its own.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let name = format!("rotunda-command-{}", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn data(&self) -> PathBuf {
        self.0.join("data")
    }

    /// A file that says where the data is, and takes any port.
    fn config(&self) -> PathBuf {
        let file = self.0.join("rotunda.toml");
        let text = format!(
            "[server]\ndata_dir = \"{}\"\nlisten = \"127.0.0.1:0\"\n\
             [media]\nudp_port = 0\ntcp_port = 0\n[metrics]\nlisten = \"127.0.0.1:0\"\n",
            self.data().display()
        );
        std::fs::write(&file, text).unwrap();
        file
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rotunda"));
    command.env_remove("ROTUNDA_SERVER__DATA_DIR");
    command
}

fn run(words: &[&str], config: &Path, input: &str) -> Output {
    let mut command = program();
    command.args(words).arg("--config").arg(config);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    // Who needs no input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(words: &[&str], config: &Path, input: &str) -> String {
    let output = run(words, config, input);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn refused(words: &[&str], config: &Path) -> String {
    let output = run(words, config, "");
    assert!(!output.status.success(), "{words:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// A server that runs until the test ends.
struct Server(Child);

impl Server {
    fn start(config: &Path) -> Self {
        let ready = config.with_extension("ready");
        let mut command = program();
        command.args(["serve", "--config"]).arg(config).env("ROTUNDA_READY_FILE", &ready);
        let server = Self(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        let deadline = Instant::now() + Duration::from_secs(30);
        while !ready.exists() {
            assert!(Instant::now() < deadline, "the server starts");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_second_server_on_a_data_folder_is_refused_and_commands_go_on() {
    let folder = Folder::new();
    let config = folder.config();
    let server = Server::start(&config);
    for verb in ["serve", "dev"] {
        let words = refused(&[verb], &config);
        assert!(
            words.contains(&format!("another rotunda (pid {}) uses", server.0.id())),
            "{words}"
        );
    }
    assert!(said(&["project", "list"], &config, "").contains("default"));

    let ann = ["user", "add", "--login", "ann", "--name", "Ann", "--room", "lobby=manage"];
    said(&ann, &config, "correct horse\n");
    let users = said(&["user", "list"], &config, "");
    assert!(users.contains("  ann  Ann  lobby=manage\n"), "{users}");
    said(&["user", "remove", "--login", "ann"], &config, "");
    assert_eq!(said(&["user", "list"], &config, ""), "");
    let words = refused(&["user", "remove", "--login", "ann"], &config);
    assert!(words.contains("there is no user with this login"), "{words}");

    said(
        &["agent", "add", "--site", "7", "--email", "ann@example.org"],
        &config,
        "correct horse\n",
    );
    let agents = said(&["agent", "list"], &config, "");
    assert!(agents.contains("  site 7  ann@example.org\n"), "{agents}");
}

#[test]
fn a_command_makes_nothing_and_names_the_folder_where_nothing_is() {
    let folder = Folder::new();
    let config = folder.config();
    let data = folder.data().display().to_string();
    for words in [
        vec!["project", "list"],
        vec!["project", "create"],
        vec!["user", "list"],
        vec!["agent", "list"],
        vec!["push", "list"],
        vec!["livechat", "unlink"],
    ] {
        let said = refused(&words, &config);
        assert!(said.contains(&data), "{words:?}: {said}");
    }
    assert!(!folder.data().exists());
}

#[test]
fn what_cannot_be_started_says_why_down_to_the_cause() {
    let folder = Folder::new();
    let config = folder.config();
    std::fs::write(folder.data(), "a file where a folder should be").unwrap();
    let words = refused(&["serve"], &config);
    assert!(words.contains("data folder") && words.contains("exists"), "{words}");
    std::fs::remove_file(folder.data()).unwrap();
    std::fs::create_dir(folder.data()).unwrap();
    std::fs::write(folder.data().join("rotunda.db"), "no database at all ".repeat(99)).unwrap();
    let words = refused(&["serve"], &config);
    assert!(words.contains("rotunda.db cannot be used: the file is no SQLite"), "{words}");
}

#[test]
fn a_scope_nobody_knows_is_refused_and_the_known_ones_are_named() {
    let folder = Folder::new();
    let create = ["api-token", "create", "--project", "x", "--scope", "video,vidio"];
    let words = refused(&create, &folder.config());
    assert!(words.contains("vidio") && words.contains("messaging"), "{words}");
}

/// Runs a command whose standard streams lead to where nobody reads, as behind `| head -0`.
fn unread(words: &[&str], config: &Path) -> std::process::ExitStatus {
    let closed = || {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        writer
    };
    let mut command = program();
    command.args(words).arg("--config").arg(config).stdout(closed()).stderr(closed());
    command.status().unwrap()
}

#[test]
fn a_command_whose_answer_nobody_reads_ends_as_if_it_were_read() {
    let folder = Folder::new();
    let config = folder.config();
    drop(Server::start(&config));
    let id = said(&["project", "create", "--name", "ours"], &config, "");
    let token = ["api-token", "create", "--project", id.trim(), "--scope", "video"];
    for words in [&["config", "print"][..], &["project", "list"], &token, &["push", "list"]] {
        assert!(unread(words, &config).success(), "{words:?}");
    }
    let code = unread(&["user", "remove", "--login", "nobody"], &config).code();
    assert_eq!(code, Some(1), "a fault is one, heard or not");
}

#[test]
fn a_full_disk_behind_the_answer_is_a_fault_with_words() {
    let folder = Folder::new();
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let mut command = program();
    command.args(["config", "print", "--config"]).arg(folder.config()).stdout(full);
    let output = command.stderr(Stdio::piped()).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("standard output") && !words.contains("panicked"), "{words}");
    assert_eq!(output.status.code(), Some(1));
}
