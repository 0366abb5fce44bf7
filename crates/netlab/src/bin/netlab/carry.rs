//! The loop that carries packets: one thread, one `poll`.

use crate::control::{IpPacket, Links};
use crate::tun::Tun;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io;
use std::os::unix::net::UnixDatagram;
use std::time::{Duration, Instant};

/// Packets read from one device before the other has its turn.
const TURN: usize = 64;
/// The longest packet that a device gives; its MTU is less.
const LONGEST: usize = 2048;
/// The longest command.
const COMMAND: usize = 512;
/// The longest sleep.
const IDLE: Duration = Duration::from_secs(1);

/// Carries packets between near and far for ever.
pub fn carry(tuns: &[Tun; 2], control: &UnixDatagram, seed: u64) -> io::Result<()> {
    let [near, far] = tuns;
    let mut links = Links::new(seed);
    loop {
        let now = Instant::now();
        while let Some(packet) = links.down.receive(now) {
            far.write(&packet.0);
        }
        while let Some(packet) = links.up.receive(now) {
            near.write(&packet.0);
        }
        let [is_near, is_far, is_control] = wait(tuns, control, &links)?;
        if is_near {
            take(near, |packet| links.down.send(packet, Instant::now()));
        }
        if is_far {
            take(far, |packet| links.up.send(packet, Instant::now()));
        }
        if is_control {
            obey(control, &mut links);
        }
    }
}

/// Sleeps until one of them has something to be read, or something arrives.
fn wait(tuns: &[Tun; 2], control: &UnixDatagram, links: &Links) -> io::Result<[bool; 3]> {
    let due = links.down.deadline().into_iter().chain(links.up.deadline()).min();
    let nap = due.map_or(IDLE, |due| due.saturating_duration_since(Instant::now()).min(IDLE));
    let nap = Timespec::try_from(nap).map_err(io::Error::other)?;
    let mut polled = [
        PollFd::new(&tuns[0], PollFlags::IN),
        PollFd::new(&tuns[1], PollFlags::IN),
        PollFd::new(control, PollFlags::IN),
    ];
    match poll(&mut polled, Some(&nap)) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {
            Ok(polled.map(|one| one.revents().contains(PollFlags::IN)))
        }
        Err(error) => Err(error.into()),
    }
}

fn take(tun: &Tun, mut send: impl FnMut(IpPacket)) {
    let mut buffer = [0; LONGEST];
    for _ in 0..TURN {
        let Some(length) = tun.read(&mut buffer) else { break };
        send(IpPacket(buffer[..length].to_vec()));
    }
}

fn obey(control: &UnixDatagram, links: &mut Links) {
    let mut buffer = [0; COMMAND];
    let Ok((length, sender)) = control.recv_from(&mut buffer) else { return };
    let answer = links.command(&String::from_utf8_lossy(&buffer[..length]), Instant::now());
    if let Some(path) = sender.as_pathname() {
        // Who asks and does not wait for the answer gets none.
        let _ = control.send_to(answer.as_bytes(), path);
    }
}
