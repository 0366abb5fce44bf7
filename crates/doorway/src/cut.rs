//! A connection that can be cut from elsewhere.
//!
//! socket.io's writer waits without a limit for a client that does not read. Whoever gives up such a
//! client has no hold of the connection but this.

use futures_util::task::AtomicWaker;
use std::future::poll_fn;
use std::io::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

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
    /// From now on reading and writing fail, also for who waits already.
    pub fn cut(&self) {
        self.0.is_cut.store(true, Ordering::SeqCst);
        self.0.reader.wake();
        self.0.writer.wake();
    }

    /// Whether it is cut.
    pub fn is_cut(&self) -> bool {
        self.0.is_cut.load(Ordering::SeqCst)
    }

    /// Waits for the cut, in place of a reader.
    pub async fn happened(&self) {
        poll_fn(|cx| match self.reading(Poll::<Result<(), Error>>::Pending, cx) {
            Poll::Ready(_) => Poll::Ready(()),
            Poll::Pending => Poll::Pending,
        })
        .await;
    }

    /// What a reader's turn came to; who has to wait is woken by a cut.
    pub(crate) fn reading<T>(
        &self,
        done: Poll<Result<T, Error>>,
        cx: &Context<'_>,
    ) -> Poll<Result<T, Error>> {
        self.unless_cut(done, &self.0.reader, cx)
    }

    /// The same of a writer's.
    pub(crate) fn writing<T>(
        &self,
        done: Poll<Result<T, Error>>,
        cx: &Context<'_>,
    ) -> Poll<Result<T, Error>> {
        self.unless_cut(done, &self.0.writer, cx)
    }

    fn unless_cut<T>(
        &self,
        done: Poll<Result<T, Error>>,
        waker: &AtomicWaker,
        cx: &Context<'_>,
    ) -> Poll<Result<T, Error>> {
        if done.is_pending() {
            waker.register(cx.waker());
        }
        match self.is_cut() {
            true => Poll::Ready(Err(Error::new(ErrorKind::ConnectionAborted, "cut"))),
            false => done,
        }
    }
}
