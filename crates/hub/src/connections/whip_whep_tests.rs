use super::*;
use rotunda_domain::{ProjectId, Window};

fn grant(join_as: JoinAs) -> Grant {
    Grant {
        token_id: "t".into(),
        user_name: "Ann".into(),
        join_as,
        media_allowed: MediaAllowed::AudioOnly,
        window: Window { remove_at: Some(9), ..Window::default() },
        join_audio_muted: true,
        auto_create_room: false,
        end_room_session_on_leave: true,
        expires_at: Some(10),
        ..Grant::for_room(ProjectId(Uuid::nil()), "lab")
    }
}

#[test]
fn a_member_who_watches_is_audience_that_may_do_nothing_and_takes_nobody_along() {
    let watching = grant_for(grant(JoinAs::Member), Direction::Whep).unwrap();
    assert_eq!(watching.join_as, JoinAs::Audience);
    assert_eq!(watching.permissions.as_slice(), &[] as &[String]);
    assert_eq!(watching.media_allowed, MediaAllowed::All, "what a member may send says nothing");
    assert!(!watching.end_room_session_on_leave);
    assert_eq!(watching.window.remove_at, Some(9), "times and room stay");
    assert!(!watching.auto_create_room);
}

#[test]
fn otherwise_a_token_grants_what_it_grants_at_any_door() {
    let audience = grant(JoinAs::Audience);
    assert_eq!(grant_for(audience.clone(), Direction::Whep), Ok(audience.clone()));
    assert_eq!(grant_for(audience, Direction::Whip), Err(Refusal::NotPermitted));
    let member = grant(JoinAs::Member);
    assert_eq!(grant_for(member.clone(), Direction::Whip), Ok(member));
}

#[test]
fn an_offer_is_refused_when_the_token_allows_none_of_its_kinds() {
    let (hears, speaks) = (grant(JoinAs::Audience), grant(JoinAs::Member));
    let [both, audio, video, none] = [
        [Ways::Sends, Ways::Receives],
        [Ways::Sends, Ways::Neither],
        [Ways::Neither, Ways::Sends],
        [Ways::Neither, Ways::Neither],
    ];
    for (grant, direction) in [(&hears, Direction::Whep), (&speaks, Direction::Whip)] {
        let barred = [both, audio, video, none].map(|ways| is_all_barred(grant, direction, ways));
        assert_eq!(barred, [false, false, true, false], "{direction:?}");
    }
    assert!(!is_all_barred(&speaks, Direction::Whep, video), "a member receives everything");
}

#[test]
fn two_ids_have_nothing_in_common() {
    let (one, other) = (unguessable(), unguessable());
    assert_eq!((one.len(), other.len()), (64, 64));
    assert_ne!(one[..32], other[..32]);
    assert_ne!(one[32..], other[32..]);
}
