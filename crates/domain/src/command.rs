//! The one vocabulary of commands. Every door translates to it.

use crate::chat::{Caption, ChatDraft, ChatMessage};
use crate::event::MemberKind;
use crate::grant::MediaAllowed;
use crate::grant::{Grant, Terms};
use crate::id::{ChatId, LegId, LegKey, MemberId, PlaybackId, RecordingId, StreamId, WaiterId};
use crate::layout::Position;
use crate::line::LineQuality;
use crate::link::{AllowedLinkRequest, LinkRequest, LinkView};
use crate::lobby::{Knock, LobbyState, Waiters, Waiting};
use crate::permission::{Permissions, Verb};
use crate::refusal::Refusal;
use crate::room::RoomSettings;
use crate::stream::{RoomStream, StreamHealth, StreamTarget, StreamView};
use crate::videochat::{Caller, VideochatCommand, VideochatReply};
use serde_json::{Map, Value};
use std::ops::RangeInclusive;

pub use crate::target::Target;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Somebody in the session; their permissions decide.
    Member(MemberId),
    /// The application, by its API token: everything is permitted.
    Project,
}

/// The two kinds of media.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// What a newcomer brings.
#[derive(Clone, Debug)]
pub struct Admission {
    /// The id the newcomer will have; drawn by the caller, because rules draw nothing.
    pub member: MemberId,
    /// The newcomer's main leg.
    pub leg: LegKey,
    /// What the client calls that leg.
    pub call_id: LegId,
    /// What the token grants.
    pub grant: Grant,
    /// Whether the client keeps a member list and wants it seeded (wire protocol §9.4).
    pub wants_roster: bool,
    /// Whether the client could come back on another leg. One that came with its offer alone, by
    /// WHIP or WHEP, cannot: its leg is all there is.
    pub can_return: bool,
}

impl Admission {
    /// Whether a seat was kept for its token.
    pub(crate) fn has_kept_seat(&self) -> bool {
        self.grant.identity.is_some()
    }
}

/// What a screen share or a further device brings.
#[derive(Clone, Debug)]
pub struct ChildAdmission {
    /// The id it will have.
    pub member: MemberId,
    /// Its leg.
    pub leg: LegKey,
    /// What the client calls that leg.
    pub call_id: LegId,
    /// `Screen` or `Device`.
    pub kind: MemberKind,
    /// What it brings along, or why that cannot be read; told after the permission was asked.
    pub brings: Result<Brings, Refusal>,
}

/// What a screen share or a device brings along for as long as it is here.
#[derive(Clone, Debug, Default)]
pub struct Brings {
    /// A layout to set in the same step.
    pub layout: Option<String>,
    /// Who is to sit where, in the same step; [`Target::Oneself`] is the child.
    pub positions: Vec<(Target, Position)>,
}

/// A change of somebody's or the room's meta.
#[derive(Clone, Debug)]
pub enum MetaChange {
    /// Replace all of it.
    Set(Map<String, Value>),
    /// Put these keys in, leave the others.
    Update(Map<String, Value>),
    /// Take these keys out.
    Delete(Vec<String>),
}

/// What can be turned up and down on a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// How loud others hear them, −50…50 dB.
    InputVolume,
    /// How loud they hear others, −50…50 dB.
    OutputVolume,
    /// How easily they are taken to speak, 0…100.
    InputSensitivity,
}

impl Level {
    /// Verb of the permission, name of the field, range.
    pub fn facts(self) -> (Verb, &'static str, RangeInclusive<i32>) {
        match self {
            Self::InputVolume => (Verb::SetInputVolume, "input_volume", -50..=50),
            Self::OutputVolume => (Verb::SetOutputVolume, "output_volume", -50..=50),
            Self::InputSensitivity => (Verb::SetInputSensitivity, "input_sensitivity", 0..=100),
        }
    }

    /// Whether at this value nothing of a member's microphone is heard.
    pub fn is_off_at(self, value: i32) -> bool {
        match self {
            Self::InputVolume => value == -50,
            Self::InputSensitivity => value == 0,
            Self::OutputVolume => false,
        }
    }
}

/// What somebody who looks on is given when they are to take part.
#[derive(Clone, Debug, Default)]
pub struct Promotion {
    /// What they may send.
    pub media_allowed: Option<MediaAllowed>,
    /// Come in with the microphone off.
    pub join_audio_muted: bool,
    /// Come in with the camera off.
    pub join_video_muted: bool,
    /// Their meta from now on.
    pub meta: Option<Map<String, Value>>,
    /// What they may do; the defaults when nothing is said.
    pub permissions: Option<Permissions>,
}

