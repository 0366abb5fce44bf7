//! Reads Ogg Opus files (RFC 7845): encoded sound that is sent without decoding it.

use crate::error::ClientError;
use std::path::Path;
use std::sync::Arc;

/// Packets of sound, 20 ms each.
#[derive(Clone, Debug)]
pub struct OpusFile {
    /// The packets.
    pub packets: Vec<Arc<[u8]>>,
}

impl OpusFile {
    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read, is no Ogg Opus, or its packets are not of 20 ms.
    pub fn open(path: &Path) -> Result<Self, ClientError> {
        Self::read(&std::fs::read(path)?)
    }

    /// Reads the bytes of a file with one logical stream.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn read(bytes: &[u8]) -> Result<Self, ClientError> {
        let wrong = |why: &str| ClientError::Unreadable(format!("Ogg Opus: {why}"));
        let mut packets = unpage(bytes).ok_or_else(|| wrong("a damaged page"))?.into_iter();
        let head = packets.next().filter(|p| p.starts_with(b"OpusHead"));
        let tags = packets.next().filter(|p| p.starts_with(b"OpusTags"));
        if head.is_none() || tags.is_none() {
            return Err(wrong("no OpusHead and OpusTags"));
        }
        let packets: Vec<Arc<[u8]>> = packets.map(Arc::from).collect();
        if packets.is_empty() || !packets.iter().all(|p| is_20_ms(p)) {
            return Err(wrong("its packets are not of 20 ms"));
        }
        Ok(Self { packets })
    }
}

/// The packets of all pages (RFC 3533 §6).
fn unpage(mut bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut packets = Vec::new();
    let mut open: Vec<u8> = Vec::new();
    while !bytes.is_empty() {
        let header = bytes.get(..27).filter(|h| h.starts_with(b"OggS"))?;
        let count = usize::from(header[26]);
        let lacing = bytes.get(27..27 + count)?;
        let mut body = &bytes[27 + count..];
        for len in lacing {
            let (piece, rest) = body.split_at_checked(usize::from(*len))?;
            open.extend_from_slice(piece);
            body = rest;
            if *len < 255 {
                packets.push(std::mem::take(&mut open));
            }
        }
        bytes = body;
    }
    Some(packets)
}

/// Whether a packet holds 20 ms by its first byte (RFC 6716 §3.1).
fn is_20_ms(packet: &[u8]) -> bool {
    let Some(toc) = packet.first() else { return false };
    let frame_us = match toc >> 3 {
        config @ 0..12 => [10_000, 20_000, 40_000, 60_000][usize::from(config % 4)],
        config @ 12..16 => [10_000, 20_000][usize::from(config % 2)],
        config => [2_500, 5_000, 10_000, 20_000][usize::from(config % 4)],
    };
    let frames = match toc & 3 {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(packet.get(1).copied().unwrap_or(0) & 63),
    };
    frame_us * frames == 20_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(packets: &[&[u8]]) -> Vec<u8> {
        let mut bytes = b"OggS".to_vec();
        bytes.resize(26, 0);
        let mut lacing = Vec::new();
        for packet in packets {
            lacing.extend(std::iter::repeat_n(255, packet.len() / 255));
            lacing.push((packet.len() % 255) as u8);
        }
        bytes.push(lacing.len() as u8);
        bytes.extend(lacing);
        bytes.extend(packets.concat());
        bytes
    }

    #[test]
    fn packets_come_out_whole_and_others_than_20_ms_are_refused() {
        let long = [&[0xF8][..], &[7; 299]].concat(); // CELT, full band, 20 ms, one frame
        let head = page(&[b"OpusHead...........", b"OpusTags...."]);
        let file = [head.clone(), page(&[&long, &[0xF8, 1]])].concat();
        let read = OpusFile::read(&file).unwrap();
        assert_eq!(read.packets.iter().map(|p| p.len()).collect::<Vec<_>>(), [300, 2]);
        assert!(OpusFile::read(&[head, page(&[&[0xE8, 1]])].concat()).is_err());
        assert!(OpusFile::read(&file[..file.len() - 1]).is_err());
        assert!(OpusFile::read(b"OggS").is_err());
    }
}
