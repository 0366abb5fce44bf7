//! Which leg belongs to whom, and who receives which codec: plain values behind one lock.

use crate::known_lines::KnownLines;
use rotunda_domain::{LegKey, MemberId, SessionId};
use rotunda_media::{Intake, Tier, VideoCodec};
use rotunda_rtc::{self as rtc, StreamKey};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// A leg as the engine remembers it.
#[derive(Clone)]
pub(crate) struct LegEntry {
    pub session: SessionId,
    pub member: MemberId,
    /// Who sits there, as their token names them.
    pub person: Arc<str>,
    /// The member, or the parent whose screen or device it is.
    pub owner: MemberId,
    /// Where its media goes; none for audience, and none once the member has a newer leg: what
    /// comes on the old one reaches no decoder.
    pub intake: Option<Intake>,
    /// Whether sound may be sent to it, whatever it offers later.
    pub may_receive_audio: bool,
    /// Whether the picture may.
    pub may_receive_video: bool,
    /// Whether answers have sound first.
    pub audio_first: bool,
    /// Whether its sound may be taken, whatever it offers later.
    pub takes_audio: bool,
    /// Whether its picture may be taken.
    pub takes_video: bool,
    /// What its latest offer takes: a codec if it takes pictures, and whether it takes sound.
    pub takes: (Option<VideoCodec>, bool),
    /// Its client put it on hold.
    pub is_held: bool,
    /// The codec it receives; none if it takes no picture, or is on hold.
    pub receives: Option<VideoCodec>,
    /// Whether sound is sent to it.
    pub listens: bool,
    /// Whether it is sent a voice for narrow and lossy lines.
    pub is_speech: bool,
    /// Which size of its canvas it is given, as far as that is known; none if it is given no picture.
    pub rung: Option<rtc::Rung>,
    pub is_up: bool,
    /// Sound and pictures of its client's that are still to come before it is announced.
    pub awaits: (bool, bool),
}

impl LegEntry {
    /// What is sent to it: of what its latest offer takes the kinds it may receive, and nothing
    /// while it is on hold.
    fn gets(&self) -> (Option<VideoCodec>, bool) {
        let (codec, sound) = self.takes;
        let is_open = !self.is_held;
        let codec = codec.filter(|_| is_open && self.may_receive_video);
        (codec, is_open && sound && self.may_receive_audio)
    }

    /// Whether anything is still to come.
    pub fn is_awaited(&self) -> bool {
        self.awaits.0 || self.awaits.1
    }
}

#[derive(Default)]
struct SessionEntry {
    /// What its streams are called.
    number: u64,
    /// Receivers of each codec, in the order of [`VideoCodec::ALL`].
    receivers: [usize; VideoCodec::ALL.len()],
}

#[derive(Default)]
struct MemberEntry {
    legs: usize,
    /// The leg that has the intake.
    sender: Option<LegKey>,
}

/// What is over with a leg.
pub(crate) struct Removed {
    pub entry: LegEntry,
    /// It was the last receiver of its codec.
    pub was_last_receiver: bool,
    /// Its member has no other leg.
    pub was_last_leg: bool,
}

/// What another offer of a leg changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Turned {
    /// A codec nobody receives any more.
    pub ended: Option<VideoCodec>,
    /// A codec that nobody received before.
    pub first: Option<VideoCodec>,
    /// It receives another codec, or none any more.
    pub picture_changed: bool,
    /// It begins or ceases to take sound.
    pub listening: Option<bool>,
}

/// A codec as the network calls it.
pub(crate) fn on_the_wire(codec: VideoCodec) -> rtc::VideoCodec {
    match codec {
        VideoCodec::H264 => rtc::VideoCodec::H264,
        VideoCodec::Vp8 => rtc::VideoCodec::Vp8,
    }
}

/// A codec of the network's as encoders and decoders call it.
pub(crate) fn as_encoded(codec: rtc::VideoCodec) -> VideoCodec {
    match codec {
        rtc::VideoCodec::H264 => VideoCodec::H264,
        rtc::VideoCodec::Vp8 => VideoCodec::Vp8,
    }
}

