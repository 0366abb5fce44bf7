//! Which RTP sources a section announces (RFC 5576), and of several layers of one picture
//! (RFC 8853, or `ssrc-group:SIM` of before it) those that are taken. It refuses to know the stack.

use crate::section::Section;

/// RTP header extensions that name a packet's section and layer.
const MID: &str = "urn:ietf:params:rtp-hdrext:sdes:mid";
const RID: &str = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
const REPAIRED_RID: &str = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
/// Sources of one section that are remembered; a picture in three layers with repairs has six.
const MAX_SOURCES: usize = 16;
/// Layers of one picture.
const MAX_LAYERS: usize = 8;
/// Longest name of a layer the stack can tell from others.
const RID_LENGTH: usize = 8;

/// The sources of one section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sources {
    /// Attributes for the stack.
    pub lines: Vec<String>,
    pub known: Vec<u32>,
    /// Smaller layers of a picture, and their repairs: what comes from them is dropped unread.
    pub unwanted: Vec<u32>,
    has_layers: bool,
}

/// Whether packets will say which section they are of.
pub(crate) fn names_sections(section: &Section<'_>) -> bool {
    has_extension(section, MID)
}

fn has_extension(section: &Section<'_>, uri: &str) -> bool {
    section.all("extmap").any(|map| map.split(' ').nth(1) == Some(uri))
}

/// What is announced; layers are told from each other only where packets name their section
/// (`names_itself`), too.
pub(crate) fn of(section: &Section<'_>, names_itself: bool) -> Sources {
    let can_tell = names_itself && has_extension(section, RID);
    if let Some(layers) = layers(section).filter(|_| can_tell) {
        let lines = layers.iter().map(|rid| format!("rid:{rid} send"));
        let simulcast = format!("simulcast:send {}", layers.join(";"));
        let lines = lines.chain([simulcast]).collect();
        return Sources { lines, has_layers: true, ..Sources::default() };
    }
    announced(section)
}

/// The names of a picture's layers, if it is offered in several and the stack can tell them apart.
fn layers<'a>(section: &Section<'a>) -> Option<Vec<&'a str>> {
    let offered = section.first("simulcast")?;
    let mut words = offered.split_ascii_whitespace();
    let list = words.find(|word| *word == "send").and_then(|_| words.next())?;
    // Of alternatives the first is taken; a tilde says that it pauses.
    let first = |layer: &'a str| layer.split(',').next().unwrap_or("").trim_start_matches('~');
    let rids: Vec<&str> = list.split(';').map(first).collect();
    let is_plain =
        |rid: &str| rid.len() <= RID_LENGTH && rid.bytes().all(|b| b.is_ascii_alphanumeric());
    let is_sent =
        |rid: &str| section.all("rid").any(|line| line.split(' ').take(2).eq([rid, "send"]));
    let is_one = |rid: &&str| !rid.is_empty() && is_plain(rid) && is_sent(rid);
    (2..=MAX_LAYERS).contains(&rids.len()).then_some(rids).filter(|rids| rids.iter().all(is_one))
}

fn announced(section: &Section<'_>) -> Sources {
    let number = |word: &str| word.parse::<u32>().ok();
    let groups: Vec<(&str, Vec<u32>)> = section
        .all("ssrc-group")
        .filter_map(|group| group.split_once(' '))
        .map(|(what, of)| (what, of.split_ascii_whitespace().filter_map(number).collect()))
        .collect();
    let repairs = |of: u32| {
        let mut pairs = groups.iter().filter(|(what, all)| *what == "FID" && all.len() == 2);
        pairs.find(|(_, all)| all[0] == of).map(|(_, all)| all[1])
    };
    // Lowest layer first, by the custom of those who write this.
    let layers = groups.iter().find(|(what, all)| *what == "SIM" && all.len() > 1);
    let smaller = layers.map_or(&[][..], |(_, all)| &all[..all.len() - 1]);
    let unwanted = smaller.iter().flat_map(|ssrc| [Some(*ssrc), repairs(*ssrc)]).flatten();
    let mut sources = Sources::default();
    sources.unwanted.extend(unwanted.take(MAX_SOURCES));
    let corrections = groups.iter().filter(|(what, _)| !matches!(*what, "FID" | "SIM"));
    let corrections: Vec<u32> = corrections.filter_map(|(_, all)| all.last().copied()).collect();
    for ssrc in section.all("ssrc").filter_map(|line| number(line.split(' ').next()?)) {
        let is_left_out = sources.unwanted.contains(&ssrc) || corrections.contains(&ssrc);
        if !is_left_out && !sources.known.contains(&ssrc) && sources.known.len() < MAX_SOURCES {
            sources.known.push(ssrc);
        }
    }
    let known = &sources.known;
    sources.lines.extend(known.iter().map(|ssrc| format!("ssrc:{ssrc} cname:client")));
    let pairs = known.iter().filter_map(|ssrc| Some((ssrc, repairs(*ssrc)?)));
    let pairs = pairs.filter(|(_, repair)| known.contains(repair));
    sources.lines.extend(pairs.map(|(ssrc, repair)| format!("ssrc-group:FID {ssrc} {repair}")));
    sources
}

impl Sources {
    /// An `extmap` line for the stack, if it may be answered: what names sections only where the
    /// client's id is the stack's, what names layers only where there are any.
    pub fn extension(&self, map: &str, names_itself: bool) -> Option<String> {
        let (id, rest) = map.split_once(' ')?;
        let id: u8 = id.split('/').next()?.parse().ok().filter(|id| (1..=14).contains(id))?;
        let uri = rest.split(' ').next()?;
        let is_wanted = match uri {
            MID => names_itself,
            RID | REPAIRED_RID => self.has_layers,
            _ => true,
        };
        is_wanted.then(|| format!("extmap:{id} {uri}"))
    }
}
