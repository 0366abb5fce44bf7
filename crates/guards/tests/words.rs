//! Words that each meant three to seven things, and are gone from identifiers and file names. Comments
//! and texts may use them; `CONTRIBUTING.md` says what stands in their place.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

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

/// The identifiers of a Rust file: everything but comments, texts and characters.
fn identifiers(text: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), text);
    while let Some(letter) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| quoted(rest)).or_else(|| raw(rest));
        let skipped = skipped.or_else(|| character(rest));
        let len = skipped.unwrap_or_else(|| {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            if len > 0 && !letter.is_numeric() {
                found.push(rest[..len].to_owned());
            }
            len.max(letter.len_utf8())
        });
        rest = &rest[len..];
    }
    found
}

fn comment(rest: &str) -> Option<usize> {
    let line = rest.starts_with("//").then(|| rest.find('\n').unwrap_or(rest.len()));
    line.or_else(|| rest.starts_with("/*").then(|| rest.find("*/").map_or(rest.len(), |at| at + 2)))
}

fn quoted(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('"')?;
    let mut is_escaped = false;
    let end = inner.find(|c| {
        let ends = c == '"' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        ends
    });
    Some(end.map_or(rest.len(), |at| at + 2))
}

fn raw(rest: &str) -> Option<usize> {
    let hashes = rest.strip_prefix('r')?;
    let begin = hashes.find(|c| c != '#')?;
    let end = format!("\"{}", &hashes[..begin]);
    let inner = hashes[begin..].strip_prefix('"')?;
    Some(inner.find(&end).map_or(rest.len(), |at| 1 + begin + 1 + at + end.len()))
}

/// A character; a lifetime is none.
fn character(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if inner.starts_with('\\') {
        return inner.get(2..)?.find('\'').map(|at| at + 4);
    }
    let letter = inner.chars().next()?;
    inner[letter.len_utf8()..].starts_with('\'').then_some(letter.len_utf8() + 2)
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
