//! The little that is read and changed of an offer before the network side sifts it for good.

use super::problem::Problem;
use rotunda_hub::Direction;

const DIRECTIONS: [&str; 4] = ["sendrecv", "sendonly", "recvonly", "inactive"];

/// Takes an offer whose media goes the way of the door, and leaves its candidates out: they are never
/// contacted, and the offer is kept for ICE restarts.
///
/// # Errors
/// 406 when nothing in it could go that way, or more than a message may have lines.
pub(super) fn read(sdp: &str, direction: Direction) -> Result<String, Problem> {
    let one_way = match direction {
        Direction::Whep => "recvonly",
        Direction::Whip => "sendonly",
    };
    if directions(sdp).all(|found| found != "sendrecv" && found != one_way) {
        return Err(Problem::wrong_direction(one_way));
    }
    let kept = lines(sdp).filter(|line| !line.starts_with("a=candidate:"));
    Ok(joined(kept))
}

/// The direction of each live section of sound or pictures; a session-level one stands for those
/// that have none.
fn directions(sdp: &str) -> impl Iterator<Item = &str> {
    let mut sections = sdp.split("\nm=");
    let of = |section: &str, otherwise: &'static str| {
        let named = lines(section).filter_map(|line| line.strip_prefix("a="));
        let found = named.filter_map(|name| DIRECTIONS.into_iter().find(|own| *own == name));
        found.last().unwrap_or(otherwise)
    };
    let session = of(sections.next().unwrap_or_default(), "sendrecv");
    sections.filter(|section| is_live_media(section)).map(move |section| of(section, session))
}

/// Port 0 without `bundle-only` is a section that is over (RFC 8843 §6).
fn is_live_media(section: &str) -> bool {
    let mut words = lines(section).next().unwrap_or_default().split(' ');
    let is_media = matches!(words.next(), Some("audio" | "video"));
    is_media && (words.next() != Some("0") || lines(section).any(|line| line == "a=bundle-only"))
}

/// The first ICE user fragment of a description.
pub(super) fn ufrag(sdp: &str) -> Option<&str> {
    lines(sdp).find_map(|line| line.strip_prefix("a=ice-ufrag:"))
}

/// The same offer with other ICE credentials.
pub(super) fn with_credentials(sdp: &str, ufrag: &str, pwd: &str) -> String {
    let (ufrag, pwd) = (format!("a=ice-ufrag:{ufrag}"), format!("a=ice-pwd:{pwd}"));
    joined(lines(sdp).map(|line| match line {
        line if line.starts_with("a=ice-ufrag:") => ufrag.as_str(),
        line if line.starts_with("a=ice-pwd:") => pwd.as_str(),
        line => line,
    }))
}

/// Lines without their ends, empty ones left out.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty())
}

/// Lines with their ends.
pub(super) fn joined<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(line);
        text.push_str("\r\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str = "v=0\r\na=ice-ufrag:abcd\r\na=ice-pwd:one\r\nm=audio 9 X 111\r\na=recvonly\r\n\
                         a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\nm=video 9 X 96\r\na=recvonly\r\n";

    #[test]
    fn the_door_takes_what_could_go_its_way() {
        // The direction of the session, of the first and of the second section; watch, publish.
        let table = [
            ("", "recvonly", "recvonly", true, false),
            ("", "sendonly", "sendonly", false, true),
            ("", "sendrecv", "inactive", true, true),
            ("", "inactive", "inactive", false, false),
            ("", "", "", true, true),
            ("sendonly", "", "", false, true),
            ("sendonly", "recvonly", "", true, true),
            ("inactive", "", "", false, false),
        ];
        for (session, first, second, watch, publish) in table {
            let line =
                |word: &str| if word.is_empty() { String::new() } else { format!("a={word}\n") };
            let (session, first, second) = (line(session), line(first), line(second));
            let sdp = format!("v=0\n{session}m=audio 9 X 111\n{first}m=video 9 X 96\n{second}");
            assert_eq!(read(&sdp, Direction::Whep).is_ok(), watch, "{sdp}");
            assert_eq!(read(&sdp, Direction::Whip).is_ok(), publish, "{sdp}");
        }
        let dead = "v=0\nm=video 0 X 96\nm=application 9 X y\nm=audio 9 X 111\na=inactive\n";
        for no_media in ["", "v=0\r\n", "a=sendrecv", "rubbish", dead] {
            assert!(read(no_media, Direction::Whep).is_err(), "{no_media:?}");
        }
    }

    #[test]
    fn candidates_are_left_out_and_nothing_else() {
        let kept = read(OFFER, Direction::Whep).unwrap();
        assert!(!kept.contains("candidate"));
        assert_eq!(kept.lines().count(), OFFER.lines().count() - 1);
    }

    #[test]
    fn a_restart_changes_the_credentials_and_nothing_else() {
        assert_eq!(ufrag(OFFER), Some("abcd"));
        let anew = with_credentials(OFFER, "efgh", "two");
        assert_eq!(anew.replace("efgh", "abcd").replace("two", "one"), OFFER);
        assert_eq!(ufrag(&anew), Some("efgh"));
    }
}
