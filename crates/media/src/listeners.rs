//! Who hears which mix: those who hear the same share an encoder.
//!
//! What somebody hears is said by whose sound is left out and by how loud it is; nothing else
//! tells two mixes apart. So a room has an encoder for each of those who speak and one for all
//! others, and more only for volumes that somebody really set. It knows no sources and no gates.

use crate::out::{MixPart, Past};
use crate::voice::Voice;
use rotunda_compose::{GAIN_DB_MAX, GAIN_DB_MIN, Gain, MixFrame, SILENCE};
use rotunda_domain::{LegKey, MemberId};
use std::collections::HashMap;
use std::sync::Arc;

/// At and below this volume nothing is heard; the deaf hear at it.
pub(crate) const SILENT_DB: i32 = GAIN_DB_MIN as i32;
/// The greatest volume.
const LOUDEST_DB: i32 = GAIN_DB_MAX as i32;

/// Who listens on a leg.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Listener {
    /// The member whose volume counts.
    pub member: MemberId,
    /// Whose sources are left out: the member, or the one whose screen or device it is.
    pub owner: MemberId,
}

/// One mix, of as many as there are different ones; at most one for each listener.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Hears {
    /// Whose sound is left out; nobody's where that makes no difference.
    without: Option<MemberId>,
    volume_db: i32,
    /// Whether the voice is one for narrow and lossy lines.
    is_speech: bool,
    /// The volume up to now. The change takes one tick, and whoever is in the middle of it shares
    /// an encoder only with those who make the same one.
    from_db: i32,
}

impl Hears {
    fn is_silent(&self) -> bool {
        self.volume_db <= SILENT_DB && self.from_db <= SILENT_DB
    }

    fn gain(&self) -> Gain {
        let mut gain = Gain::new(self.from_db as f32);
        gain.set_db(self.volume_db as f32);
        gain
    }
}

struct Entry {
    leg: LegKey,
    listener: Listener,
    /// None before the first tick: who comes in hears at once at their volume.
    volume_db: Option<i32>,
    is_speech: bool,
    hears: Option<Hears>,
}

/// Those who hear one mix.
struct Group {
    legs: Arc<[LegKey]>,
    /// Made when there is first something to say.
    voice: Option<Voice>,
    /// Its last packets.
    past: Past,
    /// What was said last, here or where the first listener comes from.
    last: MixFrame,
}

/// All listeners of a session.
#[derive(Default)]
pub(crate) struct Listeners {
    all: Vec<Entry>,
    groups: HashMap<Hears, Group>,
    is_stale: bool,
}

impl Listeners {
    /// Lets a leg hear, as another if it does already, or no more.
    pub fn set(&mut self, leg: LegKey, listener: Option<Listener>) {
        self.all.retain(|entry| entry.leg != leg);
        self.all.extend(listener.map(|listener| Entry {
            leg,
            listener,
            volume_db: None,
            is_speech: false,
            hears: None,
        }));
        self.is_stale = true;
    }

    /// Gives a leg a voice for narrow and lossy lines, or the usual one again.
    pub fn set_speech(&mut self, leg: LegKey, is_speech: bool) {
        for entry in self.all.iter_mut().filter(|entry| entry.leg == leg) {
            self.is_stale |= entry.is_speech != is_speech;
            entry.is_speech = is_speech;
        }
    }

    /// A volume, or who is heard, is another: the groups are made anew with the next tick.
    pub fn stir(&mut self) {
        self.is_stale = true;
    }

    /// Puts together those who hear the same.
    pub fn sort(
        &mut self,
        volume_db: impl Fn(&Listener) -> i32,
        is_heard: impl Fn(MemberId) -> bool,
    ) {
        if !std::mem::take(&mut self.is_stale) {
            return;
        }
        let mut legs: HashMap<Hears, (Vec<LegKey>, Option<Hears>)> = HashMap::new();
        for entry in &mut self.all {
            let volume_db = volume_db(&entry.listener).clamp(SILENT_DB, LOUDEST_DB);
            let from_db = entry.volume_db.replace(volume_db).unwrap_or(volume_db);
            let is_speech = entry.is_speech;
            let mut hears = Hears { without: None, volume_db, from_db, is_speech };
            if !hears.is_silent() {
                hears.without = Some(entry.listener.owner).filter(|owner| is_heard(*owner));
            }
            // What is on its way now has arrived at the next tick.
            self.is_stale |= from_db != volume_db;
            let before = entry.hears.replace(hears);
            legs.entry(hears).or_insert_with(|| (Vec::new(), before)).0.push(entry.leg);
        }
        self.regroup(legs);
    }

    /// A mix that goes on keeps its encoder. A new one takes over that of a mix that ended, if its
    /// first listener comes from there, so that they hear no seam.
    fn regroup(&mut self, legs: HashMap<Hears, (Vec<LegKey>, Option<Hears>)>) {
        let mut old = std::mem::take(&mut self.groups);
        let mut new = Vec::new();
        for (hears, (legs, before)) in legs {
            let last = before.and_then(|before| old.get(&before)).map_or(SILENCE, |g| g.last);
            let group = Group { legs: legs.into(), voice: None, past: Past::default(), last };
            match old.get(&hears) {
                Some(_) => drop(self.groups.insert(hears, group)),
                None => new.push((hears, before, group)),
            }
        }
        for (hears, group) in &mut self.groups {
            if let Some(kept) = old.remove(hears) {
                (group.voice, group.past, group.last) = (kept.voice, kept.past, kept.last);
            }
        }
        for (hears, before, mut group) in new {
            let same = before.filter(|before| before.is_speech == hears.is_speech);
            if let Some(ended) = same.and_then(|before| old.remove(&before)) {
                (group.voice, group.past) = (ended.voice, ended.past);
            }
            self.groups.insert(hears, group);
        }
    }

    /// The packets of one tick; `mix` gives the sum of all who are heard, without somebody's sound.
    pub fn say(&mut self, mix: impl Fn(Option<MemberId>) -> MixFrame) -> Vec<MixPart> {
        let mut parts = Vec::with_capacity(self.groups.len());
        for (hears, group) in &mut self.groups {
            let mut frame = if hears.is_silent() { SILENCE } else { mix(hears.without) };
            hears.gain().apply(&mut frame);
            let Some(payload) = group.say(frame, hears.is_speech) else { continue };
            let (past, legs) = (group.past.clone(), group.legs.clone());
            group.past.rotate_right(1);
            group.past[0] = Some(payload.clone());
            parts.push(MixPart { payload, past, legs });
        }
        parts
    }
}

impl Group {
    fn say(&mut self, frame: MixFrame, is_speech: bool) -> Option<Arc<[u8]>> {
        let last = std::mem::replace(&mut self.last, frame);
        if self.voice.is_none() {
            let voice =
                Voice::new(is_speech).map_err(|error| tracing::error!(%error, "no encoder"));
            self.voice = voice.ok();
            // An encoder overlaps its frames by a few milliseconds; one that began with nothing
            // would be a click for those who come over from another.
            self.voice.as_mut().and_then(|voice| voice.say(last));
        }
        self.voice.as_mut().and_then(|voice| voice.say(frame))
    }
}

#[cfg(test)]
#[path = "listeners_tests.rs"]
mod tests;
