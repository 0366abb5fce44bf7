//! Links that open a room: as what one lets in, and what that may do. Their keys, and whether one is used
//! up, are the store's business.

use crate::grant::{Grant, JoinAs};
use crate::id::{LinkId, ProjectId, RoomId};
use crate::permission::Permissions;
use crate::words::words;
use std::fmt;

/// Past the lobby come hosts, who let in, and members, whom the host invited by name; guests and audience wait.
const LOBBY_SKIP: &str = "room.lobby.skip";
/// A host invites others, and makes further hosts.
const LINKS: &str = "room.links";

words! {
    /// As what a link lets in.
    LinkRole {
        /// Takes part and may everything.
        Host = "host",
        /// Takes part, with their own microphone, camera, hand, screen and devices.
        Member = "member",
        /// The same without screen and devices.
        Guest = "guest",
        /// Looks on.
        Audience = "audience",
    }
}

impl LinkRole {
    fn join_as(self) -> JoinAs {
        match self {
            Self::Audience => JoinAs::Audience,
            Self::Host | Self::Member | Self::Guest => JoinAs::Member,
        }
    }

    /// What the role may do; what is one's own of a videochat's participant is the same here.
    pub(crate) fn permissions(self) -> Permissions {
        match self {
            Self::Host => {
                let all = Permissions::of_videochat(true).as_slice().to_vec();
                let ours = ["room.captions.push", LOBBY_SKIP, LINKS].map(str::to_owned);
                Permissions::from_list(all.into_iter().chain(ours).collect())
            }
            Self::Member => {
                let own = Permissions::of_videochat(false).as_slice().to_vec();
                Permissions::from_list(own.into_iter().chain([LOBBY_SKIP.to_owned()]).collect())
            }
            Self::Guest => {
                let brings = ["room.self.screenshare", "room.self.additional_source"];
                let own = Permissions::of_videochat(false).as_slice().to_vec();
                let kept = own.into_iter().filter(|name| !brings.contains(&&**name));
                Permissions::from_list(kept.collect())
            }
            Self::Audience => Permissions::default(),
        }
    }
}

/// What is asked of a link that is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkTerms {
    /// As what it lets in.
    pub role: LinkRole,
    /// From when on it opens nothing, seconds since 1970 UTC.
    pub expires_at: Option<i64>,
    /// How often it may be exchanged for a token; within `limits::LINK_USES`.
    pub max_uses: Option<u32>,
}

/// What somebody in a session asks about the links of its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRequest {
    /// To make one.
    Create(LinkTerms),
    /// To be told of all.
    List,
    /// To revoke one.
    Revoke(LinkId),
}

/// A request that the rules allow, and about which room; it is carried out where links are kept.
#[derive(Clone, Copy, Debug)]
pub struct AllowedLinkRequest {
    /// The room's project.
    pub project: ProjectId,
    /// The room.
    pub room: RoomId,
    /// What is to be done.
    pub request: LinkRequest,
}

/// The secret of a link, which no log may show.
#[derive(Clone, PartialEq, Eq)]
pub struct LinkKey(pub String);

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey")
    }
}

/// A link as whoever may make links is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkView {
    /// Which.
    pub id: LinkId,
    /// As what it lets in, from when on it opens nothing, and how often it may be used.
    pub terms: LinkTerms,
    /// How often it was used.
    pub uses: u32,
    /// When it was made, milliseconds since 1970 UTC.
    pub created_at_ms: i64,
    /// What stands behind the `#`: in the answer that made it, and never again.
    pub key: Option<LinkKey>,
}

/// What a visitor by a link is granted; the room is there already, for the link is its own.
pub fn grant_by(
    (link, role): (LinkId, LinkRole),
    (project, room_name): (ProjectId, &str),
    token_id: String,
    user_name: String,
) -> Grant {
    Grant {
        token_id,
        user_name,
        join_as: role.join_as(),
        permissions: role.permissions(),
        auto_create_room: false,
        link: Some(link),
        ..Grant::for_room(project, room_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Aim, Right, Verb};

    #[test]
    fn a_host_may_what_no_other_may() {
        for word in LinkRole::WORDS.iter().copied() {
            let role = LinkRole::parse(word).expect("a role");
            let remove = Right::OnMember(Verb::Remove, Aim::Another);
            assert_eq!(role.permissions().allow(remove), word == "host", "{word}");
            let own = Right::OnMember(Verb::AudioMute, Aim::Oneself);
            assert_eq!(role.permissions().allow(own), word != "audience", "{word}");
            for verb in [Verb::PushCaptions, Verb::Links] {
                let right = Right::OnRoom(verb);
                assert_eq!(role.permissions().allow(right), word == "host", "{word} {verb}");
            }
            let skips = Right::OnRoom(Verb::SkipLobby);
            assert_eq!(
                role.permissions().allow(skips),
                ["host", "member"].contains(&word),
                "{word}"
            );
            let share = Right::OnMember(Verb::Screenshare, Aim::Oneself);
            let shares = ["host", "member"].contains(&word);
            assert_eq!(role.permissions().allow(share), shares, "{word}");
        }
    }

    #[test]
    fn what_is_printed_of_a_link_shows_no_key() {
        assert_eq!(format!("{:?}", LinkKey("secret".into())), "LinkKey");
    }

    #[test]
    fn a_host_may_everything_there_is() {
        let host = LinkRole::Host.permissions();
        let missing: Vec<_> = Right::all().filter(|right| !host.allow(*right)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_link_makes_no_room_and_its_token_says_by_which_it_came() {
        let (link, project) = (LinkId(uuid::Uuid::nil()), ProjectId(uuid::Uuid::nil()));
        let room = (project, "lobby");
        let grant = grant_by((link, LinkRole::Audience), room, "t".into(), "Ann".into());
        assert!(!grant.auto_create_room && grant.join_as == JoinAs::Audience);
        assert_eq!((grant.link, &*grant.user_name), (Some(link), "Ann"));
    }
}
