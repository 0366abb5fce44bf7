//! SDP fragments (RFC 8840 §9): ICE user name, password and candidates without the rest.

use super::offer::{joined, lines};
use super::problem::Problem;

/// What a client's fragment says of its ICE session. Its candidates are only looked at.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fragment<'a> {
    ufrag: Option<&'a str>,
    pwd: Option<&'a str>,
}

/// Reads a fragment.
///
/// # Errors
/// 400 for what is none: a line that is neither attribute nor section, credentials of other
/// characters or lengths than RFC 8839 §5.4 has them.
pub(super) fn read(text: &str) -> Result<Fragment<'_>, Problem> {
    let has_form =
        |line: &str| line.starts_with("a=") || line.starts_with("m=") || line.starts_with("c=");
    if !lines(text).all(has_form) || lines(text).next().is_none() {
        return Err(Problem::malformed("the body is no SDP fragment (RFC 8840)"));
    }
    Ok(Fragment {
        ufrag: credential(text, "a=ice-ufrag:", 4)?,
        pwd: credential(text, "a=ice-pwd:", 22)?,
    })
}

fn credential<'a>(text: &'a str, name: &str, shortest: usize) -> Result<Option<&'a str>, Problem> {
    let Some(value) = lines(text).find_map(|line| line.strip_prefix(name)) else { return Ok(None) };
    let is_ice_char = |b: u8| b.is_ascii_alphanumeric() || b == b'+' || b == b'/';
    let is_one = (shortest..=256).contains(&value.len()) && value.bytes().all(is_ice_char);
    if is_one {
        return Ok(Some(value));
    }
    Err(Problem::malformed("ice-ufrag has 4 to 256 characters, ice-pwd 22 to 256 (RFC 8839 §5.4)"))
}

impl<'a> Fragment<'a> {
    /// Whether it belongs to another ICE session than the one of this user name: then it asks for a
    /// restart (RFC 9725 §4.3.3).
    pub(super) fn restarts(&self, present: Option<&str>) -> bool {
        self.ufrag.is_some() && self.ufrag != present
    }

    pub(super) fn credentials(&self) -> Option<(&'a str, &'a str)> {
        Some((self.ufrag?, self.pwd?))
    }
}

/// What of an answer a restart tells: how ICE stands now, with the candidates in the first section,
/// which the others are bundled with.
pub(super) fn of_answer(answer: &str) -> String {
    const HEAD: [&str; 3] = ["a=ice-lite", "a=ice-options:", "a=group:BUNDLE"];
    const SECTION: [&str; 6] =
        ["m=", "a=mid:", "a=ice-ufrag:", "a=ice-pwd:", "a=candidate:", "a=end-of-candidates"];
    let mut sections = 0;
    joined(lines(answer).filter(|line| {
        sections += usize::from(line.starts_with("m="));
        let wanted: &[&str] = if sections == 0 { &HEAD } else { &SECTION };
        sections <= 1 && wanted.iter().any(|start| line.starts_with(start))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PWD: &str = "0123456789abcdefghijkl";

    #[test]
    fn credentials_of_the_wrong_form_are_refused_and_missing_ones_are_none() {
        let ok = |text: &str| read(text).is_ok();
        let whole = format!("a=ice-ufrag:ab+/\r\na=ice-pwd:{PWD}\r\nm=audio 9 X 0\r\na=mid:0\r\n");
        assert!(ok(&whole) && ok("a=end-of-candidates\n"));
        assert_eq!(read(&whole).unwrap().credentials(), Some(("ab+/", PWD)));
        assert_eq!(read("a=ice-ufrag:abcd\n").unwrap().credentials(), None);
        let long = format!("a=ice-ufrag:{}\n", "x".repeat(257));
        for bad in [
            "",
            "\r\n",
            "rubbish",
            "a=ice-ufrag:abc",
            "a=ice-ufrag:a b c",
            "a=ice-pwd:short",
            "a=ice-ufrag:a\u{e4}bc",
            long.as_str(),
            "v=0\r\na=ice-ufrag:abcd",
        ] {
            assert!(!ok(bad), "{bad:?}");
        }
    }

    #[test]
    fn whatever_comes_is_read_or_refused_and_grows_by_a_password_a_line_at_most() {
        let whole = format!(
            "v=0\r\na=group:BUNDLE 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:{PWD}\r\nm=audio 9 X 111\r\n\
             a=mid:0\r\na=recvonly\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\nm=video 9 X 96\r\n"
        );
        let mut seed = 7_u32;
        let mut dice = |below: usize| {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as usize % below
        };
        for round in 0..20_000 {
            let mut bytes = whole.clone().into_bytes();
            for _ in 0..=dice(6) {
                let (at, len) = (dice(bytes.len()), dice(12));
                match dice(3) {
                    0 => bytes[at] = b"\r\n=:a m\0\xc3\xff"[dice(10)],
                    1 => drop(bytes.drain(at..(at + len).min(bytes.len()))),
                    _ => bytes.extend_from_within(at..(at + len).min(bytes.len())),
                }
                bytes.push(b'\n');
            }
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Ok(sdpfrag) = read(&text) {
                let _ = (sdpfrag.credentials(), sdpfrag.restarts(Some("abcd")));
            }
            let _ = super::super::offer::read(&text, rotunda_hub::Direction::Whep);
            let anew = super::super::offer::with_credentials(&text, "efgh", PWD);
            let most = text.len() + text.matches('\n').count() * (PWD.len() + 3);
            assert!(
                of_answer(&text).len() <= most && anew.len() <= most,
                "round {round}: {text:?}"
            );
        }
    }

    #[test]
    fn another_user_name_is_a_restart_and_none_is_not() {
        let of = |text| read(text).unwrap().restarts(Some("abcd"));
        assert!(of("a=ice-ufrag:efgh\n"));
        assert!(!of("a=ice-ufrag:abcd\n"));
        assert!(!of("a=end-of-candidates\n"));
    }

    #[test]
    fn an_answers_fragment_has_the_first_section_and_nothing_of_media() {
        let answer = "v=0\r\no=x\r\na=group:BUNDLE 0 1\r\na=ice-lite\r\nm=audio 9 X 111\r\n\
                      c=IN IP4 0.0.0.0\r\na=mid:0\r\na=ice-ufrag:uuuu\r\na=ice-pwd:pppp\r\n\
                      a=rtpmap:111 opus/48000/2\r\na=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n\
                      a=end-of-candidates\r\nm=video 9 X 96\r\na=mid:1\r\na=ice-ufrag:uuuu\r\n";
        let expected = "a=group:BUNDLE 0 1\r\na=ice-lite\r\nm=audio 9 X 111\r\na=mid:0\r\n\
                        a=ice-ufrag:uuuu\r\na=ice-pwd:pppp\r\n\
                        a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\na=end-of-candidates\r\n";
        assert_eq!(of_answer(answer), expected);
    }
}
