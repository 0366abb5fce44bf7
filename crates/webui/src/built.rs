//! Written by `make web`: the files of the page as they were built. Nobody changes it by hand.

use super::embedded::{CSS, File, JS, MANIFEST, SVG, TEXT, built};

/// One row for each file of `web/dist/assets`.
pub(crate) static BUILT: [File; 10] = [
    built!("ar-VOC2Czee.js", JS, Forever),
    built!("de-BvQGo8jd.js", JS, Forever),
    built!("dist-BsbcV6pe.js", JS, Forever),
    built!("es-BW_RUfG5.js", JS, Forever),
    built!("fr-DSvPlZM3.js", JS, Forever),
    built!("icon.svg", SVG, Ask),
    built!("index-Cp0sQXN5.css", CSS, Forever),
    built!("index-DvfNgglJ.js", JS, Forever),
    built!("licences.txt", TEXT, Ask),
    built!("manifest.webmanifest", MANIFEST, Ask),
];
