//! Outputs in words short enough to read a hundred of them.

use rotunda_domain::output::Treatment;
use rotunda_domain::{
    CanvasPlan, Event, LegKey, MemberId, MemberView, Output, Position, Record, SessionView, Shown,
    To,
};

/// Finds the names of members and legs.
pub trait Names {
    fn of(&self, member: MemberId) -> String;
    fn leg(&self, leg: LegKey) -> String;
}

pub fn output(names: &dyn Names, output: &Output) -> String {
    match output {
        Output::Tell(To::Everyone, event) => format!("tell all {}", said(names, event)),
        Output::Tell(To::Only(id), event) => {
            format!("tell {} {}", names.of(*id), said(names, event))
        }
        Output::Show(plan) => format!("show {}", canvas(names, plan)),
        Output::Treat(treatment) => format!("treat {}", treated(names, treatment)),
        Output::Release(leg) => format!("release {}", names.leg(*leg)),
        Output::HangUp { leg, member, cause } => {
            let (code, name) = cause.code();
            format!("hang up {} of {}: {code} {name}", names.leg(*leg), names.of(*member))
        }
        Output::Forget(id) => format!("forget {}", names.of(*id)),
        Output::Keep(record) => format!("keep {}", kept(names, record)),
        Output::Over => "over".into(),
    }
}

fn said(names: &dyn Names, event: &Event) -> String {
    match event {
        Event::RoomSubscribed { call_id, member, session } => {
            format!("room.subscribed {call_id} as {}: {}", names.of(*member), whole(names, session))
        }
        Event::RoomStarted(_) => "room.started".into(),
        Event::RoomUpdated { session, updated } => {
            format!("room.updated [{}]: layout {}", updated.join(" "), session.layout)
        }
        Event::RoomEnded(_) => "room.ended".into(),
        Event::MemberJoined(member) => format!("member.joined {}", person(names, member)),
        Event::MemberLeft(member) => format!("member.left {}", person(names, member)),
        Event::MemberUpdated { member, updated } => {
            format!("member.updated [{}] {}", updated.join(" "), person(names, member))
        }
        Event::MemberTalking { member, talking, .. } => {
            format!("member.talking {} {talking}", names.of(*member))
        }
        Event::LayoutChanged(view) => format!("layout.changed {}", canvas(names, &view.plan)),
        Event::AudienceCount { total, .. } => format!("room.audience_count {total}"),
    }
}

fn kept(names: &dyn Names, record: &Record) -> String {
    match record {
        Record::SessionStarted(_) => "session started".into(),
        Record::SessionEnded(_) => "session ended".into(),
        Record::MemberJoined(member) => format!("joined {}", person(names, member)),
        Record::MemberLeft(member) => format!("left {}", person(names, member)),
        Record::Happened(event) => said(names, event),
    }
}

fn whole(names: &dyn Names, session: &SessionView) -> String {
    let people: Vec<_> = session.members.iter().map(|m| person(names, m)).collect();
    let audience = session.audience_count;
    format!("layout {}, {}, audience {audience}", session.layout, people.join(" "))
}

/// `name@seat`, and in brackets what is not as usual.
pub fn person(names: &dyn Names, view: &MemberView) -> String {
    let seat = view.current.map_or_else(|| "off-canvas".to_owned(), |seat| seat.to_string());
    let wish = format!("asks {}", view.requested);
    let unusual = [
        (view.kind.as_str(), view.kind.as_str() != "member"),
        ("audio off", view.audio_muted),
        ("video off", view.video_muted),
        ("not visible", !view.visible),
        (wish.as_str(), view.requested != Position::Auto),
    ];
    let unusual: Vec<_> = unusual.iter().filter_map(|(word, is)| is.then_some(*word)).collect();
    let name = names.of(view.id);
    if unusual.is_empty() {
        return format!("{name}@{seat}");
    }
    format!("{name}@{seat}({})", unusual.join(", "))
}

fn canvas(names: &dyn Names, plan: &CanvasPlan) -> String {
    let mut words = vec![format!("{}:", plan.layout)];
    for cell in &plan.cells {
        match cell.shown {
            Shown::Nothing => {}
            Shown::Camera(id) => words.push(format!("{}={}", cell.reservation, names.of(id))),
            Shown::MuteImage(id) => {
                words.push(format!("{}={}'s mute image", cell.reservation, names.of(id)));
            }
        }
    }
    let empty = plan.cells.iter().filter(|cell| cell.member().is_none()).count();
    if empty > 0 {
        words.push(format!("+{empty} empty"));
    }
    words.join(" ")
}

fn treated(names: &dyn Names, treatment: &Treatment) -> String {
    let word = |muted| if muted { "off" } else { "on" };
    let Treatment { member, audio_muted, video_muted } = *treatment;
    format!("{}: audio {}, video {}", names.of(member), word(audio_muted), word(video_muted))
}
