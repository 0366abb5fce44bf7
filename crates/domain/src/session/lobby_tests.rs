use super::*;
use crate::grant::JoinAs;
use crate::session::SessionOptions;
use crate::session::tests::{bring_in, grant, member, now, origin};
use crate::{Admission, Command, LegId, LegKey, Outcome, Permissions, RoomSettings};

fn waiter(n: u128) -> WaiterId {
    WaiterId(uuid::Uuid::from_u128(n))
}

/// Who comes by token `n`, with these permissions.
fn bearer(n: u128, may: &[&str]) -> Grant {
    let list = may.iter().map(|name| (*name).to_owned()).collect();
    let permissions = Permissions::from_list(list);
    Grant { token_id: format!("token {n}"), permissions, ..grant(&format!("Guest {n}")) }
}

/// A room with a lobby in which nobody is.
fn open() -> Session {
    let settings = RoomSettings { lobby: true, ..RoomSettings::named("lab") };
    let mut session = Session::open(now(0), origin(), settings, SessionOptions::default());
    drain(&mut session);
    session
}

/// The same with a host in it, who is member 1.
fn hosted() -> Session {
    let mut session = open();
    join(&mut session, 0, 1, &["room.member.promote"]).unwrap();
    drain(&mut session);
    session
}

fn drain(session: &mut Session) -> Vec<Output> {
    std::iter::from_fn(|| session.poll_output()).collect()
}

fn join(session: &mut Session, at_ms: u64, n: u64, may: &[&str]) -> Result<Reply, Refusal> {
    join_as(session, at_ms, n, bearer(u128::from(n), may))
}

fn join_as(session: &mut Session, at_ms: u64, n: u64, grant: Grant) -> Result<Reply, Refusal> {
    let (leg, call_id, member) = (LegKey(n), LegId("call".into()), member(n as usize));
    let admission =
        Admission { member, leg, call_id, grant, wants_roster: false, can_return: true };
    let done = session.handle(now(at_ms), Actor::Project, Command::Admit(Box::new(admission)))?;
    session.handle_outcome(now(at_ms), Outcome::Connected(leg));
    Ok(done)
}

fn knock(session: &mut Session, at_ms: u64, n: u128) -> Result<Reply, Refusal> {
    knock_with(session, at_ms, n, bearer(n, &[]))
}

fn knock_with(session: &mut Session, at_ms: u64, n: u128, grant: Grant) -> Result<Reply, Refusal> {
    let knock = Knock { id: waiter(n), grant, name: None, since_ms: None };
    session.handle(now(at_ms), Actor::Project, Command::Knock(Box::new(knock)))
}

fn answer(
    session: &mut Session,
    at_ms: u64,
    by: Actor,
    whom: Waiters,
    admits: bool,
) -> Result<Reply, Refusal> {
    session.handle(now(at_ms), by, Command::AnswerLobby { whom, admits })
}

fn host() -> Actor {
    Actor::Member(member(1))
}

fn these(ids: &[u128]) -> Waiters {
    Waiters::These(ids.iter().copied().map(waiter).collect())
}

fn line(session: &mut Session) -> Vec<String> {
    match session.handle(now(0), Actor::Project, Command::ListLobby) {
        Ok(Reply::LobbyLine(line)) => line.iter().map(|w| w.name.to_string()).collect(),
        other => panic!("no line: {other:?}"),
    }
}

/// The lines told, with who was.
fn reported(outputs: &[Output]) -> Vec<(To, usize)> {
    let of_lobby = |output: &Output| match output {
        Output::Send(to, Event::LobbyUpdated { waiting, .. }) => Some((to.clone(), waiting.len())),
        _ => None,
    };
    outputs.iter().filter_map(of_lobby).collect()
}

/// What those who wait were told.
fn verdicts(outputs: &[Output]) -> Vec<(WaiterId, Option<Dismissal>)> {
    let of_waiter = |output: &Output| match output {
        Output::Send(To::Waiting(to), Event::LobbyAdmitted { id, .. }) if to == id => {
            Some((*id, None))
        }
        Output::Send(To::Waiting(to), Event::LobbyDenied { id, why, .. }) if to == id => {
            Some((*id, Some(*why)))
        }
        _ => None,
    };
    outputs.iter().filter_map(of_waiter).collect()
}

