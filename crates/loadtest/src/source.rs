//! Plain RTP in the shape of VP8 for Janus' streaming plugin: right rate, right packet sizes, no
//! picture in it.

use crate::error::LoadError;
use clap::Args;
use serde_json::{Value, json};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// Payload aimed at, as an encoder's packets have it.
const PAYLOAD: f64 = 1100.0;
const FPS: u32 = 25;
/// Descriptor with a 15-bit picture id (RFC 7741), as browsers send it, and a frame tag.
const HEAD: usize = 16;

/// Where to and how much.
#[derive(Args)]
pub struct Options {
    /// Where the packets go.
    #[arg(long)]
    to: SocketAddr,
    /// Megabits a second.
    #[arg(long, default_value_t = 1.5)]
    mbps: f64,
    /// Ends after so many seconds.
    #[arg(long, default_value_t = 120.0)]
    seconds: f64,
}

struct Packets {
    seq: u16,
    per_frame: usize,
    bytes: Vec<u8>,
}

impl Packets {
    fn new(mbps: f64) -> Self {
        let frame = mbps * 1e6 / 8.0 / f64::from(FPS);
        let per_frame = (frame / PAYLOAD).ceil().max(1.0) as usize;
        let length = (12 + (frame / per_frame as f64) as usize).max(12 + HEAD);
        let mut bytes: Vec<u8> = (0..length).map(|i| (i * 131) as u8).collect();
        bytes[8..12].copy_from_slice(&0x1234_5678u32.to_be_bytes());
        Self { seq: 1, per_frame, bytes }
    }

    /// Packet `part` of frame `number`.
    fn shape(&mut self, number: u32, part: usize) -> &[u8] {
        let is_last = part + 1 == self.per_frame;
        let b = &mut self.bytes;
        b[0] = 0x80;
        b[1] = 96 | if is_last { 0x80 } else { 0 };
        b[2..4].copy_from_slice(&self.seq.to_be_bytes());
        b[4..8].copy_from_slice(&number.wrapping_mul(90_000 / FPS).to_be_bytes());
        b[12] = if part == 0 { 0x90 } else { 0x80 };
        b[13] = 0x80;
        b[14..16].copy_from_slice(&(number as u16 & 0x7fff | 0x8000).to_be_bytes());
        if part == 0 {
            // A key frame every four seconds: frame tag, start code, 1280x720.
            let is_key = number.is_multiple_of(FPS * 4);
            b[16] = if is_key { 0x10 } else { 0x11 };
            if is_key {
                b[19..26].copy_from_slice(&[0x9d, 0x01, 0x2a, 0x00, 0x05, 0xd0, 0x02]);
            }
        }
        self.seq = self.seq.wrapping_add(1);
        &self.bytes
    }
}

/// Sends until its time is over or it is killed.
pub fn run(options: &Options) -> Result<Value, LoadError> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    let mut packets = Packets::new(options.mbps);
    let start = Instant::now();
    let mut number = 0;
    while start.elapsed().as_secs_f64() < options.seconds {
        for part in 0..packets.per_frame {
            // Nobody listens yet, perhaps.
            let _ = socket.send_to(packets.shape(number, part), options.to);
        }
        number += 1;
        let next = Duration::from_secs_f64(f64::from(number) / f64::from(FPS));
        std::thread::sleep(next.saturating_sub(start.elapsed()));
    }
    Ok(json!({"frames": number, "packets_per_frame": packets.per_frame}))
}
