//! From an encoded picture to one as its cell shows it: decoded, turned upright, reduced.

use crate::decode_queue::EncodedVideo;
use crate::presentation_slot::Shot;
use rotunda_codec::{
    Filter, Frame, FrameView, Rect, Rotation, ScaleError, VideoDecoder, coded_size, pictures_in,
    rotate, scale_into,
};
use rotunda_compose::letterbox;
use std::sync::Arc;
use std::time::Duration;

/// Buffers kept for later: one shown, one being drawn, one being filled.
const SPARE: usize = 3;

/// A size in pixels, width and height; zeros when it is not known yet.
pub(crate) type Size = (u32, u32);

/// A picture that would not decode.
#[derive(Debug)]
pub(crate) struct Undecodable;

/// The decoder of one member's pictures, which begins with a key frame, and the buffers it fills.
pub(crate) struct ShotDecoder {
    decoder: Option<VideoDecoder>,
    needs_keyframe: bool,
    turned: Frame,
    spare: Vec<Arc<Shot>>,
    /// That of the latest picture.
    version: u64,
    /// How many there were in the picture decoded last.
    pixels: u64,
    /// Of the size that was last said to be coded.
    coded: u64,
}

impl Default for ShotDecoder {
    fn default() -> Self {
        Self {
            decoder: None,
            needs_keyframe: true,
            turned: Frame::new(2, 2),
            spare: Vec::new(),
            version: 0,
            pixels: 0,
            coded: 0,
        }
    }
}

impl ShotDecoder {
    /// Whether `picture` can be decoded after those that were.
    pub fn follows(&self, picture: &EncodedVideo) -> bool {
        picture.keyframe || !self.needs_keyframe
    }

    /// Pixels that are decoded for `picture`, as it says itself or, if it says nothing, of the one before it;
    /// what is cropped away counts, and each of several pictures that came as one.
    pub fn pixels_of(&mut self, picture: &EncodedVideo) -> u64 {
        let said = coded_size(picture.codec, &picture.data);
        if let Some((width, height)) = said {
            self.coded = u64::from(width) * u64::from(height);
        }
        let each = if said.is_some() { self.coded } else { self.pixels.max(self.coded) };
        each.saturating_mul(pictures_in(picture.codec, &picture.data) as u64)
    }

    /// Pixels of the picture decoded last.
    pub fn pixels(&self) -> u64 {
        self.pixels
    }

    /// Pictures are missing: the next is to be a key frame.
    pub fn need_keyframe(&mut self) {
        self.needs_keyframe = true;
    }

    /// Begins anew with another decoder.
    pub fn reset(&mut self) {
        self.decoder = None;
        self.needs_keyframe = true;
    }

    /// Decodes, turns upright and reduces to what `fit` can show, into a buffer nobody reads; nothing
    /// where the decoder has no picture yet. Without `fit` a picture is decoded for the sake of those
    /// after it, and gives nothing.
    ///
    /// # Errors
    /// [`Undecodable`]; the next is to be a key frame then.
    pub fn decode(
        &mut self,
        picture: &EncodedVideo,
        fit: Option<Size>,
    ) -> Result<Option<Arc<Shot>>, Undecodable> {
        let shot = self.try_decode(picture, fit);
        self.needs_keyframe |= shot.is_err();
        shot.map_err(|()| Undecodable)
    }

    fn try_decode(
        &mut self,
        picture: &EncodedVideo,
        fit: Option<Size>,
    ) -> Result<Option<Arc<Shot>>, ()> {
        if self.decoder.as_ref().is_none_or(|d| d.codec() != picture.codec) {
            self.decoder = Some(VideoDecoder::new(picture.codec).map_err(drop)?);
        }
        let mut shot = self.spare_shot();
        let Some(decoder) = &mut self.decoder else { return Err(()) };
        let Some(view) = decoder.decode(&picture.data).map_err(drop)? else { return Ok(None) };
        self.needs_keyframe = false;
        self.pixels = (u64::from(view.width()) * u64::from(view.height())).max(self.coded);
        let Some(fit) = fit else {
            self.keep(shot);
            return Ok(None);
        };
        self.version += 1;
        let version = self.version;
        let Some(filled) = Arc::get_mut(&mut shot) else { return Err(()) };
        filled.version = version;
        filled.rtp_time_90khz = picture.rtp_time_90khz;
        let stored = if picture.rotation == Rotation::Deg0 {
            store(view, fit, filled)
        } else {
            rotate(view, picture.rotation, &mut self.turned);
            store(self.turned.view(), fit, filled)
        };
        stored.map_err(drop)?;
        Ok(Some(shot))
    }

    /// A picture that is decoded and upright already, reduced to what `fit` can show.
    ///
    /// # Errors
    /// It cannot be scaled.
    pub fn copy(&mut self, view: FrameView<'_>, fit: Size) -> Result<Arc<Shot>, ScaleError> {
        let mut shot = self.spare_shot();
        self.version += 1;
        if let Some(filled) = Arc::get_mut(&mut shot) {
            filled.version = self.version;
            store(view, fit, filled)?;
        }
        Ok(shot)
    }

    fn spare_shot(&mut self) -> Arc<Shot> {
        let free = self.spare.iter().position(|shot| Arc::strong_count(shot) == 1);
        free.map(|i| self.spare.swap_remove(i)).unwrap_or_else(|| {
            Arc::new(Shot {
                frame: Frame::new(2, 2),
                version: 0,
                was_reduced: false,
                rtp_time_90khz: 0,
                held: Duration::ZERO,
            })
        })
    }

    /// Takes back a picture that is shown no more, to be filled again.
    pub fn keep(&mut self, old: Arc<Shot>) {
        if self.spare.len() < SPARE {
            self.spare.push(old);
        }
    }
}

/// Copies `view` into `shot`, reduced to the size at which `fit` shows it; never enlarged.
fn store(view: FrameView<'_>, fit: Size, shot: &mut Shot) -> Result<(), ScaleError> {
    let (width, height) = reduced((view.width(), view.height()), fit);
    shot.was_reduced = (width, height) != (view.width(), view.height());
    if (shot.frame.width(), shot.frame.height()) != (width, height) {
        shot.frame.resize(width, height);
    }
    let whole = shot.frame.bounds();
    scale_into(view, None, &mut shot.frame, whole, Filter::Auto)
}

/// The size at which `fit` shows `source`, never larger than it is; a `fit` of zero is not known
/// yet and reduces to a small picture.
fn reduced(source: Size, fit: Size) -> Size {
    let (width, height) = if fit.0 == 0 || fit.1 == 0 { (640, 360) } else { fit };
    // The very rectangle the canvas will draw into, so that drawing is a copy.
    let shown = letterbox(source.0, source.1, Rect { x: 0, y: 0, w: width, h: height });
    if shown.w >= source.0 || shown.h >= source.1 { source } else { (shown.w, shown.h) }
}
