//! A TCP stream of which the kernel holds no more than it was told to. It refuses to know frames.

use std::io::{self, Read, Write};

use mio::net::TcpStream;
use socket2::SockRef;

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
        SockRef::from(&self.0).send_with_flags(bytes, libc::MSG_EOR)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
