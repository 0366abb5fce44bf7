//! Written by `make web`: the files of the page as they were built. Nobody changes it by hand.

use super::embedded::{BYTES, CSS, File, JS, MANIFEST, SVG, TEXT, WASM, built};

/// One row for each file of `web/dist/assets`.
pub(crate) static BUILT: [File; 27] = [
    built!("admin-CTlmAjwl.js", JS, Forever),
    built!("admin-edz3pCjR.css", CSS, Forever),
    built!("ar-JcZIOuR4.js", JS, Forever),
    built!("ar-Qh_77pb5.js", JS, Forever),
    built!("blur-Dj22pxql.js", JS, Forever),
    built!("code-BwTNMZnV.css", CSS, Forever),
    built!("code-By3idd5z.js", JS, Forever),
    built!("de-CXLmqxNz.js", JS, Forever),
    built!("de-DDOxf0zf.js", JS, Forever),
    built!("dist-BsbcV6pe.js", JS, Forever),
    built!("es-CtwDBDr5.js", JS, Forever),
    built!("es-DoM4LMoI.js", JS, Forever),
    built!("fr-AD606wDq.js", JS, Forever),
    built!("fr-Dto7XsGH.js", JS, Forever),
    built!("icon.svg", SVG, Ask),
    built!("index-CCjO5gjj.css", CSS, Forever),
    built!("index-DA_PVqcF.js", JS, Forever),
    built!("licences.txt", TEXT, Ask),
    built!("manifest.webmanifest", MANIFEST, Ask),
    built!("noise-_Fezv3m0.js", JS, Forever),
    built!("rnnoise_simd-BsE3sPy6.wasm", WASM, Forever),
    built!("selfie_segmentation-BSQFz9_B.binarypb", BYTES, Forever),
    built!("selfie_segmentation-ZKOwSeXT.js", JS, Forever),
    built!("selfie_segmentation_landscape-De15ejCY.tflite", BYTES, Forever),
    built!("selfie_segmentation_solution_simd_wasm_bin-BWcS8PH4.wasm", WASM, Forever),
    built!("selfie_segmentation_solution_simd_wasm_bin-CaaBtH8H.js", JS, Forever),
    built!("workletProcessor-CTUsFnsu.js", JS, Forever),
];
