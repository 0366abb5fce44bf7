//! How good people's lines are, and who is told: those who take part of everybody who does, people in
//! the audience of their own.

use super::Session;
use super::line::Said;
use super::member::Member;
use crate::command::{Actor, Reply};
use crate::event::{Event, LineView, To};
use crate::id::LegKey;
use crate::line::LineQuality;
use crate::refusal::Refusal;
use crate::time::Now;

/// So many readings of lines that stay what they are a session tells in a second at most: with forty who
/// take part everybody's figures come every ten seconds, with two hundred every fifty.
const PER_SECOND: u64 = 4;

impl Session {
    /// A leg's line was measured. While nothing comes from somebody nothing is known of their line.
    pub(super) fn line_measured(&mut self, now: Now, leg: LegKey, quality: LineQuality) {
        let listed = self.members.iter().filter(|m| m.is_listed()).count() as u64;
        let pause_ms = listed * 1000 / PER_SECOND;
        let is_it = |m: &&mut Member| m.leg() == leg && !m.is_media_lost();
        let Some(member) = self.members.iter_mut().find(is_it) else { return };
        let said = member.line.measured(quality, pause_ms, now);
        // What is not told now is told with the next reading.
        let is_said = match said {
            Said::No => false,
            _ if !member.is_here() => false,
            Said::Again => true,
            Said::News => self.line_changes.take(now),
        };
        if is_said {
            member.line.say(now);
            self.tell_line(leg);
        }
    }

    fn tell_line(&mut self, leg: LegKey) {
        let Some(member) = self.by_leg(leg) else { return };
        if let Some(view) = self.line_view(member) {
            let to = self.who_hears_of_the_line_of(member);
            self.tell(to, Event::NetworkQuality(view));
        }
    }

    fn who_hears_of_the_line_of(&self, member: &Member) -> To {
        if member.is_audience() {
            return To::Only(member.id());
        }
        let hears = |m: &&Member| m.is_listed() && m.parent().is_none();
        To::Those(self.members.iter().filter(hears).map(Member::id).collect())
    }

    /// Everybody's, for the application.
    pub(super) fn list_lines(&self, actor: Actor) -> Result<Reply, Refusal> {
        match actor {
            Actor::Project if !self.has_begun => Err(Refusal::NotFound("Not Found")),
            Actor::Project => {
                let here = self.members.iter().filter(|m| m.is_here());
                Ok(Reply::Lines(here.filter_map(|m| self.line_view(m)).collect()))
            }
            Actor::Member(_) => Err(Refusal::NotPermitted),
        }
    }

    fn line_view(&self, member: &Member) -> Option<LineView> {
        Some(LineView {
            member: member.id(),
            room: self.origin.room,
            session: self.origin.session,
            name: member.name().clone(),
            kind: member.kind(),
            quality: member.line.quality?,
        })
    }
}

#[cfg(test)]
#[path = "lines_tests.rs"]
mod tests;
