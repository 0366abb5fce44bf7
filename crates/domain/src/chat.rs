//! What people write to each other, and what is read along: values and bounds. Who may, and who hears it,
//! is decided in a session (`session/chat.rs`).

use crate::id::{ChatId, MemberId};
use crate::refusal::Refusal;
use crate::target::Target;
use crate::text::{shows_nothing, turns_around};
use crate::words::words;
use std::sync::Arc;

/// Longest message, in characters.
pub const TEXT_CHARS: usize = 2000;
/// Messages of a session that are kept; beyond that the oldest goes.
pub const KEPT: usize = 200;
/// Bytes of the messages of one list, each counted as [`ChatMessage::bytes`]; beyond that the oldest are
/// left out. An eighth of what may wait for a socket (1 MiB), so that a list alone never closes one.
pub const LIST_BYTES: usize = 128 * 1024;
/// Messages of one person in [`CHAT_WINDOW_MS`], and of all who are in a session.
pub const CHAT_TURNS: (usize, usize) = (5, 100);
/// The same of lists of messages: a client lists once when it comes or its socket is another, and
/// thousands may come at once.
pub const LIST_TURNS: (usize, usize) = (10, 400);
/// See [`CHAT_TURNS`].
pub const CHAT_WINDOW_MS: u64 = 5000;
/// Longest piece of a caption, in characters.
pub const CAPTION_CHARS: usize = 1000;
/// Pieces of captions by one person in [`CHAT_WINDOW_MS`], and by all: a recogniser says what it hears
/// anew some five times a second, for several who speak.
pub const CAPTION_TURNS: (usize, usize) = (100, 400);
/// Longest name of a language (RFC 5646 section 4.4.1).
pub const LANG_CHARS: usize = 35;

words! {
    /// For whom a room's chat is.
    #[derive(Default)]
    ChatAccess {
        /// For nobody.
        Off = "off",
        /// For those who take part.
        #[default]
        Members = "members",
        /// For those who look on, too.
        All = "all",
    }
}

/// A message somebody wants to send.
#[derive(Clone, Debug)]
pub struct ChatDraft {
    /// What it will be called; drawn by the caller, because rules draw nothing.
    pub id: ChatId,
    /// What it says.
    pub text: String,
    /// To whom alone, if not to everybody.
    pub to: Option<Target>,
}

/// A message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatMessage {
    /// Which.
    pub id: ChatId,
    /// Who sent it; `None` is the application.
    pub from: Option<MemberId>,
    /// The sender's name then.
    pub name: Arc<str>,
    /// To whom alone.
    pub to: Option<MemberId>,
    /// What it says; nothing any more, once it was deleted.
    pub text: Arc<str>,
    /// When it was sent, milliseconds since 1970 UTC.
    pub at_ms: i64,
    /// Whether somebody deleted it.
    pub is_deleted: bool,
}

impl ChatMessage {
    /// What it takes to write the message down, at most: its texts, with a mark before what needs one,
    /// and the ids and times around them.
    pub(crate) fn bytes(&self) -> usize {
        const AROUND: usize = 400;
        AROUND + written(&self.name) + written(&self.text)
    }
}

fn written(text: &str) -> usize {
    let of = |c: char| match c {
        '"' | '\\' | '\n' | '\t' => 2,
        c if c.is_control() => 6,
        c => c.len_utf8(),
    };
    text.chars().map(of).sum()
}

/// A piece of what is said, in letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caption {
    /// What was said.
    pub text: String,
    /// Whether it is said as it will stay; else the next piece takes its place.
    pub is_final: bool,
    /// In which language (RFC 5646).
    pub lang: String,
}

/// Whether a text says something that is seen, in plain characters and in the order in which they are read,
/// and not too much.
pub(crate) fn check_text(text: &str, most: usize) -> Result<(), Refusal> {
    let wrong = |why: String| Err(Refusal::Invalid(why));
    let is_odd = |c: char| c.is_control() && c != '\n' && c != '\t';
    match text.chars().count() {
        _ if shows_nothing(text) => wrong("text must say something".into()),
        count if count > most => wrong(format!("text must be at most {most} characters")),
        _ if text.contains(is_odd) => wrong("text must hold no control characters".into()),
        _ if turns_around(text) => wrong(
            "text must hold no characters that turn it around (U+202A-202E, U+2066-2069)".into(),
        ),
        _ => Ok(()),
    }
}

/// Whether that may be the name of a language.
pub(crate) fn check_lang(lang: &str) -> Result<(), Refusal> {
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let is_lang = lang.len() <= LANG_CHARS && lang.split('-').all(is_part);
    is_lang
        .then_some(())
        .ok_or_else(|| Refusal::invalid("lang must be a language tag, such as en-GB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_plain_says_something_and_has_its_bound_in_characters() {
        let ok = |text: &str| check_text(text, TEXT_CHARS).is_ok();
        assert!(ok("é") && ok("two\n\tlines") && ok(&"é".repeat(2000)));
        assert!(ok("\u{5e9}\u{5dc}\u{5d5}\u{5dd}\u{200f}!"), "marks of who writes Hebrew");
        let unseen = ["\u{200b}", "\u{2060}\u{feff}", "\u{3164}\n", "\u{e0041}"];
        let turned = ["a\u{202e}b", "\u{2066}a\u{2069}"];
        let wrong = ["", " \n", "a\0b", "\u{1b}[31m", &"é".repeat(2001)];
        for wrong in wrong.into_iter().chain(unseen).chain(turned) {
            assert!(!ok(wrong), "{wrong:.10}");
        }
    }

    #[test]
    fn a_language_is_named_by_parts_of_letters_and_digits() {
        for (lang, is) in [("en", true), ("de-CH-1996", true), ("", false), ("en_GB", false)] {
            assert_eq!(check_lang(lang).is_ok(), is, "{lang}");
        }
        assert!(check_lang("x-".repeat(18).trim_end_matches('-')).is_ok());
        assert!(check_lang(&"a-".repeat(18)).is_err() && check_lang("toolongapart").is_err());
    }
}
