//! The door as others hear it: a tone when somebody comes or goes.
//!
//! Only people who take part are announced so: audience comes and goes by the thousand, and a
//! screen or a device is no arrival.

use super::Session;
use crate::event::MemberKind;
use crate::output::{Output, Tone};

impl Session {
    /// Plays the tone for somebody of this kind, if the room wants tones and anybody else is there
    /// to hear it: a lone newcomer needs none.
    pub(super) fn play(&mut self, tone: Tone, kind: MemberKind) {
        let others = self.members.iter().filter(|m| m.is_here() && m.parent().is_none());
        let least = match tone {
            Tone::Entry => 2,
            Tone::Exit => 1,
        };
        let is_heard = others.take(least).count() == least;
        if kind == MemberKind::Member && is_heard && self.settings.has_tones() {
            self.put(Output::Play(tone));
        }
    }
}
