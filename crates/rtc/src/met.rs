//! Sources that nothing but their payload type puts into a section (RFC 8843 §9.2): the offer did not
//! name them, nor do their packets name their section. A client may take another at any time, as an
//! encoder does that begins anew.
//!
//! Of each section one source is heard and one is tried. Whoever can forge an address can make us try
//! one, but only a packet that the stack has deciphered puts it in the place of the one that is heard.
//! It refuses to know the stack.

use std::time::{Duration, Instant};

use rotunda_throttle::Bucket;
use str0m::media::Rid;

use crate::MediaKind;

/// Sources tried at once, and then one per this long: whoever takes another with each packet costs the
/// stack no more than this, and is heard with one of them.
const TRIES: (u32, Duration) = (8, Duration::from_millis(500));
/// Names given in turn. The stack keeps the order of packets, and what it holds of unfinished pictures,
/// for each name for ever.
const NAMES: u32 = 32;

/// One source and the name that keeps its packets' order apart from that of those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Source {
    pub ssrc: u32,
    pub name: Option<Rid>,
}

/// A source the stack is to be told of, and the one that makes room for it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Try {
    pub source: Source,
    pub instead_of: Option<Source>,
}

#[derive(Debug, Default)]
struct Place {
    heard: Option<Source>,
    tried: Option<Source>,
    count: u32,
}

/// The sources of a leg that nobody named.
#[derive(Debug)]
pub(crate) struct Met {
    places: [Place; 2],
    tries: Bucket,
}

impl Met {
    pub fn new() -> Self {
        Self { places: Default::default(), tries: Bucket::every(TRIES.0, TRIES.1) }
    }

    /// What is to be done before the stack sees a packet of this source; nothing if it is known, or
    /// too many others came before it.
    pub fn meet(&mut self, kind: MediaKind, ssrc: u32, now: Instant) -> Option<Try> {
        let place = &mut self.places[kind as usize];
        let is_known = |known: Option<Source>| known.is_some_and(|known| known.ssrc == ssrc);
        if is_known(place.heard) || is_known(place.tried) || !self.tries.take(now) {
            return None;
        }
        let source = Source { ssrc, name: name(place.count) };
        place.count = (place.count + 1) % NAMES;
        Some(Try { source, instead_of: place.tried.replace(source) })
    }

    /// Whether this source is tried, so that it matters what the stack made of its packet.
    pub fn is_tried(&self, kind: MediaKind, ssrc: u32) -> bool {
        self.places[kind as usize].tried.is_some_and(|tried| tried.ssrc == ssrc)
    }

    /// The stack has deciphered a packet of the one that is tried. Gives the one it replaces.
    pub fn prove(&mut self, kind: MediaKind) -> Option<Source> {
        let place = &mut self.places[kind as usize];
        let proven = place.tried.take()?;
        place.heard.replace(proven)
    }

    /// Under which name the stack knows the source that is heard.
    pub fn name(&self, kind: MediaKind) -> Option<Rid> {
        self.places[kind as usize].heard.and_then(|heard| heard.name)
    }
}

/// The first needs none: most clients never take a second.
fn name(count: u32) -> Option<Rid> {
    (count > 0).then(|| Rid::from(format!("s{count}").as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_tried_beside_the_one_that_is_heard_until_it_is_proven() {
        let (mut met, now) = (Met::new(), Instant::now());
        let kind = MediaKind::Audio;
        assert_eq!(met.meet(kind, 1, now).unwrap().instead_of, None);
        assert_eq!(met.prove(kind), None);
        let second = met.meet(kind, 2, now).unwrap();
        assert_eq!((second.instead_of, met.meet(kind, 1, now)), (None, None), "both are known");
        let third = met.meet(kind, 3, now).unwrap();
        assert_eq!(third.instead_of, Some(second.source), "what was never proven makes room");
        assert!(met.is_tried(kind, 3) && !met.is_tried(kind, 1));
        assert_eq!(met.prove(kind).map(|before| before.ssrc), Some(1));
        assert_eq!(met.name(kind), third.source.name);
        assert!(met.meet(kind, 1, now).is_some(), "the first may come back");
        assert_eq!(met.meet(MediaKind::Video, 9, now).unwrap().source.name, None);
    }

    #[test]
    fn a_source_with_each_packet_is_tried_twice_a_second_and_no_more() {
        let (mut met, start) = (Met::new(), Instant::now());
        let packets = (0..10_000u32).map(|n| (n, start + Duration::from_millis(u64::from(n))));
        let tried = packets.filter(|(n, now)| met.meet(MediaKind::Audio, *n, *now).is_some());
        assert_eq!(tried.count(), 8 + 19);
    }
}