/// A size of the canvas as the network calls it.
pub(crate) fn size_on_the_wire(tier: Tier) -> rtc::Tier {
    match tier {
        Tier::Master => rtc::Tier::Master,
        Tier::Half => rtc::Tier::Half,
        Tier::Quarter => rtc::Tier::Quarter,
    }
}

/// A size of the network's as the canvas calls it.
pub(crate) fn as_drawn(tier: rtc::Tier) -> Tier {
    match tier {
        rtc::Tier::Master => Tier::Master,
        rtc::Tier::Half => Tier::Half,
        rtc::Tier::Quarter => Tier::Quarter,
    }
}

/// All legs of all sessions.
#[derive(Default)]
pub(crate) struct Legs {
    /// What was learnt of members' lines.
    pub lines: KnownLines,
    legs: HashMap<LegKey, LegEntry>,
    members: HashMap<(SessionId, MemberId), MemberEntry>,
    sessions: HashMap<SessionId, SessionEntry>,
    next_session: u64,
}

impl Legs {
    pub fn open(&mut self, session: SessionId) {
        let number = self.next_session;
        self.next_session += 1;
        self.sessions.insert(session, SessionEntry { number, receivers: Default::default() });
    }

    /// Forgets a session; answers its legs and streams.
    pub fn close(&mut self, session: SessionId, now: Instant) -> (Vec<LegKey>, Vec<StreamKey>) {
        let streams =
            VideoCodec::ALL.iter().filter_map(|codec| self.stream(session, *codec)).collect();
        self.sessions.remove(&session);
        let legs: Vec<_> =
            self.legs.iter().filter(|(_, l)| l.session == session).map(|(k, _)| *k).collect();
        for entry in legs.iter().filter_map(|leg| self.legs.remove(leg)) {
            self.lines.left(
                entry.member,
                &entry.person,
                entry.rung.unwrap_or(rtc::Rung::Master),
                now,
            );
        }
        self.members.retain(|(of, _), _| *of != session);
        (legs, streams)
    }

    pub fn stream(&self, session: SessionId, codec: VideoCodec) -> Option<StreamKey> {
        let session = self.sessions.get(&session)?.number;
        Some(StreamKey { session, codec: on_the_wire(codec), tier: rtc::Tier::Master })
    }

    /// Which session's canvas a stream carries, in which codec and size.
    pub fn of_stream(&self, stream: StreamKey) -> Option<(SessionId, (VideoCodec, Tier))> {
        let found = self.sessions.iter().find(|(_, entry)| entry.number == stream.session);
        let picture = (as_encoded(stream.codec), as_drawn(stream.tier));
        found.map(|(session, _)| (*session, picture))
    }

    /// Receivers of `codec` in a session.
    pub fn receivers(&self, session: SessionId, codec: VideoCodec) -> usize {
        self.sessions.get(&session).map_or(0, |entry| entry.receivers[codec.index()])
    }

    /// Remembers a leg, which takes the place of its member's older ones as sender, also if it
    /// sends nothing itself; answers whether it is the first receiver of its codec.
    pub fn add(&mut self, leg: LegKey, entry: LegEntry) -> bool {
        let member = self.members.entry((entry.session, entry.member)).or_default();
        member.legs += 1;
        let sender = entry.intake.is_some().then_some(leg);
        let before = std::mem::replace(&mut member.sender, sender);
        if let Some(old) = before.and_then(|old| self.legs.get_mut(&old)) {
            old.intake = None;
        }
        let first = entry.receives.is_some_and(|codec| self.count(entry.session, codec, 1) == 1);
        self.legs.insert(leg, entry);
        first
    }

    /// Forgets a leg.
    pub fn remove(&mut self, leg: LegKey, now: Instant) -> Option<Removed> {
        let entry = self.legs.remove(&leg)?;
        self.lines.left(entry.member, &entry.person, entry.rung.unwrap_or(rtc::Rung::Master), now);
        let key = (entry.session, entry.member);
        let mut was_last_leg = true;
        if let Some(member) = self.members.get_mut(&key) {
            member.legs -= 1;
            member.sender.take_if(|sender| *sender == leg);
            was_last_leg = member.legs == 0;
        }
        if was_last_leg {
            self.members.remove(&key);
        }
        let was_last_receiver =
            entry.receives.is_some_and(|codec| self.count(entry.session, codec, -1) == 0);
        Some(Removed { entry, was_last_receiver, was_last_leg })
    }

