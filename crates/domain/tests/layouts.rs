//! Every layout, with 0 to 30 people, with the muted hidden and shown, while people are placed,
//! leave, come, talk and switch cameras at random.
//!
//! What must hold after every step: cells lie in the frame and flat ones beside each other, nobody
//! sits twice, nobody waits while a place is free, nobody moves because another leaves, and who
//! talks is seen. A failure prints its case; `ROTUNDA_SOAK=1` plays each case a hundred times.

#[path = "support/checks.rs"]
mod checks;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/fixtures.rs"]
mod fixtures;

use dice::Dice;
use rotunda_domain::command::Target;
use rotunda_domain::layout::catalog;
use rotunda_domain::{
    Actor, Admission, CanvasPlan, Command, LegId, LegKey, MediaKind, MemberId, MemberView, Outcome,
    Output, Permissions, Position, Reservation, RoomSettings, Session, SessionOptions, SessionView,
};
use std::collections::HashSet;
use std::sync::Arc;

const PEOPLE: usize = 30;
const STEPS: usize = 24;
/// Never leaves and is never placed, so that the session goes on and somebody may do everything.
const HOST: usize = 0;

/// What may move people, as those who stay see it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Join(usize),
    Leave(usize),
    Place(usize, Position),
    Talk(usize, bool),
    Video(usize, bool),
    Again,
}

struct Room {
    session: Session,
    plan: Arc<CanvasPlan>,
    here: Vec<usize>,
    /// Each who comes is somebody new.
    lives: [usize; PEOPLE + 1],
    talking: HashSet<usize>,
    /// Who has the floor: the last who began to talk when nobody with it did.
    floor: Option<usize>,
}

impl Room {
    fn open(name: &str, hide: bool) -> Self {
        let mut settings = RoomSettings::named("lab");
        settings.max_members = 300;
        let is_initial = catalog::room_names().contains(&name);
        if is_initial {
            settings.layout = name.into();
        }
        let options = SessionOptions::default();
        let mut session = Session::open(fixtures::now(0), fixtures::origin(), settings, options);
        let Some(Output::Show(plan)) = session.poll_output() else { panic!("a canvas") };
        let (here, talking) = Default::default();
        let mut room = Self { session, plan, here, lives: [0; PEOPLE + 1], talking, floor: None };
        if !is_initial {
            room.ask(Command::SetLayout { name: name.into(), positions: Vec::new() });
        }
        room.ask(Command::HideVideoMuted(hide));
        room
    }

    fn id(&self, n: usize) -> MemberId {
        fixtures::member(n + (PEOPLE + 1) * self.lives[n])
    }

    fn leg(&self, n: usize) -> LegKey {
        LegKey((n + (PEOPLE + 1) * self.lives[n]) as u64)
    }

    fn ask(&mut self, command: Command) {
        let asked = format!("{command:?}");
        let answer = self.session.handle(fixtures::now(0), Actor::Project, command);
        answer.unwrap_or_else(|refusal| panic!("{asked}: {refusal}"));
        self.look();
    }

    fn happen(&mut self, outcome: Outcome) {
        self.session.handle_outcome(fixtures::now(0), outcome);
        self.look();
    }

    fn look(&mut self) {
        while let Some(output) = self.session.poll_output() {
            if let Output::Show(plan) = output {
                self.plan = plan;
            }
        }
    }

    fn join(&mut self, n: usize) {
        self.lives[n] += 1;
        let (member, leg) = (self.id(n), self.leg(n));
        let mut grant = fixtures::grant("somebody");
        grant.permissions = Permissions::default();
        let call_id = LegId(format!("call-{}", leg.0));
        let admission =
            Admission { member, leg, call_id, grant, wants_roster: false, can_return: true };
        self.ask(Command::Admit(Box::new(admission)));
        self.happen(Outcome::Connected(leg));
        self.here.push(n);
    }

    fn play(&mut self, step: Step) {
        match step {
            Step::Join(n) => self.join(n),
            Step::Leave(n) => {
                self.here.retain(|one| *one != n);
                self.talking.remove(&n);
                self.ask(Command::HangUp(self.leg(n)));
            }
            Step::Place(n, place) => {
                self.ask(Command::SetMemberPosition(Target::Member(self.id(n)), place));
            }
            Step::Talk(n, talks) => {
                if talks {
                    self.talking.insert(n)
                } else {
                    self.talking.remove(&n)
                };
                self.happen(Outcome::Talking(self.id(n), talks));
            }
            Step::Video(n, muted) => {
                let (target, kind) = (Target::Member(self.id(n)), MediaKind::Video);
                self.ask(Command::Mute { target, kind, muted });
            }
            Step::Again => {
                let name = self.plan.layout.to_string();
                self.ask(Command::SetLayout { name, positions: Vec::new() });
            }
        }
        if !self.floor.is_some_and(|n| self.talking.contains(&n)) {
            let holder = self.floor.filter(|n| self.here.contains(n));
            let talks = self.here.iter().copied().find(|n| self.talking.contains(n));
            self.floor = talks.or(holder);
        }
    }

