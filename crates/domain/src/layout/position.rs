//! Places by the names they have on the wire, and where somebody asks to sit.

use std::fmt;

/// What a place is called on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reservation {
    /// `standard-N`, counted from 1: anybody's.
    Standard(u32),
    /// `reserved-N`, counted from 1: for those placed there, the floor or a share.
    Reserved(u32),
    /// The layer of a screen share that fills the canvas; never accepted as input.
    FullScreen,
}

impl fmt::Display for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard(n) => write!(f, "standard-{n}"),
            Self::Reserved(n) => write!(f, "reserved-{n}"),
            Self::FullScreen => f.write_str("full-screen"),
        }
    }
}

/// The seat a member asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Position {
    /// Wherever there is room.
    #[default]
    Auto,
    /// A named place.
    At(Reservation),
    /// Not on the canvas; still heard.
    OffCanvas,
}

impl Position {
    /// Reads one of the four spellings accepted as input: `auto`, `standard-N`, `reserved-N` (from
    /// 1 on) and `off-canvas`. Each place has one spelling: N has neither sign nor leading zero.
    pub fn parse(text: &str) -> Option<Self> {
        let is_plain = |n: &&str| n.bytes().all(|b| b.is_ascii_digit()) && !n.starts_with('0');
        let number = |digits: &str| {
            let n = Some(digits).filter(is_plain)?.parse().ok()?;
            (1..=300).contains(&n).then_some(n)
        };
        match text {
            "auto" => Some(Self::Auto),
            "off-canvas" => Some(Self::OffCanvas),
            _ => match text.split_once('-')? {
                ("standard", n) => Some(Self::At(Reservation::Standard(number(n)?))),
                ("reserved", n) => Some(Self::At(Reservation::Reserved(number(n)?))),
                _ => None,
            },
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::At(place) => place.fmt(f),
            Self::OffCanvas => f.write_str("off-canvas"),
        }
    }
}
