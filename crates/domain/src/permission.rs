//! Permissions: the names an application grants, and the rights commands ask for.
//!
//! The list a token carries is kept as it was written, order and spelling included, because
//! `rs.permissions` must give back what was asked. Questions are asked of the parsed set.

use std::fmt;

/// To play something, to pause it, to end it, and to be told of it.
pub(crate) const PLAYBACK: Right = Right::OnRoom("playback");
/// To start a stream, and to be told of streams; `stream` covers it.
pub(crate) const STREAM_START: Right = Right::OnRoom("stream.start");

/// The eleven permissions of a token that names none (REST reference, room tokens).
pub const DEFAULTS: [&str; 11] = [
    "room.self.audio_mute",
    "room.self.audio_unmute",
    "room.self.video_mute",
    "room.self.video_unmute",
    "room.self.deaf",
    "room.self.undeaf",
    "room.self.set_input_volume",
    "room.self.set_output_volume",
    "room.self.set_input_sensitivity",
    "room.self.screenshare",
    "room.self.additional_source",
];

/// What can be done to a member, oneself or another.
const MEMBER_VERBS: [&str; 13] = [
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
    "lowerhand",
];

/// What can be done to oneself only, to others only, and to the room.
const SELF_ONLY: [&str; 2] = ["screenshare", "additional_source"];
const OTHERS_ONLY: [&str; 3] = ["remove", "promote", "demote"];
const ROOM_VERBS: [&str; 15] = [
    "hide_video_muted",
    "show_video_muted",
    "list_available_layouts",
    "set_layout",
    "set_position",
    "set_meta",
    "lock",
    "unlock",
    "prioritize_handraise",
    "playback",
    "playback_seek",
    "playback.seek",
    "recording",
    "stream",
    "stream.start",
];

/// The seed's spellings and the names they stand for.
const SYNONYMS: [(&str, &str); 3] = [
    ("video.member.raisehand", "room.member.raisehand"),
    ("video.member.lowerhand", "room.member.lowerhand"),
    ("video.prioritize_handraise", "room.prioritize_handraise"),
];

/// Whether `name` is a permission an application may grant.
pub fn is_known(name: &str) -> bool {
    if SYNONYMS.iter().any(|(seed, _)| *seed == name) {
        return true;
    }
    let Some(rest) = name.strip_prefix("room.") else { return false };
    if let Some(verb) = rest.strip_prefix("self.") {
        return MEMBER_VERBS.contains(&verb) || SELF_ONLY.contains(&verb);
    }
    if let Some(verb) = rest.strip_prefix("member.") {
        return MEMBER_VERBS.contains(&verb) || OTHERS_ONLY.contains(&verb);
    }
    ROOM_VERBS.contains(&rest)
}

/// Whom a command is aimed at, which decides between `room.self.*` and `room.member.*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aim {
    /// The caller, or one of the caller's own screen or device legs.
    Oneself,
    /// Anybody else, known or not: permission is asked before existence.
    Another,
}

/// A right a command needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// `room.self.<verb>` or `room.member.<verb>`.
    OnMember(&'static str, Aim),
    /// `room.<verb>`.
    OnRoom(&'static str),
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OnMember(verb, Aim::Oneself) => write!(f, "room.self.{verb}"),
            Self::OnMember(verb, Aim::Another) => write!(f, "room.member.{verb}"),
            Self::OnRoom(verb) => write!(f, "room.{verb}"),
        }
    }
}

/// A list of granted permissions, as written.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Permissions(Vec<String>);

