//! What somebody hears and how loud they are.

use super::Params;
use rotunda_domain::{Command, Level, Refusal};

pub(super) fn deaf(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Deafen(params.target()?, true))
}

pub(super) fn undeaf(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Deafen(params.target()?, false))
}

pub(super) fn input_volume(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::SetLevel(params.target()?, Level::InputVolume, params.number("volume")?))
}

pub(super) fn output_volume(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::SetLevel(params.target()?, Level::OutputVolume, params.number("volume")?))
}

pub(super) fn sensitivity(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::SetLevel(params.target()?, Level::InputSensitivity, params.number("value")?))
}