    /// Changes what a leg takes, or puts it on hold; answers what that changed, none if the leg is
    /// gone.
    pub fn turn(&mut self, leg: LegKey, change: impl FnOnce(&mut LegEntry)) -> Option<Turned> {
        let entry = self.legs.get_mut(&leg)?;
        change(entry);
        let (receives, listens) = entry.gets();
        let session = entry.session;
        let before = std::mem::replace(&mut entry.receives, receives);
        let listened = std::mem::replace(&mut entry.listens, listens);
        let is_up = entry.is_up;
        let ended = before.filter(|codec| Some(*codec) != receives);
        let begun = receives.filter(|codec| Some(*codec) != before);
        let ended = ended.filter(|codec| self.count(session, *codec, -1) == 0);
        let first = begun.filter(|codec| self.count(session, *codec, 1) == 1);
        let listening = (is_up && listened != listens).then_some(listens);
        Some(Turned { ended, first, picture_changed: before != receives, listening })
    }

    /// The other legs that the member of `leg` still has.
    pub fn beside(&self, leg: LegKey) -> Vec<LegKey> {
        let Some(own) = self.legs.get(&leg) else { return Vec::new() };
        let whose = |entry: &LegEntry| (entry.session, entry.member);
        let others =
            self.legs.iter().filter(|(key, other)| **key != leg && whose(other) == whose(own));
        others.map(|(key, _)| *key).collect()
    }

    /// Whether a member has a leg.
    pub fn has(&self, session: SessionId, member: MemberId) -> bool {
        self.members.contains_key(&(session, member))
    }

    fn count(&mut self, session: SessionId, codec: VideoCodec, change: isize) -> usize {
        let Some(entry) = self.sessions.get_mut(&session) else { return usize::MAX };
        let count = &mut entry.receivers[codec.index()];
        *count = count.saturating_add_signed(change);
        *count
    }

    /// What a leg of this member's begins with, by what is known of their line. Where somebody of the same
    /// name sees the whole canvas, as when all viewers have one token, only the member counts; an own leg
    /// that has not been noticed to be gone does not.
    pub fn begins_with(&self, member: MemberId, person: &Arc<str>, now: Instant) -> rtc::Rung {
        let sees_all = |l: &LegEntry| l.rung.is_none_or(|rung| rung == rtc::Rung::Master);
        let is_another = |l: &LegEntry| l.member != member && l.person == *person && sees_all(l);
        let is_shared = || self.legs.values().any(is_another);
        let known = self.lines.of_member(member, now);
        let known = known.or_else(|| self.lines.of_person(person, now).filter(|_| !is_shared()));
        known.unwrap_or(rtc::Rung::Master)
    }

    /// A leg is given another size of its canvas.
    pub fn note_rung(&mut self, leg: LegKey, rung: rtc::Rung, now: Instant) {
        if let Some(entry) = self.legs.get_mut(&leg) {
            entry.rung = Some(rung);
            self.lines.note(entry.member, &entry.person, rung, now);
        }
    }

    pub fn get(&self, leg: LegKey) -> Option<&LegEntry> {
        self.legs.get(&leg)
    }

    pub fn get_mut(&mut self, leg: LegKey) -> Option<&mut LegEntry> {
        self.legs.get_mut(&leg)
    }

    /// Legs that are given these sizes of their canvas.
    pub fn by_rung<const N: usize>(&self, rungs: [rtc::Rung; N]) -> [usize; N] {
        let given = |rung| self.legs.values().filter(|leg| leg.rung == Some(rung)).count();
        rungs.map(given)
    }

    /// The leg that sends a member's media.
    pub fn sender(&self, session: SessionId, member: MemberId) -> Option<LegKey> {
        self.members.get(&(session, member))?.sender
    }
}

#[cfg(test)]
#[path = "legs_tests.rs"]
mod tests;