impl Permissions {
    /// The list a token carries when it names none.
    pub fn defaults() -> Self {
        Self(DEFAULTS.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Takes a list as the application wrote it; unknown names grant nothing.
    pub fn from_list(names: Vec<String>) -> Self {
        Self(names)
    }

    /// What a seat of the videochat brings with it: everything to whoever moderates, else the
    /// defaults and one's own hand.
    pub fn of_videochat(moderates: bool) -> Self {
        if !moderates {
            let hand = ["room.self.raisehand", "room.self.lowerhand"];
            return Self(DEFAULTS.iter().chain(&hand).map(|name| (*name).to_owned()).collect());
        }
        let own = MEMBER_VERBS.iter().chain(&SELF_ONLY).map(|verb| format!("room.self.{verb}"));
        let others = MEMBER_VERBS.iter().chain(&OTHERS_ONLY).map(|v| format!("room.member.{v}"));
        Self(own.chain(others).chain(ROOM_VERBS.iter().map(|v| format!("room.{v}"))).collect())
    }

    /// The list as it was written.
    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    /// Whether the list grants `right`.
    ///
    /// A shorter name covers its dotted children; the un-actions accept the name of the action,
    /// where the SDK's own page lists no other (`video_mute`, `deaf`; wire protocol §8.1); and who
    /// may do something to anybody may do it to themself.
    pub fn allow(&self, right: Right) -> bool {
        if self.grants(&right.to_string()) {
            return true;
        }
        match right {
            Right::OnMember(verb, aim) => {
                let undone = match verb {
                    "video_unmute" => "video_mute",
                    "undeaf" => "deaf",
                    _ => "",
                };
                (!undone.is_empty() && self.allow(Right::OnMember(undone, aim)))
                    || (aim == Aim::Oneself
                        && MEMBER_VERBS.contains(&verb)
                        && self.allow(Right::OnMember(verb, Aim::Another)))
            }
            Right::OnRoom("playback_seek" | "playback.seek") => {
                self.grants("room.playback_seek") || self.grants("room.playback.seek")
            }
            Right::OnRoom(_) => false,
        }
    }

    fn grants(&self, wanted: &str) -> bool {
        self.0.iter().any(|name| {
            let name = SYNONYMS.iter().find(|(seed, _)| seed == name).map_or(&**name, |s| s.1);
            wanted == name || wanted.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Permissions {
        Permissions::from_list(names.iter().map(|n| (*n).to_owned()).collect())
    }

    #[test]
    fn self_covers_oneself_and_nobody_else() {
        let p = list(&["room.self.audio_mute"]);
        assert!(p.allow(Right::OnMember("audio_mute", Aim::Oneself)));
        assert!(!p.allow(Right::OnMember("audio_mute", Aim::Another)));
        assert!(!p.allow(Right::OnMember("video_mute", Aim::Oneself)));
    }

    #[test]
    fn who_may_do_it_to_anybody_may_do_it_to_themself() {
        for verb in MEMBER_VERBS {
            let p = list(&[&format!("room.member.{verb}")]);
            assert!(p.allow(Right::OnMember(verb, Aim::Oneself)), "{verb}");
        }
        let p = list(&["room.member.screenshare"]);
        assert!(!p.allow(Right::OnMember("screenshare", Aim::Oneself)), "no such name");
    }

    #[test]
    fn a_shorter_name_covers_its_dotted_children_only() {
        assert!(list(&["room.stream"]).allow(Right::OnRoom("stream.start")));
        assert!(!list(&["room.stream.start"]).allow(Right::OnRoom("stream")));
        assert!(list(&["room.playback"]).allow(Right::OnRoom("playback.seek")));
        assert!(!list(&["room.set"]).allow(Right::OnRoom("set_layout")));
    }

    #[test]
    fn video_mute_grants_unmuting_but_not_the_reverse() {
        let mute = list(&["room.member.video_mute"]);
        assert!(mute.allow(Right::OnMember("video_unmute", Aim::Another)));
        assert!(
            !list(&["room.self.audio_mute"]).allow(Right::OnMember("audio_unmute", Aim::Oneself))
        );
        let unmute = list(&["room.member.video_unmute"]);
        assert!(!unmute.allow(Right::OnMember("video_mute", Aim::Another)));
    }

    #[test]
    fn the_seeds_spellings_grant_what_they_stand_for_and_are_kept_as_written() {
        let p = list(&["video.member.raisehand", "video.prioritize_handraise"]);
        assert!(p.allow(Right::OnMember("raisehand", Aim::Another)));
        assert!(p.allow(Right::OnMember("raisehand", Aim::Oneself)));
        assert!(p.allow(Right::OnRoom("prioritize_handraise")));
        assert_eq!(p.as_slice()[0], "video.member.raisehand");
    }

    #[test]
    fn every_default_is_a_known_name_and_nonsense_is_not() {
        assert!(DEFAULTS.iter().all(|name| is_known(name)));
        for name in ["room.self.remove", "room.member.screenshare", "room.fly", "lock", ""] {
            assert!(!is_known(name), "{name}");
        }
    }
}
