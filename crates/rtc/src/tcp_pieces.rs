//! A TCP stream of which the kernel takes no more than it was told to hold, and a piece. It refuses to know
//! frames.

use std::io::{self, Read, Write};

use mio::net::TcpStream;
use socket2::SockRef;

/// What each write says. Systems other than Linux end such a connection over `MSG_EOR`.
#[cfg(any(target_os = "linux", target_os = "android"))]
const A_PIECE: i32 = libc::MSG_EOR | libc::MSG_NOSIGNAL;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
const A_PIECE: i32 = 0;

/// Each write to it is a piece of its own (`MSG_EOR`). To another the kernel appends what comes as long as
/// its last piece has not left, 64 KiB of them, and asks for no room: on a jammed line 170 KiB of pictures
/// stood before the next word in a buffer of 22.
pub(crate) struct Pieces(pub TcpStream);

impl Read for Pieces {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.0.read(bytes)
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        SockRef::from(&self.0).send_with_flags(bytes, A_PIECE)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// For a peer that reads nothing, with a send buffer of 16 KiB: seen were 46 kB, and 169 kB where writes are
    /// no pieces.
    #[test]
    #[cfg(target_os = "linux")]
    fn the_kernel_takes_little_more_than_its_buffer() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        SockRef::from(&listener).set_recv_buffer_size(256 << 10).unwrap();
        let stream = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        stream.set_nonblocking(true).unwrap();
        let (_peer, _) = listener.accept().unwrap();
        SockRef::from(&stream).set_send_buffer_size(8 << 10).unwrap();
        let mut pieces = Pieces(TcpStream::from_std(stream));
        let written: usize = std::iter::from_fn(|| pieces.write(&[7; 2_000]).ok()).sum();
        assert!((2_000..100_000).contains(&written), "{written}");
    }
}
