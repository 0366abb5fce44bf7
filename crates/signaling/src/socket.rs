//! One task per connection: it owns the socket and the inbox and does what the peer says. Every
//! decision is the peer's; here is only I/O.
//!
//! Calls on the hub run in tasks of their own, so that a slow one stops neither pings nor
//! acknowledgements, and so that a socket that closes meanwhile leaves no call half done.

use crate::call::{Answer, Attachment, Call, carry_out};
use crate::hub_api::HubApi;
use crate::peer::{CloseReason, FrameText, Peer};
use crate::proving::Proving;
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{Sink, SinkExt, StreamExt};
use rotunda_domain::Now;
use rotunda_hub::Delivery;
use rotunda_telemetry::named;
use std::collections::HashMap;
use std::future::{pending, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::task::{Id, JoinSet};
use tokio::time::{Instant, sleep_until, timeout};

/// Longest time for the last frames and the close frame to leave.
const CLOSE_WITHIN: Duration = Duration::from_secs(2);
/// Longest time a closed socket is still read, so that the close frame is not overtaken by a reset.
const LINGER: Duration = Duration::from_secs(1);
/// Longest time that calls of a closed socket are awaited.
const WIND_UP_WITHIN: Duration = Duration::from_secs(30);

type Writer = SplitSink<WebSocket, Message>;
type Reader = SplitStream<WebSocket>;

/// The clocks peers are told about.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// Clocks whose monotonic half begins now.
    pub fn new() -> Self {
        Self { origin: Instant::now() }
    }

    /// Now on both.
    pub fn now(&self) -> Now {
        let epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let mono_ms = whole_ms(self.origin.elapsed());
        Now { epoch_ms: i64::try_from(epoch.as_millis()).unwrap_or(i64::MAX), mono_ms }
    }

    /// The moment at `mono_ms`, an hour from now at the latest: waking for nothing is harmless.
    fn at(&self, mono_ms: u64) -> Instant {
        let soon = whole_ms(self.origin.elapsed()).saturating_add(3_600_000);
        self.origin + Duration::from_millis(mono_ms.min(soon))
    }
}

