//! Pictures and numbers that the tests of this crate share.
#![allow(dead_code)]

use rotunda_codec::*;

pub const CODECS: [VideoCodec; 2] = [VideoCodec::Vp8, VideoCodec::H264];

/// A small generator, so that a failure can be repeated from the seed alone (splitmix64).
pub struct Seeded(pub u64);

impl Seeded {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

pub fn settings(width: u32, height: u32) -> EncoderSettings {
    EncoderSettings { width, height, fps: 20, bitrate_bps: 1_000_000, speed: Speed::Normal }
}

/// Four quarters: red, green, blue, white.
pub const PATCHES: [(u8, u8, u8); 4] = [(200, 30, 30), (0, 135, 0), (20, 20, 220), (255, 255, 255)];

pub fn patches(width: u32, height: u32) -> Frame {
    let mut frame = Frame::new(width, height);
    for (i, (r, g, b)) in PATCHES.into_iter().enumerate() {
        let (x, y) = (i as u32 % 2 * (width / 2), i as u32 / 2 * (height / 2));
        frame.fill_rect(Rect::new(x, y, width / 2, height / 2), Yuv::from_rgb(r, g, b));
    }
    frame
}

pub fn noise(width: u32, height: u32, seeded: &mut Seeded) -> Frame {
    let mut frame = Frame::new(width, height);
    for byte in frame.as_i420_mut() {
        *byte = 60 + (seeded.next() % 120) as u8;
    }
    frame
}

/// Blocks of chance under a little grain: cheap when coded coarsely, dear when coded finely, so
/// that a rate control has something to decide.
pub fn blocks(width: u32, height: u32, seeded: &mut Seeded) -> Frame {
    let mut frame = Frame::new(width, height);
    for y in (0..height).step_by(16) {
        for x in (0..width).step_by(16) {
            let luma = 60 + (seeded.next() % 120) as u8;
            frame.fill_rect(Rect::new(x, y, 16, 16), Yuv { y: luma, u: 128, v: 128 });
        }
    }
    for luma in frame.planes_mut().y {
        *luma += (seeded.next() % 12) as u8;
    }
    frame
}

pub fn assert_near(got: Yuv, wanted: Yuv, tolerance: u8, what: &str) {
    let far = [(got.y, wanted.y), (got.u, wanted.u), (got.v, wanted.v)]
        .into_iter()
        .any(|(a, b)| a.abs_diff(b) > tolerance);
    assert!(!far, "{what}: {got:?} instead of {wanted:?}");
}

pub fn assert_patches(view: FrameView<'_>, what: &str) {
    for (i, (r, g, b)) in PATCHES.into_iter().enumerate() {
        let x = view.width() * (1 + 2 * (i as u32 % 2)) / 4;
        let y = view.height() * (1 + 2 * (i as u32 / 2)) / 4;
        assert_near(view.pixel(x, y), Yuv::from_rgb(r, g, b), 4, &format!("{what}, patch {i}"));
    }
}

/// `count` coded pictures of moving noise, the first a keyframe.
pub fn stream(codec: VideoCodec, width: u32, height: u32, count: u64) -> Vec<Vec<u8>> {
    let mut encoder = VideoEncoder::new(codec, settings(width, height)).unwrap();
    let mut seeded = Seeded(7);
    (0..count)
        .map(|i| encoder.encode(&noise(width, height, &mut seeded), false, i * 4500).unwrap().data)
        .collect()
}
