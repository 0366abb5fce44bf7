//! That the types of our own browser package are those of what is sent, and that what is sent is of these types.
//! `ROTUNDA_BLESS=1` writes `sdk/src/types/wire.generated.ts`.

use crate::authorization::Authorization;
use crate::entities::{
    Caption, ChatMessage, Layout, LineQuality, Member, MemberName, Playback, Recording, RoomLink,
    Session, Stream, TalkingMember, Waiting,
};
use crate::events::{auth_state, frame};
use crate::json::Detail;
use crate::shape::Field;
use crate::typescript::{self, Kind, Object};
use rotunda_domain::{Event, Grant};
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

#[path = "../tests/support/facts.rs"]
#[allow(dead_code, clippy::unwrap_used)]
mod facts;

mod answers;

const HEAD: &str = "// What the server sends, as types. Written by a test of it (crates/signaling/src/wire_tests.rs) from the \
                    fields\n// that it sends; ROTUNDA_BLESS=1 cargo test -p rotunda-signaling writes it anew.\n";

/// Everything that a test lets be sent.
const FACTS: [&str; 25] = [
    "subscribed",
    "started",
    "ended",
    "updated",
    "joined",
    "left",
    "seeded",
    "muted",
    "hand",
    "written",
    "deleted",
    "caption",
    "knocked",
    "admitted",
    "denied",
    "talking",
    "quality",
    "layout",
    "audience",
    "digits",
    "recorded",
    "unrecorded",
    "played",
    "failed",
    "streamed",
];

/// An event of a room: where it happened, and these fields.
fn in_room(fields: &[(&'static str, Kind)]) -> Kind {
    let base = [("room_id", Kind::Text), ("room_session_id", Kind::Text)];
    object("", base.iter().chain(fields))
}

fn object<'a>(name: &'static str, fields: impl Iterator<Item = &'a (&'static str, Kind)>) -> Kind {
    let member = |(name, kind): &(&'static str, Kind)| typescript::Member {
        name,
        docs: &[],
        kind: kind.clone(),
    };
    Kind::Object(Object { name, docs: &[], base: None, fields: fields.map(member).collect() })
}

/// An event that is an object among the names of where it happened.
fn among(kind: Kind) -> Kind {
    let Kind::Object(Object { fields, .. }) = kind else { return kind };
    in_room(&fields.into_iter().map(|field| (field.name, field.kind)).collect::<Vec<_>>())
}

/// A member of which something changed.
fn changed() -> Kind {
    let Kind::Object(member) = Member::kind() else { return Kind::Free };
    Kind::Object(Object {
        name: "ChangedMember",
        docs: &[" Somebody of whom the named fields changed."],
        base: Some(Box::new(member)),
        fields: vec![updated()],
    })
}

/// A session without what not everybody may know of, and who changed by themselves: people and outputs.
fn session_facts() -> Object {
    let Kind::Object(session) = Session::kind() else { panic!("no object") };
    let apart = ["members", "recordings", "playbacks", "streams"];
    let fields = session.fields.into_iter().filter(|field| !apart.contains(&field.name));
    let docs = &[" A session but for people and outputs."];
    Object { name: "SessionFacts", docs, base: None, fields: fields.collect() }
}

/// `room` of `room.updated`: where it is, and what changed of it.
fn changed_room() -> Kind {
    let id = |name: &str| name == "room_id" || name == "room_session_id";
    let field = |mut field: typescript::Member| {
        if !id(field.name) {
            field.kind = Kind::Sometimes(Box::new(field.kind));
        }
        field
    };
    let fields = session_facts().fields.into_iter().map(field).chain([updated()]).collect();
    let docs = &[" A session of which the named fields changed."];
    Kind::Object(Object { name: "ChangedRoom", docs, base: None, fields })
}

