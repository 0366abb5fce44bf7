//! Meta of the room and of members.

use super::method::{Asks, Method};
use super::params::Params;
use rotunda_domain::{Command, MetaChange, Refusal, Verb};

pub(super) const METHODS: [Method; 8] = [
    Method {
        name: "video.get_meta",
        doc: "Reads the room's meta.",
        permission: "none",
        params: "none",
        sdk: "getMeta",
        event: "none",
        test: "methods",
        asks: Asks::Room(&[]),
        read: get,
    },
    Method {
        name: "video.set_meta",
        doc: "Replaces the room's meta.",
        permission: "room.set_meta",
        params: "meta {}",
        sdk: "setMeta",
        event: "room.updated [meta]",
        test: "methods",
        asks: Asks::Room(&[Verb::SetMeta]),
        read: set,
    },
    Method {
        name: "video.update_meta",
        doc: "Puts keys into the room's meta.",
        permission: "room.set_meta",
        params: "meta {}",
        sdk: "updateMeta",
        event: "room.updated [meta]",
        test: "methods",
        asks: Asks::Room(&[Verb::SetMeta]),
        read: update,
    },
    Method {
        name: "video.delete_meta",
        doc: "Takes keys out of the room's meta.",
        permission: "room.set_meta",
        params: "keys []",
        sdk: "deleteMeta",
        event: "room.updated [meta]",
        test: "methods",
        asks: Asks::Room(&[Verb::SetMeta]),
        read: delete,
    },
    Method {
        name: "video.member.get_meta",
        doc: "Reads a member's meta.",
        permission: "none",
        params: "member_id? (the caller)",
        sdk: "getMemberMeta",
        event: "none",
        test: "methods",
        asks: Asks::Room(&[]),
        read: get_of_member,
    },
    Method {
        name: "video.member.set_meta",
        doc: "Replaces a member's meta.",
        permission: "room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); meta {}",
        sdk: "setMemberMeta",
        event: "member.updated [meta]",
        test: "methods",
        asks: Asks::Meta,
        read: set_of_member,
    },
    Method {
        name: "video.member.update_meta",
        doc: "Puts keys into a member's meta.",
        permission: "room.set_meta, or room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); meta {}",
        sdk: "updateMemberMeta",
        event: "member.updated [meta]",
        test: "methods",
        asks: Asks::SomeMeta,
        read: update_of_member,
    },
    Method {
        name: "video.member.delete_meta",
        doc: "Takes keys out of a member's meta.",
        permission: "room.set_meta, or room.self.set_meta or room.member.set_meta",
        params: "member_id? (the caller); keys []",
        sdk: "deleteMemberMeta",
        event: "member.updated [meta]",
        test: "methods",
        asks: Asks::SomeMeta,
        read: delete_of_member,
    },
];

fn get(_: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::GetMeta)
}

fn set(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ChangeMeta(MetaChange::Set(params.some_object("meta")?)))
}

fn update(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ChangeMeta(MetaChange::Update(params.some_object("meta")?)))
}

fn delete(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::ChangeMeta(MetaChange::Delete(params.some_texts("keys")?)))
}

fn get_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    Ok(Command::GetMemberMeta(params.target()?))
}

fn set_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    let change = MetaChange::Set(params.some_object("meta")?);
    Ok(Command::ChangeMemberMeta(params.target()?, change))
}

fn update_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    let change = MetaChange::Update(params.some_object("meta")?);
    Ok(Command::ChangeMemberMeta(params.target()?, change))
}

fn delete_of_member(params: &Params<'_>) -> Result<Command, Refusal> {
    let change = MetaChange::Delete(params.some_texts("keys")?);
    Ok(Command::ChangeMemberMeta(params.target()?, change))
}
