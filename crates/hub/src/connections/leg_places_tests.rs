use super::*;
use rotunda_domain::half_open::FIRM_MS;
use rotunda_domain::output::{MemberMedia, Tone};
use rotunda_domain::{CanvasPlan, SessionId};
use rotunda_engine::{CanvasSpec, EngineRefusal, LegAnswer, LegRequest};
use uuid::Uuid;

struct Idle;

impl Engine for Idle {
    fn open(&self, _: SessionId, _: CanvasSpec) {}
    fn close(&self, _: SessionId) {}
    fn answer(&self, _: LegRequest) -> Result<LegAnswer, EngineRefusal> {
        Err(EngineRefusal::UnknownLeg)
    }
    fn renegotiate(&self, _: LegKey, _: String) -> Result<LegAnswer, EngineRefusal> {
        Err(EngineRefusal::UnknownLeg)
    }
    fn hold(&self, _: LegKey, _: bool) {}
    fn release(&self, _: LegKey) {}
    fn show(&self, _: SessionId, _: Arc<CanvasPlan>) {}
    fn apply_media(&self, _: SessionId, _: MemberMedia) {}
    fn play(&self, _: SessionId, _: Tone) {}
    fn is_ready(&self) -> bool {
        true
    }
}

const LIMITS: LegLimits = LegLimits {
    token: LegBound { legs: 4, joining: 2 },
    address: LegBound { legs: 6, joining: 4 },
    project: LegBound { legs: 8, joining: 4 },
    all: LegBound { legs: 12, joining: 12 },
};

/// Places, and how many legs were asked for.
struct Rig {
    places: Arc<LegPlaces>,
    last: u64,
    now_ms: u64,
}

impl Rig {
    fn new() -> Self {
        Self { places: LegPlaces::new(LIMITS), last: 0, now_ms: 0 }
    }

    fn take(&mut self, project: u128, token: &str, at: &str) -> Result<LegPlace, Refusal> {
        let owner = LegOwner {
            project: ProjectId(Uuid::from_u128(project)),
            token: token.into(),
            address: (!at.is_empty()).then(|| at.parse().unwrap()),
        };
        self.last += 1;
        self.now_ms += 1;
        self.places.take(&Idle, LegKey(self.last), owner, self.now_ms)
    }

    fn up(&mut self, project: u128, token: &str, at: &str) -> LegPlace {
        let place = self.take(project, token, at).unwrap();
        place.connected();
        place
    }
}

fn says(refused: Result<LegPlace, Refusal>, setting: &str) -> bool {
    matches!(refused, Err(Refusal::LimitReached(text)) if text.contains(setting))
}

#[test]
fn of_one_token_the_oldest_join_on_its_way_gives_way_and_what_is_up_stays() {
    let mut rig = Rig::new();
    let up = rig.up(1, "mal", "");
    let joins: Vec<_> = (0..20).map(|_| rig.take(1, "mal", "").unwrap()).collect();
    assert_eq!(rig.places.len(), (3, 2));
    let kept: Vec<_> = joins.iter().map(|place| place.check().is_ok()).collect();
    assert_eq!(kept.iter().position(|kept| *kept), Some(18), "the last two");
    assert!(up.check().is_ok());
}

#[test]
fn a_token_with_all_its_legs_up_is_refused_and_others_come_in() {
    let mut rig = Rig::new();
    let mut up: Vec<_> = (0..4).map(|_| rig.up(1, "mal", "")).collect();
    assert!(says(rig.take(1, "mal", ""), "4 (limits.legs_per_token)"));
    assert!(rig.take(1, "ann", "").is_ok() && rig.take(2, "mal", "").is_ok());
    up.pop();
    assert!(rig.take(1, "mal", "").is_ok(), "a leg that ended gives its place back");
}

#[test]
fn one_project_or_address_leaves_room_for_the_others() {
    let mut rig = Rig::new();
    let own: Vec<_> = (0..8).map(|n| rig.up(1, &format!("t{n}"), "")).collect();
    assert!(says(rig.take(1, "new", ""), "limits.legs_per_project"));
    assert!(rig.take(2, "new", "").is_ok());
    drop(own);
    let near: Vec<_> = (0..6).map(|n| rig.up(n, "t", "192.0.2.1")).collect();
    assert!(says(rig.take(9, "t", "192.0.2.1"), "limits.legs_per_address"));
    assert!(rig.take(9, "t", "192.0.2.2").is_ok());
    drop(near);
    assert_eq!(rig.places.len(), (0, 0));
    assert!(rig.places.lock().counts.is_empty(), "nothing is remembered of who is gone");
}

#[test]
fn joins_of_many_tokens_keep_their_places_against_each_other_for_their_time() {
    let mut rig = Rig::new();
    let joins: Vec<_> = (0..4).map(|n| rig.take(1, &format!("t{n}"), "").unwrap()).collect();
    assert!(says(rig.take(1, "late", ""), "limits.joining_per_project"));
    rig.now_ms += FIRM_MS;
    assert!(rig.take(1, "late", "").is_ok());
    assert!(joins[0].check().is_err() && joins[1].check().is_ok());
}

#[test]
fn whoever_has_a_seat_comes_back_to_it_whatever_is_full() {
    let mut rig = Rig::new();
    let up: Vec<_> = (0..4).map(|_| rig.up(1, "ann", "")).collect();
    let owner =
        LegOwner { project: ProjectId(Uuid::from_u128(1)), token: "ann".into(), address: None };
    assert!(rig.places.take_over(LegKey(99), owner, 9).check().is_ok());
    drop(up);
}