/// `room_session` of it: the whole.
fn changed_session() -> Kind {
    Kind::Object(Object {
        name: "ChangedSession",
        docs: &[" A session of which the named fields changed, with all of them."],
        base: Some(Box::new(session_facts())),
        fields: vec![updated()],
    })
}

fn updated() -> typescript::Member {
    typescript::Member { name: "updated", docs: &[], kind: Kind::List(Box::new(Kind::Text)) }
}

/// What somebody may from now on. A server that was started anew tells it without saying where.
fn role() -> Kind {
    let at_times = || Kind::Sometimes(Box::new(Kind::Text));
    let fields = [
        ("room_id", at_times()),
        ("room_session_id", at_times()),
        ("member_id", Kind::Text),
        ("authorization", Authorization::kind()),
    ];
    object("", fields.iter())
}

/// What an event of that name carries.
fn payload(name: &str) -> Option<Kind> {
    let of = |field, kind| in_room(&[(field, kind)]);
    let whole = || [("room_session", Session::kind()), ("room", Session::kind())];
    Some(match name {
        "room.subscribed" => {
            let here = [("call_id", Kind::Text), ("member_id", Kind::Text)];
            object("", here.iter().chain(&whole()))
        }
        "room.started" | "room.ended" => in_room(&whole()),
        "room.updated" => in_room(&[("room", changed_room()), ("room_session", changed_session())]),
        "member.promoted" | "member.demoted" => role(),
        "room.audience_count" => of("total", Kind::Number),
        "member.joined" | "member.left" => of("member", Member::kind()),
        "member.updated" => of("member", changed()),
        "member.talking" => of("member", TalkingMember::kind()),
        "member.digits" => in_room(&[("member_id", Kind::Text), ("digits", Kind::Text)]),
        "member.network_quality" => {
            in_room(&[("member", MemberName::kind()), ("network_quality", LineQuality::kind())])
        }
        "layout.changed" => of("layout", Layout::kind()),
        "chat.message" => among(ChatMessage::kind()),
        "captions.pushed" => among(Caption::kind()),
        "lobby.updated" => of("waiting", Kind::List(Box::new(Waiting::kind()))),
        "lobby.admitted" => of("id", Kind::Text),
        "lobby.denied" => in_room(&[
            ("id", Kind::Text),
            ("reason", Kind::Text),
            ("retry_after", Kind::OrNull(Box::new(Kind::Number))),
        ]),
        name => match name.split('.').next() {
            Some("recording") => of("recording", Recording::kind()),
            Some("playback") => of("playback", Playback::kind()),
            Some("stream") => of("stream", Stream::kind()),
            _ => return None,
        },
    })
}

/// The text of `wire.generated.ts`.
fn typescript() -> String {
    let events: Vec<(&str, Kind)> =
        Event::NAMES.into_iter().filter_map(|name| Some((name, payload(name)?))).collect();
    let mut objects = Vec::new();
    for (_, kind) in &events {
        let Kind::Object(event) = kind else { continue };
        event.fields.iter().for_each(|field| field.kind.objects(&mut objects));
    }
    // Two stand among the fields of their events, and by themselves in answers; a link stands in answers alone.
    let alone = [ChatMessage::kind(), Caption::kind(), RoomLink::kind()];
    alone.iter().for_each(|kind| kind.objects(&mut objects));
    let mut text = HEAD.to_owned();
    for object in objects {
        let _ = write!(text, "\n{}", object.declaration());
    }
    let doc = "What each event carries, by its name behind `video.`.";
    text.push_str(&table(doc, "Events", events.into_iter()));
    let doc =
        "What methods answer beside `code` and `message`; those that are not here answer no more.";
    text.push_str(&table(doc, "Answers", answers::all()));
    text
}

