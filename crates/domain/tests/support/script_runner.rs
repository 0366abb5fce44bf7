//! A session on a stage: lines go in, lines come out, and the clock moves only when told.

use crate::{fixtures, parse, parse_commands, words};
use rotunda_domain::session::LOOK_AGAIN_MS;
use rotunda_domain::{
    Actor, Admission, Brings, ChildAdmission, Command, LegId, LegKey, LineLevel, LineQuality,
    MemberId, MemberKind, Outcome, PictureSize, PlaybackId, Reply, RoomSettings, Session,
    SessionOptions, StreamHealth, entry,
};

/// Legs a person may use up in one script.
const LEGS: u64 = 100;

pub struct ScriptRunner {
    session: Option<Session>,
    room: RoomSettings,
    ms: u64,
    people: Vec<Person>,
    said: Vec<String>,
}

struct Person {
    name: String,
    legs: u64,
}

impl words::Names for ScriptRunner {
    fn of(&self, member: MemberId) -> String {
        let known = (0..self.people.len()).find(|n| fixtures::member(*n) == member);
        known.map_or_else(|| "stranger".into(), |n| self.people[n].name.clone())
    }

    fn leg(&self, leg: LegKey) -> String {
        format!("{}/{}", self.people[(leg.0 / LEGS) as usize].name, leg.0 % LEGS)
    }
}

impl ScriptRunner {
    pub fn new() -> Self {
        // Tones only where a script is about them.
        let room = RoomSettings { tone_on_entry_and_exit: false, ..RoomSettings::named("lab") };
        Self { session: None, room, ms: 0, people: Vec::new(), said: Vec::new() }
    }

    /// Plays one line and answers what came of it.
    pub fn play(&mut self, line: &str) -> Vec<String> {
        let line = match line.strip_prefix('+').and_then(|line| line.split_once(' ')) {
            Some((wait, rest)) => {
                self.wait(self.ms + parse::ms(wait));
                rest
            }
            None => line,
        };
        let (who, what) = line.split_once(' ').unwrap_or((line, ""));
        match who {
            "room" => self.open(what),
            "time" => assert_eq!(what, "passes"),
            "project" => self.command(Actor::Project, what, 0),
            "leg" => self.leg_outcome(what),
            "recording" => {
                let number = what.strip_suffix(" fails").expect("recording N fails");
                self.outcome(Outcome::RecordingFailed(parse_commands::recording(number)));
            }
            "stream" => self.stream_does(what),
            name => self.person(name, what),
        }
        self.drain();
        if self.said.is_empty() {
            self.said.push("nothing".into());
        }
        std::mem::take(&mut self.said)
    }

    fn open(&mut self, what: &str) {
        assert!(self.session.is_none(), "a script has one session");
        let mut options = SessionOptions { max_audience: 3, ..SessionOptions::default() };
        let (what, open) = what.split_once("open to all: ").unwrap_or((what, ""));
        options.lock_is_open = open.contains("lock");
        options.screenshare_is_open = open.contains("screen share");
        parse::room(what, &mut self.room);
        let now = fixtures::now(self.ms);
        let mut session = Session::open(now, fixtures::origin(), self.room.clone(), options);
        if self.room.record_on_start {
            session
                .record_from_the_beginning(parse_commands::recording("1"))
                .expect("the engine is ours");
        }
        self.session = Some(session);
    }

    /// `1 is live`, `1 fails: WHY`.
    fn stream_does(&mut self, what: &str) {
        let (number, does) = what.split_once(' ').expect("stream N does what");
        let health = match does {
            "is live" => StreamHealth::Live,
            fails => StreamHealth::Retrying(fails.strip_prefix("fails: ").expect("why").into()),
        };
        self.outcome(Outcome::Stream(parse_commands::stream(number), health));
    }

    fn session(&mut self) -> &mut Session {
        self.session.as_mut().expect("a script begins with `room`")
    }

    /// Moves the clock as the session's owner would: from one thing that is due to the next.
    fn wait(&mut self, until_ms: u64) {
        loop {
            let now = fixtures::now(self.ms);
            let wait = self.session().next_timeout_ms(now);
            let due = wait.map(|wait| self.ms + wait);
            let Some(due) = due.filter(|due| *due <= until_ms) else { break };
            self.ms = due;
            self.session().handle_timeout(fixtures::now(due));
            let before = self.said.len();
            self.drain();
            if self.said.len() == before {
                assert_eq!(wait, Some(LOOK_AGAIN_MS), "woken at {due} ms for nothing");
                continue;
            }
            self.said.insert(before, format!("-- at {} s", due as f64 / 1000.0));
        }
        self.ms = until_ms;
    }

