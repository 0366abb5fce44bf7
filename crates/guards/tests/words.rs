//! Words that each meant three to seven things, and are gone from identifiers and file names. Comments
//! and texts may use them; `CONTRIBUTING.md` says what stands in their place.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use rotunda_guards::identifiers;

const GONE: [&str; 7] = ["wish", "ear", "standing", "bare", "errand", "told", "bulletin"];

/// The parts of a name, split at `_` and where the case rises.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        if letter == '_' || (letter.is_uppercase() && was_lower) {
            parts.push(String::new());
        }
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
        if letter != '_' {
            parts.last_mut().unwrap().extend(letter.to_lowercase());
        }
    }
    parts
}

fn is_gone(name: &str) -> bool {
    parts(name).iter().any(|part| GONE.contains(&part.strip_suffix('s').unwrap_or(part)))
}

#[test]
fn names_use_the_fields_words() {
    let mut wrong = Vec::new();
    for path in rotunda_guards::sources() {
        let file = path.file_stem().unwrap().to_str().unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        let names = identifiers(&text).into_iter().chain([file.to_owned()]);
        wrong.extend(names.filter(|name| is_gone(name)).map(|name| (path.clone(), name)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_names_are_read() {
    let text = r##"let LegWish = 'w'; // a wish
        /* wish */ fn is_told<'wish>(x: &'a str) { "a wish \" wish"; r#"wish"#; '\''; bearing }"##;
    let names = identifiers(text);
    let gone: Vec<_> = names.iter().filter(|name| is_gone(name)).collect();
    assert_eq!(gone, ["LegWish", "is_told", "wish"]);
}
