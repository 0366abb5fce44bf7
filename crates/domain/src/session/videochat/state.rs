//! What a session remembers of its videochat, and the rules on it. It is handed the members, the
//! moment and what is asked; what comes of it is given back, and the session does that.

mod board;
mod live;
mod people;
mod reports;
mod requests;
mod seats;
mod view;
mod voices;

pub(in crate::session) use board::{BoardChange, shares_of};
pub(in crate::session) use seats::Reserved;
pub(in crate::session) use voices::Follow;

use crate::refusal::Refusal;
use crate::videochat::{
    EngineName, NotificationKind, Notify, Recipients, RoomType, VideochatDefaults,
    VideochatSettings,
};
use board::Board;
use live::Live;
use reports::Reports;
use requests::Requests;
use seats::Seats;
use voices::Voices;

/// Something for those who watch the room, and for which of them.
pub(in crate::session) type Notice = (NotificationKind, Recipients);

/// What a change of the settings brings about, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum Effect {
    /// Those who watch the room are told its status.
    TellStatus,
    /// The board is put up or taken down.
    SetUpBoard,
    /// Whether people without a seat may watch is another.
    SwitchWatching,
}

/// What a session remembers of its videochat.
#[derive(Debug)]
pub(in crate::session) struct Videochat {
    /// What counts where the settings say "the server's default".
    defaults: VideochatDefaults,
    settings: VideochatSettings,
    /// As they were when the session began: nobody is half on one engine and half on another.
    engine: EngineName,
    room_type: RoomType,
    seats: Seats,
    voices: Voices,
    requests: Requests,
    board: Board,
    live: Live,
    reports: Reports,
}

impl Videochat {
    /// Of a room about which nothing was set.
    pub fn new(defaults: VideochatDefaults) -> Self {
        Self {
            defaults,
            settings: VideochatSettings::default(),
            engine: EngineName::default(),
            room_type: RoomType::default(),
            seats: Seats::default(),
            voices: Voices::default(),
            requests: Requests::default(),
            board: Board::default(),
            live: Live::default(),
            reports: Reports::default(),
        }
    }

    /// What is set for the room as the session begins.
    pub fn begin(&mut self, settings: VideochatSettings) {
        self.settings = settings;
        self.engine = settings.engine;
        self.room_type = settings.room_type;
    }

    /// What is set for the room from now on; engine and type stay.
    pub fn apply(&mut self, settings: VideochatSettings) -> Vec<Effect> {
        let former = std::mem::replace(&mut self.settings, settings);
        if former.exclude_listeners != settings.exclude_listeners {
            self.touch_all();
        }
        let status = |set: &VideochatSettings| (set.mode, set.enable_streaming, set.limit);
        let changes = [
            (status(&former) != status(&settings), Effect::TellStatus),
            (former.use_presentation_board != settings.use_presentation_board, Effect::SetUpBoard),
            (former.enable_streaming != settings.enable_streaming, Effect::SwitchWatching),
        ];
        changes.into_iter().filter(|(is_new, _)| *is_new).map(|(_, effect)| effect).collect()
    }

    /// Whether people without a seat may watch.
    ///
    /// # Errors
    /// As [`VideochatSettings::may_stream`].
    pub fn may_stream(&self) -> Result<(), Refusal> {
        self.settings.may_stream()
    }

    /// Whether the media is carried here.
    pub fn is_native(&self) -> bool {
        self.engine == EngineName::Native
    }

    /// # Errors
    /// `Unsupported`, naming engine and feature, where a vendor carries the media.
    pub fn only_native(&self, feature: &str) -> Result<(), Refusal> {
        let engine = self.engine.as_str();
        let refusal =
            || Refusal::Unsupported(format!("{feature} is not offered for sessions at {engine}"));
        self.is_native().then_some(()).ok_or_else(refusal)
    }

    /// Identities allowed, if there is a limit.
    pub fn seats_allowed(&self) -> Option<u32> {
        self.settings.identity_cap(&self.defaults, self.engine, self.room_type)
    }

    /// What clients are to do about a notice.
    pub fn notify(&self) -> Notify {
        self.settings.notify(&self.defaults)
    }

    /// What everybody may know of it; `is_streamed`: a stream of the session runs.
    pub fn status(&self, is_streamed: bool) -> NotificationKind {
        NotificationKind::StatusUpdated {
            mode: self.settings.mode,
            is_stream_enabled: self.settings.enable_streaming,
            limit: self.seats_allowed().unwrap_or(0),
            playback: self.live(is_streamed).flatten(),
        }
    }
}
