//! What other people's pages load from here: SignalWire's prebuilt widget as npm has it, for those who have it
//! in their pages, and the element `<rotunda-room>`, for everybody else. Any page may load them.

use crate::app_kit_files::APP_KIT;
use crate::embedded::{File, JS};
use axum::body::Body;
use axum::http::{HeaderValue, Response, header};

/// The element: a room in any page by one line of HTML.
static ELEMENT: File = File {
    name: "rotunda-room.js",
    content_type: JS,
    gzipped: include_bytes!("../embed/rotunda-room.js.gz"),
    keep: crate::embedded::Keep::Ask,
};

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = &'static File> {
    APP_KIT.iter().chain([&ELEMENT])
}

/// Lets pages of any origin read an answer: modules are loaded so, and there is nothing secret in them.
pub(crate) fn shared(mut response: Response<Body>) -> Response<Body> {
    let any = HeaderValue::from_static("*");
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compress::plain;

    /// Three kilobytes, which a page can afford for one line of HTML.
    const SMALL: usize = 3 * 1024;

    #[test]
    fn the_element_is_small_and_its_compressed_file_is_the_source() {
        let source = include_bytes!("../embed/rotunda-room.js");
        assert!(source.len() <= SMALL, "{} bytes", source.len());
        assert_eq!(plain(&ELEMENT), source, "gzip -9nc rotunda-room.js > rotunda-room.js.gz");
    }

    #[test]
    fn every_part_that_the_widget_loads_is_there_and_its_licence() {
        let has = |name: &str| APP_KIT.iter().any(|file| file.name == name);
        assert!(has("app-kit/signalwire.esm.js") && has("app-kit/LICENSE"));
        for file in APP_KIT.iter().filter(|file| file.content_type == JS) {
            let text = std::str::from_utf8(plain(file)).unwrap();
            let parts = text.split("\"./p-").skip(1).filter_map(|rest| rest.split('"').next());
            for part in parts {
                assert!(has(&format!("app-kit/p-{part}")), "{}: {part}", file.name);
            }
        }
    }
}
