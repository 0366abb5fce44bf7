//! What a room token grants its bearer. The signature and the claim names live in the hub.

use crate::id::{LinkId, MemberId, ProjectId};
use crate::permission::Permissions;
use crate::room::Window;
use crate::videochat::Caller;
use crate::words::words;
use serde_json::{Map, Value};

words! {
    /// Whether someone takes part or looks on.
    JoinAs {
        /// Sends and receives.
        Member = "member",
        /// Receives only.
        Audience = "audience",
    }
}

words! {
    /// Kinds of media a token opens: for audience what is received, for members what may be sent
    /// (members always receive everything).
    #[derive(Default)]
    MediaAllowed {
        /// Sound and picture.
        #[default]
        All = "all",
        /// Sound only.
        AudioOnly = "audio-only",
        /// Picture only.
        VideoOnly = "video-only",
    }
}

impl MediaAllowed {
    /// Whether sound is among them.
    pub fn audio(self) -> bool {
        self != Self::VideoOnly
    }

    /// Whether the picture is among them.
    pub fn video(self) -> bool {
        self != Self::AudioOnly
    }
}

/// One direction set for one kind of media, as the connect result names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Nothing either way.
    None,
    /// From the server only.
    Receive,
    /// Both ways.
    Both,
}

impl Flow {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Receive => "receive",
            Self::Both => "both",
        }
    }
}

/// Everything a room token says, after its signature was checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    /// The project whose key signed the token.
    pub project: ProjectId,
    /// The token's own id.
    pub token_id: String,
    /// The room it opens.
    pub room_name: String,
    /// The person's name; a fresh random one per authorization when the token says none.
    pub user_name: String,
    /// Member or audience.
    pub join_as: JoinAs,
    /// What the bearer may do; empty for audience.
    pub permissions: Permissions,
    /// Kinds of media.
    pub media_allowed: MediaAllowed,
    /// Times that replace the room's.
    pub window: Window,
    /// Come in with the microphone off.
    pub join_audio_muted: bool,
    /// Come in with the camera off.
    pub join_video_muted: bool,
    /// Make the room if there is none.
    pub auto_create_room: bool,
    /// Previews, for a room this token creates.
    pub enable_room_previews: bool,
    /// Display name, for a room this token creates.
    pub room_display_name: Option<String>,
    /// The session ends when this one leaves.
    pub end_room_session_on_leave: bool,
    /// Meta of the person.
    pub meta: Map<String, Value>,
    /// Meta, for a room this token creates.
    pub room_meta: Map<String, Value>,
    /// Lip sync, for a room this token creates.
    pub audio_video_sync: bool,
    /// The seat that was kept for this token, where its standing follows the room's settings.
    pub identity: Option<Identity>,
    /// When the token itself ends, seconds since 1970 UTC; tokens end never by default.
    pub expires_at: Option<i64>,
    /// The link it was given for; it opens nothing once that is revoked.
    pub link: Option<LinkId>,
}

/// Whose seat a token opens, and what they were when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The seat's id.
    pub seat: MemberId,
    /// The user, and what they may do in the room.
    pub caller: Caller,
    /// Only watches: no seat.
    pub watches: bool,
}

/// What of a grant is the token's alone, however often somebody's standing changes meanwhile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The token's own id.
    pub token_id: String,
    /// Times that replace the room's.
    pub window: Window,
    /// When the token itself ends, seconds since 1970 UTC.
    pub expires_at: Option<i64>,
    /// The link it was given for.
    pub link: Option<LinkId>,
}

impl Grant {
    /// What a token grants that names a room and says nothing else: a member with the default
    /// permissions, all media, no times, and a room made where there is none. It has no id and
    /// names nobody (`token_id` and `user_name` are empty).
    pub fn for_room(project: ProjectId, room_name: &str) -> Self {
        Self {
            project,
            token_id: String::new(),
            room_name: room_name.to_owned(),
            user_name: String::new(),
            join_as: JoinAs::Member,
            permissions: Permissions::defaults(),
            media_allowed: MediaAllowed::All,
            window: Window::default(),
            join_audio_muted: false,
            join_video_muted: false,
            auto_create_room: true,
            enable_room_previews: false,
            room_display_name: None,
            end_room_session_on_leave: false,
            meta: Map::new(),
            room_meta: Map::new(),
            audio_video_sync: false,
            identity: None,
            expires_at: None,
            link: None,
        }
    }

    /// What is the token's alone.
    pub fn terms(&self) -> Terms {
        Terms {
            token_id: self.token_id.clone(),
            window: self.window,
            expires_at: self.expires_at,
            link: self.link,
        }
    }

    /// Takes over the terms of a later token of the same bearer; who somebody is stays, and by which link
    /// they came: or another token would keep them in when that link is revoked.
    pub fn set_terms(&mut self, later: Terms) {
        let Terms { token_id, window, expires_at, link } = later;
        (self.token_id, self.window) = (token_id, window);
        (self.expires_at, self.link) = (expires_at, self.link.or(link));
    }

    /// What may flow of sound.
    pub fn audio_flow(&self) -> Flow {
        flow(self.join_as, self.media_allowed.audio())
    }

    /// What may flow of the picture.
    pub fn video_flow(&self) -> Flow {
        flow(self.join_as, self.media_allowed.video())
    }
}

/// Members always receive everything; audience receives only what is allowed (wire protocol §4).
fn flow(join_as: JoinAs, allowed: bool) -> Flow {
    match (join_as, allowed) {
        (JoinAs::Member, true) => Flow::Both,
        (JoinAs::Member, false) | (JoinAs::Audience, true) => Flow::Receive,
        (JoinAs::Audience, false) => Flow::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_token_does_not_free_from_the_link_somebody_came_by() {
        let link = |n: u128| LinkId(uuid::Uuid::from_u128(n));
        let project = ProjectId(uuid::Uuid::nil());
        let mut came = Grant { link: Some(link(1)), ..Grant::for_room(project, "room") };
        for later in [None, Some(link(2))] {
            came.set_terms(Terms { link: later, ..came.terms() });
            assert_eq!(came.link, Some(link(1)));
        }
    }
}
