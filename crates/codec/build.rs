//! Links libyuv (Debian: libyuv-dev); libvpx, openh264 and libopus are linked by their own crates.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-link-lib=yuv");
}
