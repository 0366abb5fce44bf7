//! The lock, removing people, hands, and who is shown.

use super::Params;
use rotunda_domain::{Command, Refusal};

pub(super) fn remove(params: &Params<'_>) -> Result<Command, Refusal> {
    if params.text("member_id")? == "all" {
        return Ok(Command::RemoveAll);
    }
    Ok(Command::Remove(params.target()?))
}

pub(super) fn raise_hand(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::RaiseHand(params.target()?, true))
}

pub(super) fn lower_hand(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::RaiseHand(params.target()?, false))
}

pub(super) fn prioritize(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::PrioritizeHands(params.flag("enable")?.unwrap_or(true)))
}

pub(super) fn hide_muted(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::HideVideoMuted(true))
}

pub(super) fn show_muted(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::HideVideoMuted(false))
}

pub(super) fn lock(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Lock(true))
}

pub(super) fn unlock(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Lock(false))
}
