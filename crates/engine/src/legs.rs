//! Which leg belongs to whom, and who receives which codec: plain values behind one lock.

use rotunda_domain::{LegKey, MemberId, SessionId};
use rotunda_media::{Intake, VideoCodec};
use rotunda_rtc::StreamKey;
use std::collections::HashMap;

/// A leg as the engine remembers it.
#[derive(Clone)]
pub(crate) struct LegEntry {
    pub session: SessionId,
    pub member: MemberId,
    /// Where its media goes; none for audience.
    pub intake: Option<Intake>,
    /// The codec it receives; none if it takes no picture.
    pub receives: Option<VideoCodec>,
    /// Whether it takes sound.
    pub listens: bool,
    pub is_up: bool,
}

#[derive(Default)]
struct SessionEntry {
    stream_base: u64,
    h264: usize,
    vp8: usize,
}

/// All legs of all sessions.
#[derive(Default)]
pub(crate) struct Legs {
    legs: HashMap<LegKey, LegEntry>,
    by_member: HashMap<(SessionId, MemberId), LegKey>,
    sessions: HashMap<SessionId, SessionEntry>,
    next_stream: u64,
}

impl Legs {
    pub fn open(&mut self, session: SessionId) {
        let stream_base = self.next_stream;
        self.next_stream += 2;
        self.sessions.insert(session, SessionEntry { stream_base, h264: 0, vp8: 0 });
    }

    /// Forgets a session; answers its legs and streams.
    pub fn close(&mut self, session: SessionId) -> (Vec<LegKey>, Vec<StreamKey>) {
        let streams = [VideoCodec::H264, VideoCodec::Vp8];
        let streams = streams.iter().filter_map(|codec| self.stream(session, *codec)).collect();
        self.sessions.remove(&session);
        let legs: Vec<_> =
            self.legs.iter().filter(|(_, l)| l.session == session).map(|(k, _)| *k).collect();
        for leg in &legs {
            self.legs.remove(leg);
        }
        self.by_member.retain(|(of, _), _| *of != session);
        (legs, streams)
    }

    pub fn stream(&self, session: SessionId, codec: VideoCodec) -> Option<StreamKey> {
        let base = self.sessions.get(&session)?.stream_base;
        Some(StreamKey(base + u64::from(codec == VideoCodec::Vp8)))
    }

    /// Which session and codec a stream carries.
    pub fn of_stream(&self, stream: StreamKey) -> Option<(SessionId, VideoCodec)> {
        let base = stream.0 & !1;
        let codec = if stream.0 & 1 == 1 { VideoCodec::Vp8 } else { VideoCodec::H264 };
        let found = self.sessions.iter().find(|(_, s)| s.stream_base == base);
        found.map(|(session, _)| (*session, codec))
    }

    /// Receivers of `codec` in a session.
    pub fn receivers(&self, session: SessionId, codec: VideoCodec) -> usize {
        self.sessions.get(&session).map_or(0, |s| match codec {
            VideoCodec::H264 => s.h264,
            VideoCodec::Vp8 => s.vp8,
        })
    }

    /// Remembers a leg; answers whether it is the first receiver of its codec.
    pub fn add(&mut self, leg: LegKey, entry: LegEntry) -> bool {
        if entry.intake.is_some() {
            self.by_member.insert((entry.session, entry.member), leg);
        }
        let first = entry.receives.is_some_and(|codec| self.count(entry.session, codec, 1) == 1);
        self.legs.insert(leg, entry);
        first
    }

    /// Forgets a leg; answers it, and whether it was the last receiver of its codec.
    pub fn remove(&mut self, leg: LegKey) -> Option<(LegEntry, bool)> {
        let entry = self.legs.remove(&leg)?;
        let key = (entry.session, entry.member);
        if self.by_member.get(&key) == Some(&leg) {
            self.by_member.remove(&key);
        }
        let last = entry.receives.is_some_and(|codec| self.count(entry.session, codec, -1) == 0);
        Some((entry, last))
    }

    fn count(&mut self, session: SessionId, codec: VideoCodec, change: isize) -> usize {
        let Some(entry) = self.sessions.get_mut(&session) else { return usize::MAX };
        let count = match codec {
            VideoCodec::H264 => &mut entry.h264,
            VideoCodec::Vp8 => &mut entry.vp8,
        };
        *count = count.saturating_add_signed(change);
        *count
    }

    pub fn get(&self, leg: LegKey) -> Option<&LegEntry> {
        self.legs.get(&leg)
    }

    pub fn get_mut(&mut self, leg: LegKey) -> Option<&mut LegEntry> {
        self.legs.get_mut(&leg)
    }

    /// The leg that sends a member's media.
    pub fn sender(&self, session: SessionId, member: MemberId) -> Option<LegKey> {
        self.by_member.get(&(session, member)).copied()
    }
}
