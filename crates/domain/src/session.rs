//! One live occurrence of a room: who is in it, what they may do, what is shown.
//!
//! Commands and outcomes go in with an explicit `now`; outputs queue up and are polled. The
//! session refuses to know sockets, media and storage.
//!
//! Its owner calls, in this order and for ever again: [`Session::handle`] with a command,
//! [`Session::handle_outcome`] with what the world did, or [`Session::handle_timeout`] when
//! [`Session::next_timeout_ms`] has passed; then [`Session::poll_output`] until it gives nothing more,
//! doing each thing before the next is polled; then it asks [`Session::next_timeout_ms`] anew, for any
//! call may have changed it. `now` never goes back. After [`Output::Over`] nothing follows, and every
//! call but `poll_output` does nothing.

mod admit;
mod asking;
mod audience;
mod begin;
mod canvas;
mod chat;
mod children;
mod grace;
mod hold;
mod keeping_out;
mod leave;
mod line;
mod lines;
mod links;
mod lobby;
mod member;
mod meta;
mod moderation;
mod mute;
mod outage;
mod participant;
mod parting;
mod playback;
mod playbacks;
mod positions;
mod reattach;
mod recording;
mod requested_position;
mod rising;
mod roles;
mod room;
mod sound;
mod stream;
mod talking;
mod timeouts;
mod tones;
mod turns;
mod videochat;
mod view;

pub use timeouts::LOOK_AGAIN_MS;

use crate::command::{Actor, Command, Outcome, Reply};
use crate::event::{Event, To};
use crate::id::{LegKey, MemberId, ProjectId, RoomId, SessionId};
use crate::layout::{CanvasPlan, catalog};
use crate::output::{Output, Record};
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;
use crate::room::RoomSettings;
use crate::time::Now;
use crate::videochat::VideochatDefaults;
use member::Member;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::sync::Arc;

/// What the operator decides for all sessions.
#[derive(Clone, Copy, Debug)]
pub struct SessionOptions {
    /// How long a seat is kept for someone whose socket or media is gone, and a session for the
    /// first to come, milliseconds.
    pub grace_ms: u64,
    /// Most people looking on.
    pub max_audience: u32,
    /// How often the audience count is told when it does not change, milliseconds; 0 is never.
    pub audience_count_every_ms: u64,
    /// Whether everybody may lock and unlock.
    pub lock_is_open: bool,
    /// Whether everybody may share a screen.
    pub screenshare_is_open: bool,
    /// Whether the token of somebody who was removed opens the session no more.
    pub bans_removed: bool,
    /// Whether names are written into cells where the room does not say.
    pub name_banners: bool,
    /// What counts where a room's videochat settings say "the server's default".
    pub videochat: VideochatDefaults,
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self {
            // 15 s until Chromium calls a connection failed, its 12 s resume window, and slack.
            grace_ms: 30_000,
            max_audience: crate::limits::DEFAULT_MAX_AUDIENCE,
            audience_count_every_ms: 20_000,
            lock_is_open: false,
            screenshare_is_open: false,
            bans_removed: false,
            name_banners: false,
            videochat: VideochatDefaults::default(),
        }
    }
}

/// Which session of which room this is.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The session.
    pub session: SessionId,
    /// Its room; auto-created rooms have one too, it only does not outlive the session.
    pub room: RoomId,
    /// Its project.
    pub project: ProjectId,
    /// Whether the room was made by a token and ends with the session.
    pub auto_created: bool,
    /// The channel name its events carry.
    pub event_channel: Arc<str>,
    /// Where previews of it are to be seen, if they are made.
    pub preview_url: Option<Arc<str>>,
}

/// A running session.
#[derive(Debug)]
pub struct Session {
    origin: Origin,
    options: SessionOptions,
    settings: RoomSettings,
    layout: Arc<str>,
    locked: bool,
    hide_video_muted: bool,
    meta: Map<String, Value>,
    started_at_ms: i64,
    opened_mono_ms: u64,
    members: Vec<Member>,
    floor: Option<MemberId>,
    /// When the latest hand went up, milliseconds since 1970 UTC.
    latest_hand_ms: u64,
    /// What children on their way bring with them.
    arrivals: Vec<children::Arrival>,
    rising: rising::Rising,
    /// The layout children brought, while they are here.
    brought: Option<children::Brought>,
    plan: Arc<CanvasPlan>,
    recordings: recording::Recordings,
    playbacks: playbacks::Playbacks,
    /// The last *now* anybody told.
    clock: Now,
    streams: stream::Streams,
    videochat: videochat::Videochat,
    audience: audience::Audience,
    /// How many changes of people's lines may be told now.
    line_changes: line::Changes,
    /// Whether anybody has been here; see [`begin`].
    has_begun: bool,
    /// What is to begin with it.
    promised: begin::Promised,
    outputs: VecDeque<Output>,
    chat: chat::Chat,
    banned: keeping_out::Banned,
    lobby: lobby::Lobby,
    is_over: bool,
}

