//! Methods that only ask.

use super::Params;
use rotunda_domain::{Command, Refusal};

pub(super) fn members(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::GetMembers)
}

pub(super) fn layouts(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ListLayouts)
}

pub(super) fn session(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::Describe)
}