fn whole_ms(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Serves one socket to its end.
pub async fn serve<D: HubApi>(
    socket: WebSocket,
    door: D,
    mut peer: Peer,
    mut proving: Proving,
    clock: Clock,
) {
    let (mut writer, mut reader) = socket.split();
    let mut calls = Calls::new(door.clone());
    let mut line: Option<Attachment> = None;
    let mut confirmed = 0;
    let close_reason = loop {
        deliver_ready(&mut peer, clock.now(), line.as_mut());
        strike_out(&peer, line.as_ref(), &mut confirmed);
        while let Some(call) = peer.poll_call(clock.now()) {
            calls.start(call);
        }
        if let Some(close_reason) = peer.close_reason() {
            break close_reason;
        }
        tokio::select! {
            () = sleep_until(clock.at(peer.poll_timeout())) => peer.handle_tick(clock.now()),
            Some((number, answer, new_line)) = calls.next() => {
                proving.heed(&answer);
                peer.handle_answer(clock.now(), number, answer);
                if new_line.is_some() {
                    deliver_all(&mut peer, clock.now(), line.take());
                    line = new_line;
                }
            }
            frame = reader.next() => take_frame(&mut peer, clock.now(), frame),
            delivery = receive(line.as_mut()), if peer.takes_deliveries() => match delivery {
                Some(delivery) => peer.handle_delivery(clock.now(), delivery),
                None => peer.handle_end(CloseReason::Released),
            },
            written = write_out(&mut writer, &mut peer, clock), if peer.has_unsent() => {
                if written.is_err() {
                    peer.handle_end(CloseReason::Gone);
                }
            }
        }
    };
    drop(proving.stranger.take());
    strike_out(&peer, line.as_ref(), &mut confirmed);
    part(&mut writer, &mut reader, &mut peer, clock, close_reason).await;
    drop((writer, reader));
    wind_up(peer, calls, clock).await;
    if let Some(line) = line {
        door.disconnect(&line.protocol, line.socket);
    }
}

/// Passes on what has come already, before the next request is looked at.
fn deliver_ready(peer: &mut Peer, now: Now, line: Option<&mut Attachment>) {
    let Some(line) = line else { return };
    while peer.takes_deliveries() {
        let Ok(delivery) = line.inbox.try_recv() else { return };
        peer.handle_delivery(now, delivery);
    }
}

/// Says what the client has acknowledged, when that is news.
fn strike_out(peer: &Peer, line: Option<&Attachment>, confirmed: &mut u64) {
    let Some(line) = line.filter(|_| peer.confirmed() > *confirmed) else { return };
    *confirmed = peer.confirmed();
    line.unconfirmed.confirm(*confirmed);
}

/// Passes on what is left of a line that a renewed one replaces; its inbox bounds how much.
fn deliver_all(peer: &mut Peer, now: Now, line: Option<Attachment>) {
    let Some(mut line) = line else { return };
    while let Ok(delivery) = line.inbox.try_recv() {
        peer.handle_delivery(now, delivery);
    }
}

async fn receive(line: Option<&mut Attachment>) -> Option<Delivery> {
    match line {
        Some(line) => line.inbox.recv().await,
        None => pending().await,
    }
}

fn take_frame(peer: &mut Peer, now: Now, frame: Option<Result<Message, axum::Error>>) {
    match frame {
        Some(Ok(Message::Text(text))) => peer.handle_text(now, text.as_str()),
        Some(Ok(Message::Binary(_))) => peer.handle_end(CloseReason::Binary),
        // WebSocket's own pings are answered by the library, and bounded like any frame.
        Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
        Some(Ok(Message::Close(_))) | None => peer.handle_end(CloseReason::Gone),
        Some(Err(error)) => peer.handle_end(reason(error)),
    }
}

/// What went wrong in reading. The library's error type is not part of axum's interface, so the
/// kind is found by what it is made of: an I/O error inside, or these words.
fn reason(error: axum::Error) -> CloseReason {
    let error = error.into_inner();
    if error.to_string().contains("Space limit exceeded") {
        return CloseReason::TooBig;
    }
    match error.source().is_some_and(|source| source.is::<std::io::Error>()) {
        true => CloseReason::Gone,
        false => CloseReason::Protocol,
    }
}

/// Writes until nothing is left to write or to flush. Dropped half way it loses nothing: a frame
/// leaves the peer only when the socket has taken it.
async fn write_out(writer: &mut Writer, peer: &mut Peer, clock: Clock) -> Result<(), axum::Error> {
    poll_fn(|context| poll_write(Pin::new(&mut *writer), peer, clock, context)).await
}

fn poll_write(
    mut writer: Pin<&mut Writer>,
    peer: &mut Peer,
    clock: Clock,
    context: &mut Context<'_>,
) -> Poll<Result<(), axum::Error>> {
    loop {
        std::task::ready!(writer.as_mut().poll_ready(context))?;
        let Some(frame) = peer.poll_frame(clock.now()) else { break };
        writer.as_mut().start_send(message(frame))?;
    }
    std::task::ready!(writer.as_mut().poll_flush(context))?;
    peer.handle_flushed();
    Poll::Ready(Ok(()))
}

fn message(frame: FrameText) -> Message {
    match frame {
        FrameText::Own(text) => Message::Text(text.into()),
        FrameText::Shared(text) => Message::Text((&*text).into()),
    }
}

/// Says goodbye in order: what is queued, then why, then a moment in which the other end reads it.
async fn part(
    writer: &mut Writer,
    reader: &mut Reader,
    peer: &mut Peer,
    clock: Clock,
    close_reason: CloseReason,
) {
    let Some((code, why)) = close_reason.close() else { return };
    tracing::info!(connection = peer.name(), code, why, "socket closed by us");
    let frame = CloseFrame { code, reason: why.into() };
    let last = async {
        write_out(writer, peer, clock).await?;
        writer.send(Message::Close(Some(frame))).await
    };
    if !matches!(timeout(CLOSE_WITHIN, last).await, Ok(Ok(()))) {
        return;
    }
    let rest = async {
        while let Some(Ok(_)) = reader.next().await {}
        // After a message that is too long nothing can be read any more, so only time helps.
        if close_reason == CloseReason::TooBig {
            pending::<()>().await;
        }
    };
    let _ = timeout(LINGER, rest).await;
}

/// Sees the calls of a closed socket to their end, hang-ups that still wait included. What takes
/// longer than that goes on unattended.
async fn wind_up<D: HubApi>(mut peer: Peer, mut calls: Calls<D>, clock: Clock) {
    let rest = async {
        loop {
            while let Some(call) = peer.poll_call(clock.now()) {
                calls.start(call);
            }
            let Some((number, answer, line)) = calls.next().await else { return };
            peer.handle_answer(clock.now(), number, answer);
            if let Some(line) = line {
                calls.door.disconnect(&line.protocol, line.socket);
            }
        }
    };
    if timeout(WIND_UP_WITHIN, rest).await.is_err() {
        tracing::error!("calls of a closed socket did not end");
    }
    calls.tasks.detach_all();
}

/// Calls on the hub, each in its own task.
struct Calls<D> {
    door: D,
    tasks: JoinSet<(Answer, Option<Attachment>)>,
    numbers: HashMap<Id, u64>,
}

impl<D: HubApi> Calls<D> {
    fn new(door: D) -> Self {
        Self { door, tasks: JoinSet::new(), numbers: HashMap::new() }
    }

    fn start(&mut self, call: Call) {
        let (door, number) = (self.door.clone(), call.number);
        let task = self
            .tasks
            .spawn(named("call of a socket", async move { carry_out(&door, call).await }));
        self.numbers.insert(task.id(), number);
    }

    /// The next answer; `None` when no call is under way. A call that panicked is answered too.
    async fn next(&mut self) -> Option<(u64, Answer, Option<Attachment>)> {
        let (id, (answer, line)) = match self.tasks.join_next_with_id().await? {
            Ok(done) => done,
            Err(error) => (error.id(), (Answer::Broken, None)),
        };
        Some((self.numbers.remove(&id)?, answer, line))
    }
}