impl Session {
    /// Opens a session of a room with `settings`; the canvas exists before the first member, and
    /// everything else begins with the first leg that connects.
    pub fn open(
        now: Now,
        origin: Origin,
        mut settings: RoomSettings,
        options: SessionOptions,
    ) -> Self {
        settings.logos_visible.get_or_insert(options.name_banners);
        let layout: Arc<str> = settings.layout.as_str().into();
        let meta = settings.meta.clone().unwrap_or_default();
        let mut session = Self {
            plan: Arc::new(canvas::empty_plan(&layout, settings.quality)),
            origin,
            options,
            settings,
            layout,
            locked: false,
            hide_video_muted: false,
            meta,
            started_at_ms: now.epoch_ms,
            opened_mono_ms: now.mono_ms,
            members: Vec::new(),
            floor: None,
            latest_hand_ms: 0,
            arrivals: Vec::new(),
            rising: rising::Rising::default(),
            brought: None,
            recordings: recording::Recordings::default(),
            playbacks: playbacks::Playbacks::default(),
            clock: now,
            streams: stream::Streams::default(),
            videochat: videochat::Videochat::new(options.videochat),
            audience: audience::Audience::default(),
            line_changes: line::Changes::default(),
            has_begun: false,
            promised: begin::Promised::default(),
            outputs: VecDeque::new(),
            chat: chat::Chat::default(),
            banned: keeping_out::Banned::default(),
            lobby: lobby::Lobby::default(),
            is_over: false,
        };
        session.put(Output::Show(session.plan.clone()));
        session
    }

    /// Does what `command` asks, or refuses and changes nothing.
    ///
    /// Permission is checked here, once, and before existence.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] when the session is over; otherwise what stands in the way of the command: a
    /// permission, a thing that is not there, a wrong value, a bound, the present state, or what the
    /// engine cannot do.
    pub fn handle(&mut self, now: Now, actor: Actor, command: Command) -> Result<Reply, Refusal> {
        if self.is_over {
            return Err(Refusal::NotFound("the session is over"));
        }
        self.clock = now;
        let answer = self.dispatch(now, actor, command);
        self.after_command(now);
        answer
    }

    fn dispatch(&mut self, now: Now, actor: Actor, command: Command) -> Result<Reply, Refusal> {
        self.only_for_this_engine(&command)?;
        match command {
            Command::Admit(admission) => self.admit(*admission),
            Command::Reattach { leg, call_id, wants_roster } => {
                self.come_back(now, actor, leg, call_id, wants_roster)
            }
            Command::AdmitChild(admission) => self.admit_child(actor, *admission),
            Command::HangUp(leg) => self.hang_up(now, actor, leg),
            Command::Hold(leg, held) => self.hold_leg(actor, leg, held),
            Command::HangUpAll(leg) => self.hang_up_all(now, actor, leg),
            Command::GetMembers => Ok(Reply::Members(self.roster())),
            Command::Describe => self.describe(actor),
            Command::ListLines => self.list_lines(actor),
            Command::ListLayouts => {
                self.require(actor, Right::OnRoom(Verb::ListAvailableLayouts))?;
                Ok(Reply::Layouts(&catalog::NAMES))
            }
            Command::SetLayout { name, positions } => self.set_layout(actor, &name, &positions),
            Command::Mute { target, kind, muted } => self.mute(actor, target, kind, muted),
            Command::SetPositions(positions) => self.set_positions(actor, &positions),
            Command::SetMemberPosition(target, place) => {
                self.set_member_position(actor, target, place)
            }
            Command::Deafen(target, deaf) => self.set_deaf(actor, target, deaf),
            Command::SetLevel(target, level, value) => self.set_level(actor, target, level, value),
            Command::Lock(locked) => self.lock(actor, locked),
            Command::HideVideoMuted(hide) => self.hide_muted(actor, hide),
            Command::Remove { target, keep_out } => self.remove(now, actor, target, keep_out),
            Command::RemoveAll => self.remove_all(now, actor),
            Command::RaiseHand(target, raised) => self.raise_hand(actor, target, raised),
            Command::PrioritizeHands(on) => self.prioritize_hands(actor, on),
            Command::GetMeta => Ok(Reply::Meta(self.meta.clone())),
            Command::ChangeMeta(change) => self.change_meta(actor, change),
            Command::GetMemberMeta(target) => self.member_meta(actor, target),
            Command::ChangeMemberMeta(target, change) => {
                self.change_member_meta(actor, target, change)
            }
            Command::Promote(target, promotion) => self.promote(now, actor, target, *promotion),
            Command::Demote(target, media) => self.demote(now, actor, target, media),
            Command::SendChat(draft) => self.send_chat(actor, draft),
            Command::ListChat => self.list_chat(actor),
            Command::DeleteChat(message) => self.delete_chat(actor, message),
            Command::PushCaption(caption) => self.push_caption(actor, caption),
            Command::Knock(knock) => self.knock(now, actor, *knock),
            Command::LetInAgain(token) => self.let_in_again(actor, token),
            Command::ListLobby => self.list_lobby(actor),
            Command::AnswerLobby { whom, admits } => self.answer_lobby(now, actor, whom, admits),
            Command::Links(request) => self.ask_links(actor, request),
            Command::Digits(digits) => self.digits(actor, &digits),
            Command::StartRecording { recording, hindrance } => {
                self.start_recording(now, actor, recording, hindrance)
            }
            Command::SetRecordingState(change, recording) => {
                self.set_recording_state(now, actor, recording, change)
            }
            Command::ListRecordings => self.list_recordings(actor),
            Command::Play(play) => self.play_url(actor, *play),
            Command::ControlPlayback(playback, control) => {
                self.control_playback(actor, playback, control)
            }
            Command::ListPlaybacks => self.list_playbacks(actor),
            Command::StartStream { stream, target } => {
                self.start_stream(now, actor, stream, target)
            }
            Command::StopStream(stream) => self.stop_stream(now, actor, stream),
            Command::ListStreams => self.list_streams(actor),
            Command::SetRoomStreams(streams) => self.set_room_streams(now, actor, streams),
            Command::Videochat(caller, command) => self.ask_videochat(now, actor, &caller, command),
            Command::ApplyRoom(settings) => self.apply_room(now, actor, *settings),
            Command::Misread(asked, refusal) => {
                self.may_ask(actor, &asked)?;
                Err(refusal)
            }
            Command::End => self.end_by(now, actor),
        }
    }

