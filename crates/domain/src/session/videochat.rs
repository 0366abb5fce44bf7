//! What a room's videochat settings mean for the session that runs: who has a seat and a voice, what
//! is on the board, and what those who watch the room are told.
//!
//! One state: a member's standing is the same whichever door changed it, and legs follow it by the
//! very promotion and demotion that the SDK's users know.

mod board;
mod live;
mod participant_state;
mod seats;
mod voice;
mod watch;

use seats::Reserved;

use super::Session;
use super::parting::Parting;
use crate::command::{Actor, Command, Reply};
use crate::id::{MemberId, StreamId};
use crate::output::Cause;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{
    Caller, EngineName, IdentityView, NotificationKind, Recipients, RoomRight, RoomType,
    VideochatCommand, VideochatReply, VideochatSettings,
};
use std::collections::HashMap;
use std::sync::Arc;

/// What a session remembers of its videochat.
#[derive(Debug, Default)]
pub(super) struct Videochat {
    pub(super) settings: VideochatSettings,
    /// As they were when the session began: nobody is half on one engine and half on another.
    pub(super) engine: EngineName,
    pub(super) room_type: RoomType,
    /// Seats kept for tokens, and seats at a vendor.
    pub(super) reserved: Vec<Reserved>,
    /// How many seats were given so far; each has its number.
    seats_given: u32,
    /// The same of voices.
    voices_given: u64,
    /// There were too many to speak without asking, and it has not been calm for long enough since.
    collapsed: bool,
    calm_since_ms: Option<u64>,
    /// Users who ask to speak, oldest first.
    requests: Vec<Arc<str>>,
    /// The share on the board.
    pub(super) board: Option<MemberId>,
    /// Seats that said they share, before or without a leg of their own for it.
    sharing: Vec<MemberId>,
    /// The stream begun here that runs, and where people without a seat see it.
    live: Option<(StreamId, Option<Arc<str>>)>,
    reported_live: Option<Option<Arc<str>>>,
    /// Seats of which something may have changed since others were told.
    touched: Vec<MemberId>,
    /// What others were told of each seat, and whether everybody was.
    last_notified: HashMap<MemberId, (IdentityView, bool)>,
    /// Users who see everybody by a rank that may pass.
    reported_insiders: Vec<Arc<str>>,
    reported_presenter: Option<Arc<str>>,
    reported_co_presenters: Vec<Arc<str>>,
}

impl Session {
    /// Takes over what is set for the room; engine and type stay what they are here until the end.
    /// To be called once, right after opening.
    pub fn set_videochat(&mut self, settings: VideochatSettings) {
        self.videochat.settings = settings;
        self.videochat.engine = settings.engine;
        self.videochat.room_type = settings.room_type;
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
            VideochatCommand::View => VideochatReply::View(Box::new(self.view_videochat(caller))),
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
        let former = std::mem::replace(&mut self.videochat.settings, settings);
        let status = |set: &VideochatSettings| (set.mode, set.enable_streaming, set.limit);
        if status(&former) != status(&settings) {
            self.tell_status();
        }
        if former.exclude_listeners != settings.exclude_listeners {
            self.touch_all();
        }
        if former.use_presentation_board != settings.use_presentation_board {
            self.set_up_board();
        }
        if former.enable_streaming != settings.enable_streaming {
            self.switch_watching(now);
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
        self.videochat.reserved.retain(|seat| !seat.participant.watches);
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
        self.videochat.settings.may_stream()
    }

    fn end_videochat(&mut self, now: Now, caller: &Caller) -> Result<VideochatReply, Refusal> {
        self.only_moderators(caller)?;
        self.only_native("ending a videochat")?;
        self.end(now, Cause::NormalClearing);
        Ok(VideochatReply::Done)
    }

    /// # Errors
    /// `Unsupported`, naming engine and feature, where a vendor carries the media.
    pub(super) fn only_native(&self, feature: &str) -> Result<(), Refusal> {
        match self.videochat.engine {
            EngineName::Native => Ok(()),
            vendor => Err(Refusal::Unsupported(format!(
                "{feature} is not offered for sessions at {}",
                vendor.as_str()
            ))),
        }
    }

    /// What is drawn, mixed or recorded here cannot be where a vendor carries the media.
    pub(super) fn only_for_this_engine(&self, command: &Command) -> Result<(), Refusal> {
        match command {
            Command::Videochat(..)
            | Command::Describe
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

    pub(super) fn is_native(&self) -> bool {
        self.videochat.engine == EngineName::Native
    }

    fn only_moderators(&self, caller: &Caller) -> Result<(), Refusal> {
        let moderates =
            caller.right == RoomRight::Manage || self.ranks_of(&caller.user).moderates();
        moderates.then_some(()).ok_or(Refusal::NotPermitted)
    }
}
