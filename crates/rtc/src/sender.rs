//! What a leg's client is asked to send: no more than its cell shows and its line takes (REMB, RTP profile
//! of draft-alvestrand-rmcat-remb). It refuses to know who decides that.

use std::time::Instant;

use str0m::bwe::Bitrate;

use crate::leg::Leg;

/// What a client's camera is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Uplink {
    /// Bits a second of sound and picture together, at most.
    pub bps: u64,
    /// Of a picture that comes in several sizes, the smallest that is so many pixels high is taken, as nearly
    /// as there is one; `u32::MAX` for the largest.
    pub height: u32,
}

/// Bits a second that a browser sends more where its sound carries the packet before (27 to 56 kbit/s).
const REDUNDANCY_BPS: u64 = 40_000;
/// Plain sound beside a picture.
const SOUND_BESIDE_BPS: u64 = 32_000;

impl Leg {
    /// Limits what the client sends; `None` leaves it to itself.
    pub fn set_uplink(&mut self, uplink: Option<Uplink>, now: Instant) {
        self.uplink = uplink.map(|uplink| uplink.bps);
        self.layers.want(uplink.map_or(u32::MAX, |uplink| uplink.height));
        self.remb_at = self.bound().map(|_| now);
    }

    /// What its client sends was counted anew.
    pub fn sender_counted(&mut self, now: Instant) {
        let Some((loss, picture_bps)) = self.line.sender(now) else {
            return;
        };
        if self.sender_line.received(loss, picture_bps, now) {
            tracing::debug!(
                most = self.sender_line.most_bps(),
                loss,
                "a sender's picture is bound"
            );
            self.remb_at = Some(now);
        }
    }

    /// What the client may send at most of sound and picture: by its cell, and by its line.
    pub fn bound(&self) -> Option<u64> {
        let by_line = self.sender_line.most_bps().map(|bps| bps + SOUND_BESIDE_BPS);
        self.uplink.into_iter().chain(by_line).min()
    }

    /// Tells the client so.
    pub fn send_remb(&mut self, now: Instant) {
        let (Some(mid), Some(bps)) = (self.lines.video_mid, self.bound()) else {
            return;
        };
        // The bound is of sound and picture together, and redundant sound is not to be the picture's loss.
        let is_redundant = self.lines.red.is_some() && self.lines.takes_audio;
        let redundancy = if is_redundant { REDUNDANCY_BPS } else { 0 };
        let rid = self.wanted(now);
        if let Some(stream) = self.rtc.direct_api().stream_rx_by_mid(mid, rid) {
            stream.request_remb(Bitrate::bps(bps + redundancy));
        }
    }
}
