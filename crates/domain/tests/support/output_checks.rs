//! Keeps what the outputs say and compares: each leg let go of once and none forgotten, everybody
//! treated as they are shown, and every event enough to follow the session by.

use crate::model::Model;
use rotunda_domain::output::MemberMedia;
use rotunda_domain::{
    Actor, Command, Event, LegKey, MemberId, MemberView, Output, Record, SessionView, To,
};
use std::collections::HashMap;

pub struct OutputChecks {
    legs: HashMap<LegKey, MemberId>,
    media: HashMap<MemberId, MemberMedia>,
    /// Everybody as they were last described to all.
    members: HashMap<MemberId, MemberView>,
    /// The session as it was when it began, or as it was last described to all.
    room: Option<SessionView>,
    /// Raised hands, in the order they went up.
    hands: Vec<MemberId>,
}

impl OutputChecks {
    pub fn new() -> Self {
        let (legs, media, members) = Default::default();
        Self { legs, media, members, room: None, hands: Vec::new() }
    }

    pub fn hands(&self) -> &[MemberId] {
        &self.hands
    }

    pub fn done(&mut self, actor: Actor, command: &Command) {
        let (leg, member) = match (actor, command) {
            (_, Command::Admit(admission)) => (admission.leg, admission.member),
            (_, Command::AdmitChild(child)) => (child.leg, child.member),
            (Actor::Member(id), Command::Reattach { leg, .. }) => (*leg, id),
            _ => return,
        };
        assert!(self.legs.insert(leg, member).is_none(), "a leg of two");
        let held = self.legs.values().filter(|id| **id == member).count();
        assert!(held <= 3, "the leg before, the one now and the one just let go of, not {held}");
    }

    pub fn hear(&mut self, output: &Output) {
        match output {
            Output::Send(To::Everyone | To::AllBut(_), event) => self.notification(event),
            Output::Record(Record::SessionStarted(view)) => self.room = Some((**view).clone()),
            Output::ApplyMedia(media) => {
                self.media.insert(media.member, *media);
            }
            Output::Release(leg) => {
                assert!(self.legs.remove(leg).is_some(), "released twice: {leg:?}");
            }
            Output::HangUp { leg, member, .. } => {
                assert_eq!(self.legs.remove(leg), Some(*member), "hung up twice: {leg:?}");
            }
            Output::Forget(id) => {
                assert!(!self.legs.values().any(|owner| owner == id), "a leg is left behind");
                self.media.remove(id);
            }
            _ => {}
        }
    }

    fn notification(&mut self, event: &Event) {
        match event {
            Event::MemberJoined(m) => {
                self.members.insert(m.id, m.clone());
                if m.handraised {
                    self.hands.push(m.id);
                }
            }
            Event::MemberLeft(m) => {
                self.members.remove(&m.id);
                self.hands.retain(|id| *id != m.id);
            }
            Event::MemberUpdated { member, updated } => {
                assert!(!updated.is_empty(), "an update of nothing to all");
                let before = self.members.insert(member.id, member.clone()).expect("known");
                let is_changed = updated.iter().any(|name| differs(name, &before, member));
                assert!(is_changed, "told without a change: {updated:?} of {member:?}");
                if updated.contains(&"handraised") {
                    self.hands.retain(|id| *id != member.id);
                    self.hands.extend(member.handraised.then_some(member.id));
                }
            }
            Event::RoomUpdated { session, .. } => self.room = Some((**session).clone()),
            _ => {}
        }
    }

    /// At the end of every step.
    pub fn check(&self, view: &SessionView, model: &Model) {
        for now in &view.members {
            // Seat and picture are told by the canvas.
            let known = &self.members[&now.id];
            let known = MemberView { current: now.current, visible: now.visible, ..known.clone() };
            assert_eq!(known, *now, "something changed untold");
            let media = self.media[&now.id];
            assert_eq!(media, treated(now), "treated otherwise than shown");
        }
        let looks_on = |t: &&MemberMedia| model.looks_on(t.member);
        for media in self.media.values().filter(looks_on) {
            assert!(media.audio_muted && media.video_muted, "audience seen or heard");
        }
        let room = |v: &SessionView| {
            let hands = v.settings.prioritize_handraise;
            let records = (v.is_recording, v.is_streaming);
            (v.layout.clone(), v.locked, v.hide_video_muted, hands, v.meta.clone(), records)
        };
        if let Some(known) = &self.room {
            assert_eq!(room(known), room(view), "something of the room changed untold");
        }
        for id in self.media.keys() {
            let held = self.legs.values().filter(|owner| *owner == id).count();
            assert!((1..=2).contains(&held), "{held} legs of one");
        }
    }

    pub fn check_end(&self) {
        assert!(self.legs.is_empty(), "legs left behind: {:?}", self.legs);
    }
}

fn treated(m: &MemberView) -> MemberMedia {
    MemberMedia {
        member: m.id,
        audio_muted: m.audio_muted,
        video_muted: m.video_muted,
        deaf: m.deaf,
        input_volume: m.input_volume,
        output_volume: m.output_volume,
        input_sensitivity: m.input_sensitivity,
    }
}

fn differs(name: &str, a: &MemberView, b: &MemberView) -> bool {
    match name {
        "audio_muted" => a.audio_muted != b.audio_muted,
        "video_muted" => a.video_muted != b.video_muted,
        "visible" => a.visible != b.visible,
        "media_lost" => a.media_lost != b.media_lost,
        "deaf" => a.deaf != b.deaf,
        "handraised" => a.handraised != b.handraised,
        "input_volume" => a.input_volume != b.input_volume,
        "output_volume" => a.output_volume != b.output_volume,
        "input_sensitivity" => a.input_sensitivity != b.input_sensitivity,
        "meta" => a.meta != b.meta,
        "requested_position" => a.requested != b.requested,
        _ => panic!("{name} is no field"),
    }
}
