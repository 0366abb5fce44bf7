//! Cuts encoded frames into RTP payloads: VP8 (RFC 7741 §4.2) and H.264 (RFC 6184 §5.4, mode 1).
//! It refuses to know RTP headers, receivers and time.
//!
//! Packets of one picture are made equal in size (the last may be shorter), because the kernel's
//! segmentation offload sends a run of equal datagrams for the price of one.

use std::sync::Arc;

/// The largest payload: with RTP header, extensions, SRTP tag, UDP and IPv6 headers it stays below
/// the 1280 bytes every IPv6 path carries.
pub const MAX_PAYLOAD: usize = 1160;

/// S bit: first packet of the frame. No picture id, no layers: neither is used.
const VP8_START: u8 = 0x10;

const FU_A: u8 = 28;
const STAP_A: u8 = 24;
const NAL_TYPE: u8 = 0x1f;
const NAL_IMPORTANCE: u8 = 0x60;
const FU_START: u8 = 0x80;
const FU_END: u8 = 0x40;

/// VP8: a descriptor of one byte before each piece.
pub fn vp8(frame: &[u8]) -> Vec<Arc<[u8]>> {
    pieces(frame, MAX_PAYLOAD - 1)
        .enumerate()
        .map(|(i, piece)| joined(&[&[if i == 0 { VP8_START } else { 0 }], piece]))
        .collect()
}

/// H.264: parameter sets (SPS, PPS) together in a STAP-A, small units alone, large ones as FU-A.
/// Access unit delimiters are left out: they carry nothing a receiver of RTP needs.
pub fn h264(access_unit: &[u8]) -> Vec<Arc<[u8]>> {
    let mut packets = Vec::new();
    let mut sets: Vec<&[u8]> = Vec::new();
    for nal in rotunda_annexb::units(access_unit) {
        match nal[0] & NAL_TYPE {
            9 => {}
            7 | 8 => sets.push(nal),
            _ => {
                parameter_sets(&mut sets, &mut packets);
                one_nal(nal, &mut packets);
            }
        }
    }
    parameter_sets(&mut sets, &mut packets);
    packets
}

fn parameter_sets(sets: &mut Vec<&[u8]>, packets: &mut Vec<Arc<[u8]>>) {
    let together = 1 + sets.iter().map(|s| s.len() + 2).sum::<usize>();
    if sets.len() < 2 || together > MAX_PAYLOAD {
        sets.drain(..).for_each(|set| one_nal(set, packets));
        return;
    }
    let importance = sets.iter().map(|s| s[0] & NAL_IMPORTANCE).max().unwrap_or(0);
    let mut out = Vec::with_capacity(together);
    out.push(STAP_A | importance);
    for set in sets.drain(..) {
        // The length fits: `together` is at most MAX_PAYLOAD.
        out.extend_from_slice(&(set.len() as u16).to_be_bytes());
        out.extend_from_slice(set);
    }
    packets.push(out.into());
}

fn one_nal(nal: &[u8], packets: &mut Vec<Arc<[u8]>>) {
    if nal.len() <= MAX_PAYLOAD {
        packets.push(nal.into());
        return;
    }
    let (header, body) = (nal[0], &nal[1..]);
    let count = body.len().div_ceil(MAX_PAYLOAD - 2);
    for (i, piece) in pieces(body, MAX_PAYLOAD - 2).enumerate() {
        let start = if i == 0 { FU_START } else { 0 };
        let end = if i + 1 == count { FU_END } else { 0 };
        let indicator = (header & !NAL_TYPE) | FU_A;
        packets.push(joined(&[&[indicator, start | end | (header & NAL_TYPE)], piece]));
    }
}

/// As few pieces as `max` allows, equal in size but for the last.
fn pieces(bytes: &[u8], max: usize) -> impl Iterator<Item = &[u8]> {
    let count = bytes.len().div_ceil(max).max(1);
    bytes.chunks(bytes.len().div_ceil(count).max(1))
}

fn joined(parts: &[&[u8]]) -> Arc<[u8]> {
    parts.concat().into()
}
