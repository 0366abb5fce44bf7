//! Watches a session from outside, through nothing but what it answers, shows and says, and objects
//! when a rule is broken.

use crate::gen_commands::Step;
use crate::model::Model;
use crate::output_checks::OutputChecks;
use crate::{checks, fixtures};
use rotunda_domain::output::Tone;
use rotunda_domain::session::LOOK_AGAIN_MS;
use rotunda_domain::{
    Actor, CanvasPlan, Cast, Command, Event, MemberId, MemberKind, Output, Record, RecordingId,
    RecordingOrder, Refusal, Reply, Session, SessionView, StreamId, To,
};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub struct Invariants {
    pub session: Session,
    pub ms: u64,
    model: Model,
    output_checks: OutputChecks,
    /// Those who take part, by the history and by what people are told.
    kept: HashSet<MemberId>,
    joined: HashSet<MemberId>,
    talking: HashSet<MemberId>,
    shown: Arc<CanvasPlan>,
    announced: Arc<CanvasPlan>,
    /// Who came or went last, until it was heard.
    at_the_door: Option<Tone>,
    /// What each recording was told to do last, until it is stopped.
    recordings: HashMap<RecordingId, RecordingOrder>,
    /// Streams that were begun and not ended.
    streaming: HashSet<StreamId>,
    /// Somebody came; before that nobody is told anything, and nothing is kept.
    has_begun: bool,
    is_over: bool,
}

impl Invariants {
    pub fn new(mut session: Session) -> Self {
        let Some(Output::Show(shown)) = session.poll_output() else {
            panic!("the canvas exists before the first member");
        };
        let output_checks = OutputChecks::new();
        Self {
            session,
            ms: 0,
            model: Model::default(),
            output_checks,
            kept: HashSet::new(),
            joined: HashSet::new(),
            talking: HashSet::new(),
            announced: shown.clone(),
            shown,
            at_the_door: None,
            recordings: HashMap::new(),
            streaming: HashSet::new(),
            has_begun: false,
            is_over: false,
        }
    }

    /// Whether somebody was admitted and not forgotten since.
    pub fn is_there(&self, id: MemberId) -> bool {
        self.model.is_there(id)
    }

    pub fn take(&mut self, step: Step) {
        match step {
            Step::Ask(actor, command) => self.ask(actor, command),
            Step::Happen(outcome) => {
                self.session.handle_outcome(fixtures::now(self.ms), outcome);
                self.look();
            }
            Step::Wait(ms) => self.wait(ms),
        }
    }