/// Objects by a name that is none of a type.
fn table<'a>(doc: &str, name: &str, rows: impl Iterator<Item = (&'a str, Kind)>) -> String {
    let mut text = format!("\n/** {doc} */\nexport interface {name} {{\n");
    for (name, kind) in rows {
        let Kind::Object(Object { fields, .. }) = kind else { continue };
        let mark = |kind: &Kind| if matches!(kind, Kind::Sometimes(_)) { "?" } else { "" };
        let field =
            |f: &typescript::Member| format!("{}{}: {}", f.name, mark(&f.kind), f.kind.text());
        let fields = fields.iter().map(field).collect::<Vec<_>>().join("; ");
        let _ = writeln!(text, "  \"{name}\": {{ {fields} }};");
    }
    text.push_str("}\n");
    text
}

#[test]
fn the_browser_packages_types_are_those_of_what_is_sent() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().parent().unwrap();
    let file = root.join("sdk/src/types/wire.generated.ts");
    if std::env::var_os("ROTUNDA_BLESS").is_some() {
        std::fs::write(&file, typescript()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(written == typescript(), "{} is stale: see the head of it", file.display());
}

#[test]
fn what_is_sent_is_of_the_type_of_its_event_and_each_event_has_one() {
    let mut sent = Vec::new();
    for fact in FACTS {
        let text = frame(&facts::dispatch(fact), "1", "node", Detail::Hands);
        let frame: Value = serde_json::from_str(&text).unwrap();
        let name = frame["params"]["event_type"].as_str().unwrap().strip_prefix("video.").unwrap();
        let fits = payload(name).unwrap().fits(&frame["params"]["params"]);
        assert_eq!(fits, Ok(()), "{fact}: {text}");
        sent.push(name.to_owned());
    }
    for promoted in [true, false] {
        let (name, params) = shown_role(promoted);
        assert_eq!(payload(&name).unwrap().fits(&params), Ok(()), "{params}");
        sent.push(name);
    }
    let family = |name: &str| name.split('.').next().map(str::to_owned);
    for name in Event::NAMES {
        let is_output = ["recording", "playback", "stream"].iter().any(|f| name.starts_with(f));
        let is_it = |one: &String| one == name || is_output && family(one) == family(name);
        assert!(payload(name).is_some() && sent.iter().any(is_it), "{name} is sent by no fact");
    }
}

/// Somebody is promoted or demoted.
fn shown_role(promoted: bool) -> (String, Value) {
    let grant = Grant { expires_at: Some(9), ..Grant::for_room(facts::PROJECT, "lab") };
    let view = Box::new(facts::session());
    let event = Event::RoleChanged {
        room: facts::ROOM,
        session: facts::SESSION,
        member: facts::ALICE,
        promoted,
        grant: Box::new(grant.clone()),
        view: view.clone(),
    };
    let dispatch = facts::dispatched(event);
    let room = (&*view.settings.display_name, &view.meta);
    let authorization = Authorization::of(("signature", "resource"), &grant, room);
    let text = auth_state(&dispatch, "1", "node", &authorization);
    let mut frame: Value = serde_json::from_str(&text).unwrap();
    let name = frame["params"]["event_type"].as_str().unwrap().strip_prefix("video.").unwrap();
    (name.to_owned(), frame["params"]["params"].take())
}

#[test]
fn what_does_not_fit_is_found() {
    let member = Member::kind();
    let text = frame(&facts::dispatch("joined"), "1", "node", Detail::Published);
    let frame: Value = serde_json::from_str(&text).unwrap();
    let sent = &frame["params"]["params"]["member"];
    assert_eq!(member.fits(sent), Ok(()));
    let changes: [(&str, Value); 4] = [
        ("type", "stranger".into()),
        ("requested_position", "standard-x".into()),
        ("name", Value::Null),
        ("another", 1.into()),
    ];
    for (key, value) in changes {
        let mut wrong = sent.clone();
        wrong[key] = value;
        assert!(member.fits(&wrong).is_err(), "{key}");
    }
    let mut less = sent.clone();
    less.as_object_mut().unwrap().remove("deaf");
    assert!(member.fits(&less).is_err());
}
