//! How many legs there may be, of whom, and how many of them may be on their way.
//!
//! Every leg has a place from before its offer is answered until it is released. Places are counted
//! four times: by token, by project, by address and all in all, and those of legs that never
//! connected yet apart, because they cost their sender one message. One of those gives way to a
//! newcomer by the rule all rooms have ([`gives_way`]).

use crate::sessions::outcomes::Outcomes;
use rotunda_domain::half_open::{HalfOpen, gives_way};
use rotunda_domain::{LegKey, Outcome, ProjectId, Refusal};
use rotunda_engine::Engine;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Legs there may be at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegBound {
    /// Connected or not.
    pub legs: usize,
    /// Answered and not connected yet.
    pub joining: usize,
}

/// The bounds of legs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegLimits {
    /// Of one room token.
    pub token: LegBound,
    /// Of one project.
    pub project: LegBound,
    /// Of one address, an IPv6 /64 being one.
    pub address: LegBound,
    /// Of all; at most what the engine has.
    pub all: LegBound,
}

impl Default for LegLimits {
    /// One token is one person with some screens and devices, or a page shared by many who watch.
    /// Five hundred people of one office come in at once.
    fn default() -> Self {
        Self {
            token: LegBound { legs: 256, joining: 32 },
            project: LegBound { legs: 3584, joining: 1536 },
            address: LegBound { legs: 2048, joining: 1024 },
            all: LegBound { legs: 4096, joining: 2048 },
        }
    }
}

/// Whose a leg is.
#[derive(Clone, Debug)]
pub(crate) struct LegOwner {
    pub project: ProjectId,
    /// The token's own id.
    pub token: Arc<str>,
    /// Where its client is, if that is known.
    pub address: Option<IpAddr>,
}

/// What legs are counted by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Scope {
    Token(ProjectId, Arc<str>),
    Address(IpAddr),
    Project(ProjectId),
    All,
}

