//! What the handles share with the network threads: the ways to them, and what both look at.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_channel::{Sender, TrySendError};
use mio::Waker;

use crate::command::{Control, HandedOver, Media, Sound, Stray};
use crate::counters::{Counters, Tally, one};
use crate::directory::Directory;
use crate::negotiate::Host;
use crate::route::Routes;
use crate::threads::Thread;
use crate::udp::Health;

/// What the handles and the threads share.
pub(crate) struct Shared {
    pub host: Host,
    pub directory: Arc<Directory>,
    pub routes: Arc<Routes>,
    /// One for each thread; never empty.
    pub posts: Vec<Post>,
    /// Who gets the next connection that another listener took.
    pub turn: AtomicUsize,
    pub udp_addr: SocketAddr,
    pub tcp_addr: Option<SocketAddr>,
    pub max_legs: usize,
}

impl Shared {
    /// The way to a thread, and whatever number comes, to one of them.
    pub fn post(&self, thread: Thread) -> &Post {
        &self.posts[thread % self.posts.len()]
    }

    /// Tells a thread; one that has ended has nothing left to do it for.
    pub fn tell(&self, thread: Thread, command: Control) {
        let _ = self.post(thread).control(command);
    }

    /// Whether the threads have not been ended.
    pub fn is_running(&self) -> bool {
        self.posts.iter().all(|post| post.is_running.load(Ordering::Relaxed))
    }

    /// Whether every thread's socket works.
    pub fn is_usable(&self) -> bool {
        self.posts.iter().all(|post| post.health.is_usable())
    }

    /// What all threads have counted.
    pub fn counters(&self) -> Counters {
        let mut sum = Counters::default();
        self.posts.iter().for_each(|post| sum.add(&post.tally.read()));
        sum.legs = self.directory.len() as u64;
        sum
    }
}

/// The way to one thread.
pub(crate) struct Post {
    /// The waker has been called and the thread has not yet looked.
    pub awake: AtomicBool,
    pub control: Sender<Control>,
    pub sound: Sender<Sound>,
    pub media: Sender<Media>,
    pub handed_over: Sender<HandedOver>,
    pub strays: Sender<Stray>,
    pub waker: Waker,
    /// Of its own: what all count in one place goes to and fro between processors.
    pub tally: Arc<Tally>,
    pub health: Arc<Health>,
    /// The thread has not ended.
    pub is_running: AtomicBool,
}

impl Post {
    /// False: the thread is gone, and there is nobody to do it.
    pub fn control(&self, command: Control) -> bool {
        let taken = self.control.send(command).is_ok();
        self.wake();
        taken
    }

    /// Puts it into the thread's queue, and does not wake it. False: as many wait already, or the thread is
    /// gone.
    pub fn media(&self, command: Media) -> bool {
        self.try_send(&self.media, command)
    }

    /// The same of sound.
    pub fn sound(&self, sound: Sound) -> bool {
        self.try_send(&self.sound, sound)
    }

    fn try_send<T>(&self, to: &Sender<T>, command: T) -> bool {
        let taken = to.try_send(command).is_ok();
        if !taken {
            one(&self.tally.commands_dropped);
        }
        taken
    }

    /// Gives the connection back if as many wait already, or the thread is gone.
    pub fn hand_over(&self, connection: HandedOver) -> Result<(), HandedOver> {
        let left = self.handed_over.try_send(connection);
        self.wake();
        left.map_err(TrySendError::into_inner)
    }

    /// A datagram of one of its legs; lost if too many wait.
    pub fn stray(&self, stray: Stray) {
        let is_lost = self.strays.try_send(stray).is_err();
        one(if is_lost { &self.tally.dropped_strays } else { &self.tally.strays });
        self.wake();
    }

    /// One system call per turn of the thread, however many commands.
    pub fn wake(&self) {
        if !self.awake.swap(true, Ordering::SeqCst)
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "a network thread cannot be woken");
        }
    }
}
