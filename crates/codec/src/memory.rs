//! What becomes of memory that the C codecs free. Refuses to replace the allocator: libvpx and
//! openh264 use the system's whatever ours is.

/// Blocks from this size on are mapped one by one and go back to the system when freed, bytes.
#[cfg(target_env = "gnu")]
const MAPPED_FROM: libc::c_int = 256 * 1024;

/// Has the system's allocator give large blocks back when they are freed. An encoder holds some
/// thirty megabytes in blocks of one to four; left to itself glibc raises the size from which it
/// maps blocks when the first of them is freed (mallopt(3), `M_MMAP_THRESHOLD`), keeps the later
/// ones, and the process never shrinks again after its busiest hour.
pub fn give_back_what_is_freed() {
    #[cfg(target_env = "gnu")]
    // SAFETY: mallopt takes two ints, may be called at any time, and only changes where later
    // blocks come from.
    let done = unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, MAPPED_FROM) };
    #[cfg(target_env = "gnu")]
    debug_assert_eq!(done, 1);
}
