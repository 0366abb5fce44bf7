//! MP4 files that are whole at every moment: a head, then movie fragments (ISO/IEC 14496-12 §8.8).
//! Values in, bytes out; reading back tells how much of a file is whole and how long it plays.

mod fragment;
mod head;
mod scan;

pub(crate) use fragment::Fragments;
pub(crate) use head::{AUDIO_SPECIFIC_CONFIG, ParameterSets, head};
#[cfg(any(test, fuzzing))]
pub(crate) use scan::scan_in;
pub use scan::{Scan, repair, scan};

/// Track of the pictures, and ticks of its clock a second.
pub(crate) const PICTURES: (u32, u32) = (1, 90_000);
/// Track of the sound, and ticks of its clock a second.
pub(crate) const SOUND: (u32, u32) = (2, 48_000);

#[cfg(test)]
#[path = "mp4/tests.rs"]
mod tests;