#[test]
fn whoever_may_not_skip_the_lobby_waits_and_is_seen_by_nobody_but_hosts() {
    let mut session = hosted();
    join(&mut session, 0, 2, &["room.lobby.skip"]).expect("skips");
    join(&mut session, 0, 4, &["room.lobby"]).expect("a shorter name covers it");
    drain(&mut session);
    let refused = join(&mut session, 0, 3, &["room.self.audio_mute"]).err();
    assert_eq!(refused, Some(Refusal::LOBBY));
    let Ok(Reply::Lobby(LobbyState::Waiting(shown))) = knock(&mut session, 5, 3) else {
        panic!("does not wait");
    };
    assert_eq!((&*shown.name, shown.id), ("Guest 3", waiter(3)));
    let outputs = drain(&mut session);
    assert_eq!(reported(&outputs), [(To::Those([member(1)].into()), 1)]);
    assert_eq!(outputs.len(), 1, "{outputs:?}");
    assert_eq!(session.view().members.len(), 3, "who waits is no member");
    assert_eq!(join(&mut session, 6, 3, &[]).err(), Some(Refusal::LOBBY));
}

#[test]
fn audience_and_players_wait_too_and_a_room_without_a_lobby_lets_everybody_in() {
    let mut session = hosted();
    let audience = Grant { join_as: JoinAs::Audience, ..bearer(2, &[]) };
    assert_eq!(join_as(&mut session, 0, 2, audience.clone()).err(), Some(Refusal::LOBBY));
    let spared = Grant { permissions: Permissions::of_audience(true), ..audience.clone() };
    join_as(&mut session, 0, 3, spared).expect("is spared");
    session.settings.lobby = false;
    join_as(&mut session, 0, 2, audience).expect("there is no lobby");
    let state = knock(&mut session, 0, 4).unwrap();
    assert!(matches!(state, Reply::Lobby(LobbyState::Admitted)));
}

#[test]
fn whoever_is_admitted_comes_in_by_the_same_token_as_often_as_they_like() {
    let mut session = hosted();
    knock(&mut session, 0, 2).unwrap();
    knock(&mut session, 0, 3).unwrap();
    drain(&mut session);
    answer(&mut session, 1, host(), these(&[2]), true).unwrap();
    let outputs = drain(&mut session);
    assert_eq!(verdicts(&outputs), [(waiter(2), None)]);
    assert!(matches!(outputs[1], Output::Waited { admitted: true, .. }), "{outputs:?}");
    for n in [2, 20] {
        let leg = LegKey(n);
        join_as(&mut session, 2, n, bearer(2, &[])).expect("was let in");
        session.handle(now(3), Actor::Project, Command::HangUp(leg)).unwrap();
    }
    assert_eq!(line(&mut session), ["Guest 3"]);
    assert!(matches!(knock(&mut session, 4, 2), Ok(Reply::Lobby(LobbyState::Admitted))));
}

#[test]
fn only_who_may_promote_answers_or_sees_the_line_and_the_application_does() {
    let mut session = hosted();
    join(&mut session, 0, 2, &["room.lobby.skip", "room.member.remove"]).unwrap();
    knock(&mut session, 0, 3).unwrap();
    let two = Actor::Member(member(2));
    let denied = Some(Refusal::NotPermitted);
    assert_eq!(answer(&mut session, 1, two, Waiters::All, true).err(), denied);
    assert_eq!(session.handle(now(1), two, Command::ListLobby).err(), denied);
    let again = Command::LetInAgain("token 3".into());
    assert_eq!(session.handle(now(1), host(), again).err(), denied, "the hub's alone");
    answer(&mut session, 1, Actor::Project, Waiters::All, true).unwrap();
    let nobody = answer(&mut session, 1, host(), these(&[3]), true).err();
    assert_eq!(nobody, Some(Refusal::NotFound("nobody of these waits")));
}

#[test]
fn whoever_is_denied_may_knock_again_a_minute_later() {
    let mut session = hosted();
    knock(&mut session, 0, 2).unwrap();
    drain(&mut session);
    answer(&mut session, 1, host(), Waiters::All, false).unwrap();
    assert_eq!(verdicts(&drain(&mut session)), [(waiter(2), Some(Dismissal::Denied))]);
    let refused = Some(Refusal::LOBBY_DENIED);
    assert_eq!(knock(&mut session, DENIED_MS, 2).err(), refused);
    assert_eq!(join(&mut session, DENIED_MS, 2, &[]).err(), refused);
    knock(&mut session, DENIED_MS + 1, 2).expect("may knock again");
}

#[test]
fn without_a_host_all_wait_and_the_first_who_comes_is_shown_who_does() {
    let mut session = open();
    knock(&mut session, 0, 2).unwrap();
    assert!(drain(&mut session).is_empty(), "nobody is told");
    let much_later = 3_600_000;
    session.handle_timeout(now(much_later));
    assert!(!session.is_over() && !session.has_begun());
    join(&mut session, much_later, 1, &["room.member.promote"]).unwrap();
    let heard = reported(&drain(&mut session));
    assert_eq!(heard, [(To::Those([].into()), 1), (To::Only(member(1)), 1)]);
}

