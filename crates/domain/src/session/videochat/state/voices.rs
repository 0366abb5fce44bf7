//! Who has a voice, as moderators and the settings say, and whose legs are not yet as they say.

use super::Videochat;
use super::seats::Reserved;
use crate::event::MemberKind;
use crate::id::MemberId;
use crate::session::member::{Change, Member};
use crate::session::participant::{ParticipantState, Voice};
use crate::time::Now;
use crate::videochat::{Elector, Reading, VideochatMode, auto_voice};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What is to be done so that a leg is as its member's voice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Follow {
    /// A member becomes audience.
    Lower(MemberId),
    /// One of the audience becomes a member, with a moderator's permissions or a speaker's.
    Raise {
        /// Who.
        member: MemberId,
        /// Whether they moderate.
        moderates: bool,
    },
}

#[derive(Debug, Default)]
pub(super) struct Voices {
    /// How many voices were given and taken so far; each has its number.
    given: u64,
    /// There were too many to speak without asking, and it has not been calm for long enough since.
    collapsed: bool,
    calm_since_ms: Option<u64>,
}

impl Voices {
    /// Whether there are too many, or were until a short while ago; and since when there are not.
    fn collapse(&self, now: Now, is_over: bool, calm_ms: u64) -> (bool, Option<u64>) {
        if is_over || !self.collapsed {
            return (is_over, None);
        }
        let since = self.calm_since_ms.unwrap_or(now.mono_ms);
        let lasts = now.mono_ms.saturating_sub(since) < calm_ms;
        (lasts, lasts.then_some(since))
    }
}

/// What the settings say of those about whom nobody has decided.
struct Verdict {
    voices: HashMap<Arc<str>, Voice>,
    collapsed: bool,
    calm_since_ms: Option<u64>,
}

impl Videochat {
    /// Asks the settings anew who speaks; answers whose legs are to follow, in this order.
    pub fn revoice(&mut self, now: Now, members: &mut [Member]) -> Vec<Follow> {
        let verdict = self.verdict(now, members, None, None);
        self.voices.collapsed = verdict.collapsed;
        self.voices.calm_since_ms = verdict.calm_since_ms;
        for (id, participant) in self.seats.participants_mut(members).filter(|(_, p)| elects(p)) {
            let Some(voice) = verdict.voices.get(&participant.user) else { continue };
            let spoke = participant.speaks();
            participant.voice = *voice;
            if participant.speaks() == spoke {
                continue;
            }
            self.voices.given += 1;
            participant.voice_no = self.voices.given;
            if !spoke {
                self.requests.forget(&participant.user);
            }
            self.reports.touch(id);
        }
        if self.is_native() { following(members) } else { Vec::new() }
    }

    /// A moderator's word: no setting takes it back.
    pub fn decide_voice(&mut self, members: &mut [Member], user: &str, voice: bool) {
        self.voices.given += 1;
        let own = self.seats.participants_mut(members).filter(|(_, one)| *one.user == *user);
        for (id, participant) in own {
            (participant.voice, participant.voice_no) = (Voice::Decided(voice), self.voices.given);
            self.reports.touch(id);
        }
        if voice {
            self.requests.forget(user);
        }
    }

    /// How many would speak if this seat were given and the one of `gone` given up; none where its user
    /// would not.
    pub fn speakers_with(
        &self,
        now: Now,
        members: &[Member],
        seat: &Reserved,
        gone: Option<MemberId>,
    ) -> u32 {
        let verdict = self.verdict(now, members, Some(seat.participant()), gone);
        let speaks = |participant: &&ParticipantState| match verdict.voices.get(&participant.user) {
            Some(voice) if elects(participant) => *voice != Voice::Auto(false),
            _ => participant.speaks(),
        };
        if !speaks(&seat.participant()) {
            return 0;
        }
        let others = self.participants_but(members, gone).filter(speaks).count();
        u32::try_from(others + 1).unwrap_or(u32::MAX)
    }

    fn verdict(
        &self,
        now: Now,
        members: &[Member],
        extra: Option<&ParticipantState>,
        gone: Option<MemberId>,
    ) -> Verdict {
        let electors = electors(self.participants_but(members, gone).chain(extra));
        let users = electors.iter().map(|one| one.user.clone());
        let Some((limit, demote)) = self.settings.auto_limit(&self.defaults) else {
            let voices = users.map(|user| (user, Voice::Free)).collect();
            return Verdict { voices, collapsed: false, calm_since_ms: None };
        };
        let had = |one: &&ParticipantState| Elector { had_voice: self.had_voice(one) };
        let people: Vec<_> = electors.iter().map(had).collect();
        let mut voices = auto_voice(&people, limit, demote, self.defaults.reading);
        let (mut collapsed, mut calm_since_ms) = (false, None);
        if demote && self.defaults.reading == Reading::Collapse {
            let is_over = people.len() > limit as usize;
            (collapsed, calm_since_ms) = self.voices.collapse(now, is_over, self.defaults.calm_ms);
        }
        if collapsed {
            voices.fill(false);
        }
        let voices = users.zip(voices.into_iter().map(Voice::Auto)).collect();
        Verdict { voices, collapsed, calm_since_ms }
    }

    /// A conference begins with a voice for nobody; a limit alone takes none away.
    fn had_voice(&self, one: &ParticipantState) -> bool {
        match one.voice {
            Voice::Free => self.settings.mode == VideochatMode::Videochat,
            voice => voice == Voice::Auto(true),
        }
    }

    /// When it will have been calm for long enough.
    pub fn calm_due_mono_ms(&self) -> Option<u64> {
        Some(self.voices.calm_since_ms?.saturating_add(self.defaults.calm_ms))
    }
}

/// Those about whom the settings decide, in the order of their seats. Users, not seats: the first
/// seat of each counts.
fn electors<'a>(all: impl Iterator<Item = &'a ParticipantState>) -> Vec<&'a ParticipantState> {
    let mut electors: Vec<_> = all.filter(|one| elects(one)).collect();
    electors.sort_by_key(|participant| participant.uid);
    let mut known = HashSet::new();
    electors.retain(|participant| known.insert(&participant.user));
    electors
}

/// Whether the settings decide about this one.
fn elects(participant: &ParticipantState) -> bool {
    !participant.ranks.any() && !matches!(participant.voice, Voice::Decided(_))
}

/// The newest voice goes first; those who come up do so in the order they came.
fn following(members: &[Member]) -> Vec<Follow> {
    let settled = || members.iter().filter(|m| is_settled(m));
    let lower = |m: &&Member| m.kind() == MemberKind::Member && !m.participant.speaks();
    let raise = |m: &&Member| m.is_audience() && m.participant.speaks();
    let mut down: Vec<_> = settled().filter(lower).collect();
    down.sort_by_key(|m| Reverse((m.participant.voice_no, m.participant.uid)));
    let mut up: Vec<_> = settled().filter(raise).collect();
    up.sort_by_key(|m| m.participant.uid);
    let down = down.into_iter().map(|m| Follow::Lower(m.id()));
    let up = up
        .into_iter()
        .map(|m| Follow::Raise { member: m.id(), moderates: m.participant.ranks.moderates() });
    down.chain(up).collect()
}

/// Whether this one's leg can follow now.
fn is_settled(m: &Member) -> bool {
    m.is_here()
        && m.parent().is_none()
        && !m.participant.watches
        && m.can_return
        && m.change == Change::None
}
