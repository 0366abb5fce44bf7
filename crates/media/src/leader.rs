//! Whom most people look at: the member in the largest cell; where several are as large, whoever of them
//! began to talk last, or else the first.
//!
//! A value of plans and talkers; it refuses to know what is made of it.

use crate::canvas_desk::CanvasDesk;
use crate::out::{MixPart, Out};
use crate::smaller::Tier;
use crate::uplink::Wanted;
use rotunda_codec::{EncodedFrame, Rect, VideoCodec};
use rotunda_domain::{MemberId, SessionId};
use std::sync::Arc;

/// Whom most people look at, of those with these cells; `talker` talks.
pub(crate) fn leader(
    cells: impl Iterator<Item = (MemberId, Rect)> + Clone,
    talker: Option<MemberId>,
) -> Option<MemberId> {
    let area = |rect: Rect| u64::from(rect.w) * u64::from(rect.h);
    let most = cells.clone().map(|(_, rect)| area(rect)).max()?;
    let mut largest = cells.filter(|(_, rect)| area(*rect) == most).map(|(member, _)| member);
    let first = largest.next()?;
    talker.filter(|talker| largest.any(|other| other == *talker)).or(Some(first))
}

/// What a mix produces, on its way out; the canvas beside it hears who talks.
pub(crate) struct Overheard {
    pub out: Arc<dyn Out>,
    pub desk: Arc<CanvasDesk>,
}

impl Out for Overheard {
    fn picture(
        &self,
        session: SessionId,
        stream: (VideoCodec, Tier),
        ts_90khz: u64,
        frame: EncodedFrame,
    ) {
        self.out.picture(session, stream, ts_90khz, frame);
    }

    fn sound(&self, session: SessionId, parts: Vec<MixPart>, ts_48khz: u64) {
        self.out.sound(session, parts, ts_48khz);
    }

    fn talking(&self, session: SessionId, member: MemberId, talking: bool) {
        if talking {
            self.desk.tell(|news| news.talker = Some(member));
        }
        self.out.talking(session, member, talking);
    }

    fn keyframe_wanted(&self, session: SessionId, member: MemberId) {
        self.out.keyframe_wanted(session, member);
    }

    fn uplink_wanted(&self, session: SessionId, member: MemberId, wanted: Wanted) {
        self.out.uplink_wanted(session, member, wanted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(n: u128) -> MemberId {
        MemberId(Uuid::from_u128(n))
    }

    #[test]
    fn the_largest_cell_is_looked_at_and_of_several_as_large_who_talks() {
        let cells = |widths: &[u32]| {
            let all = widths.iter().zip(0..).map(|(w, n)| (member(n), Rect::new(0, 0, *w, 90)));
            all.collect::<Vec<_>>().into_iter()
        };
        assert_eq!(leader(cells(&[]), Some(member(0))), None);
        assert_eq!(leader(cells(&[160, 480, 160]), Some(member(0))), Some(member(1)));
        assert_eq!(leader(cells(&[160, 160, 160]), Some(member(2))), Some(member(2)));
        assert_eq!(leader(cells(&[80, 160, 160]), Some(member(0))), Some(member(1)), "too small");
        assert_eq!(leader(cells(&[160, 160]), None), Some(member(0)));
        assert_eq!(leader(cells(&[160]), None), Some(member(0)));
    }
}
