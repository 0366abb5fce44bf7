//! Pages of a list, newest first, by the place of a row and not by counting: rows added or deleted
//! while somebody turns pages neither repeat nor hide others.

use uuid::Uuid;

/// Which rows of a list are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Most rows, at least 1; the caller bounds it.
    pub size: u32,
    /// Where to start; the newest when there is none.
    pub token: Option<PageToken>,
}

/// Rows and the way on from them.
#[derive(Clone, Debug, PartialEq)]
pub struct ListPage<T> {
    /// The rows, newest first.
    pub rows: Vec<T>,
    /// Towards the newer, when there are any.
    pub prev: Option<PageToken>,
    /// Towards the older, when there are any.
    pub next: Option<PageToken>,
}

/// A place in a list, opaque to clients: `PA` and 50 hex digits. A forged one is a different
/// place in the same list and opens nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageToken {
    towards: Towards,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Towards {
    Older,
    Newer,
}

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) ordinal: i64,
    pub(crate) id: Uuid,
}

impl PageToken {
    /// Reads a token; `None` when it is none of ours.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("PA").filter(|hex| hex.len() == 50 && hex.is_ascii())?;
        let towards = match &hex[..2] {
            "00" => Towards::Older,
            "01" => Towards::Newer,
            _ => return None,
        };
        let ordinal = u64::from_str_radix(&hex[2..18], 16).ok()?;
        let id = Uuid::try_parse(&hex[18..]).ok()?;
        Some(Self { towards, place: Place { ordinal: i64::try_from(ordinal).ok()?, id } })
    }

    fn new(towards: Towards, place: Place) -> Self {
        Self { towards, place }
    }
}

impl std::fmt::Display for PageToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let towards = u8::from(self.towards == Towards::Newer);
        write!(f, "PA{towards:02x}{:016x}{}", self.place.ordinal, self.place.id.simple())
    }
}

/// The bounds a list's query binds, and how to read what it gives.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Rows strictly before this place, newest first; or strictly after it, oldest first.
    pub(crate) newer: bool,
    pub(crate) ordinal: i64,
    pub(crate) id: Uuid,
    /// One more than asked for, to know whether there are more.
    pub(crate) limit: i64,
}

impl Page {
    pub(crate) fn bounds(&self) -> Bounds {
        // The newest page starts before a place no row can reach.
        let end = Place { ordinal: i64::MAX, id: Uuid::max() };
        let (newer, place) = match self.token {
            None => (false, end),
            Some(token) => (token.towards == Towards::Newer, token.place),
        };
        let limit = i64::from(self.size.max(1)) + 1;
        Bounds { newer, ordinal: place.ordinal, id: place.id, limit }
    }

    /// Turns the rows a query gave into a page.
    pub(crate) fn cut<T>(&self, mut rows: Vec<(Place, T)>) -> ListPage<T> {
        let newer = self.bounds().newer;
        let has_more = rows.len() > self.size.max(1) as usize;
        rows.truncate(self.size.max(1) as usize);
        if newer {
            rows.reverse();
        }
        let has_newer = if newer { has_more } else { self.token.is_some() };
        let has_older = newer || has_more;
        let first = rows.first().map(|(place, _)| *place).filter(|_| has_newer);
        let last = rows.last().map(|(place, _)| *place).filter(|_| has_older);
        ListPage {
            prev: first.map(|place| PageToken::new(Towards::Newer, place)),
            next: last.map(|place| PageToken::new(Towards::Older, place)),
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_comes_back_as_it_went() {
        for towards in [Towards::Older, Towards::Newer] {
            let token = PageToken::new(towards, Place { ordinal: 1_700, id: Uuid::new_v4() });
            let text = token.to_string();
            assert!(text.starts_with("PA") && text.len() == 52, "{text}");
            assert_eq!(PageToken::parse(&text), Some(token));
        }
    }

    #[test]
    fn what_is_no_token_is_none() {
        let good =
            PageToken::new(Towards::Older, Place { ordinal: 5, id: Uuid::nil() }).to_string();
        let far = format!("PA00ffffffffffffffff{}", Uuid::nil().simple());
        let many = "é".repeat(25);
        for bad in
            ["", "PA", "PAb3877c40da604998", &good[1..], &good[..50], &far, &format!("PA{many}")]
        {
            assert_eq!(PageToken::parse(bad), None, "{bad}");
        }
    }
}
