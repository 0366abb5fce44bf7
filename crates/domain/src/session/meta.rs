//! The application's own words about the room and its members: set, update, delete.

use super::Session;
use crate::command::{Actor, MetaChange, Reply, Target};
use crate::id::MemberId;
use crate::limits::META_CHARS;
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;
use serde_json::{Map, Value};
use std::collections::HashSet;

impl Session {
    pub(super) fn change_meta(
        &mut self,
        actor: Actor,
        change: MetaChange,
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnRoom(Verb::SetMeta))?;
        let meta = changed(&self.meta, change)?;
        if meta != self.meta {
            self.meta = meta;
            self.announce_room(vec!["meta"]);
        }
        Ok(Reply::Done)
    }

    pub(super) fn change_member_meta(
        &mut self,
        actor: Actor,
        target: Target,
        change: MetaChange,
    ) -> Result<Reply, Refusal> {
        let id = self.reach_meta(actor, target, matches!(change, MetaChange::Set(_)))?;
        let Some(member) = self.member_mut(id) else { return Err(Refusal::UNKNOWN_MEMBER) };
        let meta = changed(&member.meta, change)?;
        if meta != member.meta {
            member.meta = meta;
            self.announce(id, vec!["meta"]);
        }
        Ok(Reply::Done)
    }

    /// Replacing needs the member right; updating and deleting accept the room's too, because the
    /// documents name the one and practice the other (REST reference §4).
    pub(super) fn reach_meta(
        &self,
        actor: Actor,
        target: Target,
        replaces: bool,
    ) -> Result<MemberId, Refusal> {
        let (wanted, aim) = self.resolve_target(actor, target);
        if replaces || self.require(actor, Right::OnRoom(Verb::SetMeta)).is_err() {
            self.require(actor, Right::OnMember(Verb::SetMeta, aim))?;
        }
        self.require_listed(wanted)
    }

    /// Reading needs no permission.
    pub(super) fn member_meta(&self, actor: Actor, target: Target) -> Result<Reply, Refusal> {
        let id = self.anybody(actor, target)?;
        let meta = self.member(id).map(|m| m.meta.clone());
        meta.map(Reply::Meta).ok_or(Refusal::UNKNOWN_MEMBER)
    }
}

fn changed(old: &Map<String, Value>, change: MetaChange) -> Result<Map<String, Value>, Refusal> {
    let meta = match change {
        MetaChange::Set(meta) => meta,
        MetaChange::Update(more) => {
            let mut meta = old.clone();
            meta.extend(more);
            meta
        }
        MetaChange::Delete(keys) => {
            let keys: HashSet<_> = keys.into_iter().collect();
            let mut meta = old.clone();
            meta.retain(|key, _| !keys.contains(key));
            meta
        }
    };
    fits(&meta)?;
    Ok(meta)
}

/// # Errors
/// `Invalid` for meta longer than it may be when written out.
pub(super) fn fits(meta: &Map<String, Value>) -> Result<(), Refusal> {
    let text = serde_json::to_string(meta).map_err(|e| Refusal::invalid(e.to_string()))?;
    if text.chars().count() > META_CHARS {
        return Err(Refusal::invalid(format!("meta must not exceed {META_CHARS} characters")));
    }
    Ok(())
}
