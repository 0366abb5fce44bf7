use super::*;
use crate::grant::JoinAs;
use crate::output::Output;
use crate::session::SessionOptions;
use crate::session::tests::{bring_in, grant, member, now, open};
use crate::{Admission, Command, LegId, LegKey, Outcome, Permissions};

/// Two members (1 may remove people, 2 may push captions) and one who looks on (3).
fn room(enable_chat: ChatAccess) -> Session {
    let mut session = open(SessionOptions::default());
    session.settings.enable_chat = enable_chat;
    for (n, may) in [(1, "room.member.remove"), (2, "room.captions.push")] {
        seat(&mut session, n, &n.to_string(), may);
        session.handle_outcome(now(0), Outcome::Connected(LegKey(n as u64)));
    }
    bring_in(&mut session, 0, 3, JoinAs::Audience);
    while session.poll_output().is_some() {}
    session
}

/// Somebody on their way, with the token of `bearer`.
fn seat(session: &mut Session, n: usize, bearer: &str, may: &str) {
    let permissions = Permissions::from_list(vec![may.into()]);
    let admission = Admission {
        member: member(n),
        leg: LegKey(n as u64),
        call_id: LegId("call".into()),
        grant: crate::Grant { permissions, ..grant(bearer) },
        wants_roster: false,
        can_return: true,
    };
    session.handle(now(0), Actor::Project, Command::Admit(Box::new(admission))).unwrap();
}

fn id(n: u128) -> ChatId {
    ChatId(uuid::Uuid::from_u128(n))
}

fn send(
    session: &mut Session,
    at_ms: u64,
    by: usize,
    text: &str,
    to: Option<usize>,
) -> Result<Reply, Refusal> {
    let to = to.map(|n| Target::Member(member(n)));
    let draft = ChatDraft { id: id(u128::from(at_ms)), text: text.into(), to };
    session.handle(now(at_ms), Actor::Member(member(by)), Command::SendChat(draft))
}

fn texts(session: &mut Session, actor: Actor) -> Vec<String> {
    match session.handle(now(0), actor, Command::ListChat) {
        Ok(Reply::ChatMessages(messages)) => messages.iter().map(|m| m.text.to_string()).collect(),
        other => panic!("no list: {other:?}"),
    }
}

/// Who is told from here on, with what it says.
fn hearers(session: &mut Session) -> Vec<(Vec<MemberId>, String)> {
    let outputs = std::iter::from_fn(|| session.poll_output());
    let of_chat = outputs.filter_map(|output| match output {
        Output::Send(to, Event::ChatMessage { message, .. }) => Some((to, message.text)),
        _ => None,
    });
    let named = |(to, text): (To, std::sync::Arc<str>)| match to {
        To::Only(id) => (vec![id], text.to_string()),
        To::Those(ids) => (ids.to_vec(), text.to_string()),
        other => panic!("told {other:?}"),
    };
    of_chat.map(named).collect()
}

#[test]
fn a_message_goes_to_members_and_to_audience_where_the_room_says_so() {
    for (access, expected) in [
        (ChatAccess::Members, vec![member(1), member(2)]),
        (ChatAccess::All, vec![member(1), member(2), member(3)]),
    ] {
        let mut session = room(access);
        send(&mut session, 0, 1, "hello", None).unwrap();
        assert_eq!(hearers(&mut session), [(expected, "hello".to_owned())]);
        let by_audience = send(&mut session, 0, 3, "hi", None);
        assert_eq!(by_audience.is_ok(), access == ChatAccess::All);
    }
    let mut session = room(ChatAccess::Off);
    let off = Refusal::NotAdmitted("Chat is switched off in this room");
    assert_eq!(send(&mut session, 0, 1, "hello", None).err(), Some(off));
}

#[test]
fn what_is_for_one_alone_nobody_else_hears_or_sees() {
    let mut session = room(ChatAccess::All);
    send(&mut session, 0, 1, "between us", Some(2)).unwrap();
    let both: Vec<_> = hearers(&mut session).into_iter().flat_map(|(who, _)| who).collect();
    assert_eq!(both, [member(1), member(2)]);
    for (actor, sees) in [
        (Actor::Member(member(1)), true),
        (Actor::Member(member(2)), true),
        (Actor::Member(member(3)), false),
        (Actor::Project, false),
    ] {
        assert_eq!(texts(&mut session, actor).len(), usize::from(sees), "{actor:?}");
    }
    for (to, refusal) in
        [(9, Refusal::UNKNOWN_MEMBER), (1, Refusal::invalid("to must be somebody else"))]
    {
        assert_eq!(send(&mut session, 0, 1, "?", Some(to)).err(), Some(refusal));
    }
}

#[test]
fn a_person_sends_five_messages_in_five_seconds_and_nobody_waits_for_another() {
    let mut session = room(ChatAccess::Members);
    for at_ms in 0..5 {
        send(&mut session, at_ms, 1, "quick", None).unwrap();
    }
    let sixth = send(&mut session, 4999, 1, "too quick", None);
    assert!(matches!(sixth, Err(Refusal::LimitReached(_))));
    send(&mut session, 4999, 2, "another's", None).unwrap();
    send(&mut session, 5000, 1, "in time", None).unwrap();
    assert!(send(&mut session, 5000, 1, "again too quick", None).is_err());
    assert_eq!(texts(&mut session, Actor::Project).len(), 7, "what was refused is not kept");
}

