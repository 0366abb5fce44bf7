//! One embedded file: what it is called, what it is, and how long it may be kept.

/// How long a browser may keep a file without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Ask each time (the answer is usually 304): the name stays while the content changes.
    Ask,
    /// For ever: a hash of the content is part of the name.
    Forever,
}

/// One embedded file.
#[derive(Debug)]
pub(crate) struct File {
    /// Path below `/assets/`.
    pub name: &'static str,
    pub content_type: &'static str,
    /// The content as gzip (RFC 1952), as most browsers take it.
    pub gzipped: &'static [u8],
    pub keep: Keep,
}

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const CSS: &str = "text/css; charset=utf-8";
pub(crate) const JS: &str = "text/javascript; charset=utf-8";
pub(crate) const SVG: &str = "image/svg+xml";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const MP3: &str = "audio/mpeg";
pub(crate) const MANIFEST: &str = "application/manifest+json";
pub(crate) const WASM: &str = "application/wasm";
pub(crate) const BYTES: &str = "application/octet-stream";

/// A row for a file of `web/dist/assets`, or for the one at the path that is given.
macro_rules! built {
    ($name:literal, $content_type:expr, $keep:ident) => {
        built!($name, concat!("assets/", $name), $content_type, $keep)
    };
    ($name:literal, $path:expr, $content_type:expr, $keep:ident) => {
        $crate::embedded::File {
            name: $name,
            content_type: $content_type,
            gzipped: include_bytes!(concat!("../../../web/dist/", $path, ".gz")),
            keep: $crate::embedded::Keep::$keep,
        }
    };
}
pub(crate) use built;

/// A row for a file of the widget.
macro_rules! kit {
    ($name:literal, $content_type:expr) => {
        $crate::embedded::File {
            name: concat!("app-kit/", $name),
            content_type: $content_type,
            gzipped: include_bytes!(concat!("../app-kit/", $name, ".gz")),
            keep: $crate::embedded::Keep::Ask,
        }
    };
}
pub(crate) use kit;
