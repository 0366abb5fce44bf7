//! What the graph produces and wants, and whoever takes it.

use crate::smaller::Tier;
use crate::uplink::Wanted;
use rotunda_codec::{EncodedFrame, VideoCodec};
use rotunda_domain::{LegKey, MemberId, SessionId};
use std::sync::Arc;

/// The last packets of a mix, the newest first; fewer after its beginning.
pub type Past = [Option<Arc<[u8]>>; 8];

/// One encoded packet of sound and who is to have it.
#[derive(Clone, Debug)]
pub struct MixPart {
    /// The Opus packet.
    pub payload: Arc<[u8]>,
    /// Those of the same mix before it, the newest first.
    pub past: Past,
    /// Its receivers.
    pub legs: Arc<[LegKey]>,
}

/// What the graph produces and wants. Called on the graph's threads; must not block.
pub trait Out: Send + Sync {
    /// A canvas frame, encoded once in each codec and size that somebody receives.
    fn picture(
        &self,
        session: SessionId,
        stream: (VideoCodec, Tier),
        ts_90khz: u64,
        frame: EncodedFrame,
    );
    /// 20 ms of sound for everybody in a session.
    fn sound(&self, session: SessionId, parts: Vec<MixPart>, ts_48khz: u64);
    /// Somebody began or ceased to talk.
    fn talking(&self, session: SessionId, member: MemberId, talking: bool);
    /// A member's pictures need a key frame.
    fn keyframe_wanted(&self, session: SessionId, member: MemberId);
    /// A member is asked to send no more than this.
    fn uplink_wanted(&self, session: SessionId, member: MemberId, wanted: Wanted);
}