/// What can be done to a recording that runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordingChange {
    /// Leave out what follows.
    Pause,
    /// Go on.
    Resume,
    /// End; nothing follows.
    Stop,
}

/// What can be asked of a session.
#[derive(Clone, Debug)]
pub enum Command {
    /// Take a seat; announced once the leg is connected.
    Admit(Box<Admission>),
    /// Take one's seat again on a new main leg, as a reloaded page does; nothing else changes.
    Reattach {
        /// The new leg.
        leg: LegKey,
        /// What the client calls it.
        call_id: LegId,
        /// As in [`Admission`].
        wants_roster: bool,
    },
    /// Add a screen share or a device to oneself.
    AdmitChild(Box<ChildAdmission>),
    /// End one's own legs, and everybody's if one may remove.
    HangUpAll(LegKey),
    /// End one's own leg; ending the main leg is leaving.
    HangUp(LegKey),
    /// Put one's own leg on hold, or take it off again.
    Hold(LegKey, bool),
    /// List the members.
    GetMembers,
    /// Describe the session in full; the application's alone.
    Describe,
    /// List how good everybody's line is; the application's alone.
    ListLines,
    /// List the layouts.
    ListLayouts,
    /// Change the layout and, in the same step, positions.
    SetLayout {
        /// One of the catalogue's names.
        name: String,
        /// Who is to sit where.
        positions: Vec<(Target, Position)>,
    },
    /// Place several people at once.
    SetPositions(Vec<(Target, Position)>),
    /// Place one.
    SetMemberPosition(Target, Position),
    /// Stop or resume somebody's hearing.
    Deafen(Target, bool),
    /// Set one of a member's levels.
    SetLevel(Target, Level, i64),
    /// Keep newcomers out, or let them in again.
    Lock(bool),
    /// Keep those with the camera off from the canvas, or show them.
    HideVideoMuted(bool),
    /// Remove somebody.
    Remove {
        /// Whom.
        target: Target,
        /// What they came by opens the session no more, whoever else came by it.
        keep_out: bool,
    },
    /// Remove everybody.
    RemoveAll,
    /// Raise or lower a hand.
    RaiseHand(Target, bool),
    /// Whether raised hands take the better seats.
    PrioritizeHands(bool),
    /// Read the room's meta.
    GetMeta,
    /// Change the room's meta.
    ChangeMeta(MetaChange),
    /// Read a member's meta.
    GetMemberMeta(Target),
    /// Change a member's meta.
    ChangeMemberMeta(Target, MetaChange),
    /// Let somebody who looks on take part.
    Promote(Target, Box<Promotion>),
    /// Let somebody who takes part look on only.
    Demote(Target, Option<MediaAllowed>),
    /// Send digits; they are an event of the session and nothing else.
    Digits(String),
    /// Send a message to the others.
    SendChat(ChatDraft),
    /// List the latest messages.
    ListChat,
    /// Take away what a message says; none is one that cannot exist.
    DeleteChat(Option<ChatId>),
    /// Show what is said, in letters.
    PushCaption(Caption),
    /// Ask to be let in, before there is a seat; who asks is in it.
    Knock(Box<Knock>),
    /// The bearer of this token was let in before the process ended, into the session that this one goes on
    /// with; the hub's alone.
    LetInAgain(String),
    /// List who waits to be let in.
    ListLobby,
    /// Let in who waits, or send them away.
    AnswerLobby {
        /// Whom.
        whom: Waiters,
        /// In or away.
        admits: bool,
    },
    /// Make, list or revoke links that open the room; none is of a link that cannot exist.
    Links(Option<LinkRequest>),
    /// Play something into the session.
    Play(Box<crate::playback::Play>),
    /// Steer a playback; none is one that cannot exist.
    ControlPlayback(Option<PlaybackId>, crate::playback::PlaybackControl),
    /// List the session's playbacks.
    ListPlaybacks,
    /// Switch somebody's microphone or camera off or on.
    Mute {
        /// Whose.
        target: Target,
        /// Which of the two.
        kind: MediaKind,
        /// Off or on.
        muted: bool,
    },
    /// Record the session.
    StartRecording {
        /// What the recording will be called; drawn by the caller, because rules draw nothing.
        recording: RecordingId,
        /// Why the world cannot record just now, learnt before; asked after the permission.
        hindrance: Option<Refusal>,
    },
    /// Pause, resume or stop a recording; none is one that cannot exist.
    SetRecordingState(RecordingChange, Option<RecordingId>),
    /// List the session's recordings.
    ListRecordings,
    /// Send the session to a server.
    StartStream {
        /// What the stream will be called; drawn by the caller, because rules draw nothing.
        stream: StreamId,
        /// Where it goes, or why it cannot; told after the permission was asked.
        target: Result<StreamTarget, Refusal>,
    },
    /// End a stream; none is one that cannot exist.
    StopStream(Option<StreamId>),
    /// List the streams that run.
    ListStreams,
    /// Make the streams that stand with the room be those.
    SetRoomStreams(Vec<RoomStream>),
    /// Something of the videochat; who asks is in it, because they need no seat to ask.
    Videochat(Caller, VideochatCommand),
    /// Take over what a changed room says about a session that runs.
    ApplyRoom(Box<RoomSettings>),
    /// Something whose values cannot be read. Who may not ask for it, or asks it of nobody, is told
    /// that; everybody else what is wrong with the values.
    Misread(Asked, Refusal),
    /// End the session for everybody.
    End,
}

