//! What a client was told, in order, and a beat that wakes whoever waits for a fact.

use crate::error::ClientError;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Events kept. When full the oldest goes: a test that looks back further waits too late.
const KEPT: usize = 4096;

/// Wakes whoever waits, whenever any fact of a client changed.
#[derive(Clone, Debug)]
pub struct Beat(Arc<watch::Sender<u64>>);

impl Default for Beat {
    fn default() -> Self {
        Self(Arc::new(watch::channel(0).0))
    }
}

impl Beat {
    /// A fact changed.
    pub fn strike(&self) {
        self.0.send_modify(|n| *n = n.wrapping_add(1));
    }

    /// To wait with.
    pub fn listen(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}

/// One event of the server.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its place among all events of this client, from 0.
    pub number: u64,
    /// When it was read.
    pub at: Instant,
    /// `event_type`.
    pub kind: String,
    /// `params` of the event.
    pub params: Value,
}

impl Event {
    /// The value at a JSON pointer.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.params.pointer(pointer)
    }

    /// The text at a JSON pointer; empty if there is none.
    pub fn text(&self, pointer: &str) -> &str {
        self.get(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

#[derive(Debug)]
struct Pages {
    kept: usize,
    events: VecDeque<Event>,
    next: u64,
    pings: u64,
    is_closed: bool,
    close_code: Option<u16>,
}

impl Default for Pages {
    fn default() -> Self {
        Self {
            kept: KEPT,
            events: VecDeque::new(),
            next: 0,
            pings: 0,
            is_closed: false,
            close_code: None,
        }
    }
}

/// The events of one client, across all its sockets.
#[derive(Clone, Debug, Default)]
pub struct Journal {
    pages: Arc<Mutex<Pages>>,
    beat: Beat,
}

impl Journal {
    /// One that strikes `beat`.
    pub fn new(beat: Beat) -> Self {
        Self { pages: Arc::default(), beat }
    }

    /// One that strikes `beat` and remembers only the newest events.
    pub fn keeping(beat: Beat, newest: usize) -> Self {
        let pages = Pages { kept: newest.max(1), ..Pages::default() };
        Self { pages: Arc::new(Mutex::new(pages)), beat }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The beat it strikes.
    pub fn beat(&self) -> &Beat {
        &self.beat
    }

    /// The number the next event will have; to look only at what comes later.
    pub fn mark(&self) -> u64 {
        self.pages().next
    }

    /// The first kept event from number `from` on that `is` the one.
    pub fn find(&self, from: u64, is: impl Fn(&Event) -> bool) -> Option<Event> {
        self.pages().events.iter().find(|e| e.number >= from && is(e)).cloned()
    }

    /// The last kept event that `is` the one.
    pub fn last(&self, is: impl Fn(&Event) -> bool) -> Option<Event> {
        self.pages().events.iter().rev().find(|e| is(e)).cloned()
    }

    /// All kept events from number `from` on.
    pub fn since(&self, from: u64) -> Vec<Event> {
        self.pages().events.iter().filter(|e| e.number >= from).cloned().collect()
    }

    /// Pings of the server so far.
    pub fn pings(&self) -> u64 {
        self.pages().pings
    }

    /// Whether the current socket is closed, and with which code.
    pub fn closed(&self) -> Option<Option<u16>> {
        let pages = self.pages();
        pages.is_closed.then_some(pages.close_code)
    }

    pub(crate) fn write(&self, kind: &str, params: Value) {
        let mut pages = self.pages();
        let number = pages.next;
        pages.next += 1;
        if pages.events.len() >= pages.kept {
            pages.events.pop_front();
        }
        pages.events.push_back(Event { number, at: Instant::now(), kind: kind.to_owned(), params });
        drop(pages);
        self.beat.strike();
    }

    pub(crate) fn pinged(&self) {
        self.pages().pings += 1;
    }

    pub(crate) fn opened(&self) {
        let mut pages = self.pages();
        pages.is_closed = false;
        pages.close_code = None;
    }

    pub(crate) fn close(&self, code: Option<u16>) {
        let mut pages = self.pages();
        pages.is_closed = true;
        pages.close_code = code;
        drop(pages);
        self.beat.strike();
    }
}

/// Waits until `look` finds something, woken by every new fact.
pub(crate) async fn wait<T>(
    beat: &Beat,
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> Option<T>,
) -> Result<T, ClientError> {
    let mut heard = beat.listen();
    let end = tokio::time::Instant::now() + within;
    loop {
        heard.mark_unchanged();
        if let Some(found) = look() {
            return Ok(found);
        }
        if tokio::time::timeout_at(end, heard.changed()).await.is_err() {
            return Err(ClientError::Late { what: what.to_owned(), within });
        }
    }
}
