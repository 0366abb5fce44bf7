//! What events are called: in history, behind `video.` on the wire, and where somebody asks for them.

use super::Event;

impl Event {
    /// Name of [`Event::RoomStarted`].
    pub const STARTED: &'static str = "room.started";
    /// Name of [`Event::RoomEnded`].
    pub const ENDED: &'static str = "room.ended";
    /// Name of [`Event::RoomSubscribed`] and [`Event::RoomShown`].
    pub const SUBSCRIBED: &'static str = "room.subscribed";
    /// Name of [`Event::AudienceCount`].
    pub const AUDIENCE_COUNT: &'static str = "room.audience_count";
    /// Name of [`Event::MemberJoined`].
    pub const MEMBER_JOINED: &'static str = "member.joined";
    /// Name of [`Event::MemberLeft`].
    pub const MEMBER_LEFT: &'static str = "member.left";
    /// Name of [`Event::MemberUpdated`].
    pub const MEMBER_UPDATED: &'static str = "member.updated";
    /// Name of [`Event::MemberTalking`].
    pub const MEMBER_TALKING: &'static str = "member.talking";

    /// Name of [`Event::NetworkQuality`].
    pub const NETWORK_QUALITY: &'static str = "member.network_quality";
    /// No event, but what one is named by whose members are to say since when their hands are up.
    pub const HAND_RAISED_AT: &'static str = "member.updated.hand_raised_at";
    /// What people hear or see only if their client named it when it joined.
    pub const BY_NAME: [&'static str; 5] = [
        Self::NETWORK_QUALITY,
        Self::HAND_RAISED_AT,
        Self::CHAT_MESSAGE,
        Self::CAPTIONS_PUSHED,
        Self::LOBBY_UPDATED,
    ];
    /// Name of [`Event::ChatMessage`].
    pub const CHAT_MESSAGE: &'static str = "chat.message";
    /// Name of [`Event::LobbyUpdated`].
    pub const LOBBY_UPDATED: &'static str = "lobby.updated";
    /// Name of [`Event::Caption`].
    pub const CAPTIONS_PUSHED: &'static str = "captions.pushed";

    /// Every name there is, as [`Event::name`] has them.
    pub const NAMES: [&'static str; 30] = [
        Self::SUBSCRIBED,
        Self::STARTED,
        Self::ENDED,
        "room.updated",
        Self::AUDIENCE_COUNT,
        "layout.changed",
        Self::MEMBER_JOINED,
        Self::MEMBER_LEFT,
        Self::MEMBER_UPDATED,
        Self::MEMBER_TALKING,
        Self::NETWORK_QUALITY,
        Self::CHAT_MESSAGE,
        Self::CAPTIONS_PUSHED,
        Self::LOBBY_UPDATED,
        "lobby.admitted",
        "lobby.denied",
        "member.promoted",
        "member.demoted",
        "member.digits",
        "recording.started",
        "recording.updated",
        "recording.ended",
        "playback.started",
        "playback.updated",
        "playback.ended",
        "stream.started",
        "stream.connected",
        "stream.interrupted",
        "stream.moved",
        "stream.ended",
    ];

    /// The name it goes by, in history and behind `video.` on the wire.
    pub fn name(&self) -> &'static str {
        let name = match self {
            Self::RoomSubscribed { .. } | Self::RoomShown(_) => Self::SUBSCRIBED,
            Self::RoomStarted(_) => Self::STARTED,
            Self::RoomUpdated { .. } => "room.updated",
            Self::RoomEnded(_) => Self::ENDED,
            Self::MemberJoined(_) => Self::MEMBER_JOINED,
            Self::MemberLeft(_) => Self::MEMBER_LEFT,
            Self::MemberUpdated { .. } => Self::MEMBER_UPDATED,
            Self::MemberTalking { .. } => Self::MEMBER_TALKING,
            Self::NetworkQuality(_) => Self::NETWORK_QUALITY,
            Self::ChatMessage { .. } => Self::CHAT_MESSAGE,
            Self::Caption { .. } => Self::CAPTIONS_PUSHED,
            Self::LobbyUpdated { .. } => Self::LOBBY_UPDATED,
            Self::LobbyAdmitted { .. } => "lobby.admitted",
            Self::LobbyDenied { .. } => "lobby.denied",
            Self::Recording(reported, _) => reported.name(),
            Self::Stream(reported, _) => reported.name(),
            Self::LayoutChanged(_) => "layout.changed",
            Self::RoleChanged { promoted: true, .. } => "member.promoted",
            Self::RoleChanged { .. } => "member.demoted",
            Self::Digits { .. } => "member.digits",
            Self::Playback(reported, _) => reported.name(),
            Self::AudienceCount { .. } => Self::AUDIENCE_COUNT,
        };
        debug_assert!(Self::NAMES.contains(&name), "{name} is no name of an event");
        name
    }
}