    fn drain(&mut self) {
        while let Some(output) = self.session().poll_output() {
            // What those who watch the room's videochat are told is told in `videochat.rs`.
            if matches!(output, rotunda_domain::Output::Notify(_)) {
                continue;
            }
            let line = words::output(self, &output);
            self.said.push(line);
        }
    }

    /// The index of somebody, who need not have come yet.
    fn index(&mut self, name: &str) -> usize {
        if let Some(n) = self.people.iter().position(|p| p.name == name) {
            return n;
        }
        self.people.push(Person { name: name.into(), legs: 0 });
        self.people.len() - 1
    }

    fn person(&mut self, name: &str, what: &str) {
        let n = self.index(name);
        let id = fixtures::member(n);
        let leg = LegKey(n as u64 * LEGS + self.people[n].legs);
        let outcome = match what {
            "connects" => Outcome::Connected(leg),
            "never connects" => Outcome::NeverConnected(leg),
            "loses media" => Outcome::MediaLost(leg),
            "stalls" => Outcome::MediaStalled(leg),
            "resumes" => Outcome::MediaBack(leg),
            "loses socket" => Outcome::SocketGone(id),
            "regains socket" => Outcome::SocketBack(id),
            "talks" => Outcome::Talking(id, true),
            "falls silent" => Outcome::Talking(id, false),
            "missed events" => Outcome::Missed(id),
            _ if let Some(news) = parse_commands::news(what) => {
                Outcome::Playback(PlaybackId(id.0), news)
            }
            _ => return self.command(Actor::Member(id), what, n),
        };
        self.outcome(outcome);
    }

    fn leg_outcome(&mut self, what: &str) {
        let (leg, what) = what.split_once(' ').expect("leg NAME/N WHAT");
        let leg = self.leg_named(leg);
        self.outcome(match what {
            "connects" => Outcome::Connected(leg),
            "never connects" => Outcome::NeverConnected(leg),
            "loses media" => Outcome::MediaLost(leg),
            "stalls" => Outcome::MediaStalled(leg),
            "resumes" => Outcome::MediaBack(leg),
            "has a good line" => Outcome::Line(leg, line(LineLevel::Good, PictureSize::Full)),
            "has a poor line" => Outcome::Line(leg, line(LineLevel::Poor, PictureSize::Quarter)),
            _ => panic!("what does a leg do: {what:?}?"),
        });
    }

    fn outcome(&mut self, outcome: Outcome) {
        let now = fixtures::now(self.ms);
        self.session().handle_outcome(now, outcome);
    }

    fn leg_named(&mut self, text: &str) -> LegKey {
        let (name, number) = text.split_once('/').expect("NAME/N");
        let n = self.index(name) as u64;
        LegKey(n * LEGS + number.parse::<u64>().expect("a number"))
    }

    fn next_leg(&mut self, n: usize) -> (LegKey, LegId) {
        self.people[n].legs += 1;
        let Person { name, legs } = &self.people[n];
        (LegKey(n as u64 * LEGS + legs), LegId(format!("call-{name}-{legs}")))
    }

    fn command(&mut self, actor: Actor, what: &str, n: usize) {
        let (verb, rest) = what.split_once([' ', ',']).unwrap_or((what, ""));
        let command = match verb {
            "joins" => return self.join(n, rest),
            "returns" => {
                let (leg, call_id) = self.next_leg(n);
                Command::Reattach { leg, call_id, wants_roster: rest.contains("keeps a roster") }
            }
            "shares" => self.child(MemberKind::Screen, rest),
            "adds" => self.child(MemberKind::Device, rest),
            "hangs" if rest == "up all" => {
                Command::HangUpAll(LegKey(n as u64 * LEGS + self.people[n].legs))
            }
            "leaves" => Command::HangUp(LegKey(n as u64 * LEGS + self.people[n].legs)),
            "hangs" => {
                Command::HangUp(self.leg_named(rest.strip_prefix("up ").expect("hangs up LEG")))
            }
            "holds" => Command::Hold(self.leg_named(rest), true),
            "unholds" => Command::Hold(self.leg_named(rest), false),
            "changes" => {
                let mut room = self.room.clone();
                parse::room(rest.strip_prefix("the room ").expect("changes the room"), &mut room);
                Command::ApplyRoom(Box::new(room))
            }
            "ends" => Command::End,
            _ => {
                parse_commands::command(verb, rest, &mut |name| fixtures::member(self.index(name)))
            }
        };
        self.ask(actor, command);
    }

