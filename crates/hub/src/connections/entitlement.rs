//! What may flow on a leg, by what its holder was granted.

use rotunda_domain::{Flow, Grant, JoinAs};
use rotunda_engine::LegRequest;

/// Says what may flow on a leg: what the seat's grant has of each kind at this moment. Asked in the
/// session's own task, where roles change: an offer that was under way meanwhile gets nothing of the
/// role before. Screens and devices bring sound and picture whatever their owner may send.
pub(crate) fn entitle(
    request: LegRequest,
    grant: &Grant,
    only_sends: bool,
    is_child: bool,
) -> LegRequest {
    let receives = |flow: Flow| flow != Flow::None && !only_sends;
    let may_send = grant.join_as == JoinAs::Member;
    let sends = |flow: Flow| may_send && (is_child || flow == Flow::Both);
    let (audio, video) = (grant.audio_flow(), grant.video_flow());
    LegRequest {
        person: format!("{}/{}/{}", grant.project, grant.room_name, grant.user_name).into(),
        may_send,
        may_receive_audio: receives(audio),
        may_receive_video: receives(video),
        takes_audio: sends(audio),
        takes_video: sends(video),
        ..request
    }
}
