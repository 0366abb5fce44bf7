//! Who may ask, and of whom: the one place where permissions are looked at, before it is looked whether
//! the target exists. What is done then is the business of each command's own file.

use super::Session;
use super::member::Member;
use crate::command::{Actor, Asked, Target};
use crate::id::MemberId;
use crate::permission::{Aim, Right, Verb};
use crate::refusal::Refusal;

impl Session {
    /// Who is not here yet may nothing: nobody knows of them, and their leg may never come up.
    pub(super) fn require(&self, actor: Actor, right: Right) -> Result<(), Refusal> {
        let allowed = match actor {
            Actor::Project => true,
            Actor::Member(id) => self.member(id).is_some_and(|m| m.is_here() && m.may(right)),
        };
        allowed.then_some(()).ok_or(Refusal::NotPermitted)
    }

    /// Permission, then existence, of what was asked with values that cannot be read.
    pub(super) fn may_ask(&self, actor: Actor, asked: &Asked) -> Result<(), Refusal> {
        match asked {
            Asked::OfRoom(verbs) => {
                verbs.iter().try_for_each(|verb| self.require(actor, Right::OnRoom(*verb)))
            }
            Asked::OfMember(verb, target) => self.authorize_target(actor, *target, *verb).map(drop),
            Asked::OfAnother(verb) => self.require(actor, Right::OnMember(*verb, Aim::Another)),
            Asked::OfChat => self.may_chat(actor).map(drop),
            Asked::MetaOf { target, replaces } => {
                self.reach_meta(actor, *target, *replaces).map(drop)
            }
        }
    }

    /// Permission first, then existence: the member `target` means, if `actor` may do `verb` there.
    pub(super) fn authorize_target(
        &self,
        actor: Actor,
        target: Target,
        verb: Verb,
    ) -> Result<MemberId, Refusal> {
        let (wanted, aim) = self.resolve_target(actor, target);
        self.require(actor, Right::OnMember(verb, aim))?;
        self.require_listed(wanted)
    }

    /// Whom `target` means, known or not, and whether that is the caller or one of the caller's own.
    pub(super) fn resolve_target(&self, actor: Actor, target: Target) -> (Option<MemberId>, Aim) {
        let caller = match actor {
            Actor::Member(id) => Some(id),
            Actor::Project => None,
        };
        let wanted = match target {
            Target::Oneself => caller,
            Target::Member(id) => Some(id),
            Target::Nobody => None,
        };
        let own = caller.is_some()
            && wanted.is_some_and(|id| {
                caller == Some(id) || self.member(id).is_some_and(|m| m.parent() == caller)
            });
        (wanted, if own { Aim::Oneself } else { Aim::Another })
    }

    /// Somebody others know of.
    pub(super) fn require_listed(&self, wanted: Option<MemberId>) -> Result<MemberId, Refusal> {
        wanted
            .filter(|id| self.member(*id).is_some_and(Member::is_listed))
            .ok_or(Refusal::UNKNOWN_MEMBER)
    }
}
