//! The verbs of permissions: one table of their names and of what they may be granted on.

use std::fmt;

/// On what a verb may be granted.
#[derive(Clone, Copy)]
pub(super) struct On {
    pub(super) oneself: bool,
    pub(super) others: bool,
    pub(super) room: bool,
}

const ONESELF: On = On { oneself: true, others: false, room: false };
const OTHERS: On = On { oneself: false, others: true, room: false };
const MEMBERS: On = On { oneself: true, others: true, room: false };
const ROOM: On = On { oneself: false, others: false, room: true };
const EVERYTHING: On = On { oneself: true, others: true, room: true };

/// Makes [`Verb`] of the table below, one variant a row, so that no verb lacks its row.
macro_rules! verbs {
    ($($(#[$doc:meta])+ $verb:ident, $names:expr, $on:expr;)+) => {
        /// What a permission lets somebody do.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub enum Verb {
            $($(#[$doc])+ $verb,)+
        }

        impl Verb {
            /// All of them, in the order of the table.
            pub(super) const ALL: &[Self] = &[$(Self::$verb,)+];

            /// Its names on the wire, the usual one first, and on what it may be granted.
            fn row(self) -> (&'static [&'static str], On) {
                match self {
                    $(Self::$verb => (&$names, $on),)+
                }
            }
        }
    };
}

// Verb, its spellings, on what it may be granted; in the order in which `of_videochat` lists them.
verbs! {
    /// Switch a microphone off.
    AudioMute, ["audio_mute"], MEMBERS;
    /// Switch a microphone on.
    AudioUnmute, ["audio_unmute"], MEMBERS;
    /// Switch a camera off.
    VideoMute, ["video_mute"], MEMBERS;
    /// Switch a camera on.
    VideoUnmute, ["video_unmute"], MEMBERS;
    /// Stop somebody's hearing.
    Deaf, ["deaf"], MEMBERS;
    /// Resume it.
    Undeaf, ["undeaf"], MEMBERS;
    /// Set how loud somebody is heard.
    SetInputVolume, ["set_input_volume"], MEMBERS;
    /// Set how loud somebody hears.
    SetOutputVolume, ["set_output_volume"], MEMBERS;
    /// Set how easily somebody is taken to speak.
    SetInputSensitivity, ["set_input_sensitivity"], MEMBERS;
    /// Take those with the camera off from the canvas.
    HideVideoMuted, ["hide_video_muted"], ROOM;
    /// Show those with the camera off.
    ShowVideoMuted, ["show_video_muted"], ROOM;
    /// List the names of the layouts.
    ListAvailableLayouts, ["list_available_layouts"], ROOM;
    /// Arrange the canvas.
    SetLayout, ["set_layout"], ROOM;
    /// Seat somebody; of the room, several people at once.
    SetPosition, ["set_position"], EVERYTHING;
    /// Change meta, a member's or the room's.
    SetMeta, ["set_meta"], EVERYTHING;
    /// Raise a hand.
    RaiseHand, ["raisehand"], MEMBERS;
    /// Lower a hand.
    LowerHand, ["lowerhand"], MEMBERS;
    /// Bring a screen.
    Screenshare, ["screenshare"], ONESELF;
    /// Bring a further device.
    AdditionalSource, ["additional_source"], ONESELF;
    /// Remove somebody, oneself included.
    Remove, ["remove"], OTHERS;
    /// Make a member of somebody who looks on.
    Promote, ["promote"], OTHERS;
    /// Make audience of a member.
    Demote, ["demote"], OTHERS;
    /// Keep newcomers out.
    Lock, ["lock"], ROOM;
    /// Let newcomers in again.
    Unlock, ["unlock"], ROOM;
    /// Give raised hands the better seats, or not.
    PrioritizeHandraise, ["prioritize_handraise"], ROOM;
    /// Play something, pause it, end it, and be told of it.
    Playback, ["playback"], ROOM;
    /// Take a playback to another place.
    PlaybackSeek, ["playback_seek", "playback.seek"], ROOM;
    /// Record, and be told of it.
    Recording, ["recording"], ROOM;
    /// List streams and end them.
    Stream, ["stream"], ROOM;
    /// Start a stream, and be told of streams; `stream` covers it.
    StreamStart, ["stream.start"], ROOM;
    /// Show what is said, in letters.
    PushCaptions, ["captions.push"], ROOM;
    /// Come in past the lobby.
    SkipLobby, ["lobby.skip"], ROOM;
    /// Make, list and revoke links that open the room.
    Links, ["links"], ROOM;
}

impl Verb {
    /// Its spellings, the usual one first.
    pub(super) fn names(self) -> &'static [&'static str] {
        self.row().0
    }

    /// On what it may be granted.
    pub(super) fn on(self) -> On {
        self.row().1
    }

    /// The verb whose grant includes this one, which undoes it: where the SDK's own page lists no
    /// other (wire protocol §8.1).
    pub(super) fn undoes(self) -> Option<Self> {
        match self {
            Self::VideoUnmute => Some(Self::VideoMute),
            Self::Undeaf => Some(Self::Deaf),
            _ => None,
        }
    }
}

/// The usual name on the wire, without what stands before it.
impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.names()[0])
    }
}

/// The same in quotes: a command that is printed shows what the wire calls it.
impl fmt::Debug for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.names()[0], f)
    }
}

/// All spellings of the verbs that may be granted there, in the order of the table.
pub(super) fn names_on(is_there: fn(On) -> bool) -> impl Iterator<Item = &'static str> {
    let verbs = Verb::ALL.iter().filter(move |verb| is_there(verb.on()));
    verbs.flat_map(|verb| verb.names()).copied()
}
