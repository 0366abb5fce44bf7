//! What each method answers beside `code` and `message`, as a type.

use super::facts;
use crate::entities::{
    ChatMessage, Member, Playback, Recording, RoomLink, Session, Stream, Waiting,
};
use crate::error::Response;
use crate::json::Detail;
use crate::methods::{BESIDE, METHODS};
use crate::peer::said;
use crate::shape::Field;
use crate::typescript::{Kind, Object};
use rotunda_domain::{Event, LinkId, LinkKey, LinkRole, LinkTerms, LinkView, LobbyState, Reply};

/// A method, and what it replies.
type Row = (&'static str, fn() -> Reply);

/// Those that answer something, each with a reply as it gets it; all others are done, and that is all.
const ANSWERED: [Row; 18] = [
    ("video.room.get", || Reply::Session(Box::new(facts::session()))),
    ("video.members.get", || Reply::Members(facts::session().members)),
    ("video.list_available_layouts", || Reply::Layouts(&["grid-responsive"])),
    ("video.prioritize_handraise", || Reply::Done),
    ("video.get_meta", || Reply::Meta(serde_json::Map::new())),
    ("video.member.get_meta", || Reply::Meta(serde_json::Map::new())),
    ("video.chat.send", || Reply::ChatMessage(message())),
    ("video.chat.list", || Reply::ChatMessages(vec![message()])),
    ("video.lobby.enter", || Reply::Lobby(LobbyState::Waiting(waiting()))),
    ("video.lobby.list", || Reply::LobbyLine([waiting()].into())),
    ("video.links.create", || Reply::Link(link(Some(LinkKey("key".to_owned()))))),
    ("video.links.list", || Reply::Links(vec![link(None)])),
    ("video.recording.start", || Reply::Recording(recording())),
    ("video.recording.list", || Reply::Recordings(vec![recording()])),
    ("video.stream.start", || Reply::Stream(stream())),
    ("video.stream.list", || Reply::Streams(vec![stream()])),
    ("video.playback.start", || Reply::Playback(playback())),
    ("video.playback.list", || Reply::Playbacks(vec![playback()])),
];

/// What is read out of a reply.
fn fields(reply: &Reply, is_true: bool) -> Vec<(&'static str, Kind)> {
    let list = |kind| Kind::List(Box::new(kind));
    let one = match reply {
        Reply::Done if is_true => ("result", Kind::Flag),
        Reply::Done | Reply::Videochat(_) | Reply::Lines(_) | Reply::LinksAllowed(_) => {
            return Vec::new();
        }
        Reply::Session(_) => ("room", Session::kind()),
        Reply::Members(_) => ("members", list(Member::kind())),
        Reply::Layouts(_) => ("layouts", list(Kind::Text)),
        Reply::Meta(_) => ("meta", Kind::Free),
        Reply::ChatMessage(_) => ("chat_message", ChatMessage::kind()),
        Reply::ChatMessages(_) => ("messages", list(ChatMessage::kind())),
        Reply::Lobby(_) => return lobby_state(),
        Reply::LobbyLine(_) => ("waiting", list(Waiting::kind())),
        Reply::Link(_) => ("link", RoomLink::kind()),
        Reply::Links(_) => ("links", list(RoomLink::kind())),
        Reply::Recording(_) => ("recording", Recording::kind()),
        Reply::Recordings(_) => ("recordings", list(Recording::kind())),
        Reply::Stream(_) => ("stream", Stream::kind()),
        Reply::Streams(_) => ("streams", list(Stream::kind())),
        Reply::Playback(_) => ("playback", Playback::kind()),
        Reply::Playbacks(_) => ("playbacks", list(Playback::kind())),
    };
    vec![one]
}

/// Whoever waits is told where, too.
fn lobby_state() -> Vec<(&'static str, Kind)> {
    let words = ["admitted", "waiting"].map(|word| Some(word.to_owned()));
    let state = ("state", Kind::words(words.into_iter()));
    let Kind::Object(Object { fields, .. }) = Waiting::kind() else { return vec![state] };
    let place = fields.into_iter().map(|f| (f.name, Kind::Sometimes(Box::new(f.kind))));
    [state].into_iter().chain(place).collect()
}

/// Whether the method's answer says `result: true` (see `requests`).
fn is_true(method: &str) -> bool {
    method == "video.prioritize_handraise"
}

/// Each method that answers something, and what.
pub fn all() -> impl Iterator<Item = (&'static str, Kind)> {
    ANSWERED.iter().filter_map(|(method, reply)| {
        let fields = fields(&reply(), is_true(method));
        (!fields.is_empty()).then(|| (*method, super::object("", fields.iter())))
    })
}

fn message() -> rotunda_domain::ChatMessage {
    let Event::ChatMessage { message, .. } = facts::fact("written") else { panic!("another fact") };
    message
}

fn waiting() -> rotunda_domain::Waiting {
    let Event::LobbyUpdated { waiting, .. } = facts::fact("knocked") else {
        panic!("another fact")
    };
    waiting[0].clone()
}

fn link(key: Option<LinkKey>) -> LinkView {
    let terms = LinkTerms { role: LinkRole::Guest, expires_at: Some(1), max_uses: Some(2) };
    LinkView { id: LinkId(uuid::Uuid::nil()), terms, uses: 1, created_at_ms: 1_500, key }
}

fn recording() -> rotunda_domain::RecordingView {
    let Event::Recording(_, view) = facts::fact("recorded") else { panic!("another fact") };
    view
}

fn stream() -> rotunda_domain::StreamView {
    let Event::Stream(_, view) = facts::fact("streamed") else { panic!("another fact") };
    view
}

fn playback() -> rotunda_domain::PlaybackView {
    let Event::Playback(_, view) = facts::fact("played") else { panic!("another fact") };
    view
}

#[test]
fn what_is_answered_is_of_the_type_of_its_method() {
    let admitted = ("video.lobby.enter", Reply::Lobby(LobbyState::Admitted));
    let replies = ANSWERED.iter().map(|(method, reply)| (*method, reply()));
    for (method, reply) in replies.chain([admitted]) {
        let mut names = METHODS.iter().map(|row| row.name).chain(BESIDE.iter().map(|row| row.name));
        assert!(names.any(|name| name == method), "{method}");
        let kind = super::object("", fields(&reply, is_true(method)).iter());
        let detail = (facts::PROJECT, Detail::Hands);
        let Response::Result(mut answer) = said(reply, detail, is_true(method)) else {
            panic!("{method} is refused")
        };
        for common in ["code", "message"] {
            answer.as_object_mut().unwrap().remove(common).unwrap();
        }
        assert_eq!(kind.fits(&answer), Ok(()), "{method}: {answer}");
    }
}
