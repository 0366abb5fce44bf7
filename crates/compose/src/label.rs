//! A line of text as a stencil, rasterised once and laid on many frames.
//!
//! One embedded font (DejaVu Sans: Latin, Greek, Cyrillic, and the isolated forms of Hebrew and
//! Arabic). No shaping and no bidirectional order: names, not prose. Characters the font lacks
//! are left out. Text is hostile: controls and direction overrides are dropped, length is bounded.

use std::sync::LazyLock;

use ab_glyph::{Font, FontRef, Glyph, PxScaleFont, ScaleFont, point};
use rotunda_codec::{Frame, Yuv};

use crate::mask::Mask;

/// Characters of a text that are looked at; the rest would never fit a tile.
pub const LABEL_CHARS_MAX: usize = 100;

static FONT: LazyLock<FontRef<'static>> = LazyLock::new(|| {
    FontRef::try_from_slice(include_bytes!("../assets/DejaVuSans.ttf"))
        .expect("the embedded font is whole: every label test reads it")
});

/// A rasterised line of text.
#[derive(Debug, Clone)]
pub struct Label {
    mask: Mask,
    text_width: u32,
}

impl Label {
    /// `text` in letters of line height `px` (6 to 400), at most `max_width` pixels wide; what
    /// does not fit ends in an ellipsis. An empty text gives a label of no width.
    pub fn new(text: &str, px: u32, max_width: u32) -> Label {
        let font = FONT.as_scaled(px.clamp(6, 400) as f32);
        let text = fitted(&font, &printable(text), max_width.min(4096) as f32);
        let width = advance(&font, &text);
        let mut mask = Mask::empty(width.ceil() as u32, font.height().ceil() as u32);
        for glyph in glyphs(&font, &text) {
            draw_glyph(&font, glyph, &mut mask);
        }
        Label { mask, text_width: width.ceil() as u32 }
    }

    /// Width in pixels.
    pub fn width(&self) -> u32 {
        self.text_width
    }

    /// Height of the line in pixels, descenders included.
    pub fn height(&self) -> u32 {
        self.mask.height()
    }

    /// Writes the text with the upper left corner of its line at (`x`, `y`), clipped.
    pub fn blend(&self, frame: &mut Frame, x: u32, y: u32, colour: Yuv) {
        self.mask.blend(frame, x, y, colour, 255);
    }
}

/// What of a text can be shown, spaces joined and trimmed.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::new();
    for c in text.chars().take(LABEL_CHARS_MAX) {
        if c.is_whitespace() {
            if !shown.is_empty() && !shown.ends_with(' ') {
                shown.push(' ');
            }
        } else if !c.is_control() && !is_format(c) && has_glyph(c) {
            shown.push(c);
        }
    }
    shown.truncate(shown.trim_end().len());
    shown
}

/// Marks that steer direction or joining; alone they only help to disguise a name.
fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{ad}')
}

pub(crate) fn has_glyph(c: char) -> bool {
    FONT.glyph_id(c).0 != 0
}

type Scaled<'a> = PxScaleFont<&'a FontRef<'static>>;

/// The text, shortened until it and its ellipsis fit; empty if not even the ellipsis does.
fn fitted(font: &Scaled<'_>, text: &str, max_width: f32) -> String {
    if advance(font, text) <= max_width {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while kept.pop().is_some() {
        let short = format!("{}…", kept.trim_end());
        if advance(font, &short) <= max_width {
            return short;
        }
    }
    String::new()
}

fn advance(font: &Scaled<'_>, text: &str) -> f32 {
    let last = glyphs(font, text).last();
    last.map_or(0.0, |glyph| glyph.position.x + font.h_advance(glyph.id))
}

/// The glyphs of a line, kerned, on their baseline.
fn glyphs<'a>(font: &'a Scaled<'_>, text: &'a str) -> impl Iterator<Item = Glyph> + 'a {
    let (mut x, mut before) = (0.0, None);
    text.chars().map(move |c| {
        let mut glyph = font.scaled_glyph(c);
        x += before.map_or(0.0, |last| font.kern(last, glyph.id));
        glyph.position = point(x, font.ascent());
        x += font.h_advance(glyph.id);
        before = Some(glyph.id);
        glyph
    })
}

fn draw_glyph(font: &Scaled<'_>, glyph: Glyph, mask: &mut Mask) {
    let Some(outline) = font.outline_glyph(glyph) else { return };
    let (left, top) = (outline.px_bounds().min.x as i64, outline.px_bounds().min.y as i64);
    outline.draw(|x, y, coverage| {
        // A glyph may lean out of its line; that part is cut off.
        let at = (u32::try_from(left + i64::from(x)), u32::try_from(top + i64::from(y)));
        if let (Ok(x), Ok(y)) = at {
            mask.cover(x, y, coverage);
        }
    });
}
