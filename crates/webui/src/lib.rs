//! The page at `/` and all that it loads, compiled into the binary as `make web` built it from `web/`.
//!
//! It exists so that `cargo build` alone gives a server with its page. It knows nothing of
//! rooms, tokens or sockets: it serves bytes. The page finds the room by the browser package in it, and
//! its token by `POST /dev/token`, which belongs to whoever mounts this.

mod app_kit;
mod app_kit_files;
mod built;
mod compress;
mod embedded;
mod files;
mod respond;

pub use respond::{BadAncestor, Page};

use axum::Router;
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::routing::get;

impl Page {
    /// Everything the page loads, under `/assets/`, and `/favicon.ico`, which browsers ask for unasked; an
    /// unknown name is a plain 404. At `/r/` is the page once more, with its files beside it: the rest of
    /// such an address is the page's own business, and its fragment is never sent here. At `/admin` is the
    /// operator's page.
    pub fn assets<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let (page, icons, link, admin) = (self.clone(), self.clone(), self.clone(), self.clone());
        let asset = move |Path(path): Path<String>, headers: HeaderMap| async move {
            let shared = || {
                let file = app_kit::all().find(|file| file.name == path)?;
                Some(app_kit::shared(page.file(file, &headers)))
            };
            let own = files::find(&path).map(|file| page.file(file, &headers));
            own.or_else(shared).unwrap_or_else(respond::not_found)
        };
        let icon = move |headers: HeaderMap| async move { icons.file(files::icon(), &headers) };
        let linked = move |headers: HeaderMap| async move { link.index(&headers) };
        let operators = move |headers: HeaderMap| async move { admin.unframed(&headers) };
        Router::new()
            .route("/assets/{*path}", get(asset.clone()))
            .route("/r/{room}", get(linked))
            .route("/r/assets/{*path}", get(asset.clone()))
            .route("/admin", get(operators))
            .route("/admin/assets/{*path}", get(asset))
            .route("/favicon.ico", get(icon))
    }
}
