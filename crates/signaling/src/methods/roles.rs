//! Member or audience.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, MediaAllowed, Permissions, Promotion, Refusal, Verb, permission};

pub(super) const METHODS: [Method; 2] = [
    Method {
        name: "video.member.promote",
        doc: "Lets somebody who looks on take part.",
        permission: "room.member.promote",
        params: "member_id; media_allowed?, join_audio_muted?, join_video_muted?, meta?, permissions?",
        sdk: "promote",
        event: "member.promoted to them; member.joined; layout.changed; room.audience_count",
        test: "roles",
        asks: Asks::Another(Verb::Promote),
        read: promote,
    },
    Method {
        name: "video.member.demote",
        doc: "Lets somebody who takes part look on only.",
        permission: "room.member.demote",
        params: "member_id? (the caller); media_allowed?",
        sdk: "demote",
        event: "member.demoted to them; member.left; layout.changed; room.audience_count",
        test: "roles",
        asks: Asks::Another(Verb::Demote),
        read: demote,
    },
];

fn promote(params: &Params<'_>) -> Result<Command, Refusal> {
    // Nobody can promote themself: who looks on may do nothing.
    params.text("member_id")?;
    let names = params.texts("permissions")?;
    if let Some(odd) = names.iter().flatten().find(|name| !permission::is_known(name)) {
        let odd: String = odd.chars().take(64).collect();
        return Err(Refusal::invalid(format!("permissions holds an unknown name: {odd:?}")));
    }
    let promotion = Promotion {
        media_allowed: media_allowed(params)?,
        join_audio_muted: params.flag("join_audio_muted")?.unwrap_or(false),
        join_video_muted: params.flag("join_video_muted")?.unwrap_or(false),
        meta: params.object("meta")?.cloned(),
        permissions: names.map(Permissions::from_list),
    };
    Ok(Command::Promote(params.target()?, Box::new(promotion)))
}

fn demote(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Demote(params.target()?, media_allowed(params)?))
}

fn media_allowed(params: &Params<'_>) -> Result<Option<MediaAllowed>, Refusal> {
    let Some(text) = params.optional_text("media_allowed")? else { return Ok(None) };
    let wrong = || Refusal::invalid("media_allowed must be all, audio-only or video-only");
    MediaAllowed::parse(text).map(Some).ok_or_else(wrong)
}
