//! Reads what a child writes: Matroska with uncompressed pictures and PCM, and nothing else.
//!
//! The child is not trusted: every size is bounded before memory is taken for it.

use std::io;
use tokio::io::{AsyncRead, AsyncReadExt};

/// Largest block: a 1080p picture and its head.
const LARGEST: u64 = 4 << 20;
/// Largest element that is skipped.
const SKIPPED: u64 = 1 << 20;

const SEGMENT: u32 = 0x1853_8067;
const CLUSTER: u32 = 0x1F43_B675;
const CLUSTER_TIME: u32 = 0xE7;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
const SIMPLE_BLOCK: u32 = 0xA3;

/// A picture or a piece of sound.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// 1 for the first stream the child was told to write, 2 for the second.
    pub track: u64,
    /// From the beginning of what the child writes.
    pub at_ms: u64,
    pub payload: Vec<u8>,
}

/// Reads blocks one after the other.
pub(crate) struct Reader<R> {
    input: R,
    cluster_ms: u64,
}

impl<R: AsyncRead + Unpin> Reader<R> {
    pub fn new(input: R) -> Self {
        Self { input, cluster_ms: 0 }
    }

    /// The next block; an error at the end too, however the child came to it.
    pub async fn next(&mut self) -> io::Result<Block> {
        loop {
            let id = self.id().await?;
            let size = self.size().await?;
            match id {
                SEGMENT | CLUSTER | BLOCK_GROUP => {}
                CLUSTER_TIME => self.cluster_ms = self.number(size).await?,
                BLOCK | SIMPLE_BLOCK => return self.block(size).await,
                _ => self.skip(size).await?,
            }
        }
    }

    async fn id(&mut self) -> io::Result<u32> {
        let first = self.input.read_u8().await?;
        let more = first.leading_zeros();
        if more > 3 {
            return Err(wrong("an id of more than four bytes"));
        }
        let mut id = u32::from(first);
        for _ in 0..more {
            id = id << 8 | u32::from(self.input.read_u8().await?);
        }
        Ok(id)
    }

    /// A size; all ones is unknown, which only what is entered may be.
    async fn size(&mut self) -> io::Result<u64> {
        let first = self.input.read_u8().await?;
        let more = first.leading_zeros();
        if more > 7 {
            return Err(wrong("a size of more than eight bytes"));
        }
        let mut size = u64::from(first) & (0x7f >> more);
        for _ in 0..more {
            size = size << 8 | u64::from(self.input.read_u8().await?);
        }
        Ok(size)
    }

    async fn number(&mut self, size: u64) -> io::Result<u64> {
        if size > 8 {
            return Err(wrong("a number of more than eight bytes"));
        }
        let mut number = 0;
        for _ in 0..size {
            number = number << 8 | u64::from(self.input.read_u8().await?);
        }
        Ok(number)
    }

    async fn skip(&mut self, size: u64) -> io::Result<()> {
        if size > SKIPPED {
            return Err(wrong("an element too large to be skipped"));
        }
        let mut rest = (&mut self.input).take(size);
        if tokio::io::copy(&mut rest, &mut tokio::io::sink()).await? < size {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        }
    }

    async fn block(&mut self, size: u64) -> io::Result<Block> {
        if !(4..=LARGEST).contains(&size) {
            return Err(wrong("a block of no usual size"));
        }
        let track = u64::from(self.input.read_u8().await?) & 0x7f;
        let after = self.input.read_i16().await?;
        let flags = self.input.read_u8().await?;
        if flags & 0x06 != 0 {
            return Err(wrong("a block with lacing"));
        }
        let mut payload = vec![0; (size - 4) as usize];
        self.input.read_exact(&mut payload).await?;
        let at_ms = self.cluster_ms.saturating_add_signed(after.into());
        Ok(Block { track, at_ms, payload })
    }
}

fn wrong(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> io::Result<Block> {
        Reader::new(bytes).next().await
    }

    #[tokio::test]
    async fn a_block_comes_out_with_its_time() {
        let bytes = [
            &[0x1a, 0x45, 0xdf, 0xa3, 0x82, 1, 2][..],
            &[0x18, 0x53, 0x80, 0x67, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x1f, 0x43, 0xb6, 0x75, 0x8d, 0xe7, 0x82, 0x03, 0xe8],
            &[0xa3, 0x86, 0x82, 0xff, 0xfe, 0x80, 7, 8],
        ]
        .concat();
        let block = read(&bytes).await.unwrap();
        assert_eq!(block, Block { track: 2, at_ms: 998, payload: vec![7, 8] });
    }

    #[tokio::test]
    async fn nonsense_is_an_error_and_takes_no_memory() {
        let enormous = [0xa3, 0x01, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let skipped = [0xec, 0x01, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let cut = [0xa3, 0x8a, 0x81, 0];
        for bytes in [&enormous[..], &skipped, &cut, &[0xa3, 0x81], &[0], &[], &[0xe7, 0x89]] {
            assert!(read(bytes).await.is_err(), "{bytes:x?}");
        }
    }
}
