//! Who has a voice now, and legs that follow.

use super::super::Session;
use super::super::member::{Change, Member};
use super::super::participant::{ParticipantState, Voice};
use super::seats::Reserved;
use crate::command::Promotion;
use crate::event::MemberKind;
use crate::id::MemberId;
use crate::permission::Permissions;
use crate::time::Now;
use crate::videochat::{Elector, Reading, VideochatMode, auto_voice};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// What the settings say of those who have not been told.
struct Verdict {
    voices: Vec<(Arc<str>, Voice)>,
    collapsed: bool,
    calm_since_ms: Option<u64>,
}

impl Session {
    /// Asks the settings anew who speaks, and sees to it that everybody's leg is as they say.
    pub(in crate::session) fn revoice(&mut self, now: Now) {
        let verdict = self.verdict(now, None, None);
        self.videochat.collapsed = verdict.collapsed;
        self.videochat.calm_since_ms = verdict.calm_since_ms;
        let voices: HashMap<_, _> = verdict.voices.into_iter().collect();
        let mut given = self.videochat.voices_given;
        let mut changed = Vec::new();
        for (id, participant) in self.participants_mut() {
            let Some(voice) = elects(participant).then(|| voices.get(&participant.user)).flatten()
            else {
                continue;
            };
            let spoke = participant.speaks();
            participant.voice = *voice;
            if participant.speaks() != spoke {
                given += 1;
                participant.voice_no = given;
                changed.push((id, participant.user.clone(), !spoke));
            }
        }
        self.videochat.voices_given = given;
        for (id, user, voice) in changed {
            if voice {
                self.videochat.requests.retain(|one| *one != user);
            }
            self.touch(id);
        }
        self.follow(now);
    }

    /// How many would speak if this seat were given and the one of `gone` given up.
    pub(super) fn speakers_with(&self, now: Now, seat: &Reserved, gone: Option<MemberId>) -> u32 {
        let verdict = self.verdict(now, Some(&seat.participant), gone);
        let voices: HashMap<_, _> = verdict.voices.into_iter().collect();
        let speaks = |participant: &&ParticipantState| match voices.get(&participant.user) {
            Some(voice) if elects(participant) => *voice != Voice::Auto(false),
            _ => participant.speaks(),
        };
        let newcomer = speaks(&&seat.participant);
        if !newcomer {
            return 0;
        }
        let others = self.participants_but(gone).filter(speaks).count();
        u32::try_from(others + 1).unwrap_or(u32::MAX)
    }

    fn verdict(
        &self,
        now: Now,
        extra: Option<&ParticipantState>,
        gone: Option<MemberId>,
    ) -> Verdict {
        let mut electors: Vec<_> = self
            .participants_but(gone)
            .chain(extra)
            .filter(|participant| elects(participant))
            .collect();
        electors.sort_by_key(|participant| participant.uid);
        // Users, not seats: the first seat of each counts.
        let mut known = HashSet::new();
        electors.retain(|participant| known.insert(&participant.user));
        let defaults = &self.options.videochat;
        let Some((limit, demote)) = self.videochat.settings.auto_limit(defaults) else {
            let voices = electors.iter().map(|one| (one.user.clone(), Voice::Free)).collect();
            return Verdict { voices, collapsed: false, calm_since_ms: None };
        };
        // A conference begins with a voice for nobody; a limit alone takes none away.
        let is_free = self.videochat.settings.mode == VideochatMode::Videochat;
        let had_voice = |one: &ParticipantState| match one.voice {
            Voice::Free => is_free,
            voice => voice == Voice::Auto(true),
        };
        let had = |one: &&ParticipantState| Elector { had_voice: had_voice(one) };
        let people: Vec<_> = electors.iter().map(had).collect();
        let mut voices = auto_voice(&people, limit, demote, defaults.reading);
        let mut collapsed = false;
        let mut calm_since_ms = None;
        if demote && defaults.reading == Reading::Collapse {
            if people.len() > limit as usize {
                collapsed = true;
            } else if self.videochat.collapsed {
                let since = self.videochat.calm_since_ms.unwrap_or(now.mono_ms);
                collapsed = now.mono_ms.saturating_sub(since) < defaults.calm_ms;
                if collapsed {
                    calm_since_ms = Some(since);
                    voices.fill(false);
                }
            }
        }
        let users = electors.iter().map(|one| one.user.clone());
        Verdict {
            voices: users.zip(voices.into_iter().map(Voice::Auto)).collect(),
            collapsed,
            calm_since_ms,
        }
    }

    /// When it will have been calm for long enough.
    pub(in crate::session) fn calm_due_mono_ms(&self) -> Option<u64> {
        let since = self.videochat.calm_since_ms?;
        Some(since.saturating_add(self.options.videochat.calm_ms))
    }

    /// The newest voice goes first; those who come up do so in the order they came.
    fn follow(&mut self, now: Now) {
        if !self.is_native() || self.is_over {
            return;
        }
        let settled = |m: &&Member| {
            m.is_here()
                && m.parent().is_none()
                && !m.participant.watches
                && m.can_return
                && m.change == Change::None
        };
        let lower = |m: &&Member| m.kind() == MemberKind::Member && !m.participant.speaks();
        let raise = |m: &&Member| m.is_audience() && m.participant.speaks();
        let mut down: Vec<_> = self.members.iter().filter(settled).filter(lower).collect();
        down.sort_by_key(|m| std::cmp::Reverse((m.participant.voice_no, m.participant.uid)));
        let down: Vec<MemberId> = down.into_iter().map(Member::id).collect();
        let mut up: Vec<_> = self.members.iter().filter(settled).filter(raise).collect();
        up.sort_by_key(|m| m.participant.uid);
        let up: Vec<_> =
            up.into_iter().map(|m| (m.id(), m.participant.ranks.moderates())).collect();
        for id in down {
            self.lower(now, id, None);
        }
        for (id, moderates) in up {
            let permissions = Some(Permissions::of_videochat(moderates));
            self.raise(now, id, Promotion { permissions, ..Promotion::default() });
        }
    }
}

/// Whether the settings decide about this one.
fn elects(participant: &ParticipantState) -> bool {
    !participant.ranks.any() && !matches!(participant.voice, Voice::Decided(_))
}
