//! Random commands of those that need no bookkeeping, and rights to give them.

use crate::gen_commands::CommandGen;
use rotunda_domain::chat::{Caption, ChatDraft};
use rotunda_domain::{
    ChatId, Command, LegKey, Level, LinkRequest, MediaAllowed, MetaChange, Permissions, Play,
    PlaybackControl, PlaybackId, Promotion, RecordingChange, RecordingId, StreamId, StreamTarget,
    Waiters,
};
use serde_json::{Map, Value};
use uuid::Uuid;

const SELF_RIGHTS: [&str; 14] = [
    "audio_mute",
    "audio_unmute",
    "video_mute",
    "video_unmute",
    "deaf",
    "undeaf",
    "set_input_volume",
    "set_output_volume",
    "set_input_sensitivity",
    "set_position",
    "set_meta",
    "raisehand",
    "screenshare",
    "additional_source",
];
const MEMBER_RIGHTS: [&str; 12] = [
    "audio_mute",
    "audio_unmute",
    "video_mute",
    "deaf",
    "set_input_volume",
    "set_position",
    "set_meta",
    "raisehand",
    "lowerhand",
    "remove",
    "promote",
    "demote",
];
const ROOM_RIGHTS: [&str; 15] = [
    "links",
    "captions.push",
    "recording",
    "playback",
    "stream",
    "stream.start",
    "list_available_layouts",
    "set_layout",
    "set_position",
    "set_meta",
    "hide_video_muted",
    "show_video_muted",
    "lock",
    "unlock",
    "prioritize_handraise",
];

impl CommandGen {
    /// Something to ask; those that end it all are seldom.
    pub fn command(&mut self, leg: LegKey) -> Command {
        let on = self.dice.once_in(2);
        match self.dice.below(68) {
            0..=2 => Command::Deafen(self.target(), on),
            3..=5 => self.turn(),
            6..=9 => Command::SetMemberPosition(self.target(), self.position()),
            10..=11 => Command::SetPositions(
                (0..self.dice.below(4)).map(|_| (self.target(), self.position())).collect(),
            ),
            12..=16 => Command::RaiseHand(self.target(), on),
            17..=18 => Command::PrioritizeHands(on),
            19..=20 => Command::HideVideoMuted(on),
            21 => Command::Lock(self.dice.once_in(4)),
            22..=23 => Command::ChangeMeta(self.change()),
            24..=26 => Command::ChangeMemberMeta(self.target(), self.change()),
            27 => Command::GetMemberMeta(self.target()),
            28..=33 => Command::Promote(self.target(), Box::new(self.promotion())),
            34..=38 => Command::Demote(self.target(), on.then_some(MediaAllowed::AudioOnly)),
            39..=40 => Command::Remove { target: self.target(), keep_out: self.dice.once_in(2) },
            41..=42 => Command::Digits((*self.dice.pick(&["1", "#", "", "e"])).into()),
            43 if self.dice.once_in(12) => Command::RemoveAll,
            44 if self.dice.once_in(6) => Command::HangUpAll(leg),
            43 => Command::HangUp(leg),
            45..=50 => self.record(),
            51..=52 => self.play(),
            53..=55 => self.steer(),
            56 => Command::ListPlaybacks,
            57..=61 => self.stream(),
            62..=64 => self.chat(),
            65 => Command::AnswerLobby { whom: Waiters::All, admits: on },
            66 => Command::Links(on.then_some(LinkRequest::List)),
            _ => Command::GetMeta,
        }
    }

    /// Few enough that they meet each other.
    fn chat(&mut self) -> Command {
        let id = ChatId(Uuid::from_u128(self.dice.below(4) as u128));
        let text = (*self.dice.pick(&["hello", "", "\0"])).to_owned();
        match self.dice.below(4) {
            0..=1 => {
                let to = self.dice.once_in(2).then(|| self.target());
                Command::SendChat(ChatDraft { id, text, to })
            }
            2 => Command::DeleteChat(Some(id)),
            _ => Command::PushCaption(Caption { text, is_final: true, lang: "en".into() }),
        }
    }

