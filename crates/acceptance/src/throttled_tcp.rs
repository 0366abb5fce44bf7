//! A TCP line that can be made slow, or stand still: what is sent through it takes its time, what
//! comes back does not.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PIECE: usize = 16 * 1024;
const LOOK: Duration = Duration::from_millis(10);

#[derive(Debug)]
struct Shared {
    target: SocketAddr,
    bytes_a_second: AtomicU64,
    passed: AtomicU64,
}

/// The line; gone when its runtime is.
#[derive(Clone, Debug)]
pub struct ThrottledTcp {
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl ThrottledTcp {
    /// A line to `target` on which nothing moves yet.
    ///
    /// # Panics
    /// No port is free.
    pub async fn before(target: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        let (bytes_a_second, passed) = Default::default();
        let shared = Arc::new(Shared { target, bytes_a_second, passed });
        let of_line = shared.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                tokio::spawn(carry(of_line.clone(), near));
            }
        });
        Self { address, shared }
    }

    /// Where it begins.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How much may pass towards the target, on every connection; 0 is nothing.
    pub fn let_pass(&self, bytes_a_second: u64) {
        self.shared.bytes_a_second.store(bytes_a_second, Ordering::Relaxed);
    }

    /// How much passed towards the target so far.
    pub fn passed(&self) -> u64 {
        self.shared.passed.load(Ordering::Relaxed)
    }
}

async fn carry(shared: Arc<Shared>, near: TcpStream) -> io::Result<()> {
    let far = TcpStream::connect(shared.target).await?;
    let ((mut near_in, mut near_out), (mut far_in, mut far_out)) =
        (near.into_split(), far.into_split());
    tokio::spawn(async move { tokio::io::copy(&mut far_in, &mut near_out).await });
    let mut piece = vec![0; PIECE];
    loop {
        let rate = shared.bytes_a_second.load(Ordering::Relaxed);
        if rate == 0 {
            tokio::time::sleep(LOOK).await;
            continue;
        }
        let len = near_in.read(&mut piece).await?;
        if len == 0 {
            return far_out.shutdown().await;
        }
        far_out.write_all(&piece[..len]).await?;
        shared.passed.fetch_add(len as u64, Ordering::Relaxed);
        tokio::time::sleep(Duration::from_secs_f64(len as f64 / rate as f64)).await;
    }
}
