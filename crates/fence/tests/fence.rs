//! What a fenced child finds. This program is its own fence, as the server is.

use rotunda_fence::{Fence, HANDED_PATH, Strength, VERB, strength};
use rustix::fs::{MemfdFlags, memfd_create};
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::fd::AsRawFd;
use std::process::{Command, Output, Stdio};

fn main() {
    let mut arguments = std::env::args_os().skip(1).peekable();
    if arguments.peek().is_some_and(|verb| verb == VERB) {
        eprintln!("{}", Fence::enter(arguments.skip(1)));
        std::process::exit(1);
    }
    println!("this kernel: {:?}", strength());
    let tests: [(&str, fn()); 4] = [
        ("a_child_reads_the_system_and_nothing_of_ours", files),
        ("a_child_reads_and_writes_the_files_it_is_given_and_has_no_sockets_without_a_door", given),
        ("a_child_connects_to_its_door_and_nowhere_else", connections),
        ("a_child_gets_no_new_rights_and_no_way_around", rights),
    ];
    println!("running {} tests", tests.len());
    for (name, test) in &tests {
        test();
        println!("test {name} ... ok");
    }
    println!("test result: ok. {} passed; 0 failed; 0 ignored; 0 measured", tests.len());
}

const MEMORY: u64 = 1 << 30;

fn begun(fence: &Fence, program: &str) -> Command {
    let own = std::env::current_exe().expect("a path");
    let mut command = fence.command(own.as_ref(), program.as_ref());
    command.env_clear();
    command
}

fn fenced(port: u16, program: &str) -> Command {
    begun(&Fence { memory: MEMORY, port: Some(port), ..Fence::default() }, program)
}

fn shell(port: u16, line: &str) -> Output {
    fenced(port, "/bin/bash").args(["-c", line]).output().expect("it begins")
}

/// Whether this kernel keeps rules for files; older ones keep those for calls only.
fn keeps_files() -> bool {
    strength() != Strength::No
}

fn files() {
    let secret = std::env::temp_dir().join(format!("rotunda-secret-{}", uuid::Uuid::new_v4()));
    fs::write(&secret, "key").expect("written");
    let path = secret.display();
    let read =
        shell(1, &format!("cat {path}; cat /etc/passwd; ls /proc /root; echo x > {path}; :"));
    let lib = shell(1, "cat /etc/ld.so.cache | head -c 1 >/dev/null && echo fine");
    assert_eq!(String::from_utf8_lossy(&lib.stdout), "fine\n", "{lib:?}");
    if keeps_files() {
        assert!(read.stdout.is_empty(), "{read:?}");
        assert_eq!(fs::read_to_string(&secret).expect("read"), "key", "nothing was written");
    }
    fs::remove_file(secret).expect("removed");
}

/// A folder with what is ours in it, and what a shell in a fence makes of it.
fn given() {
    let folder = std::env::temp_dir().join(format!("rotunda-given-{}", uuid::Uuid::new_v4()));
    fs::create_dir(&folder).expect("made");
    let file = |name: &str| folder.join(name);
    for (name, text) in [("key", "secret"), ("film", "old film"), ("part", "")] {
        fs::write(file(name), text).expect("written");
    }
    // What has no name is reached through whoever holds it: the fence may do so, the child may not.
    let mut held = fs::File::from(memfd_create("names", MemfdFlags::CLOEXEC).expect("made"));
    held.write_all(b"a key").expect("written");
    let hands = format!("/proc/{}/fd/{}", std::process::id(), held.as_raw_fd());
    let fence = Fence {
        memory: MEMORY,
        reads: Some(file("film")),
        writes: Some((file("part"), 8)),
        hands: Some(hands.clone().into()),
        ..Fence::default()
    };
    let shell = |line: &str| {
        let output = begun(&fence, "/bin/bash").args(["-c", line]).output().expect("it begins");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let of = |name: &str| file(name).display().to_string();
    let (film, part, key) = (of("film"), of("part"), of("key"));
    assert_eq!(shell(&format!("cat {film} > {part}; cat {part} {HANDED_PATH}")), "old filma key");
    // The same where the server was started with further files open, as by a job server or a supervisor.
    let inner = begun(&fence, "/bin/bash");
    let mut outer = Command::new("/bin/sh");
    outer.args(["-c", "exec 3</dev/null 4</dev/null; exec \"$@\"", "sh"]);
    outer.arg(inner.get_program()).args(inner.get_args());
    let output = outer.args(["-c", &format!("cat {HANDED_PATH}")]).output().expect("it begins");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "a key", "{output:?}");
    shell(&format!("printf 123456789 > {part}"));
    assert_eq!(fs::read_to_string(file("part")).expect("read"), "12345678", "it grows no further");
    let door = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = door.local_addr().expect("an address").port();
    assert_eq!(shell(&format!("exec 4<>/dev/tcp/127.0.0.1/{port} && echo in")), "", "no sockets");
    if keeps_files() {
        let tries = format!(
            "cat {key} {hands}; ls {}; echo x > {film}; echo x > {}",
            folder.display(),
            of("new")
        );
        assert_eq!(shell(&tries), "");
        assert_eq!(fs::read_to_string(file("film")).expect("read"), "old film");
        assert!(!file("new").exists());
    }
    fs::remove_dir_all(folder).expect("removed");
}

fn connections() {
    let listen = || TcpListener::bind("127.0.0.1:0").expect("a port");
    let (door, other) = (listen(), listen());
    let port = |listener: &TcpListener| listener.local_addr().expect("an address").port();
    let connects =
        |to: u16| shell(port(&door), &format!("exec 3<>/dev/tcp/127.0.0.1/{to}")).status.success();
    assert!(connects(port(&door)), "its door");
    if strength() == Strength::Whole {
        assert!(!connects(port(&other)), "another");
    }
    let udp = shell(port(&door), "exec 3<>/dev/udp/127.0.0.1/53");
    assert!(!udp.status.success(), "{udp:?}");
}

fn rights() {
    let mut child =
        fenced(1, "/bin/sleep").arg("60").stdin(Stdio::null()).spawn().expect("it begins");
    // Its name changes when it has become the program.
    let path = format!("/proc/{}", child.id());
    while fs::read_to_string(format!("{path}/comm")).expect("it lives").trim() != "sleep" {
        std::thread::yield_now();
    }
    let status = fs::read_to_string(format!("{path}/status")).expect("it lives");
    let limits = fs::read_to_string(format!("{path}/limits")).expect("it lives");
    child.kill().expect("ended");
    child.wait().expect("ended");
    for line in ["NoNewPrivs:\t1", "Seccomp:\t2"] {
        assert!(status.contains(line), "{line}: {status}");
    }
    for (what, most) in [("Max address space", "1073741824"), ("Max file size", "0")] {
        let line = limits.lines().find(|line| line.starts_with(what)).unwrap_or_default();
        assert_eq!(line.split_whitespace().rev().nth(1), Some(most), "{limits}");
    }
    let kills = shell(1, "kill -0 $PPID");
    assert!(!kills.status.success(), "{kills:?}");
}
