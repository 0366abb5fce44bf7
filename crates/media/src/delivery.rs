//! Where the pictures of one canvas go.

use crate::canvas_desk::CanvasDesk;
use crate::out::Out;
use crate::smaller::Tier;
use rotunda_codec::{EncodedFrame, VideoCodec};
use rotunda_domain::SessionId;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// The way out, for any thread that encodes.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub session: SessionId,
    pub out: Arc<dyn Out>,
    pub desk: Arc<CanvasDesk>,
}

impl Delivery {
    /// Counts a picture, and sends it on if any member receives it.
    pub fn picture(
        &self,
        (codec, tier): (VideoCodec, Tier),
        ts_90khz: u64,
        frame: EncodedFrame,
        is_received: bool,
    ) {
        if tier == Tier::Master {
            self.desk.frames_encoded.fetch_add(1, Ordering::Relaxed);
        }
        if is_received {
            self.out.picture(self.session, (codec, tier), ts_90khz, frame);
        }
    }
}
