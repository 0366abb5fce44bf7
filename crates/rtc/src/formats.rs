//! Which of a section's payload types are taken: Opus and its redundancy (RED), VP8, and one of those
//! of H.264, in whatever spelling our decoder reads. The stack compares spellings literally, so it is shown one spelling of
//! its own, and the client is answered in its own. It refuses to know the stack.

use crate::section::Section;

/// How the stack spells the H.264 it is configured for.
const OF_THE_STACK: &str = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f";

/// What stands in an answer for one section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Formats {
    /// Taken payload types, repairs included.
    pub payloads: Vec<u8>,
    /// Their attributes as the stack is to see them.
    pub lines: Vec<String>,
    pub h264: Option<H264>,
    pub has_vp8: bool,
}

/// The payload type of H.264 that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct H264 {
    pub payload: u8,
    /// Its parameters in the answer, empty for none: profile and mode are those of the offer
    /// (RFC 6184 §8.2.2).
    pub fmtp: String,
    /// It takes fragments and aggregates, as we send them (mode 1).
    pub takes_ours: bool,
}

struct Payload<'a> {
    number: u8,
    /// Name and clock rate, in lower case.
    spec: String,
    fmtp: Option<&'a str>,
}

fn payloads<'a>(section: &Section<'a>) -> Vec<Payload<'a>> {
    let fmtp = |of: u8| {
        let mut all = section.all("fmtp").filter_map(numbered);
        all.find(|(number, _)| *number == of).map(|(_, text)| text)
    };
    let listed: Vec<u8> = section.formats.iter().filter_map(|format| format.parse().ok()).collect();
    let mut found: Vec<Payload<'a>> = Vec::new();
    for (number, spec) in section.all("rtpmap").filter_map(numbered) {
        // 64 to 95 would be taken for RTCP on the same port (RFC 5761 §4).
        let is_usable = number < 128 && !(64..96).contains(&number);
        let is_known = found.iter().any(|known| known.number == number);
        if is_usable && !is_known && listed.contains(&number) {
            let spec = spec.trim().to_ascii_lowercase();
            found.push(Payload { number, spec, fmtp: fmtp(number) });
        }
    }
    // The client's order of preference is that of its m-line.
    found.sort_by_key(|payload| listed.iter().position(|number| *number == payload.number));
    found
}

/// `111 opus/48000/2` → (111, "opus/48000/2").
fn numbered(value: &str) -> Option<(u8, &str)> {
    let (number, text) = value.split_once(' ')?;
    Some((number.parse().ok()?, text))
}

/// Opus, if the section has it, and the payload type that carries it several times over (RFC 2198).
pub(crate) fn sound(section: &Section<'_>) -> Option<Formats> {
    let all = payloads(section);
    let opus = all.iter().find(|payload| payload.spec == "opus/48000/2")?;
    let mut formats = Formats::default();
    formats.add(section, opus.number, "opus/48000/2", opus.fmtp);
    if let Some(red) = all.iter().find(|payload| is_red_of(payload, opus.number)) {
        formats.add(section, red.number, "red/48000/2", red.fmtp);
    }
    Some(formats)
}

/// Whether every block of a payload type of RED is of type `opus` (`111/111`, RFC 2198 §5).
fn is_red_of(payload: &Payload<'_>, opus: u8) -> bool {
    let of_opus = |blocks: &str| blocks.split('/').all(|block| block.trim().parse() == Ok(opus));
    payload.spec == "red/48000/2" && payload.fmtp.is_some_and(of_opus)
}

/// VP8 and one H.264, if the section has either and the server (`h264`) the latter.
pub(crate) fn pictures(section: &Section<'_>, h264: bool) -> Option<Formats> {
    let all = payloads(section);
    let mut formats = Formats::default();
    if let Some(vp8) = all.iter().find(|payload| payload.spec == "vp8/90000") {
        formats.has_vp8 = true;
        formats.add(section, vp8.number, "VP8/90000", vp8.fmtp);
        formats.add_repair(&all, vp8.number);
    }
    let read = |payload: &Payload<'_>| {
        let spelling = Spelling::read(payload.fmtp.unwrap_or(""))?;
        (payload.spec == "h264/90000").then_some((payload.number, spelling))
    };
    let best = all.iter().filter_map(read).filter(|_| h264);
    if let Some((payload, spelling)) = best.min_by_key(|(_, spelling)| spelling.rank) {
        formats.add(section, payload, "H264/90000", Some(OF_THE_STACK));
        formats.add_repair(&all, payload);
        let (fmtp, takes_ours) = (spelling.answer, spelling.rank.0 == 0);
        formats.h264 = Some(H264 { payload, fmtp, takes_ours });
    }
    (!formats.payloads.is_empty()).then_some(formats)
}

