//! What a graph keeps of a member, and for how long.

use super::*;
use crate::out::MixPart;
use crate::uplink::Wanted;
use rotunda_codec::EncodedFrame;
use rotunda_domain::Quality;
use uuid::Uuid;

struct Nobody;

impl Out for Nobody {
    fn picture(&self, _: SessionId, _: (VideoCodec, Tier), _: u64, _: EncodedFrame) {}
    fn sound(&self, _: SessionId, _: Vec<MixPart>, _: u64) {}
    fn talking(&self, _: SessionId, _: MemberId, _: bool) {}
    fn keyframe_wanted(&self, _: SessionId, _: MemberId) {}
    fn uplink_wanted(&self, _: SessionId, _: MemberId, _: Wanted) {}
}

fn graph() -> (Graph, SessionId) {
    let options = GraphOptions {
        decode_threads: 1,
        canvas_threads: 1,
        mix_threads: 1,
        ..GraphOptions::default()
    };
    let graph = Graph::start(options, Arc::new(Nobody)).unwrap();
    let session = SessionId(Uuid::from_u128(9));
    let spec =
        CanvasSpec { quality: Quality::P720, fps: 20, audio_video_sync: false, name_banners: None };
    graph.open(session, spec);
    (graph, session)
}

fn mutes(intake: &Intake) -> (bool, bool) {
    (intake.sound.is_muted(), intake.picture.is_muted())
}

#[test]
fn a_member_on_a_new_leg_is_treated_as_before() {
    let (graph, session) = graph();
    let member = MemberId(Uuid::from_u128(1));
    let first = graph.add_member(session, member, member).unwrap();
    assert_eq!(mutes(&first), (false, false));
    let media = MemberMedia { video_muted: false, ..MemberMedia::nothing(member) };
    graph.apply_media(session, &media);
    assert_eq!(mutes(&first), (true, false));
    let second = graph.add_member(session, member, member).unwrap();
    assert_eq!(mutes(&second), (true, false));
    graph.end_intake(session, member);
    let third = graph.add_member(session, member, member).unwrap();
    assert_eq!(mutes(&third), (true, false), "also after a time as a listener");
}

#[test]
fn a_treatment_comes_before_the_media_as_well_as_after_and_ends_with_the_member() {
    let (graph, session) = graph();
    let member = MemberId(Uuid::from_u128(1));
    graph.apply_media(session, &MemberMedia::nothing(member));
    assert_eq!(mutes(&graph.add_member(session, member, member).unwrap()), (true, true));
    graph.remove_member(session, member);
    assert_eq!(mutes(&graph.add_member(session, member, member).unwrap()), (false, false));
}