    /// Few enough that they meet each other.
    fn record(&mut self) -> Command {
        let back = self.dice.below(4) as u128;
        let recording = RecordingId(Uuid::from_u128(self.recordings.saturating_sub(back)));
        let rolls = [RecordingChange::Pause, RecordingChange::Resume, RecordingChange::Stop];
        match self.dice.below(6) {
            0..=1 => {
                self.recordings += 1;
                let recording = RecordingId(Uuid::from_u128(self.recordings));
                Command::StartRecording { recording, hindrance: None }
            }
            2 => Command::ListRecordings,
            _ => Command::SetRecordingState(*self.dice.pick(&rolls), Some(recording)),
        }
    }

    fn play(&mut self) -> Command {
        self.playbacks += 1;
        let layout = self.dice.once_in(2).then(|| self.layout_name());
        let positions = (0..self.dice.below(3)).map(|_| (self.target(), self.position())).collect();
        Command::Play(Box::new(Play {
            playback: PlaybackId(crate::fixtures::member(200_000 + self.playbacks).0),
            url: "https://films.test/film.mp4".into(),
            volume: *self.dice.pick(&[-51, -50, 0, 50]),
            position_ms: *self.dice.pick(&[-1, 0, 3000]),
            positions,
            layout,
            hindrance: None,
        }))
    }

    fn steer(&mut self) -> Command {
        let steers = [
            PlaybackControl::Pause,
            PlaybackControl::Resume,
            PlaybackControl::Stop,
            PlaybackControl::Stop,
            PlaybackControl::Volume(20),
            PlaybackControl::Volume(i64::MIN),
            PlaybackControl::SeekTo(5_000),
            PlaybackControl::SeekTo(i64::MIN),
            PlaybackControl::SeekBy(i64::MAX),
            PlaybackControl::SeekBy(i64::MIN),
        ];
        let steer = *self.dice.pick(&steers);
        Command::ControlPlayback(Some(self.last_playback()), steer)
    }

    fn stream(&mut self) -> Command {
        let back = self.dice.below(4) as u128;
        let stream = StreamId(Uuid::from_u128(self.streams.saturating_sub(back)));
        match self.dice.below(5) {
            0..=2 => {
                self.streams += 1;
                let stream = StreamId(Uuid::from_u128(self.streams));
                Command::StartStream {
                    stream,
                    target: StreamTarget::parse("rtmp://a.test/live/key"),
                }
            }
            3 => Command::ListStreams,
            _ => Command::StopStream(Some(stream)),
        }
    }

    fn turn(&mut self) -> Command {
        let dials = [Level::InputVolume, Level::OutputVolume, Level::InputSensitivity];
        let level = *self.dice.pick(&dials);
        let value = *self.dice.pick(&[-51, -50, 0, 30, 50, 51, 100, 101, i64::MAX]);
        Command::SetLevel(self.target(), level, value)
    }

    fn change(&mut self) -> MetaChange {
        match self.dice.below(3) {
            0 => MetaChange::Set(self.meta()),
            1 => MetaChange::Update(self.meta()),
            _ => MetaChange::Delete(vec![(*self.dice.pick(&["a", "b", "c"])).into()]),
        }
    }

    /// Two of these together are too long.
    fn meta(&mut self) -> Map<String, Value> {
        let key = *self.dice.pick(&["a", "b"]);
        let chars = *self.dice.pick(&[0, 1, 1200, 2000]);
        Map::from_iter([(key.to_owned(), Value::from("x".repeat(chars)))])
    }

    fn promotion(&mut self) -> Promotion {
        Promotion {
            join_audio_muted: self.dice.once_in(3),
            join_video_muted: self.dice.once_in(3),
            meta: self.dice.once_in(3).then(|| self.meta()),
            permissions: self.dice.once_in(2).then(|| self.permissions()),
            ..Promotion::default()
        }
    }

    pub(crate) fn permissions(&mut self) -> Permissions {
        let names = |prefix: &'static str, rights: &'static [&'static str]| {
            rights.iter().map(move |right| format!("{prefix}{right}"))
        };
        let all = names("room.self.", &SELF_RIGHTS).chain(names("room.member.", &MEMBER_RIGHTS));
        let all = all.chain(names("room.", &ROOM_RIGHTS));
        let is_host = self.dice.once_in(3);
        Permissions::from_list(all.filter(|_| is_host || self.dice.once_in(2)).collect())
    }
}
