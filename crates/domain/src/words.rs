//! Values that are one of several words on the wire: the spelling stands once, beside the value it means.

/// An enum with its words: `WORDS`, `as_str` and `parse` follow from one list.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_meta])* $variant,)+
        }

        impl $name {
            /// All spellings on the wire.
            pub const WORDS: &[&'static str] = &[$($word),+];

            /// The spelling on the wire.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }

            /// Reads the wire's spelling; capitals matter.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use words;

#[cfg(test)]
mod tests {
    use crate::{ChatAccess, ConferenceSize, JoinAs, LinkRole, MediaAllowed};

    #[test]
    fn each_word_is_read_as_it_is_written_and_no_other_is() {
        let reads = |words: &[&str], read: &dyn Fn(&str) -> Option<&'static str>| {
            assert!(words.iter().all(|word| read(word) == Some(*word)), "{words:?}");
            assert_eq!((read("true"), read(""), read("Member")), (None, None, None));
        };
        reads(ChatAccess::WORDS, &|word| ChatAccess::parse(word).map(ChatAccess::as_str));
        reads(ConferenceSize::WORDS, &|word| {
            ConferenceSize::parse(word).map(ConferenceSize::as_str)
        });
        reads(JoinAs::WORDS, &|word| JoinAs::parse(word).map(JoinAs::as_str));
        reads(LinkRole::WORDS, &|word| LinkRole::parse(word).map(LinkRole::as_str));
        reads(MediaAllowed::WORDS, &|word| MediaAllowed::parse(word).map(MediaAllowed::as_str));
    }
}
