//! A few pictures of a canvas as an animated WebP.
//!
//! Pictures in, bytes out: it knows no session, no clock and no address. libwebp is compiled in
//! (BSD-3-Clause), because `<img>` shows nothing else that moves at this size.

use rotunda_media::Frame;
use std::time::Duration;
use webp_animation::{Encoder, EncoderOptions, EncodingConfig, Error};

/// Quality of 0 to 100. At 320 by 180 a picture of people takes about 6 kB so.
const QUALITY: f32 = 60.0;
/// Effort of 0 to 6: half the time of the default for a tenth more bytes.
const METHOD: usize = 2;

/// Why there is no animation.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The pictures are not all of the first one's size, or there is none.
    #[error("the pictures of a preview must be of one size")]
    Sizes,
    /// The library declines.
    #[error("encoding a preview: {0:?}")]
    Encoder(Error),
}

/// Pictures of one size as an animated WebP that repeats for ever, each shown for `each`, rounded
/// down to milliseconds.
///
/// Every picture is kept, even where it equals the one before: a still room has as many.
///
/// # Errors
/// [`PreviewError`].
pub fn animated(pictures: &[Frame], each: Duration) -> Result<Vec<u8>, PreviewError> {
    let first = pictures.first().ok_or(PreviewError::Sizes)?;
    let size = (first.width(), first.height());
    if pictures.iter().any(|picture| (picture.width(), picture.height()) != size) {
        return Err(PreviewError::Sizes);
    }
    let mut encoder = Encoder::new_with_options(size, options()).map_err(PreviewError::Encoder)?;
    let each_ms = i32::try_from(each.as_millis()).unwrap_or(i32::MAX / 1000).max(1);
    let mut at_ms = 0;
    for (index, picture) in pictures.iter().enumerate() {
        let mut pixels = rgba(picture);
        if index % 2 == 1 {
            mark(&mut pixels);
        }
        encoder.add_frame(&pixels, at_ms).map_err(PreviewError::Encoder)?;
        at_ms += each_ms;
    }
    let data = encoder.finalize(at_ms).map_err(PreviewError::Encoder)?;
    Ok(data.to_vec())
}

fn options() -> EncoderOptions {
    let mut encoding = EncodingConfig::new_lossy(QUALITY);
    encoding.method = METHOD;
    EncoderOptions { encoding_config: Some(encoding), ..EncoderOptions::default() }
}

/// Changes the last pixel by as much as nobody sees in a corner: the library leaves out a picture
/// that resembles the one before, and by how much it may differ follows from the quality (8 levels).
fn mark(pixels: &mut [u8]) {
    if let Some([.., r, g, b, _]) = pixels.get_mut(..) {
        for level in [r, g, b] {
            *level = if *level < 128 { *level + 24 } else { *level - 24 };
        }
    }
}

/// BT.601 in limited range, as the canvas is, to RGB with nothing transparent.
fn rgba(picture: &Frame) -> Vec<u8> {
    let view = picture.view();
    let ((ys, us, vs), (luma, chroma)) = (view.planes(), view.strides());
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut out = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        let line = &ys[y * luma..][..width];
        let (u, v) = (&us[y / 2 * chroma..], &vs[y / 2 * chroma..]);
        for (x, y) in line.iter().enumerate() {
            let [r, g, b] = rgb(*y, u[x / 2], v[x / 2]);
            out.extend([r, g, b, 255]);
        }
    }
    out
}

fn rgb(y: u8, u: u8, v: u8) -> [u8; 3] {
    let (c, d, e) = (298 * (i32::from(y) - 16) + 128, i32::from(u) - 128, i32::from(v) - 128);
    [c + 409 * e, c - 100 * d - 208 * e, c + 516 * d].map(|sum| (sum >> 8).clamp(0, 255) as u8)
}

#[cfg(test)]
#[path = "preview_tests.rs"]
mod tests;
