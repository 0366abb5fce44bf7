use super::*;
use crate::command::Asked;
use crate::grant::JoinAs;
use crate::id::LinkId;
use crate::link::LinkTerms;
use crate::session::SessionOptions;
use crate::session::tests::{grant, member, now, origin};
use crate::{Admission, Command, Grant, LegId, LegKey, Outcome, Permissions, RoomSettings};

/// A session in which member 1 holds these.
fn session(permissions: Permissions, join_as: JoinAs) -> Session {
    let room = RoomSettings::named("lab");
    let mut session = Session::open(now(0), origin(), room, SessionOptions::default());
    let (leg, call_id, member) = (LegKey(1), LegId("call".into()), member(1));
    let grant = Grant { permissions, join_as, ..grant("Ann") };
    let admission =
        Admission { member, leg, call_id, grant, wants_roster: false, can_return: true };
    session.handle(now(0), Actor::Project, Command::Admit(Box::new(admission))).unwrap();
    session.handle_outcome(now(0), Outcome::Connected(leg));
    session
}

fn ask(session: &mut Session, request: LinkRequest) -> Result<Reply, Refusal> {
    session.handle(now(1), Actor::Member(member(1)), Command::Links(Some(request)))
}

fn create(role: LinkRole) -> LinkRequest {
    LinkRequest::Create(LinkTerms { role, expires_at: None, max_uses: None })
}

fn makes(permissions: Permissions) -> Vec<&'static str> {
    let mut session = session(permissions, JoinAs::Member);
    let made = |role: &LinkRole| ask(&mut session, create(*role)).is_ok();
    let roles = [LinkRole::Host, LinkRole::Member, LinkRole::Guest, LinkRole::Audience];
    roles.into_iter().filter(made).map(LinkRole::as_str).collect()
}

#[test]
fn nobody_lets_others_in_as_more_than_they_are() {
    let of = |role: LinkRole| role.permissions();
    assert_eq!(makes(of(LinkRole::Host)), ["host", "member", "guest", "audience"]);
    for role in [LinkRole::Member, LinkRole::Guest, LinkRole::Audience] {
        assert!(makes(of(role)).is_empty(), "{role:?}");
    }
    let and_links = |role: LinkRole| {
        let own = of(role).as_slice().to_vec();
        Permissions::from_list(own.into_iter().chain(["room.links".to_owned()]).collect())
    };
    assert_eq!(makes(and_links(LinkRole::Member)), ["member", "guest", "audience"]);
    assert_eq!(makes(and_links(LinkRole::Guest)), ["guest", "audience"]);
    assert_eq!(makes(and_links(LinkRole::Audience)), ["audience"]);
}

#[test]
fn all_but_one_right_of_a_host_make_no_host() {
    let all = LinkRole::Host.permissions().as_slice().to_vec();
    let without = |name: &str| all.iter().filter(|one| *one != name).cloned().collect();
    for name in ["room.member.remove", "room.recording", "room.captions.push"] {
        let made = makes(Permissions::from_list(without(name)));
        assert_eq!(made, ["member", "guest", "audience"], "{name}");
    }
}

#[test]
fn what_is_allowed_says_of_which_room() {
    let mut session = session(LinkRole::Host.permissions(), JoinAs::Member);
    let revoke = LinkRequest::Revoke(LinkId(uuid::Uuid::nil()));
    for request in [create(LinkRole::Guest), LinkRequest::List, revoke] {
        let Ok(Reply::LinksAllowed(allowed)) = ask(&mut session, request) else { panic!("no") };
        let expected = (origin().project, origin().room, request);
        assert_eq!((allowed.project, allowed.room, allowed.request), expected);
    }
    let none = session.handle(now(1), Actor::Member(member(1)), Command::Links(None));
    assert!(matches!(none, Err(Refusal::NotFound(_))));
}

#[test]
fn who_looks_on_makes_no_link_and_hears_no_more_of_wrong_values() {
    let mut session = session(LinkRole::Host.permissions(), JoinAs::Audience);
    let refused = ask(&mut session, LinkRequest::List);
    assert!(matches!(refused, Err(Refusal::NotPermitted)));
    let asked = Asked::OfRoom(vec![Verb::Links]);
    let misread = Command::Misread(asked, Refusal::invalid("role must be one"));
    let refused = session.handle(now(1), Actor::Member(member(1)), misread);
    assert!(matches!(refused, Err(Refusal::NotPermitted)));
}
