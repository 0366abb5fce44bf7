//! What a room's videochat settings mean for the session that runs: who has a seat and a voice, what
//! is on the board, and what those who watch the room are told.
//!
//! One state: a member's standing is the same whichever door changed it, and legs follow it by the
//! very promotion and demotion that the SDK's users know.

mod board;
mod live;
mod seats;
mod state;
mod voice;
mod watch;

pub(super) use state::Videochat;

use super::Session;
use super::parting::Parting;
use crate::command::{Actor, Command, Reply};
use crate::output::Cause;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{
    Caller, NotificationKind, Recipients, RoomRight, VideochatCommand, VideochatReply,
    VideochatSettings,
};
use state::Effect;

impl Session {
    /// Takes over what is set for the room; engine and type stay what they are here until the end.
    /// To be called once, right after opening.
    pub fn set_videochat(&mut self, settings: VideochatSettings) {
        self.videochat.begin(settings);
        self.notify(NotificationKind::Started, Recipients::Everybody);
    }

    pub(super) fn ask_videochat(
        &mut self,
        now: Now,
        actor: Actor,
        caller: &Caller,
        command: VideochatCommand,
    ) -> Result<Reply, Refusal> {
        // Who asks is believed, so only the door that knows them may say it.
        if actor != Actor::Project {
            return Err(Refusal::NotPermitted);
        }
        let reply = match command {
            VideochatCommand::Apply(settings) => self.apply_videochat(now, caller, settings)?,
            VideochatCommand::Reserve(request) => self.reserve(now, caller, request)?,
            VideochatCommand::View => self.view_videochat(caller),
            VideochatCommand::ChangeParticipant(target, change) => {
                self.change_participant(now, caller, &target, change)?
            }
            VideochatCommand::AskVoice => self.ask_voice(caller)?,
            VideochatCommand::DeclineVoice(user) => self.decline_voice(caller, &user)?,
            VideochatCommand::StartShare => self.start_share(now, caller)?,
            VideochatCommand::StopShare(seat) => self.stop_share(now, caller, seat)?,
            VideochatCommand::StartLiveStream(request) => self.start_live(now, caller, request)?,
            VideochatCommand::StopLiveStream => self.stop_live(now, caller)?,
            VideochatCommand::Connected(seat) => self.seat_connected(now, caller, seat)?,
            VideochatCommand::Disconnected(seat) => self.seat_left(now, caller, seat)?,
            VideochatCommand::Lost(seat) => self.seat_lost(now, caller, seat)?,
            VideochatCommand::End => self.end_videochat(now, caller)?,
        };
        Ok(Reply::Videochat(reply))
    }

    fn apply_videochat(
        &mut self,
        now: Now,
        caller: &Caller,
        settings: VideochatSettings,
    ) -> Result<VideochatReply, Refusal> {
        if caller.right < RoomRight::Manage {
            return Err(Refusal::NotPermitted);
        }
        for effect in self.videochat.apply(settings) {
            match effect {
                Effect::TellStatus => self.tell_status(),
                Effect::SetUpBoard => self.set_up_board(),
                Effect::SwitchWatching => self.switch_watching(now),
            }
        }
        self.revoice(now);
        Ok(VideochatReply::Done)
    }

    fn switch_watching(&mut self, now: Now) {
        if self.may_stream().is_err() {
            self.end_watching(now);
        }
        if self.origin.preview_url.is_some() {
            self.announce_room(vec!["preview_url"]);
        }
    }

    /// Streams end, those that stand with the room until it may be watched again, and those without
    /// a seat go.
    fn end_watching(&mut self, now: Now) {
        self.suspend_streams(now);
        self.videochat.give_up_watchers();
        let watching = self.members.iter().filter(|m| m.participant.watches).map(|m| m.id());
        for id in watching.collect::<Vec<_>>() {
            self.remove_member(now, id, Parting::ByUs(Cause::NormalClearing));
        }
    }

    /// Whether people without a seat may watch: for streams, WHEP players and previews.
    ///
    /// # Errors
    /// As [`VideochatSettings::may_stream`].
    pub fn may_stream(&self) -> Result<(), Refusal> {
        self.videochat.may_stream()
    }

    fn end_videochat(&mut self, now: Now, caller: &Caller) -> Result<VideochatReply, Refusal> {
        self.videochat.only_moderators(&self.members, caller)?;
        self.only_native("ending a videochat")?;
        self.end(now, Cause::NormalClearing);
        Ok(VideochatReply::Done)
    }

    /// # Errors
    /// `Unsupported`, naming engine and feature, where a vendor carries the media.
    pub(super) fn only_native(&self, feature: &str) -> Result<(), Refusal> {
        self.videochat.only_native(feature)
    }

    /// What is drawn, mixed or recorded here cannot be where a vendor carries the media.
    pub(super) fn only_for_this_engine(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Videochat(..)
            | Command::Describe
            | Command::ListLines
            | Command::GetMembers
            | Command::GetMeta
            | Command::ChangeMeta(_)
            | Command::ApplyRoom(_)
            | Command::End => Ok(()),
            Command::Admit(_) => self.only_native("joining with a room token"),
            Command::StartRecording { .. } => self.only_native("recording"),
            Command::SetLayout { .. } => self.only_native("setting a layout"),
            _ => self.only_native("this command"),
        }
    }
}
