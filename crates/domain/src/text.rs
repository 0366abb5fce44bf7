//! What is seen of a text that people read: whether it shows anything, and whether it turns around what
//! stands beside it. It refuses to know what a text is for.
//!
//! Letters are shown from right to left where they are written so (UAX #9); nobody has to say so. The
//! characters that say so all the same can make a text read as another one (UTR #36 section 3.1, UTS #55
//! section 3), so names and messages hold none of those that embed, override or isolate. The marks U+061C,
//! U+200E and U+200F turn nothing around but what is neutral beside them, and people who write Arabic and
//! Hebrew type them.

/// Whether nothing of `text` is seen: it is empty, or all of it is space or takes no place of its own.
pub fn shows_nothing(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_ignorable(c))
}

/// Whether `text` holds a character that embeds, overrides or isolates a direction (U+202A to U+202E,
/// U+2066 to U+2069).
pub fn turns_around(text: &str) -> bool {
    text.contains(turns)
}

/// A name as it may stand beside others: without what turns those around; empty where nothing of it would
/// be seen.
pub fn plain_name(name: &str) -> String {
    if shows_nothing(name) { String::new() } else { name.replace(turns, "") }
}

fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `Default_Ignorable_Code_Point` of Unicode 16 (DerivedCoreProperties.txt), tags and selectors of variants
/// included, and the blank of Braille, which is a symbol without a dot.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_no_place_shows_nothing_and_shows_what_it_stands_beside() {
        for blank in ["", " \n\t", "\u{200b}", "\u{2060}\u{feff} \u{ad}", "\u{3164}", "\u{2800}"] {
            assert!(shows_nothing(blank), "{blank:?}");
            assert!(!shows_nothing(&format!("{blank}a")), "{blank:?}");
        }
        for seen in ["é", "\u{1f468}\u{200d}\u{1f469}", "\u{2764}\u{fe0f}", "\u{5d0}", "\u{a9}"] {
            assert!(!shows_nothing(seen), "{seen:?}");
        }
    }

    #[test]
    fn what_turns_others_around_is_found_and_letters_and_marks_are_not_it() {
        for c in ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}') {
            assert!(turns_around(&format!("a{c}b")), "{c:?}");
        }
        assert_eq!(plain_name("\u{202e}nimda\u{2069}"), "nimda");
        assert_eq!(plain_name("\u{200b}\u{202e}"), "");
        assert!(!turns_around("\u{5d0}\u{200f}\u{627}\u{61c}abc\u{200e}\u{2065}\u{206a}"));
    }
}
