//! A Rust file as a reader of names sees it: without comments, texts and characters. It refuses to
//! know the grammar beyond that.

/// The text of a Rust file with a blank in place of each comment, text and character.
pub fn code(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let skipped = comment(rest).or_else(|| quoted(rest)).or_else(|| raw(rest));
        let len = match skipped.or_else(|| character(rest)) {
            Some(len) => {
                code.push(' ');
                len
            }
            None => {
                // A name at once, so that no letter inside it is taken for a prefix of a text.
                let len = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
                let len = len.max(letter.len_utf8());
                code.push_str(&rest[..len]);
                len
            }
        };
        rest = &rest[len..];
    }
    code
}

/// The identifiers of a Rust file, keywords included, in their order.
pub fn identifiers(text: &str) -> Vec<String> {
    let code = code(text);
    let words = code.split(|c| !is_of_name(c)).filter(|word| !word.is_empty());
    words.filter(|word| !word.starts_with(char::is_numeric)).map(str::to_owned).collect()
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Up to the end of the line, or of the block with all blocks within it.
fn comment(rest: &str) -> Option<usize> {
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    let mut at = rest.starts_with("/*").then_some(2)?;
    let mut depth = 1;
    while depth > 0 {
        let Some(next) = rest[at..].find(['/', '*']) else { return Some(rest.len()) };
        at += next;
        match &rest[at..] {
            inner if inner.starts_with("/*") => (at, depth) = (at + 2, depth + 1),
            inner if inner.starts_with("*/") => (at, depth) = (at + 2, depth - 1),
            _ => at += 1,
        }
    }
    Some(at)
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
    let prefix = ["r", "br", "cr"].into_iter().find(|prefix| {
        let hashes = rest.strip_prefix(prefix).map(|after| after.trim_start_matches('#'));
        hashes.is_some_and(|text| text.starts_with('"'))
    })?;
    let hashes = &rest[prefix.len()..];
    let begin = hashes.find('"')?;
    let end = format!("\"{}", &hashes[..begin]);
    let inner = &hashes[begin + 1..];
    let before = prefix.len() + begin + 1;
    Some(inner.find(&end).map_or(rest.len(), |at| before + at + end.len()))
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
