//! A connection that can be cut from elsewhere.
//!
//! socket.io's writer waits without a limit for a client that does not read. Whoever gives up such a
//! client has no hold of the connection but this.

use futures_util::task::AtomicWaker;
use std::io::{Error, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Cuts a connection; a request brings it as an extension. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Cut(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_cut: AtomicBool,
    reader: AtomicWaker,
    writer: AtomicWaker,
}

impl Cut {
    /// A stream that this can cut.
    pub fn around<S>(&self, stream: S) -> Cuttable<S> {
        Cuttable { stream, cut: self.clone() }
    }

    /// From now on reading and writing fail, also for who waits already.
    pub fn cut(&self) {
        self.0.is_cut.store(true, Ordering::SeqCst);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    /// What `done` came to; who has to wait is woken by a cut.
    fn unless_cut<T>(
        &self,
        done: Poll<Result<T, Error>>,
        waker: &AtomicWaker,
        cx: &Context<'_>,
    ) -> Poll<Result<T, Error>> {
        if done.is_pending() {
            waker.register(cx.waker());
        }
        match self.0.is_cut.load(Ordering::SeqCst) {
            true => Poll::Ready(Err(Error::new(ErrorKind::ConnectionAborted, "cut"))),
            false => done,
        }
    }
}

/// A stream that can be cut.
#[derive(Debug)]
pub struct Cuttable<S> {
    stream: S,
    cut: Cut,
}

impl<S> Cuttable<S> {
    /// What cuts it.
    pub fn cut(&self) -> &Cut {
        &self.cut
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Cuttable<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<Result<(), Error>> {
        let done = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.cut.unless_cut(done, &self.cut.0.reader, cx)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Cuttable<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<Result<usize, Error>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.cut.unless_cut(done, &self.cut.0.writer, cx)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.cut.unless_cut(done, &self.cut.0.writer, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.cut.unless_cut(done, &self.cut.0.writer, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<Result<usize, Error>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.cut.unless_cut(done, &self.cut.0.writer, cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    #[tokio::test]
    async fn whoever_waits_for_a_cut_connection_waits_no_more() {
        let (near, _far) = duplex(8);
        let cut = Cut::default();
        let (mut read, mut write) = tokio::io::split(cut.around(near));
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
        let (near, mut far) = duplex(8);
        let mut near = Cut::default().around(near);
        let sent = tokio::spawn(async move { near.write_all(&[7; 64]).await });
        let mut read = [0; 64];
        far.read_exact(&mut read).await.unwrap();
        sent.await.unwrap().unwrap();
        assert_eq!(read, [7; 64]);
    }
}
