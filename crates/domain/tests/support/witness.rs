//! Watches a session from outside, through nothing but what it answers, shows and says, and objects
//! when a rule is broken.

use crate::chance::Step;
use crate::fixtures;
use rotunda_domain::command::Target;
use rotunda_domain::permission::{Aim, Right};
use rotunda_domain::{
    Actor, CanvasPlan, Command, Event, Grant, MediaKind, MemberId, MemberKind, MemberView, Output,
    Position, Record, Refusal, Reply, Reservation, Session, SessionView, To,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub struct Witness {
    pub session: Session,
    pub ms: u64,
    grants: HashMap<MemberId, Grant>,
    present: HashSet<MemberId>,
    joined: HashSet<MemberId>,
    left: HashSet<MemberId>,
    told_joined: HashSet<MemberId>,
    told_left: HashSet<MemberId>,
    talking: HashSet<MemberId>,
    shown: Arc<CanvasPlan>,
    announced: Arc<CanvasPlan>,
    is_over: bool,
}

impl Witness {
    pub fn new(mut session: Session) -> Self {
        let Some(Output::Show(shown)) = session.poll_output() else {
            panic!("the canvas exists before the first member");
        };
        Self {
            session,
            ms: 0,
            grants: HashMap::new(),
            present: HashSet::new(),
            joined: HashSet::new(),
            left: HashSet::new(),
            told_joined: HashSet::new(),
            told_left: HashSet::new(),
            talking: HashSet::new(),
            announced: shown.clone(),
            shown,
            is_over: false,
        }
    }

    /// Whether somebody was admitted and not forgotten since.
    pub fn is_there(&self, id: MemberId) -> bool {
        self.present.contains(&id)
    }

    pub fn take(&mut self, step: Step) {
        match step {
            Step::Ask(actor, command) => self.ask(actor, command),
            Step::Happen(outcome) => {
                self.session.outcome(fixtures::now(self.ms), outcome);
                self.look();
            }
            Step::Wait(ms) => self.wait(ms),
        }
    }

    fn ask(&mut self, actor: Actor, command: Command) {
        let (before, expected) = (self.session.view(), self.expected(actor, &command));
        let answer = self.session.handle(fixtures::now(self.ms), actor, command.clone());
        if let Some(expected) = expected {
            assert_eq!(answer.as_ref().err(), expected.as_ref(), "{actor:?} {command:?}");
        }
        match answer {
            Err(_) => {
                assert_eq!(self.session.view(), before, "refused: {command:?}");
                assert!(self.session.poll_output().is_none(), "refused: {command:?}");
            }
            Ok(reply) => {
                if let Command::Admit(admission) = command {
                    self.present.insert(admission.member);
                    self.grants.insert(admission.member, admission.grant);
                }
                if let Reply::Members(members) = reply {
                    assert_eq!(members, before.members);
                }
            }
        }
        self.look();
    }

    /// What a mute must answer, reckoned from the tokens alone: permission before existence.
    fn expected(&self, actor: Actor, command: &Command) -> Option<Option<Refusal>> {
        let Command::Mute { target, kind, muted } = command else { return None };
        if self.is_over {
            return None;
        }
        let verb = match (kind, muted) {
            (MediaKind::Audio, true) => "audio_mute",
            (MediaKind::Audio, false) => "audio_unmute",
            (MediaKind::Video, true) => "video_mute",
            (MediaKind::Video, false) => "video_unmute",
        };
        let (caller, wanted) = match (actor, target) {
            (Actor::Member(id), Target::Oneself) => (Some(id), Some(id)),
            (Actor::Member(id), Target::Member(wanted)) => (Some(id), Some(*wanted)),
            (Actor::Member(id), Target::Nobody) => (Some(id), None),
            (Actor::Project, Target::Member(wanted)) => (None, Some(*wanted)),
            (Actor::Project, _) => (None, None),
        };
        let aim = if caller.is_some() && caller == wanted { Aim::Oneself } else { Aim::Another };
        let may = |id: MemberId| {
            let grant = self.grants.get(&id).filter(|_| self.present.contains(&id));
            grant.is_some_and(|g| {
                let is_member = g.join_as == rotunda_domain::JoinAs::Member;
                is_member && g.permissions.allow(Right::OnMember(verb, aim))
            })
        };
        if !caller.is_none_or(may) {
            return Some(Some(Refusal::NotPermitted));
        }
        let is_there = |id: MemberId| self.joined.contains(&id) && !self.left.contains(&id);
        Some((!wanted.is_some_and(is_there)).then_some(Refusal::UNKNOWN_MEMBER))
    }

    /// As the session's owner waits: from one thing due to the next, each of which must bring the
    /// session forward.
    fn wait(&mut self, ms: u64) {
        let until = self.ms + ms;
        while let Some(wait) = self.session.next_timeout_ms(fixtures::now(self.ms)) {
            if self.ms + wait > until {
                break;
            }
            self.ms += wait;
            self.session.timeout(fixtures::now(self.ms));
            assert!(self.look() > 0, "woken for nothing at {} ms", self.ms);
            let next = self.session.next_timeout_ms(fixtures::now(self.ms));
            assert_ne!(next, Some(0), "still due after its time at {} ms", self.ms);
        }
        self.ms = until;
    }

    /// Hears all outputs, then checks that the session is as it said; answers how many there were.
    pub fn look(&mut self) -> usize {
        let mut heard = 0;
        while let Some(output) = self.session.poll_output() {
            assert!(!self.is_over, "after the end: {output:?}");
            self.hear(output);
            heard += 1;
        }
        assert_eq!(self.is_over, self.session.is_over());
        if self.is_over {
            assert_eq!(self.session.next_timeout_ms(fixtures::now(self.ms)), None);
            assert_eq!(self.joined, self.left, "everybody who joined has left");
            return heard;
        }
        assert_eq!(self.announced, self.shown, "what is shown was announced");
        assert_eq!((&self.told_joined, &self.told_left), (&self.joined, &self.left));
        let view = self.session.view();
        self.check_view(&view);
        check_plan(&self.shown);
        check_seats(&self.shown, &view.members);
        heard
    }

    fn hear(&mut self, output: Output) {
        match output {
            Output::Tell(to, event) => self.told(to, event),
            Output::Show(plan) => {
                assert_ne!(plan, self.shown, "shown again");
                self.shown = plan;
            }
            Output::Keep(record) => self.kept(record),
            Output::Forget(id) => assert!(self.present.remove(&id), "{id} forgotten twice"),
            Output::Over => self.is_over = true,
            Output::Treat(_) | Output::Release(_) | Output::HangUp { .. } => {}
        }
    }

    fn told(&mut self, to: To, event: Event) {
        if let To::Only(id) = to {
            assert!(self.present.contains(&id), "{event:?} told to one who is not there");
        }
        match event {
            Event::LayoutChanged(view) if to == To::Everyone => {
                assert_ne!(view.plan, self.announced, "announced again");
                assert_eq!(view.plan, self.shown, "announced before it is shown");
                self.announced = view.plan;
            }
            Event::LayoutChanged(view) => assert_eq!(view.plan, self.shown),
            Event::RoomSubscribed { member, session, .. } => {
                let audience = session.members.iter().filter(|m| m.kind == MemberKind::Audience);
                assert!(audience.map(|m| m.id).all(|id| id == member), "audience of others shown");
                assert!(session.members.iter().any(|m| m.id == member), "sees itself");
            }
            Event::MemberJoined(m) => assert!(self.told_joined.insert(m.id), "joined twice"),
            Event::MemberLeft(m) => {
                assert!(self.told_joined.contains(&m.id), "left without having joined");
                assert!(self.told_left.insert(m.id), "left twice");
            }
            Event::MemberUpdated { member: m, .. } => {
                assert_ne!(m.kind, MemberKind::Audience);
                if m.audio_muted {
                    assert!(!self.talking.contains(&m.id), "a muted member talks");
                }
            }
            Event::MemberTalking { member, talking, .. } => {
                let is_new = if talking {
                    self.talking.insert(member)
                } else {
                    self.talking.remove(&member)
                };
                assert!(is_new, "{member} talks or is silent twice over");
            }
            Event::RoomStarted(_)
            | Event::RoomUpdated { .. }
            | Event::RoomEnded(_)
            | Event::AudienceCount { .. } => {}
        }
    }

    fn kept(&mut self, record: Record) {
        match record {
            Record::MemberJoined(m) => assert!(self.joined.insert(m.id), "joined twice"),
            Record::MemberLeft(m) => {
                assert!(self.joined.contains(&m.id), "left without having joined");
                assert!(self.left.insert(m.id), "left twice");
                self.talking.remove(&m.id);
            }
            Record::SessionStarted(_) | Record::Happened(_) | Record::SessionEnded(_) => {}
        }
    }

    fn check_view(&self, view: &SessionView) {
        let listed: HashSet<_> = view.members.iter().map(|m| m.id).collect();
        let there: HashSet<_> = self.joined.difference(&self.left).copied().collect();
        assert_eq!(listed, there, "listed are those who joined and did not leave");
        for m in &view.members {
            assert_ne!(m.kind, MemberKind::Audience);
            let cell = self.shown.cells.iter().find(|cell| cell.member() == Some(m.id));
            assert_eq!(m.current, cell.map(|cell| cell.reservation));
            let is_seen = cell.is_some_and(|c| matches!(c.shown, rotunda_domain::Shown::Camera(_)));
            assert_eq!(m.visible, is_seen, "visible is what the canvas shows");
            assert!(!(m.audio_muted && self.talking.contains(&m.id)), "a muted member talks");
        }
    }
}

fn check_plan(plan: &CanvasPlan) {
    let seated: Vec<_> = plan.cells.iter().filter_map(|cell| cell.member()).collect();
    let once: HashSet<_> = seated.iter().collect();
    assert_eq!(once.len(), seated.len(), "somebody sits twice");
    for cell in plan.cells.iter().map(|planned| planned.cell) {
        assert!(cell.x >= 0.0 && cell.y >= 0.0 && cell.width > 0.0 && cell.height > 0.0);
        assert!(cell.x + cell.width <= 100.001 && cell.y + cell.height <= 100.001);
    }
}

/// Whoever wants to be seen and is not has no free place to go to.
fn check_seats(plan: &CanvasPlan, members: &[MemberView]) {
    let is_free = |place: Reservation| {
        plan.cells.iter().any(|cell| cell.reservation == place && cell.member().is_none())
    };
    let free_standard = plan.cells.iter().any(|cell| {
        matches!(cell.reservation, Reservation::Standard(_)) && cell.member().is_none()
    });
    let has_share_layer = plan.cells.len() > 2
        && plan.cells.iter().any(|cell| cell.reservation == Reservation::FullScreen);
    for m in members.iter().filter(|m| m.current.is_none()) {
        match m.requested {
            Position::OffCanvas => continue,
            Position::At(place) => assert!(!is_free(place), "{place} is free for who asked for it"),
            Position::Auto => {
                let large = Reservation::Reserved(1);
                assert!(has_share_layer || !is_free(large), "the large cell is free");
            }
        }
        assert!(!free_standard, "a place is free for {}", m.id);
    }
}
