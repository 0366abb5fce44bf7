//! Judges an offer section by section: at most one of sound and one of pictures is taken, every other
//! is refused by itself. The WebRTC stack is shown the taken ones alone, in our own words; so it never
//! meets a section, an attribute or a spelling it cannot read.
//!
//! Every remote candidate is left out. An ICE-lite agent never contacts one (it answers checks and
//! learns addresses from those that authenticate), so a list of 10 000 costs nothing, `.local`
//! names need no resolver, and nobody can use this server to knock at other doors.

use crate::MediaKind;
use crate::formats::{self, Formats};
use crate::offer::{OfferRefused, Takes};
use crate::section::{self, Description, Section};
use crate::sources::{self, Sources};
use crate::transport;

/// Sections the stack remembers of one peer connection.
const MAX_SLOTS: usize = 16;

/// A section as the stack knows it: once there it stays, in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub kind: MediaKind,
    /// The client's id, if it gave one.
    pub mid: Option<String>,
    /// Its id for the stack, which knows ids of 16 letters and digits only.
    pub alias: String,
    text: String,
}

/// What the answer says to one section of the offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub media: String,
    pub profile: String,
    pub formats: String,
    pub mid: Option<String>,
    /// The stack's id of a section that is taken; none for one that is refused.
    pub alias: Option<String>,
}

/// An offer as judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sifted {
    /// What the stack is to see.
    pub sdp: String,
    /// The client's certificate fingerprint, upper case.
    pub fingerprint: String,
    /// Every section in the order of the offer.
    pub parts: Vec<Part>,
    pub slots: Vec<Slot>,
    /// The client put its sections into one bundle.
    pub is_bundled: bool,
    pub audio: Option<Taken>,
    pub video: Option<Taken>,
}

/// A section that is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub alias: String,
    pub formats: Formats,
    pub sources: Sources,
    /// Nothing in a packet but its payload type will say that it is of this section.
    pub is_unnamed: bool,
    at: usize,
    direction: &'static str,
}

/// Reads `sdp` and writes what the stack is to see of it, which has seen `before`.
///
/// # Errors
/// Nothing in it can be taken, or what could be is wanted and cannot be spoken.
pub(crate) fn sift(sdp: &str, takes: Takes, before: &[Slot]) -> Result<Sifted, OfferRefused> {
    let offer = section::read(sdp)?;
    let mut slots = before.to_vec();
    let audio = chosen(&offer, MediaKind::Audio, takes, &mut slots)?;
    let video = chosen(&offer, MediaKind::Video, takes, &mut slots)?;
    let live: Vec<&Taken> = audio.iter().chain(&video).collect();
    if live.is_empty() {
        return Err(OfferRefused::NoMedia);
    }
    let is_bundled = are_bundled(&offer, &live)?;
    let sections: Vec<&Section<'_>> = live.iter().map(|taken| &offer.sections[taken.at]).collect();
    let transport = transport::of(&offer, &sections)?;
    let parts = offer.sections.iter().enumerate().map(|(at, section)| {
        let taken = live.iter().find(|taken| taken.at == at);
        part(section, taken.map(|taken| taken.alias.clone()))
    });
    Ok(Sifted {
        parts: parts.collect(),
        sdp: written(&transport.lines, &slots, &live),
        fingerprint: transport.fingerprint,
        slots,
        is_bundled,
        audio,
        video,
    })
}

fn part(section: &Section<'_>, alias: Option<String>) -> Part {
    Part {
        media: section.media.to_owned(),
        profile: section.profile.to_owned(),
        formats: section.formats.join(" "),
        mid: section.mid().map(str::to_owned),
        alias,
    }
}

struct Candidate<'s, 'a> {
    at: usize,
    section: &'s Section<'a>,
    direction: &'static str,
    formats: Option<Formats>,
    is_known: bool,
}

impl Candidate<'_, '_> {
    /// Of several the one that goes most ways is taken, and rather one that was taken before.
    fn worth(&self) -> (bool, usize, bool) {
        let ways = match self.direction {
            "sendrecv" => 2,
            "inactive" => 0,
            _ => 1,
        };
        (self.formats.is_some(), ways, self.is_known)
    }
}

/// The section of a kind that is taken, if there is one.
fn chosen(
    offer: &Description<'_>,
    kind: MediaKind,
    takes: Takes,
    slots: &mut Vec<Slot>,
) -> Result<Option<Taken>, OfferRefused> {
    let default = offer.session.direction.unwrap_or("sendrecv");
    let mut best: Option<Candidate<'_, '_>> = None;
    let mut wants = false;
    for (at, section) in offer.sections.iter().enumerate() {
        if section.kind() != Some(kind) || !can_live(offer, at) {
            continue;
        }
        let direction = takes.allowed(kind, section.direction.unwrap_or(default));
        let formats = match kind {
            MediaKind::Audio => formats::sound(section),
            MediaKind::Video => formats::pictures(section, takes.h264),
        };
        wants |= direction != "inactive";
        let is_known = slots.iter().any(|slot| slot.is_of(kind, section.mid()));
        let found = Candidate { at, section, direction, formats, is_known };
        if best.as_ref().is_none_or(|best| found.worth() > best.worth()) {
            best = Some(found);
        }
    }
    let Some(best) = best else { return Ok(None) };
    match best.formats.clone() {
        Some(formats) => taken(&best, kind, formats, takes, slots).map(Some),
        // The client would wonder about the silence.
        None if wants => Err(takes.nothing_in_common(kind)),
        None => Ok(None),
    }
}

