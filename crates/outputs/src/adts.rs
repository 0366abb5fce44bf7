//! Cuts a stream of ADTS frames (ISO/IEC 13818-7 §6.2) into the raw AAC frames inside. It refuses
//! to know where the bytes come from.

/// Bytes kept at most while a frame is incomplete; a frame has 13 bits of length.
const MOST: usize = 64 * 1024;
const HEADER: usize = 7;

/// What is left of a stream that was cut.
#[derive(Debug, Default)]
pub(crate) struct Adts {
    rest: Vec<u8>,
}

/// The stream is no ADTS.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the AAC child wrote something that is not ADTS")]
pub(crate) struct NotAdts;

impl Adts {
    /// Takes more bytes; gives each frame that is whole now, without its header.
    pub fn push(&mut self, bytes: &[u8], mut frame: impl FnMut(&[u8])) -> Result<(), NotAdts> {
        self.rest.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(header) = self.rest.get(at..at + HEADER) {
            let len = frame_len(header).ok_or(NotAdts)?;
            let Some(whole) = self.rest.get(at..at + len) else { break };
            // A checksum follows the header unless this bit says that there is none.
            let start = if whole[1] & 1 == 1 { HEADER } else { HEADER + 2 };
            frame(whole.get(start..).ok_or(NotAdts)?);
            at += len;
        }
        self.rest.drain(..at);
        if self.rest.len() > MOST { Err(NotAdts) } else { Ok(()) }
    }
}

fn frame_len(header: &[u8]) -> Option<usize> {
    let is_sync = header[0] == 0xff && header[1] & 0xf6 == 0xf0;
    let len = usize::from(header[3] & 3) << 11
        | usize::from(header[4]) << 3
        | usize::from(header[5]) >> 5;
    (is_sync && len > HEADER).then_some(len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(payload: &[u8]) -> Vec<u8> {
        let len = payload.len() + HEADER;
        let lens = [(len >> 11) as u8 & 3, (len >> 3) as u8, (len << 5) as u8];
        [&[0xff, 0xf1, 0x4c, lens[0], lens[1], lens[2], 0xfc], payload].concat()
    }

    #[test]
    fn frames_come_out_whole_wherever_the_stream_is_cut() {
        let stream = [framed(b"one"), framed(b"second"), framed(&[7; 900])].concat();
        for step in 1..40 {
            let (mut adts, mut frames) = (Adts::default(), Vec::new());
            for piece in stream.chunks(step) {
                adts.push(piece, |frame| frames.push(frame.to_vec())).unwrap();
            }
            assert_eq!(frames, [b"one".to_vec(), b"second".to_vec(), vec![7; 900]], "{step}");
        }
    }

    #[test]
    fn what_is_no_adts_is_refused() {
        assert_eq!(Adts::default().push(&[0; 32], |_| ()), Err(NotAdts));
        let mut short = framed(b"");
        short[5] = 0;
        assert_eq!(Adts::default().push(&short, |_| ()), Err(NotAdts));
    }
}