/// What is asked for, apart from the values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of these of the room; nothing needs no right.
    OfRoom(Vec<Verb>),
    /// Something of a member, oneself or another.
    OfMember(Verb, Target),
    /// Something that is a right on others only, whoever is meant.
    OfAnother(Verb),
    /// To take part in the chat.
    OfChat,
    /// To replace a member's meta, or to change it.
    MetaOf {
        /// Whose.
        target: Target,
        /// All of it.
        replaces: bool,
    },
}

/// What a command answers beyond "done".
#[derive(Clone, Debug)]
pub enum Reply {
    /// Done.
    Done,
    /// The session.
    Session(Box<crate::event::SessionView>),
    /// The members.
    Members(Vec<crate::event::MemberView>),
    /// The lines of those who are here, audience too, as far as they are known.
    Lines(Vec<crate::event::LineView>),
    /// A message that was sent.
    ChatMessage(ChatMessage),
    /// What a knock is answered.
    Lobby(LobbyState),
    /// Who waits to be let in, the first first.
    LobbyLine(std::sync::Arc<[Waiting]>),
    /// Links may be made, listed or revoked so; whoever keeps them does it and answers instead.
    LinksAllowed(AllowedLinkRequest),
    /// A link that was made.
    Link(LinkView),
    /// The room's links, the oldest first.
    Links(Vec<LinkView>),
    /// The latest messages, the oldest first.
    ChatMessages(Vec<ChatMessage>),
    /// The layouts.
    Layouts(&'static [&'static str]),
    /// A playback that began.
    Playback(crate::playback::PlaybackView),
    /// The playbacks, in the order they began.
    Playbacks(Vec<crate::playback::PlaybackView>),
    /// Meta of the room or a member.
    Meta(Map<String, Value>),
    /// A recording that began.
    Recording(crate::event::RecordingView),
    /// The recordings, in the order they began.
    Recordings(Vec<crate::event::RecordingView>),
    /// A stream that began.
    Stream(StreamView),
    /// The streams that run, in the order they began.
    Streams(Vec<StreamView>),
    /// What the videochat answers.
    Videochat(VideochatReply),
}

/// What the world tells a session unasked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// ICE and DTLS are up on the leg, and nothing of its client is waited for.
    Connected(LegKey),
    /// ICE and DTLS are up on the leg, and its client is about to send.
    LinkUp(LegKey),
    /// A first packet of everything the leg's client sends has come.
    Sending(LegKey),
    /// The leg did not connect in time after the answer.
    NeverConnected(LegKey),
    /// The leg's media path is lost for good.
    MediaLost(LegKey),
    /// Nothing at all comes on the leg; it may come back by itself.
    MediaStalled(LegKey),
    /// Something comes on a stalled leg again.
    MediaBack(LegKey),
    /// The socket that carried a member's signalling closed.
    SocketGone(MemberId),
    /// A socket carries the member's signalling again.
    SocketBack(MemberId),
    /// The member's client showed a token: of it count the times, and what names it.
    TokenShown(MemberId, Terms),
    /// Somebody who waits to be let in has no socket any more.
    WaiterGone(WaiterId),
    /// They have one again, and showed this token.
    WaiterBack(WaiterId, Terms),
    /// They do not want to come in any more.
    WaiterLeft(WaiterId),
    /// Something became of a playback.
    Playback(PlaybackId, crate::playback::PlaybackOutcome),
    /// The member began or ceased to talk.
    Talking(MemberId, bool),
    /// A recording ended because it could not be written.
    RecordingFailed(RecordingId),
    /// How a stream does now.
    Stream(StreamId, StreamHealth),
    /// How good a leg's line is: when that changes, and every few seconds.
    Line(LegKey, LineQuality),
    /// Events for the member were lost while no socket took them; they need the present state.
    Missed(MemberId),
}
