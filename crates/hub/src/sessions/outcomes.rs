//! The way of outcomes into a session.

use rotunda_domain::Outcome;
use tokio::sync::mpsc;

/// Tells one session what happened in the world. Unbounded, because an engine thread can neither wait nor
/// lose the end of a leg; bounded all the same by the legs there are and by gates that open at most about
/// twice a second.
#[derive(Clone, Debug)]
pub(crate) struct Outcomes(mpsc::UnboundedSender<Outcome>);

impl Outcomes {
    /// The way in, and where what was told comes out.
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Outcome>) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Tells of an outcome without waiting; in order, and never lost while the session runs.
    pub fn tell(&self, outcome: Outcome) {
        // Fails only when the session is over, and then it is no news.
        let _ = self.0.send(outcome);
    }
}
