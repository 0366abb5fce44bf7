//! What a session wants done. The hub drains these and does them, in order.

use crate::event::{Event, MemberView, SessionView, To};
use crate::grant::Grant;
use crate::id::{LegKey, MemberId, PlaybackId, RecordingId, StreamId, WaiterId};
use crate::layout::CanvasPlan;
use crate::playback::PlaybackOrder;
use crate::stream::Cast;
use crate::videochat::Notification;
use std::sync::Arc;

/// Why a leg is ended by us, as the client is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// 16, `NORMAL_CLEARING`.
    NormalClearing,
    /// 825, `REJECT_ALL`.
    RejectAll,
}

impl Cause {
    /// Number and name on the wire.
    pub fn code(self) -> (u16, &'static str) {
        match self {
            Self::NormalClearing => (16, "NORMAL_CLEARING"),
            Self::RejectAll => (825, "REJECT_ALL"),
        }
    }
}

/// What a recording is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingOrder {
    /// Begin.
    Start,
    /// Leave out what follows.
    Pause,
    /// Go on.
    Resume,
    /// End; nothing follows.
    Stop,
}

/// How a member's media is to be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberMedia {
    /// Whose.
    pub member: MemberId,
    /// Nothing of their sound reaches the mix.
    pub audio_muted: bool,
    /// Nothing of their picture reaches the canvas.
    pub video_muted: bool,
    /// They hear nothing.
    pub deaf: bool,
    /// How loud others hear them, dB; −50 is silence.
    pub input_volume: i32,
    /// How loud they hear others, dB; −50 is silence.
    pub output_volume: i32,
    /// How easily they are taken to speak, 0…100; 0 is never.
    pub input_sensitivity: i32,
}

impl MemberMedia {
    /// Neither seen nor heard, hearing as usual.
    pub fn nothing(member: MemberId) -> Self {
        Self {
            member,
            audio_muted: true,
            video_muted: true,
            deaf: false,
            input_volume: 0,
            output_volume: 0,
            input_sensitivity: 30,
        }
    }
}

/// What everybody hears of the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Somebody came.
    Entry,
    /// Somebody went.
    Exit,
}

/// A line of the session's history.
#[derive(Clone, Debug)]
pub enum Record {
    /// The session began.
    SessionStarted(Box<SessionView>),
    /// A member's leg was announced.
    MemberJoined(MemberView),
    /// A member is gone.
    MemberLeft(MemberView),
    /// Something happened that only the list of events keeps.
    Happened(Event),
    /// The session is over.
    SessionEnded(Box<SessionView>),
}

/// One thing to do.
#[derive(Clone, Debug)]
pub enum Output {
    /// Tell people something.
    Send(To, Event),
    /// Show this on the canvas from the next tick on.
    Show(Arc<CanvasPlan>),
    /// Treat a member's media so.
    ApplyMedia(MemberMedia),
    /// Let those inside hear that somebody came or went.
    Play(Tone),
    /// Send nothing to a leg and take nothing from it, or do so again.
    Hold {
        /// The leg.
        leg: LegKey,
        /// On hold or off.
        held: bool,
    },
    /// Somebody holds this grant from now on.
    Regrant {
        /// Who.
        member: MemberId,
        /// What they hold.
        grant: Box<Grant>,
    },
    /// Release a leg that the client ended.
    Release(LegKey),
    /// End a leg: tell the client why, then release it.
    HangUp {
        /// The leg.
        leg: LegKey,
        /// Whose it is.
        member: MemberId,
        /// Why.
        cause: Cause,
    },
    /// Start, steer or stop a playback.
    Playback(PlaybackId, PlaybackOrder),
    /// The person is no longer part of the session; forget them.
    Forget(MemberId),
    /// Somebody waits no more; forget them.
    Waited {
        /// Their place.
        waiter: WaiterId,
        /// Whether they may come in now.
        admitted: bool,
    },
    /// Start, pause, resume or stop a recording.
    Recording(RecordingId, RecordingOrder),
    /// Start, move or end a stream.
    Stream(StreamId, Cast),
    /// Tell those who watch the room's videochat something.
    Notify(Box<Notification>),
    /// Keep a line of history.
    Record(Record),
    /// The session is over; nothing follows.
    Over,
}