/// Whether a section may be taken at all: alive, for DTLS-SRTP, and the first of its id.
fn can_live(offer: &Description<'_>, at: usize) -> bool {
    let section = &offer.sections[at];
    let is_same = |other: &Section<'_>| other.mid() == section.mid() && !other.is_dead();
    let is_second = section.mid().is_some() && offer.sections[..at].iter().any(is_same);
    !section.is_dead() && section.is_secure_media() && !is_second
}

fn taken(
    best: &Candidate<'_, '_>,
    kind: MediaKind,
    formats: Formats,
    takes: Takes,
    slots: &mut Vec<Slot>,
) -> Result<Taken, OfferRefused> {
    let section = best.section;
    let receives = matches!(best.direction, "sendrecv" | "recvonly");
    let is_spoken = formats.has_vp8 || formats.h264.as_ref().is_some_and(|h264| h264.takes_ours);
    if kind == MediaKind::Video && receives && !is_spoken {
        return Err(takes.nothing_to_send());
    }
    let alias = place(kind, section.mid(), slots)?;
    let names_itself = section.mid() == Some(&*alias) && sources::names_sections(section);
    let sources = sources::of(section, names_itself);
    let is_unnamed = sources.known.is_empty() && !names_itself;
    let text = text(best, &formats, &sources, &alias, names_itself);
    if let Some(slot) = slots.iter_mut().find(|slot| slot.alias == alias) {
        slot.text = text;
    }
    let direction = best.direction;
    Ok(Taken { alias, formats, sources, is_unnamed, at: best.at, direction })
}

/// The stack's id of a section, which gets a place among the others when it is new.
fn place(
    kind: MediaKind,
    mid: Option<&str>,
    slots: &mut Vec<Slot>,
) -> Result<String, OfferRefused> {
    if let Some(slot) = slots.iter().find(|slot| slot.is_of(kind, mid)) {
        return Ok(slot.alias.clone());
    }
    if slots.len() == MAX_SLOTS {
        return Err(OfferRefused::Unusable);
    }
    let is_plain = |mid: &&str| mid.len() <= 16 && mid.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_free = |alias: &String| slots.iter().all(|slot| slot.alias != *alias);
    let own = mid.filter(is_plain).map(str::to_owned).filter(|alias| is_free(alias));
    let made = (0..).map(|n| format!("x{n}")).find(is_free).filter(|_| own.is_none());
    let alias = own.or(made).ok_or(OfferRefused::Unusable)?;
    let mid = mid.map(str::to_owned);
    slots.push(Slot { kind, mid, alias: alias.clone(), text: String::new() });
    Ok(alias)
}

impl Slot {
    fn is_of(&self, kind: MediaKind, mid: Option<&str>) -> bool {
        self.kind == kind && self.mid.as_deref() == mid
    }
}

/// A section for the stack, but for its direction.
fn text(
    best: &Candidate<'_, '_>,
    formats: &Formats,
    sources: &Sources,
    alias: &str,
    names_itself: bool,
) -> String {
    let payloads: Vec<String> = formats.payloads.iter().map(u8::to_string).collect();
    let media = best.section.media;
    let mut out = format!("m={media} 9 UDP/TLS/RTP/SAVPF {}\r\n", payloads.join(" "));
    let mut put = |line: &str| {
        out.push_str("a=");
        out.push_str(line);
        out.push_str("\r\n");
    };
    put(&format!("mid:{alias}"));
    let extensions =
        best.section.all("extmap").filter_map(|map| sources.extension(map, names_itself));
    extensions.for_each(|map| put(&map));
    formats.lines.iter().chain(&sources.lines).for_each(|line| put(line));
    put("rtcp-mux");
    out
}

/// Whether the offer bundles what lives. Two sections that are not would need a transport each.
fn are_bundled(offer: &Description<'_>, live: &[&Taken]) -> Result<bool, OfferRefused> {
    let groups = offer.session.all("group").filter_map(|group| group.strip_prefix("BUNDLE"));
    let groups: Vec<Vec<&str>> =
        groups.map(|mids| mids.split_ascii_whitespace().collect()).collect();
    let mids = live.iter().map(|taken| offer.sections[taken.at].mid());
    let mids: Option<Vec<&str>> = mids.collect();
    let is_bundled = mids
        .is_some_and(|mids| groups.iter().any(|group| mids.iter().all(|mid| group.contains(mid))));
    if let [audio, video] = live {
        if !is_bundled {
            return Err(OfferRefused::NotBundled);
        }
        let both = audio.formats.payloads.iter().find(|n| video.formats.payloads.contains(n));
        if let Some(payload) = both {
            return Err(OfferRefused::PayloadTwice(*payload));
        }
    }
    Ok(is_bundled)
}

fn written(transport: &[String], slots: &[Slot], live: &[&Taken]) -> String {
    // Whose session it is and what it is called is of no use to the stack, and may be malformed.
    let mut out = String::from("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE");
    slots.iter().for_each(|slot| out.extend([" ", &*slot.alias]));
    out.push_str("\r\n");
    transport.iter().for_each(|line| out.extend(["a=", &**line, "\r\n"]));
    for slot in slots {
        let taken = live.iter().find(|taken| taken.alias == slot.alias);
        // One that is dead now may live again, for which the stack must not have buried it.
        let direction = taken.map_or("inactive", |taken| taken.direction);
        out.extend([&*slot.text, "a=", direction, "\r\n"]);
    }
    out
}
