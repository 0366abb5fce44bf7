//! Rewrites the stack's answer text into the form browser SDKs swallow: audio section first, then
//! video, whatever the offer's order; candidates in every section; one media stream id for both;
//! CRLF at the end. Each section keeps its own `a=mid`. It refuses to know the stack.

use std::fmt::Write as _;

/// One media section's facts, as negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub mid: String,
    /// We send to the client.
    pub sends: bool,
    /// We receive from the client.
    pub receives: bool,
    /// Payload type and codec name in lower case, in the answer's order.
    pub codecs: Vec<(u8, String)>,
}

impl Line {
    pub fn pt(&self, codec: &str) -> Option<u8> {
        self.codecs.iter().find(|(_, name)| name == codec).map(|(pt, _)| *pt)
    }
}

/// The reshaped text and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Shaped {
    pub sdp: String,
    pub audio: Option<Line>,
    pub video: Option<Line>,
}

/// `text` is an answer the stack wrote; `stream_id` names the one media stream.
pub(crate) fn shape(text: &str, stream_id: &str) -> Shaped {
    let lines: Vec<&str> = text.lines().filter(|l| !l.is_empty()).collect();
    let first = lines.iter().position(|l| l.starts_with("m=")).unwrap_or(lines.len());
    let (header, rest) = lines.split_at(first);
    let mut sections: Vec<Vec<&str>> = Vec::new();
    for line in rest {
        match sections.last_mut() {
            Some(section) if !line.starts_with("m=") => section.push(line),
            _ => sections.push(vec![line]),
        }
    }
    let candidates: Vec<&str> =
        rest.iter().filter(|l| l.starts_with("a=candidate:")).copied().collect();
    sections.sort_by_key(|s| !s[0].starts_with("m=audio"));
    Shaped {
        sdp: assembled(header, &sections, &candidates, stream_id),
        audio: sections.iter().find_map(|s| facts(s, "m=audio ")),
        video: sections.iter().find_map(|s| facts(s, "m=video ")),
    }
}

fn assembled(
    header: &[&str],
    sections: &[Vec<&str>],
    candidates: &[&str],
    stream_id: &str,
) -> String {
    let mut out = String::new();
    for line in header {
        if line.starts_with("a=msid-semantic:") {
            put(&mut out, &format!("a=msid-semantic: WMS {stream_id}"));
        } else {
            put(&mut out, line);
        }
    }
    for section in sections {
        let own = |l: &&&str| !l.starts_with("a=candidate:") && **l != "a=end-of-candidates";
        section.iter().filter(own).for_each(|line| put(&mut out, &named(line, stream_id)));
        if !rejected(section[0]) {
            candidates.iter().for_each(|line| put(&mut out, line));
            put(&mut out, "a=end-of-candidates");
        }
    }
    out
}

fn put(out: &mut String, line: &str) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{line}\r\n");
}

/// Replaces the stream id in `a=msid:<stream> <track>` and `a=ssrc:<n> msid:<stream> <track>`.
fn named(line: &str, stream_id: &str) -> String {
    let at = if line.starts_with("a=msid:") {
        "a=msid:".len()
    } else if let Some(at) = line.find(" msid:").filter(|_| line.starts_with("a=ssrc:")) {
        at + " msid:".len()
    } else {
        return line.to_owned();
    };
    match line[at..].split_once(' ') {
        Some((_, track)) => format!("{}{stream_id} {track}", &line[..at]),
        None => format!("{}{stream_id}", &line[..at]),
    }
}

fn rejected(m: &str) -> bool {
    m.split(' ').nth(1) == Some("0")
}

fn facts(section: &[&str], kind: &str) -> Option<Line> {
    if !section[0].starts_with(kind) || rejected(section[0]) {
        return None;
    }
    let mid = section.iter().find_map(|l| l.strip_prefix("a=mid:"))?.to_owned();
    let is = |direction: &str| section.contains(&direction);
    Some(Line {
        mid,
        sends: is("a=sendrecv") || is("a=sendonly"),
        receives: is("a=sendrecv") || is("a=recvonly"),
        codecs: section.iter().filter_map(|l| codec(l)).collect(),
    })
}

/// `a=rtpmap:96 VP8/90000` → (96, "vp8").
fn codec(line: &str) -> Option<(u8, String)> {
    let (pt, spec) = line.strip_prefix("a=rtpmap:")?.split_once(' ')?;
    let name = spec.split('/').next()?;
    Some((pt.parse().ok()?, name.to_ascii_lowercase()))
}