#[test]
fn before_anybody_has_come_the_application_lets_in_and_who_is_let_in_has_the_time_to_come() {
    let mut session = open();
    knock(&mut session, 0, 2).unwrap();
    let at = 90_000;
    answer(&mut session, at, Actor::Project, Waiters::All, true).unwrap();
    assert_eq!(verdicts(&drain(&mut session)), [(waiter(2), None)], "told before the beginning");
    session.handle_timeout(now(at + 29_000));
    join(&mut session, at + 29_000, 2, &[]).expect("the session still is");
    let mut session = open();
    knock(&mut session, 0, 2).unwrap();
    session.handle_outcome(now(40_000), Outcome::WaiterLeft(waiter(2)));
    session.handle_timeout(now(70_000));
    assert!(session.is_over(), "nobody came and nobody waits");
}

#[test]
fn a_session_that_all_have_left_ends_though_somebody_waits() {
    let mut session = hosted();
    knock(&mut session, 0, 2).unwrap();
    session.handle(now(1), host(), Command::HangUp(LegKey(1))).unwrap();
    assert!(session.is_over(), "who waits, waits for the next");
}

#[test]
fn who_loses_the_socket_keeps_the_place_for_the_grace_time() {
    let mut session = hosted();
    for (n, at) in [(2, 0), (3, 1_000)] {
        knock(&mut session, at, n).unwrap();
    }
    session.handle_outcome(now(2_000), Outcome::WaiterGone(waiter(2)));
    session.handle_timeout(now(31_999));
    let later = Grant { token_id: "token 20".into(), ..bearer(2, &[]) };
    session.handle_outcome(now(31_999), Outcome::WaiterBack(waiter(2), later.terms()));
    session.handle_outcome(now(32_000), Outcome::WaiterGone(waiter(3)));
    drain(&mut session);
    assert_eq!(session.next_timeout_ms(now(32_000)), Some(30_000));
    session.handle_timeout(now(62_000));
    assert_eq!(line(&mut session), ["Guest 2"]);
    let gone = |o: &Output| matches!(o, Output::Waited { admitted: false, .. });
    assert!(drain(&mut session).iter().any(gone));
    answer(&mut session, 62_001, host(), Waiters::All, true).unwrap();
    join_as(&mut session, 62_002, 2, later).expect("the token shown last counts");
}

#[test]
fn who_comes_back_with_a_token_that_was_denied_waits_no_more() {
    let mut session = hosted();
    knock(&mut session, 0, 2).unwrap();
    answer(&mut session, 1, host(), Waiters::All, false).unwrap();
    knock(&mut session, 2, 3).unwrap();
    session.handle_outcome(now(3), Outcome::WaiterGone(waiter(3)));
    drain(&mut session);
    session.handle_outcome(now(4), Outcome::WaiterBack(waiter(3), bearer(2, &[]).terms()));
    let heard = verdicts(&drain(&mut session));
    assert_eq!(heard, [(waiter(3), Some(Dismissal::Denied))]);
    assert!(line(&mut session).is_empty());
}

#[test]
fn a_token_waits_once_and_keeps_its_time_and_the_line_is_in_order() {
    let mut session = hosted();
    knock(&mut session, 10, 2).unwrap();
    knock(&mut session, 20, 3).unwrap();
    drain(&mut session);
    knock_with(&mut session, 30, 4, Grant { user_name: "Gil".into(), ..bearer(2, &[]) }).unwrap();
    assert_eq!(line(&mut session), ["Gil", "Guest 3"]);
    let heard = verdicts(&drain(&mut session));
    assert_eq!(heard, [(waiter(2), Some(Dismissal::Elsewhere))]);
    // Who waited before a restart comes before whoever came since.
    let since_ms = Some(now(5).epoch_ms);
    let knock = Knock { id: waiter(5), grant: bearer(5, &[]), name: None, since_ms };
    session.handle(now(40), Actor::Project, Command::Knock(Box::new(knock))).unwrap();
    assert_eq!(line(&mut session), ["Guest 5", "Gil", "Guest 3"]);
}

#[test]
fn two_hundred_wait_and_no_more_and_one_token_knocks_five_times_in_ten_seconds() {
    let mut session = hosted();
    for n in 0..WAITING as u128 {
        knock(&mut session, 0, 100 + n).unwrap();
    }
    assert!(matches!(knock(&mut session, 0, 2), Err(Refusal::LimitReached(_))));
    knock(&mut session, 0, 100).expect("waits already");
    let mut session = hosted();
    for _ in 0..KNOCKS {
        knock(&mut session, 0, 2).unwrap();
    }
    assert!(matches!(knock(&mut session, 9_999, 2), Err(Refusal::LimitReached(_))));
    knock(&mut session, 10_000, 2).unwrap();
}

