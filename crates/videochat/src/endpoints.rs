//! Every endpoint on one page: its name, which is the event's name on socket.io, and what it does.

use crate::setters::Setter;

/// What an endpoint does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Changes one setting of a room.
    Set(Setter),
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

/// All endpoints.
pub const ENDPOINTS: &[(&str, Endpoint)] = &[
    ("room:videochat:setRoomVideochatMode", Endpoint::Set(Setter::Mode)),
    ("room:videochat:setRoomVideochatType", Endpoint::Set(Setter::RoomType)),
    ("room:videochat:setRoomVideochatEngine", Endpoint::Set(Setter::Engine)),
    ("room:videochat:setRoomVideochatExcludeListeners", Endpoint::Set(Setter::ExcludeListeners)),
    ("room:videochat:setRoomVideochatUsePresentationBoard", Endpoint::Set(Setter::Board)),
    ("room:videochat:setRoomVideochatEnableStreaming", Endpoint::Set(Setter::EnableStreaming)),
    ("room:videochat:setRoomVideochatNotificationMode", Endpoint::Set(Setter::Notification)),
    ("room:videochat:setRoomVideochatAutoPromotion", Endpoint::Set(Setter::AutoPromotion)),
    ("room:videochat:setRoomVideochatLimit", Endpoint::Set(Setter::Limit)),
    ("room:videochat:setRoomVideochatInitUser", Endpoint::Set(Setter::InitUser)),
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

/// The row of that name.
pub(crate) fn find(name: &str) -> Option<(&'static str, Endpoint)> {
    ENDPOINTS.iter().find(|(known, _)| *known == name).copied()
}
