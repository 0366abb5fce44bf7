//! Switching microphones and cameras.

use super::Session;
use super::member::Member;
use crate::command::{Actor, MediaKind, Reply, Target};
use crate::event::{Event, MemberKind};
use crate::output::Output;
use crate::permission::Verb;
use crate::refusal::Refusal;

impl Session {
    /// Muting somebody who is muted already is done and tells nobody.
    ///
    /// # Errors
    /// After permission and existence `NotPermitted` where the room's mode keeps cameras or
    /// microphones on, whoever asks.
    pub(super) fn mute(
        &mut self,
        actor: Actor,
        target: Target,
        kind: MediaKind,
        muted: bool,
    ) -> Result<Reply, Refusal> {
        let verb = match (kind, muted) {
            (MediaKind::Audio, true) => Verb::AudioMute,
            (MediaKind::Audio, false) => Verb::AudioUnmute,
            (MediaKind::Video, true) => Verb::VideoMute,
            (MediaKind::Video, false) => Verb::VideoUnmute,
        };
        let id = self.authorize_target(actor, target, verb)?;
        if muted && self.member(id).is_some_and(|m| self.stays_on(m, kind)) {
            return Err(Refusal::NotPermitted);
        }
        let Some(member) = self.member_mut(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        let switch = match kind {
            MediaKind::Audio => &mut member.audio_muted,
            MediaKind::Video => &mut member.video_muted,
        };
        if std::mem::replace(switch, muted) == muted {
            return Ok(Reply::Done);
        }
        let apply_media = Output::ApplyMedia(member.media());
        self.put(apply_media);
        self.touch(id);
        if kind == MediaKind::Audio && muted {
            self.talking(id, false);
        }
        let layout_is_new = self.arrange();
        let updated = match kind {
            MediaKind::Audio => vec!["audio_muted"],
            MediaKind::Video => vec!["video_muted", "visible"],
        };
        if let Some(member) = self.member(id).map(|m| self.member_view(m)) {
            self.tell_and_keep(Event::MemberUpdated { member, updated });
        }
        if layout_is_new {
            self.announce_layout();
        }
        Ok(Reply::Done)
    }

    /// Whether the room's mode keeps this one's camera or microphone on. A screen share is neither:
    /// what is on somebody's screen they may always hide.
    pub(super) fn stays_on(&self, member: &Member, kind: MediaKind) -> bool {
        let mode = match kind {
            MediaKind::Audio => self.settings.silent_mode,
            MediaKind::Video => self.settings.blind_mode,
        };
        mode && member.kind() != MemberKind::Screen
    }
}