#[test]
fn many_who_knock_at_once_are_reported_together() {
    let mut session = hosted();
    for n in 0..50 {
        knock(&mut session, 1_000, 100 + n).unwrap();
    }
    assert_eq!(reported(&drain(&mut session)).len(), 1);
    assert_eq!(session.next_timeout_ms(now(1_000)), Some(500));
    session.handle_timeout(now(1_500));
    assert_eq!(reported(&drain(&mut session)), [(To::Those([member(1)].into()), 50)]);
}

#[test]
fn a_lobby_that_is_switched_off_lets_all_in_and_one_that_is_switched_on_counts_from_then_on() {
    let mut session = hosted();
    knock(&mut session, 0, 2).unwrap();
    drain(&mut session);
    let apply = |session: &mut Session, lobby| {
        let settings = Box::new(RoomSettings { lobby, ..session.settings.clone() });
        session.handle(now(1), Actor::Project, Command::ApplyRoom(settings)).unwrap();
    };
    apply(&mut session, false);
    assert_eq!(verdicts(&drain(&mut session)), [(waiter(2), None)]);
    bring_in(&mut session, 2, 3, JoinAs::Member);
    apply(&mut session, true);
    assert_eq!(session.view().members.len(), 2, "who is in stays");
    assert_eq!(join(&mut session, 3, 4, &[]).err(), Some(Refusal::LOBBY));
    join(&mut session, 3, 2, &[]).expect("was let in when it was switched off");
}

#[test]
fn the_lock_and_who_was_kept_out_count_and_a_removal_takes_the_admission_back() {
    let mut session = hosted();
    session.handle(now(0), Actor::Project, Command::Lock(true)).unwrap();
    assert_eq!(knock(&mut session, 0, 2).err(), Some(Refusal::LOCKED));
    session.handle(now(0), Actor::Project, Command::Lock(false)).unwrap();
    for (n, keep_out, refused) in [(2, false, Refusal::LOBBY), (3, true, Refusal::REMOVED)] {
        knock(&mut session, 0, n).unwrap();
        answer(&mut session, 0, host(), Waiters::All, true).unwrap();
        join(&mut session, 0, n as u64, &[]).unwrap();
        let target = crate::command::Target::Member(member(n as usize));
        let remove = Command::Remove { target, keep_out };
        session.handle(now(1), Actor::Project, remove).unwrap();
        assert_eq!(join(&mut session, 2, n as u64, &[]).err(), Some(refused));
    }
    assert_eq!(knock(&mut session, 3, 3).err(), Some(Refusal::REMOVED));
    knock(&mut session, 3, 2).expect("may ask again");
}

#[test]
fn a_fresh_token_of_somebody_who_was_let_in_is_let_in_too_and_so_is_one_of_before_a_restart() {
    let mut session = hosted();
    knock(&mut session, 0, 2).unwrap();
    answer(&mut session, 0, host(), Waiters::All, true).unwrap();
    join(&mut session, 0, 2, &[]).unwrap();
    let fresh = bearer(20, &[]);
    session.handle_outcome(now(1), Outcome::TokenShown(member(2), fresh.terms()));
    session.handle(now(2), Actor::Project, Command::HangUp(LegKey(2))).unwrap();
    join_as(&mut session, 3, 4, fresh).expect("goes with the one before");
    session.handle(now(4), Actor::Project, Command::LetInAgain("token 5".into())).unwrap();
    join(&mut session, 4, 5, &[]).expect("was let in before");
}

#[test]
fn a_removal_takes_back_the_token_that_let_somebody_in_however_many_they_showed_since() {
    let mut session = hosted();
    knock(&mut session, 0, 2).unwrap();
    answer(&mut session, 0, host(), these(&[2]), true).unwrap();
    join(&mut session, 0, 2, &[]).expect("was let in");
    for n in 100..120 {
        let later = bearer(n, &[]).terms();
        session.handle_outcome(now(1), Outcome::TokenShown(member(2), later));
    }
    let remove =
        Command::Remove { target: crate::command::Target::Member(member(2)), keep_out: false };
    session.handle(now(2), Actor::Project, remove).unwrap();
    for n in [2, 100, 119] {
        let back = join_as(&mut session, 3, 9, bearer(n, &[]));
        assert_eq!(back.err(), Some(Refusal::LOBBY), "token {n}");
    }
}

#[test]
fn a_name_is_as_long_as_a_members_and_has_no_control_characters() {
    let mut session = hosted();
    let long = "é".repeat(101);
    for (name, fits) in [
        ("Ann", true),
        ("", false),
        (" ", false),
        ("a\nb", false),
        ("\u{200b}", false),
        (&*long, false),
    ] {
        let name = Some(name.to_owned());
        let knock = Knock { id: waiter(2), grant: bearer(2, &[]), name, since_ms: None };
        let done = session.handle(now(0), Actor::Project, Command::Knock(Box::new(knock)));
        assert_eq!(done.is_ok(), fits);
    }
    assert_eq!(line(&mut session), ["Ann"]);
}
