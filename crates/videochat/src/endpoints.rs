//! Every endpoint on one page: its name, which is the event's name on socket.io, and what it does. The
//! setters stand in the table of settings.

use rotunda_domain::videochat::{SETTINGS, Setting};

/// What an endpoint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Changes one setting of a room.
    Set(&'static Setting),
    /// `room:getRoomSettings`.
    GetRoomSettings,
    /// `videochat:getTokenForVideochat`.
    TokenForRoom,
    /// `videochat:getToken`.
    Token,
    /// `videochat:getListenerTokenForVideochat`.
    ListenerToken,
    /// `videochat:getAdditionalTokenForVideochat`.
    AdditionalToken,
    /// `videochat:getStatus`.
    Status,
    /// `videochat:changeParticipantPermissions`.
    ChangePermissions,
    /// `videochat:requestConferencePromotion`.
    RequestPromotion,
    /// `videochat:declineConferencePromotion`.
    DeclinePromotion,
    /// `videochat:endVideochat`.
    End,
    /// `videochat:startScreenShare`.
    StartShare,
    /// `videochat:stopScreenShare`.
    StopShare,
    /// `videochat:startLiveStream`.
    StartLiveStream,
    /// `videochat:stopLiveStream`.
    StopLiveStream,
    /// `videochat:onConnection`.
    Connected,
    /// `videochat:onDisconnection`.
    Disconnected,
    /// `videochat:subscribe`.
    Subscribe,
    /// `videochat:unsubscribe`.
    Unsubscribe,
    /// `videochat:subscribeToRoomVideochats`.
    SubscribeRoom,
    /// `videochat:unsubscribeFromRoomVideochats`.
    UnsubscribeRoom,
}

/// All endpoints but the setters, which are those of [`SETTINGS`].
pub const ENDPOINTS: &[(&str, Endpoint)] = &[
    ("room:getRoomSettings", Endpoint::GetRoomSettings),
    ("videochat:getTokenForVideochat", Endpoint::TokenForRoom),
    ("videochat:getToken", Endpoint::Token),
    ("videochat:getListenerTokenForVideochat", Endpoint::ListenerToken),
    ("videochat:getAdditionalTokenForVideochat", Endpoint::AdditionalToken),
    ("videochat:getStatus", Endpoint::Status),
    ("videochat:changeParticipantPermissions", Endpoint::ChangePermissions),
    ("videochat:requestConferencePromotion", Endpoint::RequestPromotion),
    ("videochat:declineConferencePromotion", Endpoint::DeclinePromotion),
    ("videochat:endVideochat", Endpoint::End),
    ("videochat:startScreenShare", Endpoint::StartShare),
    ("videochat:stopScreenShare", Endpoint::StopShare),
    ("videochat:startLiveStream", Endpoint::StartLiveStream),
    ("videochat:stopLiveStream", Endpoint::StopLiveStream),
    ("videochat:onConnection", Endpoint::Connected),
    ("videochat:onDisconnection", Endpoint::Disconnected),
    ("videochat:subscribe", Endpoint::Subscribe),
    ("videochat:unsubscribe", Endpoint::Unsubscribe),
    ("videochat:subscribeToRoomVideochats", Endpoint::SubscribeRoom),
    ("videochat:unsubscribeFromRoomVideochats", Endpoint::UnsubscribeRoom),
];

/// The endpoint of that name, with the name.
pub(crate) fn find(name: &str) -> Option<(&'static str, Endpoint)> {
    let setter = SETTINGS.iter().find(|setting| setting.endpoint == name);
    let setter = setter.map(|setting| (setting.endpoint, Endpoint::Set(setting)));
    setter.or_else(|| ENDPOINTS.iter().find(|(known, _)| *known == name).copied())
}
