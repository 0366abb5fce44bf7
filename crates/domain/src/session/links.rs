//! Who may make, list and revoke the links of the room from inside. It refuses to know keys, and how many links
//! there may be: whoever keeps them asks that.

use super::Session;
use crate::command::{Actor, Reply};
use crate::link::{AllowedLinkRequest, LinkRequest, LinkRole};
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;

impl Session {
    /// Nobody lets others in as more than they are: whoever makes a link holds every right of its role.
    pub(super) fn ask_links(
        &self,
        actor: Actor,
        request: Option<LinkRequest>,
    ) -> Result<Reply, Refusal> {
        self.require(actor, Right::OnRoom(Verb::Links))?;
        let request = request.ok_or(Refusal::NotFound("Not Found"))?;
        if let LinkRequest::Create(terms) = request {
            self.may_all_of(actor, terms.role)?;
        }
        let (project, room) = (self.origin.project, self.origin.room);
        Ok(Reply::LinksAllowed(AllowedLinkRequest { project, room, request }))
    }

    fn may_all_of(&self, actor: Actor, role: LinkRole) -> Result<(), Refusal> {
        let permissions = role.permissions();
        Right::all()
            .filter(|right| permissions.allow(*right))
            .try_for_each(|right| self.require(actor, right))
    }
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
