//! Conferences: rooms with a page of their own, in colours of their own, and two tokens that let in anybody
//! who has one. What else a room can be is in `room.rs`; how tokens are kept is the store's business.

use crate::grant::Grant;
use crate::id::{LinkId, ProjectId};
use crate::link::{self, LinkRole};
use crate::permission::Permissions;
use crate::room::{Room, RoomSettings};
use crate::words::words;

/// What a colour is called, and which one it is when nobody says.
pub const COLOURS: [(&str, &str); 10] = [
    ("dark_primary", "#044EF4"),
    ("dark_background", "#FFFFFF"),
    ("dark_foreground", "#1D2127"),
    ("dark_success", "#17BB58"),
    ("dark_negative", "#F42C50"),
    ("light_primary", "#044EF4"),
    ("light_background", "#FFFFFF"),
    ("light_foreground", "#1D2127"),
    ("light_success", "#17BB58"),
    ("light_negative", "#F42C50"),
];

words! {
    /// How many take part.
    ConferenceSize {
        /// Ten.
        Small = "small",
        /// Fifty.
        Medium = "medium",
        /// Three hundred.
        Large = "large",
    }
}

impl ConferenceSize {
    /// `max_members` of the room.
    pub fn members(self) -> u32 {
        match self {
            Self::Small => 10,
            Self::Medium => 50,
            Self::Large => 300,
        }
    }
}

words! {
    /// As what a conference's token lets in.
    ConferenceRole {
        /// May everything.
        Moderator = "moderator",
        /// Takes part, without a screen.
        Guest = "guest",
    }
}

impl ConferenceRole {
    fn link_role(self) -> LinkRole {
        match self {
            Self::Moderator => LinkRole::Host,
            Self::Guest => LinkRole::Guest,
        }
    }

    /// What it may do: a moderator everything, a guest what a token without permissions of its own may, but
    /// for sharing a screen.
    pub fn permissions(self) -> Permissions {
        match self {
            Self::Moderator => LinkRole::Host.permissions(),
            Self::Guest => {
                let all = Permissions::defaults().as_slice().to_vec();
                let kept = all.into_iter().filter(|name| name != "room.self.screenshare");
                Permissions::from_list(kept.collect())
            }
        }
    }

    /// What whoever comes by the token is granted; `link` ends with the token.
    pub fn grant(
        self,
        link: LinkId,
        (project, room_name): (ProjectId, &str),
        token_id: String,
        user_name: String,
    ) -> Grant {
        let by = (link, self.link_role());
        let grant = link::grant_by(by, (project, room_name), token_id, user_name);
        Grant { permissions: self.permissions(), ..grant }
    }
}

/// The colours of a conference's page, in the order of [`COLOURS`], each `#` and six hex digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme([String; COLOURS.len()]);

impl Default for Theme {
    fn default() -> Self {
        Self(COLOURS.map(|(_, colour)| colour.to_owned()))
    }
}

impl Theme {
    /// Names and colours.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        COLOURS.iter().zip(&self.0).map(|((name, _), colour)| (*name, &**colour))
    }

    /// Changes a colour; a name that is none changes nothing.
    pub fn set(&mut self, name: &str, colour: &str) {
        if let Some(at) = COLOURS.iter().position(|(known, _)| *known == name) {
            colour.clone_into(&mut self.0[at]);
        }
    }
}

/// Whether `text` is a colour as a theme has it.
pub fn is_colour(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

/// What an application says about a conference.
#[derive(Clone, Debug, PartialEq)]
pub struct ConferenceSettings {
    /// The room it is; its `max_members` is the size's.
    pub room: RoomSettings,
    /// How many take part.
    pub size: ConferenceSize,
    /// Its colours.
    pub theme: Theme,
}

impl ConferenceSettings {
    /// The settings of a conference about which only its name is known.
    pub fn named(name: impl Into<String>) -> Self {
        let (room, size) = (RoomSettings::named(name), ConferenceSize::Medium);
        let room = RoomSettings { max_members: size.members(), ..room };
        Self { room, size, theme: Theme::default() }
    }
}

/// A stored conference: a room, and what makes it a conference.
#[derive(Clone, Debug, PartialEq)]
pub struct Conference {
    /// The room, whose id is the conference's.
    pub room: Room,
    /// How many take part.
    pub size: ConferenceSize,
    /// Its colours.
    pub theme: Theme,
}

impl Conference {
    /// What can be changed.
    pub fn settings(&self) -> ConferenceSettings {
        let (size, theme) = (self.size, self.theme.clone());
        ConferenceSettings { room: self.room.settings.clone(), size, theme }
    }
}

/// A name for the conference that is shown as `display_name`: its letters and digits, at most 80 of them.
pub fn name_from(display_name: &str) -> String {
    let mut name = String::new();
    for c in display_name.chars().take(80) {
        if c.is_ascii_alphanumeric() || c == '_' {
            name.push(c.to_ascii_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name = name.trim_end_matches('-');
    if name.is_empty() { "conference".into() } else { name.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permission::{Aim, Right, Verb};
    use crate::room::is_room_name;

    #[test]
    fn a_guest_shares_no_screen_and_a_moderator_may_what_a_host_may() {
        let share = Right::OnMember(Verb::Screenshare, Aim::Oneself);
        let mute_others = Right::OnMember(Verb::AudioMute, Aim::Another);
        let (moderator, guest) = (ConferenceRole::Moderator, ConferenceRole::Guest);
        assert!(moderator.permissions().allow(share) && moderator.permissions().allow(mute_others));
        assert!(!guest.permissions().allow(share) && !guest.permissions().allow(mute_others));
        assert_eq!(guest.permissions().as_slice().len(), 10);
        let room = (ProjectId(uuid::Uuid::nil()), "hall");
        let grant = guest.grant(LinkId(uuid::Uuid::nil()), room, "t".into(), "Ann".into());
        assert_eq!((&*grant.room_name, &*grant.user_name), ("hall", "Ann"));
        assert_eq!(grant.permissions, guest.permissions());
        assert!(!grant.auto_create_room && grant.link.is_some());
    }

    #[test]
    fn a_colour_is_a_hash_and_six_hex_digits() {
        assert!(COLOURS.iter().all(|(_, colour)| is_colour(colour)) && is_colour("#aAbB09"));
        for wrong in ["", "#", "044EF4", "#044EF", "#044EF44", "#044EFG", "red", "##44EF4"] {
            assert!(!is_colour(wrong), "{wrong}");
        }
        let mut theme = Theme::default();
        theme.set("light_primary", "#000000");
        theme.set("loud_primary", "#111111");
        let changed: Vec<_> = theme.iter().filter(|(_, colour)| *colour < "#04").collect();
        assert_eq!(changed, [("light_primary", "#000000")]);
    }

    #[test]
    fn every_display_name_makes_a_name_that_a_room_may_have() {
        let long = "é a".repeat(200);
        for (shown, expected) in [("Town Hall, 3 pm!", "town-hall-3-pm"), ("会議", "conference")]
        {
            assert_eq!(name_from(shown), expected);
        }
        for shown in ["", "---", "a_b", &long] {
            assert!(is_room_name(&name_from(shown)), "{shown}");
        }
    }
}