impl Scope {
    /// What is full, and the setting's name.
    fn words(&self, is_joining: bool) -> (&'static str, &'static str) {
        match (self, is_joining) {
            (Self::Token(..), false) => ("this token", "limits.legs_per_token"),
            (Self::Token(..), true) => ("this token", "limits.joining_per_token"),
            (Self::Address(_), false) => ("this address", "limits.legs_per_address"),
            (Self::Address(_), true) => ("this address", "limits.joining_per_address"),
            (Self::Project(_), false) => ("this project", "limits.legs_per_project"),
            (Self::Project(_), true) => ("this project", "limits.joining_per_project"),
            (Self::All, _) => ("this server", "its own bound"),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Count {
    legs: usize,
    joining: usize,
}

struct Held {
    owner: LegOwner,
    since_ms: u64,
    is_up: bool,
    /// Where it is to be ended; none until its session is found.
    session: Option<Outcomes>,
}

#[derive(Default)]
struct State {
    held: HashMap<LegKey, Held>,
    counts: HashMap<Scope, Count>,
}

/// All places.
pub(crate) struct LegPlaces {
    limits: LegLimits,
    state: Mutex<State>,
}

/// A leg's place; given up when dropped.
pub(crate) struct LegPlace {
    places: Arc<LegPlaces>,
    leg: LegKey,
}

impl LegOwner {
    fn scopes(&self) -> impl Iterator<Item = Scope> + use<> {
        let token = Scope::Token(self.project, self.token.clone());
        let address = self.address.map(Scope::Address);
        [token].into_iter().chain(address).chain([Scope::Project(self.project), Scope::All])
    }
}

impl LegPlaces {
    pub fn new(limits: LegLimits) -> Arc<Self> {
        Arc::new(Self { limits, state: Mutex::default() })
    }

    /// No step of a change can panic between two counts, so a poisoned lock is as good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a new leg; a half-open one may have to give way, and is ended.
    ///
    /// # Errors
    /// `LimitReached`, naming the bound.
    pub fn take(
        self: &Arc<Self>,
        engine: &dyn Engine,
        leg: LegKey,
        owner: LegOwner,
        now_ms: u64,
    ) -> Result<LegPlace, Refusal> {
        let mut ended = Vec::new();
        let taken = {
            let mut state = self.lock();
            let room = state.make_room(&self.limits, &owner, now_ms, &mut ended);
            room.map(|()| state.add(leg, owner, now_ms))
        };
        for (leg, held) in ended {
            end(engine, leg, held);
        }
        taken.map(|()| LegPlace { places: self.clone(), leg })
    }

    /// A place for a leg that takes the place of one there is: whoever has a seat is not refused.
    pub fn take_over(self: &Arc<Self>, leg: LegKey, owner: LegOwner, now_ms: u64) -> LegPlace {
        self.lock().add(leg, owner, now_ms);
        LegPlace { places: self.clone(), leg }
    }

    /// Legs, and those of them that are on their way.
    #[cfg(test)]
    pub fn len(&self) -> (usize, usize) {
        let count = self.lock().counts.get(&Scope::All).copied().unwrap_or_default();
        (count.legs, count.joining)
    }
}

/// Ends a leg that gave way. Its session takes it for one that never connected; the engine is told
/// here, because somebody who is back on a new leg stays in the session without it.
fn end(engine: &dyn Engine, leg: LegKey, held: Held) {
    tracing::info!(leg = leg.0, project = %held.owner.project, "a join on its way gave way");
    let Some(session) = held.session else { return };
    engine.release(leg);
    session.tell(Outcome::NeverConnected(leg));
}

impl State {
    fn make_room(
        &mut self,
        limits: &LegLimits,
        owner: &LegOwner,
        now_ms: u64,
        ended: &mut Vec<(LegKey, Held)>,
    ) -> Result<(), Refusal> {
        for scope in owner.scopes() {
            let bound = limits.of(&scope);
            let count = self.counts.get(&scope).copied().unwrap_or_default();
            let is_joining = count.joining >= bound.joining;
            if !is_joining && count.legs < bound.legs {
                continue;
            }
            let waiting = self.waiting(&scope);
            let oldest = || waiting.iter().min_by_key(|one| one.since_ms).map(|one| one.key);
            let leg = match &scope {
                Scope::Token(..) if is_joining => oldest(),
                _ => gives_way(&waiting, &owner.token, now_ms),
            };
            let leg = leg.ok_or_else(|| refusal(&scope, bound, is_joining))?;
            ended.extend(self.remove(leg).map(|held| (leg, held)));
        }
        Ok(())
    }

    /// Legs of `scope` that are on their way.
    fn waiting(&self, scope: &Scope) -> Vec<HalfOpen<'_, LegKey>> {
        let own = |held: &Held| !held.is_up && held.owner.scopes().any(|of| of == *scope);
        let own = self.held.iter().filter(|(_, held)| own(held));
        let mut waiting: Vec<_> = own
            .map(|(leg, held)| HalfOpen {
                key: *leg,
                bearer: &held.owner.token,
                since_ms: held.since_ms,
            })
            .collect();
        // Of those of one millisecond the first asked for comes first.
        waiting.sort_by_key(|one| one.key.0);
        waiting
    }

    fn add(&mut self, leg: LegKey, owner: LegOwner, since_ms: u64) {
        for scope in owner.scopes() {
            let count = self.counts.entry(scope).or_default();
            count.legs += 1;
            count.joining += 1;
        }
        self.held.insert(leg, Held { owner, since_ms, is_up: false, session: None });
    }

    fn remove(&mut self, leg: LegKey) -> Option<Held> {
        let held = self.held.remove(&leg)?;
        for scope in held.owner.scopes() {
            let Some(count) = self.counts.get_mut(&scope) else { continue };
            count.legs -= 1;
            count.joining -= usize::from(!held.is_up);
            if count.legs == 0 {
                self.counts.remove(&scope);
            }
        }
        Some(held)
    }

    fn connected(&mut self, leg: LegKey) {
        let Some(held) = self.held.get_mut(&leg).filter(|held| !held.is_up) else { return };
        held.is_up = true;
        for scope in held.owner.scopes() {
            if let Some(count) = self.counts.get_mut(&scope) {
                count.joining -= 1;
            }
        }
    }
}

impl LegLimits {
    fn of(&self, scope: &Scope) -> LegBound {
        match scope {
            Scope::Token(..) => self.token,
            Scope::Address(_) => self.address,
            Scope::Project(_) => self.project,
            Scope::All => self.all,
        }
    }
}

fn refusal(scope: &Scope, bound: LegBound, is_joining: bool) -> Refusal {
    let (what, setting) = scope.words(is_joining);
    Refusal::LimitReached(match is_joining {
        true => format!("{what} has {} joins on their way ({setting}): try again", bound.joining),
        false => format!("{what} has as many legs as it may: {} ({setting})", bound.legs),
    })
}

impl LegPlace {
    /// The leg is to join this session.
    pub fn enter(&self, session: &Outcomes) {
        if let Some(held) = self.places.lock().held.get_mut(&self.leg) {
            held.session = Some(session.clone());
        }
    }

    /// Whether the leg may still begin.
    ///
    /// # Errors
    /// `LimitReached` for one that gave way on its way to the session.
    pub fn check(&self) -> Result<(), Refusal> {
        let is_held = self.places.lock().held.contains_key(&self.leg);
        let gave_way = || Refusal::LimitReached("this join gave way to others: try again".into());
        is_held.then_some(()).ok_or_else(gave_way)
    }

    /// The leg is up.
    pub fn connected(&self) {
        self.places.lock().connected(self.leg);
    }
}

impl Drop for LegPlace {
    fn drop(&mut self) {
        self.places.lock().remove(self.leg);
    }
}

#[cfg(test)]
#[path = "leg_places_tests.rs"]
mod tests;