    fn step(&self, dice: &mut Dice, people: usize) -> Step {
        let guests: Vec<_> = self.here.iter().copied().filter(|n| *n != HOST).collect();
        let away: Vec<_> = (1..people).filter(|n| !self.here.contains(n)).collect();
        if guests.is_empty() || (!away.is_empty() && dice.once_in(4)) {
            return if away.is_empty() { Step::Again } else { Step::Join(*dice.pick(&away)) };
        }
        let who = *dice.pick(&guests);
        match dice.below(10) {
            0..=1 => Step::Leave(who),
            2..=4 => Step::Place(who, place(dice)),
            5..=7 => {
                let anybody = *dice.pick(&self.here);
                Step::Talk(anybody, !self.talking.contains(&anybody))
            }
            8 => Step::Video(who, dice.once_in(2)),
            _ => Step::Again,
        }
    }

    fn is_floor(&self, m: &MemberView) -> bool {
        self.floor.is_some_and(|n| self.id(n) == m.id)
    }
}

fn place(dice: &mut Dice) -> Position {
    let n = 1 + dice.below(12) as u32;
    match dice.below(8) {
        0 => Position::OffCanvas,
        1 => Position::At(Reservation::Reserved(1)),
        2 => Position::At(Reservation::Reserved(n)),
        3..=4 => Position::At(Reservation::Standard(n)),
        _ => Position::Auto,
    }
}

/// Layers lie beside each other, unless one is above the other as in a layout made for a share.
fn apart(plan: &CanvasPlan) {
    for (i, a) in plan.cells.iter().enumerate() {
        for b in &plan.cells[i + 1..] {
            let (one, other) = (a.area, b.area);
            let is_apart = one.x + one.width <= other.x
                || other.x + other.width <= one.x
                || one.y + one.height <= other.y
                || other.y + other.height <= one.y;
            let may_overlap = a.z != b.z && &*plan.layout == "screen-share";
            assert!(is_apart || may_overlap, "{a:?} and {b:?}");
        }
    }
}

/// A place named twice would be two people's.
fn named_once(plan: &CanvasPlan) {
    let names: HashSet<_> = plan.cells.iter().map(|cell| cell.reservation).collect();
    assert_eq!(names.len(), plan.cells.len());
}

/// Whoever talked last is seen: in the large cell where there is one, and even where all places
/// are taken, unless by people who were placed there.
fn floor_is_seen(room: &Room, view: &SessionView) {
    let Some(holder) = view.members.iter().find(|m| room.is_floor(m)) else { return };
    if holder.requested != Position::Auto || (view.hide_video_muted && holder.video_muted) {
        return;
    }
    let large = Reservation::Reserved(1);
    let is_share = room.plan.cells.iter().any(|c| c.reservation == Reservation::FullScreen);
    let cell = room.plan.cells.iter().find(|c| c.reservation == large).filter(|_| !is_share);
    let of = |id| view.members.iter().find(|m| m.id == id);
    if let Some(who) = cell.and_then(|cell| cell.member()).and_then(of)
        && who.requested != Position::At(large)
    {
        assert_eq!(who.id, holder.id, "the large cell is the floor's");
    }
    let yields = |m: &&MemberView| {
        m.requested == Position::Auto && matches!(m.current, Some(Reservation::Standard(_)))
    };
    if view.members.iter().any(|m| yields(&m)) {
        assert!(holder.current.is_some(), "who has the floor is not seen");
    }
}

