//! From the graph out to the clients: called on the graph's threads, so nothing here waits.

use super::Shared;
use crate::legs::{on_the_wire, size_on_the_wire};
use rotunda_domain::{MemberId, Outcome, SessionId};
use rotunda_media::{EncodedFrame, MixPart, Out, Tier, VideoCodec, Wanted};
use rotunda_rtc::{self as rtc, Picture, SoundPart, StreamKey, Uplink};
use std::sync::{Arc, Weak};

pub(super) struct Down(pub Weak<Shared>);

impl Down {
    fn sender(&self, session: SessionId, member: MemberId) -> Option<(Arc<Shared>, rtc::LegKey)> {
        let shared = self.0.upgrade()?;
        let leg = shared.read(|legs| legs.sender(session, member))?;
        Some((shared, super::to_rtc(leg)))
    }
}

impl Out for Down {
    /// Cuts the frame into packets once; from here on it is shared by reference.
    fn picture(
        &self,
        session: SessionId,
        (codec, tier): (VideoCodec, Tier),
        ts_90khz: u64,
        frame: EncodedFrame,
    ) {
        let Some(shared) = self.0.upgrade() else { return };
        let is_received = shared.read(|legs| legs.stream(session, codec).is_some());
        if !is_received {
            return;
        }
        let codec_sent = on_the_wire(codec);
        let picture = Arc::new(Picture::new(codec_sent, frame.keyframe, ts_90khz, &frame.data));
        // A session that ends meanwhile must not leave a stream behind: it ends before this or after it.
        shared.read(|legs| {
            let Some(master) = legs.stream(session, codec) else { return };
            shared.net().publish(StreamKey { tier: size_on_the_wire(tier), ..master }, picture);
        });
    }

    fn sound(&self, _: SessionId, parts: Vec<MixPart>, ts_48khz: u64) {
        let Some(shared) = self.0.upgrade() else { return };
        let part = |part: MixPart| SoundPart {
            payload: part.payload,
            past: part.past,
            legs: part.legs.iter().map(|leg| super::to_rtc(*leg)).collect(),
        };
        shared.net().sound(parts.into_iter().map(part).collect(), ts_48khz);
    }

    fn talking(&self, session: SessionId, member: MemberId, talking: bool) {
        if let Some(shared) = self.0.upgrade() {
            shared.events.happened(session, Outcome::Talking(member, talking));
        }
    }

    fn keyframe_wanted(&self, session: SessionId, member: MemberId) {
        if let Some((shared, leg)) = self.sender(session, member) {
            shared.net().request_keyframe(leg);
        }
    }

    fn uplink_wanted(&self, session: SessionId, member: MemberId, wanted: Wanted) {
        if let Some((shared, leg)) = self.sender(session, member) {
            let uplink = Uplink { bps: wanted.bps, height: wanted.height };
            shared.net().set_uplink(leg, Some(uplink));
        }
    }
}
