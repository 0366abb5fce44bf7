//! Foreign films and sounds in the session: a few at a time, seated like members, told to those
//! who may play.
//!
//! Nothing here opens a source: what is to be done is an output, and what becomes of it comes in as
//! news.

use super::Session;
use super::parting::Left;
use super::playbacks::{Effect, Film, loudness};
use crate::command::{Actor, Reply};
use crate::event::Event;
use crate::id::{MemberId, PlaybackId};
use crate::layout::catalog;
use crate::limits::PLAYBACK_URL_BYTES;
use crate::output::{Output, Record};
use crate::permission::{PLAYBACK as RIGHT, Right, Verb};
use crate::playback::{Play, PlaybackControl, PlaybackFault, PlaybackOutcome, PlaybackView};
use crate::refusal::Refusal;
use crate::videochat::BOARD_LAYOUT;

const SEEK: Right = Right::OnRoom(Verb::PlaybackSeek);

impl Session {
    /// Permission, then what is wrong with the request, then what the world says, then the bound.
    pub(super) fn play_url(&mut self, actor: Actor, play: Play) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        self.only_when_begun()?;
        self.may_seat_others(actor, &play.positions)?;
        let (volume, position_ms) = readable(&play)?;
        let (position, others) = self.brought_by(actor, &play.positions)?;
        if let Some(hindrance) = play.hindrance {
            return Err(hindrance);
        }
        let (id, url) = (play.playback, play.url);
        let film = Film { id, url, volume, position_ms, position };
        let effects = self.playbacks.begin(self.clock, film, &self.origin)?;
        self.carry_out_playbacks(effects);
        let view = self.playbacks.view(id, &self.origin, self.clock);
        let on_board = self.videochat.film_began(id.as_member()).then_some(BOARD_LAYOUT);
        let renamed = self.bring(id.as_member(), on_board.or(play.layout.as_deref()));
        let moved = self.lend(id.as_member(), others);
        self.rearranged(&Left { moved, renamed });
        view.map(Reply::Playback).ok_or(Refusal::Broken)
    }

    /// Doing what is done already changes nothing, and what is over stays over.
    pub(super) fn control_playback(
        &mut self,
        actor: Actor,
        id: Option<PlaybackId>,
        control: PlaybackControl,
    ) -> Result<Reply, Refusal> {
        let seeks = matches!(control, PlaybackControl::SeekTo(_) | PlaybackControl::SeekBy(_));
        self.require(actor, if seeks { SEEK } else { RIGHT })?;
        let known = id.filter(|id| self.playbacks.by_member(id.as_member()).is_some());
        let id = known.ok_or(Refusal::NotFound("Not Found"))?;
        if control == PlaybackControl::Stop {
            self.end_playback(id, None, true);
            return Ok(Reply::Done);
        }
        let effects = self.playbacks.control(self.clock, id, control, &self.origin)?;
        self.carry_out_playbacks(effects);
        Ok(Reply::Done)
    }

    pub(super) fn list_playbacks(&self, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        Ok(Reply::Playbacks(self.playbacks.views(&self.origin, self.clock)))
    }

    pub(super) fn playback_news(&mut self, id: PlaybackId, news: PlaybackOutcome) {
        if let PlaybackOutcome::Over(fault) = news {
            return self.end_playback(id, fault, false);
        }
        let effect = self.playbacks.learn(self.clock, id, news, &self.origin);
        self.carry_out_playbacks(effect);
    }

    /// All that run end with the session.
    pub(super) fn end_playbacks(&mut self) {
        for id in self.playbacks.ids() {
            self.finish_playback(id, None, true);
        }
    }

    /// Over: its place is free, and perhaps the layout from before returns.
    fn end_playback(&mut self, id: PlaybackId, fault: Option<PlaybackFault>, by_us: bool) {
        if self.finish_playback(id, fault, by_us) {
            self.film_ended(id.as_member());
            let left = self.take_away(id.as_member());
            self.rearranged(&left);
        }
    }

    fn finish_playback(
        &mut self,
        id: PlaybackId,
        fault: Option<PlaybackFault>,
        by_us: bool,
    ) -> bool {
        let effects = self.playbacks.end(self.clock, id, (fault, by_us), &self.origin);
        let was_running = effects.is_some();
        self.carry_out_playbacks(effects.into_iter().flatten());
        was_running
    }

    /// Whether a playback that is not over has this id.
    pub(super) fn plays(&self, id: MemberId) -> bool {
        self.playbacks.plays(id)
    }

    pub(super) fn running_playbacks(&self) -> Vec<PlaybackView> {
        self.playbacks.running_views(&self.origin, self.clock)
    }

    /// Screens and devices hear with their owner.
    fn carry_out_playbacks(&mut self, effects: impl IntoIterator<Item = Effect>) {
        for effect in effects {
            match effect {
                Effect::Order(id, order) => self.put(Output::Playback(id, order)),
                Effect::Happened(event, view) => {
                    let event = Event::Playback(event, view);
                    self.put(Output::Record(Record::Happened(event.clone())));
                    self.tell_those_who_may(RIGHT, &event);
                }
            }
        }
    }
}

/// Volume and position of a request that can be granted as far as its words go.
fn readable(play: &Play) -> Result<(i32, u64), Refusal> {
    let volume = loudness(play.volume)?;
    let position_ms = u64::try_from(play.position_ms)
        .map_err(|_| Refusal::invalid("seek_position must not be negative"))?;
    if play.url.len() > PLAYBACK_URL_BYTES {
        let text = format!("url may have at most {PLAYBACK_URL_BYTES} bytes");
        return Err(Refusal::invalid(text));
    }
    if let Some(name) = play.layout.as_deref().filter(|name| !catalog::exists(name)) {
        return Err(Refusal::invalid(format!("unknown layout {name}")));
    }
    Ok((volume, position_ms))
}
