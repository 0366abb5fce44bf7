//! The task of a leg: reads its socket, keeps the stack's time, sends when something is due.

use crate::leg_command::Command;
use crate::leg_shared::Shared;
use crate::peer::{News, Peer};
use crate::raw::RawPicture;
use crate::receive::{Receive, Receiver};
use crate::wire::{LONGEST, Wire};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Datagrams read before the stack's timers are looked at again.
const AT_ONCE: usize = 64;
/// Pictures that wait for being late. When full the oldest goes out early.
const LATE: usize = 256;
/// The stack may name a time far away; nothing is that sure.
const LONGEST_SLEEP: Duration = Duration::from_millis(500);

pub(crate) struct Drive {
    peer: Peer,
    wire: Wire,
    inbox: mpsc::Receiver<Command>,
    shared: Arc<Shared>,
    receiver: Receiver,
    late: VecDeque<RawPicture>,
    reads: bool,
    is_broken: bool,
    media_to: Option<SocketAddr>,
    buffer: Vec<u8>,
}

impl Drive {
    pub fn new(
        peer: Peer,
        wire: Wire,
        inbox: mpsc::Receiver<Command>,
        shared: Arc<Shared>,
        receive: Receive,
    ) -> Self {
        Self {
            peer,
            wire,
            inbox,
            shared,
            receiver: Receiver::new(receive),
            late: VecDeque::new(),
            reads: true,
            is_broken: false,
            media_to: None,
            buffer: vec![0; LONGEST],
        }
    }

    pub async fn run(mut self) {
        let sleep = tokio::time::sleep(Duration::ZERO);
        tokio::pin!(sleep);
        loop {
            self.send_out();
            self.hear_news();
            let due =
                self.late.front().map_or(self.peer.deadline, |p| p.due.min(self.peer.deadline));
            let due = due.min(Instant::now() + LONGEST_SLEEP);
            sleep.as_mut().reset(due.into());
            let reads = self.reads && !self.is_broken;
            tokio::select! {
                readable = self.wire.readable(), if reads => {
                    if readable.is_ok() {
                        self.read();
                    }
                }
                () = &mut sleep => {}
                command = self.inbox.recv() => match command {
                    Some(Command::HangUp) | None => break,
                    Some(command) => self.obey(command),
                },
            }
            let now = Instant::now();
            self.send_late(now);
            self.peer.tick(now);
        }
        self.peer.disconnect();
        self.peer.tick(Instant::now());
        self.send_out();
        self.shared.facts().closed_at = Some(Instant::now());
        self.shared.beat.strike();
    }

    fn read(&mut self) {
        for _ in 0..AT_ONCE {
            match self.wire.receive(&mut self.buffer) {
                Ok((len, from)) => {
                    self.peer.receive(Instant::now(), from, &self.buffer[..len]);
                }
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(error) => {
                    // UDP tells of a closed port this way and goes on; TCP is over.
                    self.is_broken = matches!(self.wire, Wire::Tcp { .. });
                    self.shared.facts().broken = self.is_broken.then(|| error.to_string());
                    return;
                }
            }
        }
    }

    fn send_out(&mut self) {
        self.wire.flush();
        while let Some((to, bytes)) = self.peer.out.pop_front() {
            self.media_to = Some(to);
            self.wire.send(to, &bytes);
        }
    }

    fn send_late(&mut self, now: Instant) {
        while self.late.len() > LATE || self.late.front().is_some_and(|p| p.due <= now) {
            if let Some(picture) = self.late.pop_front() {
                self.send_picture(&picture);
            }
        }
    }

    fn send_picture(&mut self, picture: &RawPicture) {
        let sent = self.peer.send_picture(picture);
        let mut facts = self.shared.facts();
        if sent { facts.picture_sent() } else { facts.unsent += 1 }
    }

    fn obey(&mut self, command: Command) {
        // Whoever asked for an answer may have given up waiting for it.
        match command {
            Command::Answer(sdp, tell) => drop(tell.send(self.peer.answer(&sdp))),
            Command::Restart(tell) => drop(tell.send(self.peer.restart_offer())),
            Command::Picture(picture) => self.late.push_back(picture),
            Command::Sound(sound) => {
                let sent = self.peer.send_sound(&sound);
                let mut facts = self.shared.facts();
                if sent { facts.sounds_sent += 1 } else { facts.unsent += 1 }
            }
            Command::Datagram(bytes) => {
                if let Some(to) = self.media_to {
                    self.wire.send(to, &bytes);
                }
            }
            Command::AskKeyframe => drop(self.peer.ask_keyframe()),
            Command::Reading(reads) => self.reads = reads,
            Command::HangUp => {}
        }
    }

    fn hear_news(&mut self) {
        let mut is_news = false;
        while let Some(news) = self.peer.news.pop_front() {
            is_news = true;
            match news {
                News::Media(media) if self.peer.is_sound(media.mid) => {
                    self.receiver.sound(&self.shared, &media);
                }
                News::Media(media) => self.receiver.picture(&self.shared, &media),
                News::Report(report) => {
                    let is_sound = self.peer.is_sound(report.mid);
                    self.receiver.report(is_sound, &report.sender_info);
                }
                News::Connected => self.shared.facts().connected_at = Some(Instant::now()),
                News::Closed => self.shared.facts().closed_at = Some(Instant::now()),
                News::KeyframeAsked => self.shared.facts().keyframe_asks += 1,
                News::Remb(bps) => self.shared.facts().asked_bps(bps),
            }
        }
        if is_news {
            self.shared.beat.strike();
        }
    }
}
