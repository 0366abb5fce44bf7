//! Permissions: the names an application grants, and the rights commands ask for.
//!
//! The list a token carries is kept as it was written, order and spelling included, because
//! `rs.permissions` must give back what was asked. Questions are asked of the parsed set.

mod verb;

pub use verb::Verb;

use std::fmt;
use verb::names_on;

/// To play something, to pause it, to end it, and to be told of it.
pub(crate) const PLAYBACK: Right = Right::OnRoom(Verb::Playback);
/// To start a stream, and to be told of streams; `stream` covers it.
pub(crate) const STREAM_START: Right = Right::OnRoom(Verb::StreamStart);

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

/// What the reference knows nothing of, of the room.
const OURS: [&str; 3] = ["captions.push", "lobby.skip", "links"];

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
        return names_on(|on| on.oneself).any(|known| known == verb);
    }
    if let Some(verb) = rest.strip_prefix("member.") {
        return names_on(|on| on.others).any(|known| known == verb);
    }
    names_on(|on| on.room).any(|known| known == rest)
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
    OnMember(Verb, Aim),
    /// `room.<verb>`.
    OnRoom(Verb),
}

impl Right {
    /// The verb, and what stands before it.
    fn parts(self) -> (&'static str, Verb) {
        match self {
            Self::OnMember(verb, Aim::Oneself) => ("room.self.", verb),
            Self::OnMember(verb, Aim::Another) => ("room.member.", verb),
            Self::OnRoom(verb) => ("room.", verb),
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (prefix, verb) = self.parts();
        write!(f, "{prefix}{verb}")
    }
}

impl Right {
    /// Every right that a permission may name.
    pub fn all() -> impl Iterator<Item = Self> {
        Verb::ALL.iter().copied().flat_map(|verb| {
            let on = verb.on();
            let own = on.oneself.then_some(Self::OnMember(verb, Aim::Oneself));
            let others = on.others.then_some(Self::OnMember(verb, Aim::Another));
            own.into_iter().chain(others).chain(on.room.then_some(Self::OnRoom(verb)))
        })
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
        let own = names_on(|on| on.oneself).map(|name| format!("room.self.{name}"));
        let others = names_on(|on| on.others).map(|name| format!("room.member.{name}"));
        // What the reference knows nothing of is permitted without standing in a list that its SDK shows.
        let room = names_on(|on| on.room).filter(|name| !OURS.contains(name));
        let room = room.map(|name| format!("room.{name}"));
        Self(own.chain(others).chain(room).collect())
    }

    /// What audience holds: it may do nothing, and may be spared the lobby.
    pub fn of_audience(skips_lobby: bool) -> Self {
        let name = Right::OnRoom(Verb::SkipLobby).to_string();
        Self(skips_lobby.then_some(name).into_iter().collect())
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
        let (prefix, verb) = right.parts();
        if verb.names().iter().any(|name| self.grants(&format!("{prefix}{name}"))) {
            return true;
        }
        let Right::OnMember(verb, aim) = right else { return false };
        let on = verb.on();
        verb.undoes().is_some_and(|undone| self.allow(Right::OnMember(undone, aim)))
            || (aim == Aim::Oneself
                && on.oneself
                && on.others
                && self.allow(Right::OnMember(verb, Aim::Another)))
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
        assert!(p.allow(Right::OnMember(Verb::AudioMute, Aim::Oneself)));
        assert!(!p.allow(Right::OnMember(Verb::AudioMute, Aim::Another)));
        assert!(!p.allow(Right::OnMember(Verb::VideoMute, Aim::Oneself)));
    }

    #[test]
    fn who_may_do_it_to_anybody_may_do_it_to_themself() {
        let on_both = |verb: &Verb| verb.on().oneself && verb.on().others;
        for verb in Verb::ALL.iter().copied().filter(on_both) {
            let p = list(&[&format!("room.member.{verb}")]);
            assert!(p.allow(Right::OnMember(verb, Aim::Oneself)), "{verb}");
        }
        let p = list(&["room.member.screenshare"]);
        assert!(!p.allow(Right::OnMember(Verb::Screenshare, Aim::Oneself)), "no such name");
    }

    #[test]
    fn a_shorter_name_covers_its_dotted_children_only() {
        assert!(list(&["room.stream"]).allow(Right::OnRoom(Verb::StreamStart)));
        assert!(!list(&["room.stream.start"]).allow(Right::OnRoom(Verb::Stream)));
        assert!(list(&["room.playback"]).allow(Right::OnRoom(Verb::PlaybackSeek)));
        assert!(!list(&["room.set"]).allow(Right::OnRoom(Verb::SetLayout)));
    }

    #[test]
    fn video_mute_grants_unmuting_but_not_the_reverse() {
        let mute = list(&["room.member.video_mute"]);
        assert!(mute.allow(Right::OnMember(Verb::VideoUnmute, Aim::Another)));
        assert!(
            !list(&["room.self.audio_mute"])
                .allow(Right::OnMember(Verb::AudioUnmute, Aim::Oneself))
        );
        let unmute = list(&["room.member.video_unmute"]);
        assert!(!unmute.allow(Right::OnMember(Verb::VideoMute, Aim::Another)));
    }

    #[test]
    fn the_seeds_spellings_grant_what_they_stand_for_and_are_kept_as_written() {
        let p = list(&["video.member.raisehand", "video.prioritize_handraise"]);
        assert!(p.allow(Right::OnMember(Verb::RaiseHand, Aim::Another)));
        assert!(p.allow(Right::OnMember(Verb::RaiseHand, Aim::Oneself)));
        assert!(p.allow(Right::OnRoom(Verb::PrioritizeHandraise)));
        assert_eq!(p.as_slice()[0], "video.member.raisehand");
    }

    #[test]
    fn whoever_moderates_the_videochat_has_every_permission_in_this_order() {
        let members = "audio_mute audio_unmute video_mute video_unmute deaf undeaf \
             set_input_volume set_output_volume set_input_sensitivity set_position set_meta \
             raisehand lowerhand";
        let room = "hide_video_muted show_video_muted list_available_layouts set_layout \
             set_position set_meta lock unlock prioritize_handraise playback playback_seek \
             playback.seek recording stream stream.start";
        let lists = [
            ("room.self.", format!("{members} screenshare additional_source")),
            ("room.member.", format!("{members} remove promote demote")),
            ("room.", room.to_owned()),
        ];
        let names = lists.iter().flat_map(|(prefix, verbs)| {
            verbs.split_whitespace().map(move |verb| format!("{prefix}{verb}"))
        });
        assert_eq!(Permissions::of_videochat(true).as_slice(), names.collect::<Vec<_>>());
    }

    #[test]
    fn either_spelling_grants_a_seek() {
        let seek = Right::OnRoom(Verb::PlaybackSeek);
        for name in ["room.playback_seek", "room.playback.seek", "room.playback"] {
            assert!(list(&[name]).allow(seek), "{name}");
        }
        assert_eq!(seek.to_string(), "room.playback_seek");
    }

    #[test]
    fn every_default_is_a_known_name_and_nonsense_is_not() {
        assert!(DEFAULTS.iter().all(|name| is_known(name)));
        for name in ["room.self.remove", "room.member.screenshare", "room.fly", "lock", ""] {
            assert!(!is_known(name), "{name}");
        }
    }
}
