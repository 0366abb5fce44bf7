//! Pure arithmetic on pictures and samples: placing, filling, lettering, mixing.
//!
//! Values in, values out. Knows no rooms, no members, no clocks, no threads; time arrives as a
//! count of 20 ms frames. Pictures are [`rotunda_codec::Frame`]s, BT.601 limited range.

mod banner;
mod chime;
mod draw;
mod gain;
mod label;
mod level;
mod limiter;
mod lost_image;
mod mask;
mod mix;
mod mute_image;
mod place;

pub use banner::Banner;
pub use chime::{CHIME_FRAMES, Chime};
pub use draw::{BACKGROUND, Fit, clear, draw_cell, draw_cell_with, fill_around};
pub use gain::{GAIN_DB_MAX, GAIN_DB_MIN, Gain};
pub use label::{LABEL_CHARS_MAX, Label};
pub use level::{
    Gate, GateState, LEVEL_FLOOR_DBFS, LevelMeter, loudest, rms_dbfs, sensitivity_to_dbfs,
};
pub use limiter::Limiter;
pub use lost_image::lost_image;
pub use mask::Mask;
pub use mix::{FRAME_SAMPLES, MixFrame, SILENCE, add, sum};
pub use mute_image::mute_image;
pub use place::{crop_fill, letterbox};
