use super::*;
use rotunda_domain::{JoinAs, MediaAllowed, Permissions, ProjectId, Window};
use uuid::Uuid;

fn grant() -> Grant {
    Grant {
        project: ProjectId(Uuid::from_u128(1)),
        token_id: "t".into(),
        room_name: "r".into(),
        user_name: "u".into(),
        join_as: JoinAs::Member,
        permissions: Permissions::defaults(),
        media_allowed: MediaAllowed::All,
        window: Window::default(),
        join_audio_muted: false,
        join_video_muted: false,
        auto_create_room: true,
        enable_room_previews: false,
        room_display_name: None,
        end_room_session_on_leave: false,
        meta: Default::default(),
        room_meta: Default::default(),
        audio_video_sync: false,
        expires_at: None,
    }
}

fn bye(n: u16) -> Delivery {
    Delivery::Bye { call_id: LegId("leg".into()), code: n, cause: "TEST" }
}

fn codes(inbox: &mut mpsc::Receiver<Delivery>) -> Vec<u16> {
    std::iter::from_fn(|| inbox.try_recv().ok())
        .map(|d| match d {
            Delivery::Bye { code, .. } => code,
            Delivery::Event(_) => 0,
        })
        .collect()
}

fn presence() -> Presence {
    Presence::new("p".into(), "s".into(), grant())
}

#[test]
fn what_comes_while_no_socket_is_there_waits_in_order() {
    let presence = presence();
    let first = presence.take_socket(grant(), Claim::None);
    presence.deliver(bye(1));
    assert!(presence.lose_socket(first.socket));
    presence.deliver(bye(2));
    presence.deliver(bye(3));
    let mut second = presence.take_socket(grant(), Claim::None);
    presence.deliver(bye(4));
    assert_eq!(codes(&mut second.inbox), [2, 3, 4]);
    assert!(!second.overflowed);
}

#[test]
fn an_overflow_drops_all_of_it_and_says_so() {
    let presence = presence();
    for n in 0..300 {
        presence.deliver(bye(n));
    }
    let mut taken = presence.take_socket(grant(), Claim::None);
    assert!(taken.overflowed);
    assert_eq!(codes(&mut taken.inbox), Vec::<u16>::new());
}

#[test]
fn a_client_that_never_reads_loses_its_socket_and_nobody_waits() {
    let presence = presence();
    let mut taken = presence.take_socket(grant(), Claim::None);
    for n in 0..2000 {
        presence.deliver(bye(n));
    }
    assert!(!presence.has_socket());
    assert_eq!(codes(&mut taken.inbox).len(), 2 * QUEUE);
    assert!(taken.inbox.blocking_recv().is_none(), "the inbox ends, so the socket closes");
}

#[test]
fn a_replaced_socket_cannot_close_the_new_one() {
    let presence = presence();
    let first = presence.take_socket(grant(), Claim::None);
    let _second = presence.take_socket(grant(), Claim::None);
    assert!(!presence.lose_socket(first.socket));
    assert!(presence.has_socket());
}
