//! Bounds of names, numbers and sizes, each with the document it comes from (REST reference).

/// Longest `name` of a room and `room_name` of a token, in characters.
pub const NAME_CHARS: usize = 100;
/// Longest `display_name`.
pub const DISPLAY_NAME_CHARS: usize = 200;
/// Longest `description`.
pub const DESCRIPTION_CHARS: usize = 3000;
/// Fewest and most `max_members` of a room.
pub const MAX_MEMBERS: std::ops::RangeInclusive<u32> = 1..=300;
/// `max_members` of a room that says nothing.
pub const DEFAULT_MAX_MEMBERS: u32 = 20;
/// Longest `user_name` of a token.
pub const USER_NAME_CHARS: usize = 100;
/// Bounds of `remove_after_seconds_elapsed`.
pub const REMOVE_AFTER_S: std::ops::RangeInclusive<u32> = 1..=200_000;
/// Longest meta object, serialised, in characters.
pub const META_CHARS: usize = 2000;
/// Most legs a member may hold beside the main one.
pub const CHILD_LEGS: usize = 4;
/// Most recordings of one session at a time.
pub const RECORDINGS: usize = 5;
/// Most recordings of one session that are listed, those that are over included.
pub const RECORDINGS_LISTED: usize = 200;
/// Most playbacks of one session at a time: each costs a decoder.
pub const PLAYBACKS: usize = 3;
/// Most playbacks of one session that are listed, those that are over included.
pub const PLAYBACKS_LISTED: usize = 50;
/// Longest address of a playback, in bytes.
pub const PLAYBACK_URL_BYTES: usize = 2000;
/// Volume of a playback, dB.
pub const PLAYBACK_VOLUME: std::ops::RangeInclusive<i64> = -50..=50;
/// Most streams of one session at a time, those that stand with the room included.
pub const STREAMS: usize = 5;
/// Most streams of one session that are remembered, those that are over included.
pub const STREAMS_REMEMBERED: usize = 200;
/// Length of a stream's address, bytes.
pub const STREAM_URL_BYTES: usize = 800;
/// Most links of one room, those that are over included.
pub const LINKS: usize = 100;
/// Most endpoints of one project.
pub const WEBHOOKS: usize = 20;
/// Most names and families an endpoint lists.
pub const WEBHOOK_EVENTS_NAMED: usize = 100;
/// Longest address of an endpoint, in characters.
pub const WEBHOOK_URL_CHARS: usize = 800;
/// Longest description of an endpoint, in characters.
pub const WEBHOOK_DESCRIPTION_CHARS: usize = 200;
/// Seconds the secret before the present one of an endpoint may go on to sign: a week.
pub const WEBHOOK_OVERLAP_S: std::ops::RangeInclusive<u32> = 0..=604_800;
/// Bounds of `max_uses` of a link.
pub const LINK_USES: std::ops::RangeInclusive<u32> = 1..=100_000;
/// The last second that four digits of a year can write, seconds since 1970 UTC.
pub const LAST_SECOND: i64 = 253_402_300_799;
/// Longest key of a link that is looked at; ours have 22 characters.
pub const LINK_KEY_CHARS: usize = 100;
/// Audience of one session when the configuration says nothing.
pub const DEFAULT_MAX_AUDIENCE: u32 = 10_000;
