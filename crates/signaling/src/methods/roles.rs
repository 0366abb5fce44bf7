//! Member or audience.

use super::Params;
use rotunda_domain::{Command, MediaAllowed, Permissions, Promotion, Refusal, permission};

pub(super) fn promote(params: &Params<'_>) -> Result<Command, Refusal> {
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

pub(super) fn demote(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Demote(params.target()?, media_allowed(params)?))
}

fn media_allowed(params: &Params<'_>) -> Result<Option<MediaAllowed>, Refusal> {
    let Some(text) = params.optional_text("media_allowed")? else { return Ok(None) };
    let wrong = || Refusal::invalid("media_allowed must be all, audio-only or video-only");
    MediaAllowed::parse(text).map(Some).ok_or_else(wrong)
}
