//! What the codes of error answers mean, for people: one page, which each error's `url` points into.

use axum::http::header;
use axum::response::{IntoResponse, Response};

/// Where [`page`] stands.
pub(crate) const PATH: &str = "/errors";

/// Each code of this server's answers and what to do about it.
pub(crate) const CODES: [(&str, &str); 16] = [
    (
        "invalid_parameter",
        "The value is missing, too long, too short or not one of those that are taken; the message says which.",
    ),
    ("invalid_join_until_date", "join_until lies before join_from."),
    (
        "invalid_state",
        "The object is not in a state in which this can be done; wait, or do what the message says first.",
    ),
    ("not_a_boolean", "Write true or false, without quotes."),
    ("not_a_datetime", "Write RFC 3339 (2026-01-31T12:00:00Z), a date, or Unix seconds."),
    ("not_a_hash", "Write a JSON object."),
    ("not_a_number", "Write a number within the bounds that the message names."),
    ("not_a_string", "Write a JSON string."),
    ("not_alphanumeric", "Letters, digits, dash and underscore only."),
    ("not_an_array_of_strings", "Write a JSON list of strings."),
    ("not_unique_within_project", "Another object of the project has this name."),
    ("exceeds_platform_link_limit", "The room has a hundred links; delete one first."),
    ("exceeds_platform_stream_limit", "No further stream at the same time; end one first."),
    ("exceeds_platform_webhook_limit", "The project has twenty webhooks; delete one first."),
    (
        "url_is_unsafe",
        "The address leads to where this server may not connect; the operator's network.allow_addresses decides.",
    ),
    (
        "url_failed_to_parse",
        "Write an absolute address of a kind that is taken here; the message says which.",
    ),
];

/// All of them as a page, one anchor a code.
pub async fn page() -> Response {
    let rows: String = CODES
        .iter()
        .map(|(code, text)| format!("<dt id=\"{code}\"><code>{code}</code></dt><dd>{text}</dd>\n"))
        .collect();
    let html = format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>Error codes</title>\n\
         <h1>Error codes</h1>\n<dl>\n{rows}</dl>\n</html>\n"
    );
    let policy = "default-src 'none'; frame-ancestors 'none'";
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, policy),
        ],
        html,
    )
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Every word in quotes of the crate's other files that looks like a code.
    fn used() -> Vec<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = std::fs::read_dir(folder).unwrap().flatten().map(|file| file.path());
        let others = files.filter(|file| file.is_file() && !file.ends_with("error_codes.rs"));
        let text: String = others.map(|file| std::fs::read_to_string(file).unwrap()).collect();
        let begins = ["not_a", "not_unique_", "invalid_", "exceeds_", "url_"];
        let is_code = |word: &&str| {
            begins.iter().any(|begin| word.starts_with(begin))
                && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
        };
        text.split('"').filter(is_code).map(str::to_owned).collect()
    }

    #[test]
    fn every_code_that_is_answered_is_explained() {
        let used = used();
        assert!(used.len() > 30, "{used:?}");
        for code in used {
            assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
        }
    }
}
