//! The table of embedded files: one row per name under `/assets/`, so that nothing outside the
//! table can ever be asked for. It refuses to know about requests.

use crate::built::BUILT;
use crate::embedded::{File, HTML, SVG, built};

pub(crate) static INDEX: File = built!("index.html", "index.html", HTML, Ask);

/// The operator's page.
pub(crate) static ADMIN: File = built!("admin.html", "admin.html", HTML, Ask);

/// All of them, the pages too.
pub(crate) fn all() -> impl Iterator<Item = &'static File> {
    BUILT.iter().chain([&INDEX, &ADMIN])
}

/// The page's own picture.
pub(crate) fn icon() -> &'static File {
    static ICON: File = built!("icon.svg", SVG, Ask);
    &ICON
}

/// The file of that name, if the table has it.
pub(crate) fn find(name: &str) -> Option<&'static File> {
    BUILT.iter().find(|file| file.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compress::plain;
    use crate::embedded::{BYTES, JS, WASM};

    fn text(file: &File) -> &'static str {
        std::str::from_utf8(plain(file)).expect("a file that is no program or model is text")
    }

    /// All that people or browsers read as text.
    fn texts() -> impl Iterator<Item = &'static File> {
        all().filter(|file| ![WASM, BYTES].contains(&file.content_type))
    }

    #[test]
    fn every_file_that_a_page_names_is_in_the_table() {
        for page in [&INDEX, &ADMIN] {
            let names: Vec<&str> = text(page)
                .split("\"./assets/")
                .skip(1)
                .filter_map(|rest| rest.split('"').next())
                .collect();
            assert!(names.len() >= 3, "a page names its script, style and icon: {names:?}");
            for name in names {
                assert!(find(name).is_some(), "{} asks for /assets/{name}", page.name);
            }
        }
    }

    #[test]
    fn every_part_that_a_script_fetches_later_is_in_the_table() {
        let scripts = BUILT.iter().filter(|file| file.content_type == JS);
        let parts = scripts.flat_map(|script| text(script).split("import(`./").skip(1));
        let names: Vec<&str> = parts.filter_map(|rest| rest.split('`').next()).collect();
        assert!(names.len() >= 4, "each language but English is a part: {names:?}");
        for name in names {
            assert!(find(name).is_some(), "a script fetches {name}");
        }
    }

    #[test]
    fn a_page_below_a_path_finds_everything_beside_itself() {
        for file in texts() {
            for root in ["src=\"/", "href=\"/", "url(/", "fetch(\"/", "from\"/", "`/assets"] {
                assert!(!text(file).contains(root), "{} contains {root}", file.name);
            }
        }
    }

    #[test]
    fn nothing_the_page_holds_points_to_another_host() {
        for file in texts() {
            for scheme in ["src=\"http", "href=\"http", "url(http", "import(\"http", "\"//"] {
                assert!(!text(file).contains(scheme), "{} contains {scheme}", file.name);
            }
        }
    }

    #[test]
    fn a_path_that_climbs_finds_nothing() {
        for name in ["../src/lib.rs", "", "/", "icon.svg/", "assets", "%2e%2e/lib.rs"] {
            assert!(find(name).is_none(), "{name:?}");
        }
    }
}