    fn ask(&mut self, actor: Actor, command: Command) {
        let before = still(self.session.view());
        let foreseen = self.model.of(actor, &command, &before.settings).filter(|_| !self.is_over);
        let answer = self.session.handle(fixtures::now(self.ms), actor, command.clone());
        if let Some(foreseen) = foreseen {
            let refused = answer.as_ref().err();
            let is_refused = refused == Some(&Refusal::NotPermitted);
            assert_eq!(foreseen.is_permitted, !is_refused, "{actor:?} {command:?}");
            if let Some(exists) = foreseen.exists.filter(|_| foreseen.is_permitted) {
                let is_unknown = refused == Some(&Refusal::UNKNOWN_MEMBER);
                assert_eq!(exists, !is_unknown, "{actor:?} {command:?}");
            }
        }
        match answer {
            Err(_) => {
                assert_eq!(still(self.session.view()), before, "refused: {command:?}");
                assert!(self.session.poll_output().is_none(), "refused: {command:?}");
            }
            Ok(reply) => {
                self.model.done(actor, &command);
                self.output_checks.done(actor, &command);
                if let Reply::Members(members) = reply {
                    assert_eq!(members, before.members);
                }
            }
        }
        self.look();
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
            self.session.handle_timeout(fixtures::now(self.ms));
            let for_nothing = self.look() == 0 && wait != LOOK_AGAIN_MS;
            assert!(!for_nothing, "woken for nothing at {} ms", self.ms);
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
            assert!(self.kept.is_empty(), "everybody who joined has left");
            assert!(self.recordings.is_empty(), "a recording outlives its session");
            assert!(self.streaming.is_empty(), "a stream outlives its session");
            self.output_checks.check_end();
            return heard;
        }
        assert_eq!(self.announced, self.shown, "what is shown was announced");
        assert_eq!(self.joined, self.kept);
        let view = self.session.view();
        assert_eq!(view.recordings.len(), self.recordings.len());
        assert_eq!(view.streams.len(), self.streaming.len());
        let listed: HashSet<_> = view.members.iter().map(|m| m.id).collect();
        assert_eq!(listed, self.kept, "listed are those who joined and did not leave");
        let muted = view.members.iter().filter(|m| m.audio_muted);
        assert!(!muted.map(|m| m.id).any(|id| self.talking.contains(&id)), "a muted member talks");
        checks::members(&self.shown, &view);
        checks::plan(&self.shown);
        checks::seats(&self.shown, &view);
        checks::hands(&view, self.output_checks.hands());
        self.output_checks.check(&view, &self.model);
        heard
    }

    fn hear(&mut self, output: Output) {
        self.output_checks.hear(&output);
        if let Output::Record(Record::SessionStarted(_)) = &output {
            assert!(!std::mem::replace(&mut self.has_begun, true), "begun twice");
        }
        assert!(self.has_begun || !tells(&output), "before anybody came: {output:?}");
        match output {
            Output::Send(to, event) => self.hear_reported(to, event),
            Output::Show(plan) => {
                assert_ne!(plan, self.shown, "shown again");
                self.shown = plan;
                if !self.has_begun {
                    self.announced = self.shown.clone();
                }
            }
            Output::Record(record) => self.hear_kept(record),
            Output::Forget(id) => self.model.forget(id),
            Output::Regrant { member, grant } => self.model.regrant(member, *grant),
            Output::Over => self.is_over = true,
            Output::Play(tone) => self.hear_tone(tone),
            Output::Recording(id, order) => self.order(id, order),
            Output::Playback(..)
            | Output::Notify(_)
            | Output::ApplyMedia(_)
            | Output::Hold { .. }
            | Output::Release(_)
            | Output::Waited { .. }
            | Output::HangUp { .. } => {}
            Output::Stream(id, Cast::Start(_)) => assert!(self.streaming.insert(id)),
            Output::Stream(id, Cast::Stop) => assert!(self.streaming.remove(&id)),
            Output::Stream(id, Cast::Move(_)) => assert!(self.streaming.contains(&id)),
        }
    }

    fn order(&mut self, id: RecordingId, order: RecordingOrder) {
        let before = self.recordings.remove(&id);
        let runs = matches!(before, Some(RecordingOrder::Start | RecordingOrder::Resume));
        let is_right = match order {
            RecordingOrder::Start => before.is_none(),
            RecordingOrder::Pause => runs,
            RecordingOrder::Resume => before == Some(RecordingOrder::Pause),
            RecordingOrder::Stop => before.is_some(),
        };
        assert!(is_right, "{order:?} after {before:?}");
        if order != RecordingOrder::Stop {
            self.recordings.insert(id, order);
        }
    }

    fn hear_reported(&mut self, to: To, event: Event) {
        if let To::Only(id) | To::AllBut(id) = to {
            assert!(self.is_there(id), "{event:?} told to one who is not there");
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
            Event::MemberJoined(m) => {
                assert_ne!(m.kind, MemberKind::Audience);
                assert!(self.joined.insert(m.id), "joined twice");
                self.model.joined(m.id);
                self.at_the_door = (m.kind == MemberKind::Member).then_some(Tone::Entry);
            }
            Event::MemberLeft(m) => {
                assert_ne!(m.kind, MemberKind::Audience);
                assert!(self.joined.remove(&m.id), "left without having joined");
                self.model.left(m.id);
                self.at_the_door = (m.kind == MemberKind::Member).then_some(Tone::Exit);
            }
            Event::MemberUpdated { member: m, .. } => {
                assert_ne!(m.kind, MemberKind::Audience);
                assert!(!(m.audio_muted && self.talking.contains(&m.id)), "a muted member talks");
            }
            Event::MemberTalking { member, talking, .. } => {
                let is_new = if talking {
                    self.talking.insert(member)
                } else {
                    self.talking.remove(&member)
                };
                assert!(is_new, "{member} talks or is silent twice over");
            }
            Event::NetworkQuality(view) => self.hear_line(to, view.member, view.kind),
            Event::RoleChanged { member, .. } => {
                assert_eq!(to, To::Only(member), "nobody else is told");
            }
            Event::Playback(_, view) => {
                assert!(matches!(to, To::Only(_)), "{view:?} told to all");
            }
            Event::Digits { .. } => panic!("digits are kept, not told"),
            Event::Recording(_, view) => {
                let To::Only(id) = to else { panic!("told to those who may record") };
                assert!(self.model.may_record(id), "{view:?} told to one who may not");
            }
            Event::Stream(_, view) => {
                let To::Only(id) = to else { panic!("told to those who may stream") };
                assert!(self.model.may_stream(id), "{view:?} told to one who may not");
            }
            Event::RoomStarted(_)
            | Event::RoomShown(_)
            | Event::RoomUpdated { .. }
            | Event::RoomEnded(_)
            | Event::ChatMessage { .. }
            | Event::Caption { .. }
            | Event::LobbyUpdated { .. }
            | Event::LobbyAdmitted { .. }
            | Event::LobbyDenied { .. }
            | Event::AudienceCount { .. } => {}
        }
    }

    /// Whoever takes part hears of all who do; of audience nobody hears but themselves.
    fn hear_line(&self, to: To, member: MemberId, kind: MemberKind) {
        if kind == MemberKind::Audience {
            return assert_eq!(to, To::Only(member));
        }
        let To::Those(ids) = to else { panic!("{to:?} hears of a member's line") };
        assert!(ids.iter().all(|id| self.joined.contains(id)), "{ids:?} are not all members");
    }

    /// A tone follows somebody's coming or going, where the room has tones.
    fn hear_tone(&mut self, tone: Tone) {
        let settings = self.session.view().settings;
        assert!(settings.tone_on_entry_and_exit && !settings.meeting_mode, "no tones here");
        assert_eq!(self.at_the_door.take(), Some(tone), "a tone for nobody");
    }

    fn hear_kept(&mut self, record: Record) {
        match record {
            Record::MemberJoined(m) => assert!(self.kept.insert(m.id), "joined twice"),
            Record::MemberLeft(m) => {
                assert!(self.kept.remove(&m.id), "left without having joined");
                self.talking.remove(&m.id);
            }
            Record::SessionStarted(_) | Record::Happened(_) | Record::SessionEnded(_) => {}
        }
    }
}

/// Whether something of the session gets out.
fn tells(output: &Output) -> bool {
    let to_the_world = matches!(
        output,
        Output::Recording(..) | Output::Playback(..) | Output::Stream(..) | Output::Play(_)
    );
    to_the_world || matches!(output, Output::Send(..) | Output::Record(_))
}

/// A session without what moves by itself.
fn still(mut view: SessionView) -> SessionView {
    view.playbacks.iter_mut().for_each(|playback| playback.position_ms = 0);
    view
}
