//! What somebody hears, how loud they are, and how easily they are heard.

use super::Session;
use super::member::Member;
use crate::command::{Actor, Level, MediaKind, Reply, Target};
use crate::event::Event;
use crate::id::MemberId;
use crate::output::Output;
use crate::permission::Verb;
use crate::refusal::Refusal;

impl Session {
    /// Deafness also switches the microphone off, and hearing again on, even without the right to
    /// mute (RoomSession reference, `deaf`); except that a microphone that may not be switched off
    /// stays as it is, and that for somebody who hears there is nothing to undo.
    pub(super) fn set_deaf(
        &mut self,
        actor: Actor,
        target: Target,
        deaf: bool,
    ) -> Result<Reply, Refusal> {
        let id =
            self.authorize_target(actor, target, if deaf { Verb::Deaf } else { Verb::Undeaf })?;
        let Some(member) = self.member(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        if !deaf && !member.deaf {
            return Ok(Reply::Done);
        }
        let stays_on = deaf && self.stays_on(member, MediaKind::Audio);
        let Some(member) = self.member_mut(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        let before = (member.deaf, member.audio_muted);
        let after = (deaf, if stays_on { before.1 } else { deaf });
        (member.deaf, member.audio_muted) = after;
        if before == after {
            return Ok(Reply::Done);
        }
        if deaf && !stays_on {
            self.talking(id, false);
        }
        self.treat_anew(id);
        self.touch(id);
        let updated = if stays_on { vec!["deaf"] } else { vec!["deaf", "audio_muted"] };
        self.announce(id, updated);
        Ok(Reply::Done)
    }

    /// Sets a level; one set to what it is tells nobody.
    ///
    /// # Errors
    /// After permission and existence `Invalid` outside the level's range, and `NotPermitted` where a
    /// microphone that stays on would be turned off.
    pub(super) fn set_level(
        &mut self,
        actor: Actor,
        target: Target,
        level: Level,
        value: i64,
    ) -> Result<Reply, Refusal> {
        let (verb, name, range) = level.facts();
        let id = self.authorize_target(actor, target, verb)?;
        let value = i32::try_from(value).ok().filter(|value| range.contains(value));
        let Some(value) = value else {
            let (least, most) = (range.start(), range.end());
            return Err(Refusal::invalid(format!("{name} must be from {least} to {most}")));
        };
        let stays_on = self.member(id).is_some_and(|m| self.stays_on(m, MediaKind::Audio));
        if stays_on && level.is_off_at(value) {
            return Err(Refusal::NotPermitted);
        }
        let Some(member) = self.member_mut(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        let place = match level {
            Level::InputVolume => &mut member.input_volume,
            Level::OutputVolume => &mut member.output_volume,
            Level::InputSensitivity => &mut member.input_sensitivity,
        };
        if std::mem::replace(place, value) != value {
            self.treat_anew(id);
            self.announce(id, vec![name]);
        }
        Ok(Reply::Done)
    }

    /// Tells everybody that these fields of a member changed.
    pub(super) fn announce(&mut self, id: MemberId, updated: Vec<&'static str>) {
        if let Some(member) = self.member(id).map(|m| self.member_view(m)) {
            self.tell_and_keep(Event::MemberUpdated { member, updated });
        }
    }

    pub(super) fn treat_anew(&mut self, id: MemberId) {
        if let Some(media) = self.member(id).map(Member::media) {
            self.put(Output::ApplyMedia(media));
        }
    }
}