/// Nobody moves because another comes or leaves, as long as the canvas has the same cells and the
/// floor is whose it was: except into the large cell, and except for one who was placed there.
fn stays(room: &Room, step: Step, floor_was: Option<usize>, plan: &CanvasPlan, was: &SessionView) {
    let same = plan.cells.iter().map(|c| c.area).eq(room.plan.cells.iter().map(|c| c.area));
    let may_move = matches!(step, Step::Place(..) | Step::Talk(..) | Step::Video(..));
    if !same || may_move || floor_was != room.floor {
        return;
    }
    let now = room.session.view();
    let sits = |m: &&MemberView| matches!(m.current, Some(Reservation::Standard(_)));
    for before in was.members.iter().filter(|m| m.requested == Position::Auto).filter(sits) {
        let Some(after) = now.members.iter().find(|m| m.id == before.id) else { continue };
        let is_raised = after.current == Some(Reservation::Reserved(1));
        let is_asked_for =
            |m: &MemberView| m.current == before.current && m.requested != Position::Auto;
        let stays = after.current == before.current || is_raised;
        let (from, to) = (before.current, after.current);
        assert!(stays || now.members.iter().any(is_asked_for), "{step:?}: {from:?} to {to:?}");
    }
}

fn check(room: &Room) -> SessionView {
    let view = room.session.view();
    checks::members(&room.plan, &view);
    checks::plan(&room.plan);
    checks::seats(&room.plan, &view);
    checks::hands(&view, &[]);
    apart(&room.plan);
    named_once(&room.plan);
    floor_is_seen(room, &view);
    let unseen = view.members.iter().filter(|m| m.current.is_none());
    assert!(unseen.clone().all(|m| !m.visible), "seen without a layer");
    assert!(unseen.clone().all(|m| !m.audio_muted), "off the canvas is heard");
    view
}

fn play(name: &str, people: usize, hide: bool, seed: u64) {
    let mut dice = Dice::new(seed);
    let mut room = Room::open(name, hide);
    check(&room);
    for n in 0..people {
        room.play(Step::Join(n));
        let view = check(&room);
        let standard = |m: &MemberView| match m.current {
            Some(Reservation::Standard(k)) => Some(k),
            _ => None,
        };
        let taken: Vec<_> = view.members.iter().filter_map(standard).collect();
        assert!(taken.iter().copied().eq(1..=taken.len() as u32), "places in order: {taken:?}");
    }
    if people == 0 {
        return;
    }
    for _ in 0..STEPS {
        let (was, plan, floor_was) = (room.session.view(), room.plan.clone(), room.floor);
        let step = room.step(&mut dice, people);
        room.play(step);
        check(&room);
        stays(&room, step, floor_was, &plan, &was);
    }
}

#[test]
fn every_layout_holds_for_any_number_of_people_whatever_they_do() {
    let rounds = if std::env::var_os("ROTUNDA_SOAK").is_some() { 100 } else { 1 };
    let cases = catalog::NAMES.iter().flat_map(|name| {
        (0..=PEOPLE).flat_map(move |people| [(name, people, false), (name, people, true)])
    });
    for (case, (name, people, hide)) in cases.enumerate() {
        for round in 0..rounds {
            let seed = (case + 10_000 * round) as u64;
            let played = std::panic::catch_unwind(|| play(name, people, hide, seed));
            if let Err(broken) = played {
                eprintln!("{name} with {people}, hiding the muted: {hide}, seed {seed}");
                std::panic::resume_unwind(broken);
            }
        }
    }
}

/// The large cell waits for its holder to fall silent, in a room that begins with this layout too.
#[test]
fn two_who_talk_do_not_make_the_large_cell_flicker() {
    for is_initial in [true, false] {
        let mut room = Room::open(if is_initial { "highlight-1-responsive" } else { "2x2" }, false);
        (0..3).for_each(|n| room.play(Step::Join(n)));
        if !is_initial {
            let name = "highlight-1-responsive".into();
            room.ask(Command::SetLayout { name, positions: Vec::new() });
        }
        let large = |room: &Room| {
            let is_large =
                |c: &&rotunda_domain::PlannedCell| c.reservation == Reservation::Reserved(1);
            room.plan.cells.iter().find(is_large).and_then(|cell| cell.member())
        };
        room.play(Step::Talk(1, true));
        assert_eq!(large(&room), Some(room.id(1)));
        for _ in 0..5 {
            let plan = room.plan.clone();
            room.play(Step::Talk(2, true));
            room.play(Step::Talk(2, false));
            assert_eq!(room.plan, plan, "nothing moves while its holder talks");
        }
        room.play(Step::Talk(2, true));
        room.play(Step::Talk(1, false));
        assert_eq!(large(&room), Some(room.id(2)), "it passes on in silence only");
        room.play(Step::Talk(2, false));
        assert_eq!(large(&room), Some(room.id(2)), "and stays in silence");
    }
}
