//! A connection's stream as every door gets it: it can be cut, it reads nothing while a write waits,
//! and it ends when its peer takes nothing, or nothing moves at all, for too long.
//!
//! A peer that sends and does not read makes whoever answers it gather answers without end: pongs,
//! responses to requests in a row. Here that stops at the source, whatever protocol is spoken: what is
//! not read is not answered, and waits in the peer's own kernel.

use crate::{Cut, Place};
use std::io::{Error, ErrorKind, IoSlice, Result};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How patient a stream is.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Longest time in which a peer takes nothing of what waits for it.
    pub unread: Duration,
    /// Longest time in which nothing is read and nothing written.
    pub idle: Duration,
}

/// The stream; its place is given up when it is dropped.
#[derive(Debug)]
pub struct Guarded<S> {
    // Dropped first: a place is free when its descriptor is.
    stream: S,
    place: Option<Place>,
    cut: Cut,
    patience: Patience,
    /// When something was read or written last.
    moved: Instant,
    /// Since when a write waits.
    waits: Option<Instant>,
    /// Something was written since the last read.
    may_read: bool,
    reader: Option<Waker>,
    timer: Pin<Box<Sleep>>,
}

impl<S> Guarded<S> {
    /// A stream that `cut` cuts and that keeps `place`.
    pub fn new(stream: S, cut: Cut, place: Option<Place>, patience: Patience) -> Self {
        let timer = Box::pin(sleep(patience.unread.min(patience.idle)));
        let moved = Instant::now();
        let (waits, may_read, reader) = (None, true, None);
        Self { stream, place, cut, patience, moved, waits, may_read, reader, timer }
    }

    /// What cuts it.
    pub fn cut(&self) -> &Cut {
        &self.cut
    }

    /// The place it keeps.
    pub fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    fn has_moved(&mut self) {
        self.moved = Instant::now();
        self.may_read = true;
        if self.waits.take().is_some()
            && let Some(reader) = self.reader.take()
        {
            reader.wake();
        }
    }

    /// Fails when it was waited long enough; otherwise whoever asks is woken when it is time to ask
    /// again.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Result<()> {
        while self.timer.as_mut().poll(cx).is_ready() {
            let idle = self.moved + self.patience.idle;
            let unread = self.waits.map(|since| since + self.patience.unread);
            let end = unread.map_or(idle, |unread| unread.min(idle));
            let now = Instant::now();
            if end <= now {
                return Err(Error::new(ErrorKind::TimedOut, "the peer was waited for long enough"));
            }
            // A write may begin to wait at any moment.
            self.timer.as_mut().reset(end.min(now + self.patience.unread));
        }
        Ok(())
    }

    fn written(&mut self, done: &Poll<Result<usize>>) {
        match done {
            Poll::Ready(Ok(_)) => self.has_moved(),
            Poll::Ready(Err(_)) => {}
            Poll::Pending if self.waits.is_none() => self.waits = Some(Instant::now()),
            Poll::Pending => {}
        }
    }

    fn writing<T>(&mut self, done: Poll<Result<T>>, cx: &mut Context<'_>) -> Poll<Result<T>> {
        if done.is_pending() {
            self.poll_patience(cx)?;
        }
        self.cut.writing(done, cx)
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guarded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let done = match this.waits.is_some() && !this.may_read {
            true => {
                this.reader = Some(cx.waker().clone());
                Poll::Pending
            }
            false => Pin::new(&mut this.stream).poll_read(cx, buf),
        };
        if done.is_ready() && buf.filled().len() > before {
            this.moved = Instant::now();
            // One read for each write, while writes wait: a slow peer is still heard.
            this.may_read = this.waits.is_none();
        }
        if done.is_pending() {
            this.poll_patience(cx)?;
        }
        this.cut.reading(done, cx)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guarded<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.written(&done);
        self.writing(done, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.writing(done, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.writing(done, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.written(&done);
        self.writing(done, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex, split};

    const PATIENCE: Patience =
        Patience { unread: Duration::from_millis(20), idle: Duration::from_millis(60) };

    fn pair() -> (Guarded<DuplexStream>, DuplexStream) {
        let (near, far) = duplex(8);
        (Guarded::new(near, Cut::default(), None, PATIENCE), far)
    }

    #[tokio::test]
    async fn whoever_waits_for_a_cut_connection_waits_no_more() {
        let (near, _far) = pair();
        let cut = near.cut().clone();
        let (mut read, mut write) = split(near);
        let reading = tokio::spawn(async move { read.read_u8().await });
        let writing = tokio::spawn(async move { write.write_all(&[0; 64]).await });
        // Both have begun to wait when this task goes on: the test's runtime has one thread.
        tokio::task::yield_now().await;
        cut.cut();
        assert_eq!(reading.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionAborted);
        assert_eq!(writing.await.unwrap().unwrap_err().kind(), ErrorKind::ConnectionAborted);
    }

    #[tokio::test]
    async fn a_connection_nobody_cuts_carries_everything() {
        let (mut near, mut far) = pair();
        let sent = tokio::spawn(async move { near.write_all(&[7; 64]).await });
        let mut read = [0; 64];
        far.read_exact(&mut read).await.unwrap();
        sent.await.unwrap().unwrap();
        assert_eq!(read, [7; 64]);
    }

    #[tokio::test]
    async fn nothing_is_read_while_a_write_waits_but_a_slow_peer_is_heard() {
        let (near, mut far) = pair();
        let (mut read, mut write) = split(near);
        tokio::spawn(async move { write.write_all(&[0; 64]).await });
        tokio::task::yield_now().await;
        far.write_all(b"ab").await.unwrap();
        // What was written before it began to wait allows one read.
        assert_eq!(read.read_u8().await.unwrap(), b'a');
        assert!(read.read_u8().now_or_never().is_none(), "read while a write waited");
        far.read_exact(&mut [0; 8]).await.unwrap();
        assert_eq!(read.read_u8().await.unwrap(), b'b');
    }

    #[tokio::test]
    async fn a_peer_that_takes_nothing_is_given_up() {
        let (mut near, _far) = pair();
        let began = Instant::now();
        let error = near.write_all(&[0; 64]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!(began.elapsed() >= PATIENCE.unread);
    }

    #[tokio::test]
    async fn a_connection_on_which_nothing_moves_ends() {
        let (mut near, mut far) = pair();
        let began = Instant::now();
        far.write_all(b"a").await.unwrap();
        assert_eq!(near.read_u8().await.unwrap(), b'a');
        assert_eq!(near.read_u8().await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(began.elapsed() >= PATIENCE.idle);
    }
}
