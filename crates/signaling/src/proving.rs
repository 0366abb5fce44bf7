//! From a stranger's socket to a client's: what is given up, and what it counts by, once a good token
//! was shown.

use crate::call::Answer;
use rotunda_doorway::{Proof, Stranger, Visit};
use rotunda_hub::Who;

/// A socket as it stands towards those who count it.
#[derive(Debug, Default)]
pub struct Proving {
    /// Its place on the doorstep, while it has shown nothing.
    pub stranger: Option<Stranger>,
    /// The connection it came on.
    pub visit: Option<Visit>,
}

impl Proving {
    /// Looks at what the hub said: whoever it let in is no stranger from now on.
    pub fn heed(&mut self, answer: &Answer) {
        let Answer::Connected(Ok(accepted)) = answer else { return };
        self.stranger = None;
        let proof = match &accepted.who {
            Who::Person { grant, .. } => Proof::of(&grant.project, &grant.token_id),
            Who::Application { project, .. } => Proof::of(project, &"application"),
        };
        if let Some(visit) = &self.visit {
            visit.prove(proof);
        }
    }
}
