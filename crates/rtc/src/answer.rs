//! Writes the answer section by section: what is taken from the stack's own answer, what is refused
//! from the offer. Sections stand in the order of the offer (RFC 3264 §6) or, for an SDK that swallows
//! nothing else, sound first; each keeps the offer's id and profile; candidates in every one; one
//! media stream id for both; CRLF at the end. It refuses to know the stack.

use std::fmt::Write as _;

use crate::sift::{Part, Sifted, Taken};

/// One media section's facts, as negotiated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The stack's id.
    pub alias: String,
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

/// The answer's text and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Shaped {
    pub sdp: String,
    pub audio: Option<Line>,
    pub video: Option<Line>,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form<'a> {
    /// Names the one media stream.
    pub stream_id: &'a str,
    pub audio_first: bool,
}

const LAYERS: &str = "a=simulcast:recv ";

/// The stack's answer, cut into sections.
struct Text<'a> {
    header: Vec<&'a str>,
    sections: Vec<Vec<&'a str>>,
    candidates: Vec<&'a str>,
}

impl<'a> Text<'a> {
    fn read(text: &'a str) -> Self {
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
        let candidates = rest.iter().filter(|l| l.starts_with("a=candidate:")).copied().collect();
        Self { header: header.to_vec(), sections, candidates }
    }

    fn section(&self, alias: &str) -> Option<&[&'a str]> {
        let is = |section: &&Vec<&str>| {
            section.iter().any(|l| l.strip_prefix("a=mid:") == Some(alias)) && !rejected(section[0])
        };
        self.sections.iter().find(is).map(Vec::as_slice)
    }
}

/// `text` is what the stack answers to the offer as `sifted`.
pub(crate) fn shape(text: &str, sifted: &Sifted, form: Form<'_>) -> Shaped {
    let text = Text::read(text);
    let mut parts: Vec<&Part> = sifted.parts.iter().collect();
    if form.audio_first {
        parts.sort_by_key(|part| part.media != "audio");
    }
    let fact = |taken: &Option<Taken>| {
        let alias = &taken.as_ref()?.alias;
        facts(alias, text.section(alias)?)
    };
    Shaped {
        sdp: assembled(&text, &parts, sifted, form),
        audio: fact(&sifted.audio),
        video: fact(&sifted.video),
    }
}

/// Where a picture goes out beside layers that come: the stack names no source of it.
pub(crate) fn sends_beside_layers(text: &str, alias: &str) -> bool {
    let text = Text::read(text);
    let has = |section: &[&str]| {
        section.contains(&"a=sendrecv") && section.iter().any(|l| l.starts_with(LAYERS))
    };
    text.section(alias).is_some_and(has)
}

/// The same answer with `source`, and what repeats it, named in the section that takes layers.
pub(crate) fn with_source(text: &str, source: u32, repairs: Option<u32>) -> String {
    let mut out = String::new();
    for line in text.lines() {
        put(&mut out, line);
        if !line.starts_with(LAYERS) {
            continue;
        }
        let named = [Some(source), repairs].into_iter().flatten();
        named.for_each(|ssrc| put(&mut out, &format!("a=ssrc:{ssrc} cname:server")));
        if let Some(repairs) = repairs {
            put(&mut out, &format!("a=ssrc-group:FID {source} {repairs}"));
        }
    }
    out
}

fn assembled(text: &Text<'_>, parts: &[&Part], sifted: &Sifted, form: Form<'_>) -> String {
    let mut out = String::new();
    for line in &text.header {
        if line.starts_with("a=msid-semantic:") {
            put(&mut out, &format!("a=msid-semantic: WMS {}", form.stream_id));
        } else if !line.starts_with("a=group:") {
            put(&mut out, line);
        } else if sifted.is_bundled {
            // In the offer's order even where the sections are not: the first of the group decides whose
            // transport carries all of it (RFC 9143 §7.3.1), and the SDK, which puts the sections back into
            // the offer's order, leaves this line alone.
            let live = sifted.parts.iter().filter(|part| part.alias.is_some());
            let mids: Vec<&str> = live.filter_map(|part| part.mid.as_deref()).collect();
            put(&mut out, &format!("a=group:BUNDLE {}", mids.join(" ")));
        }
    }
    for part in parts {
        match part.alias.as_deref().and_then(|alias| text.section(alias)) {
            Some(section) => {
                taken(&mut out, section, part, sifted, form.stream_id);
                text.candidates.iter().for_each(|line| put(&mut out, line));
                put(&mut out, "a=end-of-candidates");
            }
            None => refused(&mut out, part, text),
        }
    }
    out
}

/// Port 0, and nothing of it is judged further (RFC 3264 §6). It has the transport of the others all
/// the same: aiortc reads no answer in which one is without.
fn refused(out: &mut String, part: &Part, text: &Text<'_>) {
    const TRANSPORT: [&str; 4] = ["a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:", "a=setup:"];
    let formats = if part.formats.is_empty() { "0" } else { &part.formats };
    put(out, &format!("m={} 0 {} {formats}", part.media, part.profile));
    put(out, "c=IN IP4 0.0.0.0");
    part.mid.iter().for_each(|mid| put(out, &format!("a=mid:{mid}")));
    let lines = text.sections.first().into_iter().flatten();
    let transport = lines.filter(|line| TRANSPORT.iter().any(|name| line.starts_with(name)));
    transport.for_each(|line| put(out, line));
    if matches!(&*part.media, "audio" | "video") {
        put(out, "a=rtcp-mux");
    }
    put(out, "a=inactive");
}

fn taken(out: &mut String, section: &[&str], part: &Part, sifted: &Sifted, stream_id: &str) {
    let sends = section.contains(&"a=sendrecv") || section.contains(&"a=sendonly");
    let h264 = sifted.video.as_ref().and_then(|video| video.formats.h264.as_ref());
    let h264 = h264.map(|h264| (format!("a=fmtp:{} ", h264.payload), &*h264.fmtp));
    for line in section {
        let own = h264.as_ref().filter(|(start, _)| line.starts_with(&**start));
        let names_source =
            ["a=ssrc:", "a=ssrc-group:", "a=msid:"].iter().any(|s| line.starts_with(s));
        if line.starts_with("m=") {
            let payloads = preferred(section, line.splitn(4, ' ').nth(3).unwrap_or("0"));
            put(out, &format!("m={} 9 {} {payloads}", part.media, part.profile));
        } else if line.starts_with("a=mid:") {
            part.mid.iter().for_each(|mid| put(out, &format!("a=mid:{mid}")));
        } else if let Some((start, fmtp)) = own {
            if !fmtp.is_empty() {
                put(out, &format!("{start}{fmtp}"));
            }
        } else if line.starts_with("a=candidate:") || *line == "a=end-of-candidates" {
            // They come at the end of every section.
        } else if sends || !names_source {
            // Who sends nothing names no source: the client would count it for ever.
            put(out, &named(line, stream_id));
        }
    }
}

/// Redundant sound first: a browser sends it only if it is preferred to what it repeats.
fn preferred(section: &[&str], payloads: &str) -> String {
    let red = section.iter().filter_map(|line| codec(line)).find(|(_, name)| name == "red");
    let Some((red, _)) = red else { return payloads.to_owned() };
    let red = red.to_string();
    let others = payloads.split(' ').filter(|payload| *payload != red);
    std::iter::once(&*red).chain(others).collect::<Vec<_>>().join(" ")
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

fn facts(alias: &str, section: &[&str]) -> Option<Line> {
    let is = |direction: &str| section.contains(&direction);
    Some(Line {
        alias: alias.to_owned(),
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