impl Formats {
    fn add(&mut self, section: &Section<'_>, number: u8, spec: &str, fmtp: Option<&str>) {
        self.payloads.push(number);
        self.lines.push(format!("rtpmap:{number} {spec}"));
        self.lines.extend(fmtp.map(|fmtp| format!("fmtp:{number} {fmtp}")));
        for value in section.all("rtcp-fb") {
            let Some((of, what)) = value.split_once(' ') else { continue };
            // An asterisk speaks of all (RFC 4585 §4.2).
            if of == "*" || of.parse() == Ok(number) {
                self.lines.push(format!("rtcp-fb:{number} {what}"));
            }
        }
    }

    /// The payload type that carries repeats of `number` (RFC 4588).
    fn add_repair(&mut self, all: &[Payload<'_>], number: u8) {
        let is_of = |payload: &&Payload<'_>| {
            let apt = payload.fmtp.and_then(|fmtp| parameter(fmtp, "apt"));
            payload.spec == "rtx/90000" && apt.and_then(|apt| apt.parse().ok()) == Some(number)
        };
        if let Some(repair) = all.iter().find(is_of) {
            let repair = repair.number;
            self.payloads.push(repair);
            self.lines.push(format!("rtpmap:{repair} rtx/90000"));
            self.lines.push(format!("fmtp:{repair} apt={number}"));
        }
    }
}

fn parameter<'a>(fmtp: &'a str, name: &str) -> Option<&'a str> {
    fmtp.split(';')
        .filter_map(|pair| pair.split_once('='))
        .find_map(|(key, value)| key.trim().eq_ignore_ascii_case(name).then_some(value.trim()))
}

/// The parameters of one payload type of H.264 that the decoder reads.
#[derive(Debug)]
struct Spelling {
    answer: String,
    /// Smaller is better: what we can send first, then what we send ourselves.
    rank: (u8, u8),
}

impl Spelling {
    /// None for profiles the decoder does not read, and for interleaved packets (mode 2).
    fn read(fmtp: &str) -> Option<Self> {
        let (level, mode) =
            (parameter(fmtp, "profile-level-id"), parameter(fmtp, "packetization-mode"));
        // Without either it is Baseline, in packets of one unit each (RFC 6184 §8.1).
        let profile = level.map_or(Some(3), profile_rank)?;
        let mode = match mode {
            None | Some("0") => 1,
            Some("1") => 0,
            Some(_) => return None,
        };
        let asymmetry = parameter(fmtp, "level-asymmetry-allowed").filter(|value| *value == "1");
        let said = [
            ("level-asymmetry-allowed", asymmetry),
            ("packetization-mode", parameter(fmtp, "packetization-mode")),
            ("profile-level-id", level),
        ];
        let said = said.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?)));
        Some(Self { answer: said.collect::<Vec<_>>().join(";"), rank: (mode, profile) })
    }
}

/// The profiles of RFC 6184 table 5 that are read, best first: Constrained Baseline (which we send),
/// High, Main, Baseline. All of them decode Constrained Baseline.
fn profile_rank(id: &str) -> Option<u8> {
    let id = if id.len() == 6 { u32::from_str_radix(id, 16).ok()? } else { return None };
    let (profile, constraints) = (id >> 16, id >> 8 & 0xff);
    match (profile, constraints & 0x80 != 0, constraints & 0x40 != 0) {
        (0x42, _, true) | (0x4d, true, _) | (0x58, true, true) => Some(0),
        (0x64, ..) => Some(1),
        (0x4d, false, _) => Some(2),
        (0x42, _, false) | (0x58, true, false) => Some(3),
        _ => None,
    }
}
