//! The fence around `ffmpeg` children: what they begin as, and how strong it is here.

use rotunda_fence::Strength;

/// This very program, which `ffmpeg` children begin as. By this name it is the program that runs, even
/// if another has taken its place on the disk.
pub(crate) const PROGRAM: &str = "/proc/self/exe";

/// Says once where the kernel keeps less than all rules for children.
pub(crate) fn tell_of_strength() {
    match rotunda_fence::strength() {
        Strength::Whole => {}
        Strength::Partly => tracing::warn!(
            "this kernel fences ffmpeg children in part only (Linux 6.12 does wholly)"
        ),
        Strength::No => {
            tracing::warn!(
                "this kernel does not keep ffmpeg children from our files (no Landlock)"
            );
        }
    }
}
