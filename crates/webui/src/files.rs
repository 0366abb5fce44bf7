//! The table of embedded files: one row per name under `/assets/`, so that nothing outside the
//! table can ever be asked for. It refuses to know about requests.

/// How long a browser may keep a file without asking again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Ask each time (the answer is usually 304): the name stays while the content changes.
    Ask,
    /// For ever: the version is part of the name.
    Forever,
}

/// One embedded file.
#[derive(Debug)]
pub(crate) struct File {
    /// Path below `/assets/`.
    pub name: &'static str,
    pub content_type: &'static str,
    pub bytes: &'static [u8],
    pub keep: Keep,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";
const TEXT: &str = "text/plain; charset=utf-8";

macro_rules! file {
    ($name:literal, $content_type:expr, $keep:ident) => {
        File {
            name: $name,
            content_type: $content_type,
            bytes: include_bytes!(concat!("../assets/", $name)),
            keep: Keep::$keep,
        }
    };
}

pub(crate) static INDEX: File = file!("index.html", HTML, Ask);

static FILES: [File; 11] = [
    file!("style.css", CSS, Ask),
    file!("app.js", JS, Ask),
    file!("devices.js", JS, Ask),
    file!("line.js", JS, Ask),
    file!("room.js", JS, Ask),
    file!("people.js", JS, Ask),
    file!("words.js", JS, Ask),
    file!("icon.svg", SVG, Ask),
    file!("icons.svg", SVG, Ask),
    file!("vendor/signalwire-js-3.30.0/index.umd.js", JS, Forever),
    file!("vendor/signalwire-js-3.30.0/LICENSE", TEXT, Forever),
];

/// All of them, the page too.
pub(crate) fn all() -> impl Iterator<Item = &'static File> {
    FILES.iter().chain([&INDEX])
}

/// The page's own picture.
pub(crate) fn icon() -> &'static File {
    static ICON: File = file!("icon.svg", SVG, Ask);
    &ICON
}

/// The file of that name, if the table has it.
pub(crate) fn find(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_the_page_names_is_in_the_table() {
        let page = std::str::from_utf8(INDEX.bytes).expect("the page is text");
        let names: Vec<&str> = page
            .split("\"assets/")
            .skip(1)
            .filter_map(|rest| rest.split(['"', '#']).next())
            .collect();
        assert!(names.len() >= 4, "the page names its script, style, icon and SDK: {names:?}");
        for name in names {
            assert!(find(name).is_some(), "the page asks for /assets/{name}");
        }
    }

    #[test]
    fn every_module_a_script_imports_is_in_the_table() {
        let scripts = FILES.iter().filter(|f| f.content_type == JS && f.keep == Keep::Ask);
        let mut seen = 0;
        for script in scripts {
            let text = std::str::from_utf8(script.bytes).expect("a script is text");
            for rest in text.split("from \"./").skip(1) {
                let name = rest.split('"').next().unwrap_or_default();
                assert!(find(name).is_some(), "{} imports {name}", script.name);
                seen += 1;
            }
        }
        assert!(seen >= 3, "the modules import one another");
    }

    #[test]
    fn a_page_below_a_path_finds_everything_beside_itself() {
        let own = FILES.iter().filter(|f| f.keep == Keep::Ask).chain([&INDEX]);
        for file in own {
            let text = std::str::from_utf8(file.bytes).expect("text");
            for root in ["src=\"/", "href=\"/a", "url(/", "fetch(\"/", "from \"/", "`/", "\"/dev"] {
                assert!(!text.contains(root), "{} contains {root}", file.name);
            }
        }
    }

    #[test]
    fn nothing_the_page_holds_points_to_another_host() {
        let own = FILES.iter().filter(|f| f.keep == Keep::Ask).chain([&INDEX]);
        for file in own {
            let text = std::str::from_utf8(file.bytes).expect("text");
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for scheme in ["src=\"http", "href=\"http", "url(http", "import(\"http", "\"//"] {
                assert!(!text.contains(scheme), "{} contains {scheme}", file.name);
            }
        }
    }

    #[test]
    fn a_path_that_climbs_finds_nothing() {
        for name in ["../src/lib.rs", "", "/", "style.css/", "vendor", "%2e%2e/lib.rs"] {
            assert!(find(name).is_none(), "{name:?}");
        }
    }
}
