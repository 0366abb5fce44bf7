//! Written by `make web`: the files of the page as they were built. Nobody changes it by hand.

use super::embedded::{CSS, File, JS, MANIFEST, SVG, TEXT, built};

/// One row for each file of `web/dist/assets`.
pub(crate) static BUILT: [File; 18] = [
    built!("admin-DVUvC_3I.js", JS, Forever),
    built!("admin-edz3pCjR.css", CSS, Forever),
    built!("ar-JcZIOuR4.js", JS, Forever),
    built!("ar-VOC2Czee.js", JS, Forever),
    built!("code-BwTNMZnV.css", CSS, Forever),
    built!("code-CzeADqqA.js", JS, Forever),
    built!("de-BvQGo8jd.js", JS, Forever),
    built!("de-DDOxf0zf.js", JS, Forever),
    built!("dist-BsbcV6pe.js", JS, Forever),
    built!("es-BW_RUfG5.js", JS, Forever),
    built!("es-CtwDBDr5.js", JS, Forever),
    built!("fr-AD606wDq.js", JS, Forever),
    built!("fr-DSvPlZM3.js", JS, Forever),
    built!("icon.svg", SVG, Ask),
    built!("index-B3owsFjw.js", JS, Forever),
    built!("index-CHe1nnWD.css", CSS, Forever),
    built!("licences.txt", TEXT, Ask),
    built!("manifest.webmanifest", MANIFEST, Ask),
];