    /// Takes note of something the world did.
    pub fn handle_outcome(&mut self, now: Now, outcome: Outcome) {
        if self.is_over {
            return;
        }
        self.clock = now;
        match outcome {
            Outcome::Connected(leg) => self.connected(now, leg),
            Outcome::LinkUp(leg) => self.link_up(now, leg),
            Outcome::Sending(leg) => self.sending(now, leg),
            Outcome::NeverConnected(leg) => self.never_connected(now, leg),
            Outcome::MediaLost(leg) => self.lost_rising(now, leg),
            Outcome::MediaStalled(leg) => self.media_stalled(now, leg),
            Outcome::MediaBack(leg) => self.media_back(now, leg),
            Outcome::SocketGone(member) => self.socket_gone(now, member),
            Outcome::SocketBack(member) => self.socket_back(member),
            Outcome::TokenShown(member, token) => self.token_shown(member, token),
            Outcome::WaiterGone(waiter) => self.waiter_gone(now, waiter),
            Outcome::WaiterBack(waiter, token) => self.waiter_back(now, waiter, token),
            Outcome::WaiterLeft(waiter) => self.waiter_left(now, waiter),
            Outcome::Playback(playback, news) => self.playback_news(playback, news),
            Outcome::Talking(member, talking) => self.talking(member, talking),
            Outcome::RecordingFailed(recording) => self.recording_failed(now, recording),
            Outcome::Stream(stream, health) => self.stream_does(stream, health),
            Outcome::Missed(member) => self.make_good(member),
            Outcome::Line(leg, quality) => self.line_measured(now, leg, quality),
        }
        self.after_command(now);
    }

    /// Voices, legs and notices follow what was changed.
    fn after_command(&mut self, now: Now) {
        if self.videochat.has_touched() {
            self.videochat.forget_absent_askers(&self.members);
            self.revoice(now);
            self.tell_touched();
        }
    }

    /// The next thing to do.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// Whether the session is over and may be forgotten.
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// Which session this is.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Nobody is told of a session in which nobody has been, but who waits before it, and nothing of it is
    /// kept.
    fn put(&mut self, output: Output) {
        let is_of_session = match output {
            Output::Send(To::Waiting(_), _) => false,
            Output::Send(..) | Output::Record(_) => true,
            _ => false,
        };
        if self.has_begun || !is_of_session {
            self.outputs.push_back(output);
        }
    }

    fn tell(&mut self, to: To, event: Event) {
        self.put(Output::Send(to, event));
    }

    /// Tells each of the people here who may do something; their screens and devices hear with them.
    fn tell_those_who_may(&mut self, right: Right, event: &Event) {
        let hears = |m: &&Member| m.is_here() && m.parent().is_none() && m.may(right);
        let who: Vec<_> = self.members.iter().filter(hears).map(Member::id).collect();
        for member in who {
            self.tell(To::Only(member), event.clone());
        }
    }

    /// Tells everybody and keeps it in the session's list of events.
    fn tell_and_keep(&mut self, event: Event) {
        self.put(Output::Record(Record::Happened(event.clone())));
        self.tell(To::Everyone, event);
    }

    fn member(&self, id: MemberId) -> Option<&Member> {
        self.members.iter().find(|m| m.id() == id)
    }

    fn member_mut(&mut self, id: MemberId) -> Option<&mut Member> {
        self.members.iter_mut().find(|m| m.id() == id)
    }

    fn by_leg(&self, leg: LegKey) -> Option<&Member> {
        self.members.iter().find(|m| m.leg() == leg)
    }
}

#[cfg(test)]
#[path = "session/tests.rs"]
mod tests;