    /// `slides`, `slides in screen-share`, `slides with self at reserved-1`; it is played by its name.
    fn child(&mut self, kind: MemberKind, rest: &str) -> Command {
        let (rest, positions) = rest.split_once(" with ").unwrap_or((rest, ""));
        let (name, layout) = rest.split_once(" in ").unwrap_or((rest, ""));
        let layout = (!layout.is_empty()).then(|| layout.to_owned());
        let n = self.index(name);
        let positions =
            parse_commands::positions(positions, &mut |name| fixtures::member(self.index(name)));
        let (leg, call_id) = self.next_leg(n);
        let member = fixtures::member(n);
        Command::AdmitChild(Box::new(ChildAdmission {
            member,
            leg,
            call_id,
            kind,
            brings: Ok(Brings { layout, positions }),
        }))
    }

    fn join(&mut self, n: usize, rest: &str) {
        let mut grant = fixtures::grant(&self.people[n].name);
        let wants_roster = parse::grant(rest, &mut grant);
        let can_return = !rest.contains(parse::ALONE);
        let now = fixtures::now(self.ms);
        if let Err(refusal) = entry::check(now, Some(&self.room), &grant) {
            self.said.push(format!("refused at the door {refusal:?}"));
            return;
        }
        let (leg, call_id) = self.next_leg(n);
        let member = fixtures::member(n);
        let admission = Admission { member, leg, call_id, grant, wants_roster, can_return };
        self.ask(Actor::Member(member), Command::Admit(Box::new(admission)));
    }

    fn ask(&mut self, actor: Actor, command: Command) {
        let now = fixtures::now(self.ms);
        let answer = match self.session().handle(now, actor, command) {
            Ok(Reply::Done) => "ok".into(),
            Ok(Reply::Session(view)) => format!("ok: {}", view.settings.name),
            Ok(Reply::ChatMessage(message)) => format!("ok: {:?}", message.text),
            Ok(Reply::ChatMessages(messages)) => format!("ok: {} messages", messages.len()),
            Ok(Reply::Lobby(state)) => format!("ok: {state:?}"),
            Ok(Reply::LinksAllowed(allowed)) => format!("ok: {:?}", allowed.request),
            Ok(Reply::Link(_)) => "ok: a link".into(),
            Ok(Reply::Links(links)) => format!("ok: {} links", links.len()),
            Ok(Reply::LobbyLine(line)) => format!("ok: {} wait", line.len()),
            Ok(Reply::Layouts(names)) => format!("ok: {} layouts", names.len()),
            Ok(Reply::Members(members)) => {
                let people: Vec<_> = members.iter().map(|m| words::person(self, m)).collect();
                format!("ok: {}", people.join(" "))
            }
            Ok(Reply::Lines(views)) => {
                let views: Vec<_> = views.iter().map(|view| words::line(self, view)).collect();
                format!("ok: {}", views.join("; "))
            }
            Ok(Reply::Recording(view)) => format!("ok: {}", words::recording(&view)),
            Ok(Reply::Recordings(views)) => {
                let views: Vec<_> = views.iter().map(words::recording).collect();
                format!("ok: {}", views.join(" "))
            }
            Ok(Reply::Playback(view)) => format!("ok: {}", words::playback(self, &view)),
            Ok(Reply::Playbacks(views)) => {
                let views: Vec<_> = views.iter().map(|view| words::playback(self, view)).collect();
                format!("ok: {}", views.join("; "))
            }
            Ok(Reply::Stream(view)) => format!("ok: {}", words::stream(&view)),
            Ok(Reply::Streams(views)) => {
                let views: Vec<_> = views.iter().map(words::stream).collect();
                format!("ok: {}", views.join(" "))
            }
            Ok(Reply::Meta(meta)) => format!("ok: {}", words::meta(&meta)),
            Ok(Reply::Videochat(reply)) => format!("{reply:?}"),
            Err(refusal) => format!("refused {refusal:?}"),
        };
        self.said.push(answer);
    }
}

fn line(level: LineLevel, picture: PictureSize) -> LineQuality {
    let (down, up) = Default::default();
    LineQuality { level, picture, is_over_tcp: false, round_trip_ms: None, down, up }
}