#[test]
fn however_many_tabs_somebody_has_open_they_have_the_turns_of_one() {
    let mut session = room(ChatAccess::Members);
    for n in 4..9 {
        seat(&mut session, n, "1", "room.captions.push");
        session.handle_outcome(now(0), Outcome::Connected(LegKey(n as u64)));
        send(&mut session, 0, n, "one of five", None).unwrap();
    }
    for n in [1, 4] {
        let sixth = send(&mut session, 1, n, "too quick", None);
        assert!(matches!(sixth, Err(Refusal::LimitReached(_))), "{n}");
    }
    send(&mut session, 1, 2, "another's", None).unwrap();
    let mut list = |n| session.handle(now(1), Actor::Member(member(n)), Command::ListChat).is_ok();
    assert!((0..5).all(|_| list(1) && list(4)) && !list(1) && !list(8) && list(2));
    let caption = Caption { text: "hello".into(), is_final: true, lang: "en".into() };
    let mut push = |n| {
        let command = Command::PushCaption(caption.clone());
        session.handle(now(1), Actor::Member(member(n)), command).is_ok()
    };
    assert!((0..50).all(|_| push(4) && push(5)) && !push(4) && !push(6) && push(2));
}

#[test]
fn all_of_a_session_together_send_a_hundred_messages_in_five_seconds() {
    let mut session = room(ChatAccess::Members);
    session.settings.max_members = 300;
    let mut sent = 0;
    for n in 10..40 {
        seat(&mut session, n, &n.to_string(), "room.list_available_layouts");
        session.handle_outcome(now(0), Outcome::Connected(LegKey(n as u64)));
        sent += (0..5).filter(|_| send(&mut session, 0, n, "all at once", None).is_ok()).count();
    }
    assert_eq!(sent, 100);
    send(&mut session, 5000, 1, "in time", None).unwrap();
}

#[test]
fn who_is_not_here_yet_writes_lists_deletes_and_pushes_nothing() {
    let mut session = room(ChatAccess::All);
    send(&mut session, 7, 2, "rude", None).unwrap();
    let caption = Caption { text: "hello".into(), is_final: true, lang: "en".into() };
    let commands = [
        Command::SendChat(ChatDraft { id: id(9), text: "hi".into(), to: None }),
        Command::ListChat,
        Command::DeleteChat(Some(id(7))),
        Command::PushCaption(caption),
    ];
    for (n, may) in [(4, "room.member.remove"), (5, "room.captions.push")] {
        seat(&mut session, n, "somebody else", may);
        for command in &commands {
            let answer = session.handle(now(8), Actor::Member(member(n)), command.clone());
            assert_eq!(answer.err(), Some(Refusal::NotPermitted), "{command:?}");
        }
    }
    assert_eq!(texts(&mut session, Actor::Project), ["rude"]);
}

#[test]
fn a_list_has_the_latest_that_fit_an_answer() {
    let mut session = room(ChatAccess::Members);
    let long = |n: u64| format!("{n:03}") + &"\u{1f600}".repeat(TEXT_CHARS - 3);
    for n in 0..100 {
        send(&mut session, n * 1000, 1, &long(n), None).unwrap();
    }
    let listed = texts(&mut session, Actor::Project);
    let bytes: usize = listed.iter().map(String::len).sum();
    assert_eq!((listed.len(), listed.last()), (15, Some(&long(99))), "the latest, in their order");
    assert!(bytes <= LIST_BYTES && listed.is_sorted());
}

#[test]
fn the_latest_two_hundred_are_kept() {
    let mut session = room(ChatAccess::Members);
    for n in 0..201 {
        send(&mut session, n * 1000, 1, &n.to_string(), None).unwrap();
    }
    let kept = texts(&mut session, Actor::Project);
    assert_eq!((kept.len(), &*kept[0], &*kept[199]), (200, "1", "200"));
}

#[test]
fn who_may_remove_people_takes_away_what_a_message_says_once() {
    let mut session = room(ChatAccess::Members);
    send(&mut session, 7, 2, "rude", None).unwrap();
    hearers(&mut session);
    let mut delete = |by, id| {
        let by = Actor::Member(member(by));
        session.handle(now(8), by, Command::DeleteChat(id)).err()
    };
    assert_eq!(delete(2, Some(id(7))), Some(Refusal::NotPermitted), "not even one's own");
    assert_eq!(delete(2, None), Some(Refusal::NotPermitted), "asked before it is looked for");
    assert_eq!(delete(1, Some(id(8))), Some(Refusal::NotFound("Not Found")));
    assert_eq!((delete(1, Some(id(7))), delete(1, Some(id(7)))), (None, None));
    assert_eq!(hearers(&mut session).len(), 1, "told once");
    assert_eq!(texts(&mut session, Actor::Project), [""]);
}

#[test]
fn captions_are_pushed_by_permission_and_heard_by_everybody() {
    let mut session = room(ChatAccess::Off);
    let caption = |text: &str, lang: &str| {
        Command::PushCaption(Caption { text: text.into(), is_final: false, lang: lang.into() })
    };
    let mut push = |by, command| session.handle(now(0), Actor::Member(member(by)), command).err();
    assert_eq!(push(1, caption("", "?")), Some(Refusal::NotPermitted), "asked first");
    assert!(matches!(push(2, caption("", "en")), Some(Refusal::Invalid(_))));
    assert!(matches!(push(2, caption("hello", "?")), Some(Refusal::Invalid(_))));
    assert!((0..100).all(|_| push(2, caption("hello", "en")).is_none()));
    assert!(matches!(push(2, caption("hello", "en")), Some(Refusal::LimitReached(_))));
    let outputs = std::iter::from_fn(|| session.poll_output());
    let is_caption = |o: &Output| matches!(o, Output::Send(To::Everyone, Event::Caption { .. }));
    assert_eq!(outputs.filter(is_caption).count(), 100);
}
