//! Meta of the room and of members.

use super::Params;
use rotunda_domain::{Command, MetaChange, Refusal};

pub(super) fn get(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::GetMeta)
}

pub(super) fn set(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ChangeMeta(MetaChange::Set(params.some_object("meta")?)))
}

pub(super) fn update(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ChangeMeta(MetaChange::Update(params.some_object("meta")?)))
}

pub(super) fn delete(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ChangeMeta(MetaChange::Delete(params.some_texts("keys")?)))
}

pub(super) fn get_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::GetMemberMeta(params.target()?))
}

pub(super) fn set_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    let change = MetaChange::Set(params.some_object("meta")?);
    Ok(Command::ChangeMemberMeta(params.target()?, change))
}

pub(super) fn update_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    let change = MetaChange::Update(params.some_object("meta")?);
    Ok(Command::ChangeMemberMeta(params.target()?, change))
}

pub(super) fn delete_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    let change = MetaChange::Delete(params.some_texts("keys")?);
    Ok(Command::ChangeMemberMeta(params.target()?, change))
}
