//! Those who send pictures to a canvas: where each is seen, and what each is asked for.
//!
//! Pictures of somebody who is not on the canvas are of use to nobody: what leaves a room is the canvas.
//! It refuses to know how what is asked for reaches the sender.

use crate::budget::Excess;
use crate::presentation_slot::Shot;
use crate::sight::Sight;
use crate::stillness::Stillness;
use crate::track::Track;
use crate::uplink::{EXCESS_BPS, STILL_BPS, Uplink, Wanted};
use rotunda_codec::Rect;
use rotunda_domain::MemberId;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

/// What a sender is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A picture that can be decoded by itself.
    Keyframe,
    /// No more than this.
    Most(Wanted),
}

struct Sender {
    track: Arc<Track>,
    uplink: Uplink,
    sight: Sight,
    stillness: Stillness,
    excess: Excess,
}

/// All of a canvas.
pub(crate) struct Senders {
    all: HashMap<MemberId, Sender>,
    /// Whether they are asked to send no more than their cell can show.
    is_shaping: bool,
    left_out: u64,
}

impl Senders {
    /// None yet; with `is_shaping` they are asked to send no more than their cell can show.
    pub fn new(is_shaping: bool) -> Self {
        Self { all: HashMap::new(), is_shaping, left_out: 0 }
    }

    /// How many pictures of all of them were not decoded because they were beyond somebody's budget.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Takes a member's pictures from here from now on, or from nowhere; `cell` is where they are shown.
    pub fn set(&mut self, member: MemberId, track: Option<Arc<Track>>, cell: Option<Rect>) {
        let Some(track) = track else {
            self.all.remove(&member);
            return;
        };
        if let Some(cell) = cell {
            track.set_target(cell.w, cell.h);
        }
        self.all.insert(member, Sender::new(track));
    }

    /// Tells each track how large it is shown.
    pub fn aim(&self, cell_of: impl Fn(MemberId) -> Option<Rect>) {
        for (member, sender) in &self.all {
            if let Some(rect) = cell_of(*member) {
                sender.track.set_target(rect.w, rect.h);
            }
        }
    }

    /// The latest picture of `member` that is to be shown at `now`; `origin` is the clock lip sync
    /// measures by.
    pub fn latest(&self, member: MemberId, now: Instant, origin: Instant) -> Option<Arc<Shot>> {
        self.all.get(&member)?.track.latest(now, origin)
    }

    /// When the latest picture of `member` was there to be shown, on the clock that begins at `origin`.
    pub fn ready_at(&self, member: MemberId, origin: Instant) -> Option<Instant> {
        self.all.get(&member)?.track.ready_at(origin)
    }

    /// Hands to `each` what is asked of whom at `now`; once a tick. Of what is played nothing is.
    pub fn ask(
        &mut self,
        now: Instant,
        cell_of: impl Fn(MemberId) -> Option<Rect>,
        mut each: impl FnMut(MemberId, Ask),
    ) {
        for (member, sender) in self.all.iter_mut().filter(|(_, s)| !s.track.is_played()) {
            let cell = cell_of(*member);
            sender.look(now, cell.is_some());
            if sender.track.take_keyframe_request(now) {
                each(*member, Ask::Keyframe);
            }
            let shown = cell.filter(|_| !sender.track.is_muted());
            let (is_excessive, more) = sender.excess.look(now, sender.track.left_out());
            self.left_out += more;
            let most_bps = if is_excessive { EXCESS_BPS } else { u64::MAX };
            let most_bps = most_bps.min(sender.most_bps(now, shown.is_some()));
            let wanted = sender.uplink.ask(now, shown.map(|rect| rect.h), most_bps);
            if let Some(wanted) = wanted.filter(|_| self.is_shaping) {
                each(*member, Ask::Most(wanted));
            }
        }
    }
}

impl Sender {
    fn new(track: Arc<Track>) -> Self {
        Self {
            track,
            uplink: Uplink::default(),
            sight: Sight::default(),
            stillness: Stillness::default(),
            excess: Excess::default(),
        }
    }

    /// Whoever has sent nothing yet is waited for: their first key frame comes before their cell.
    fn look(&mut self, now: Instant, has_cell: bool) {
        let is_expected = !self.track.has_picture();
        self.track.set_unseen(!self.sight.is_needed(now, has_cell || is_expected));
    }

    /// What their picture is worth at `now`, whatever their cell.
    fn most_bps(&mut self, now: Instant, is_shown: bool) -> u64 {
        if !is_shown || !self.track.is_camera() {
            self.stillness = Stillness::default();
            return u64::MAX;
        }
        if self.stillness.look(now, self.track.seen()) { STILL_BPS } else { u64::MAX }
    }
}

#[cfg(test)]
#[path = "senders_tests.rs"]
mod tests;
