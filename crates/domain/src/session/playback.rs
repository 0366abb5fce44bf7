//! Foreign films and sounds in the session: a few at a time, seated like members, told to those
//! who may play.
//!
//! Nothing here opens a source: what is to be done is an output, and what becomes of it comes in as
//! news. Between two pieces of news the position is reckoned from the clock.

use super::Session;
use super::parting::Left;
use super::requested_position::RequestedPosition;
use crate::command::{Actor, Reply};
use crate::event::{Event, To};
use crate::id::{MemberId, PlaybackId};
use crate::layout::{Position, Reservation, catalog, seats::Candidate};
use crate::limits::{PLAYBACK_URL_BYTES, PLAYBACK_VOLUME, PLAYBACKS, PLAYBACKS_LISTED};
use crate::output::{Output, Record};
use crate::permission::{PLAYBACK as RIGHT, Right};
use crate::playback::{
    Play, PlaybackControl, PlaybackEvent, PlaybackFault, PlaybackOrder, PlaybackOutcome,
    PlaybackState, PlaybackView,
};
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::BOARD_LAYOUT;
use std::sync::Arc;

const SEEK: Right = Right::OnRoom("playback_seek");

/// A playback as the session remembers it.
#[derive(Debug)]
pub(super) struct Playback {
    pub id: PlaybackId,
    pub requested_position: RequestedPosition,
    pub seat: Option<Reservation>,
    /// The seat held when no raised hand outweighed it.
    pub home: Option<Reservation>,
    url: Arc<str>,
    state: PlaybackState,
    volume: i32,
    /// Unknown until it is opened; until then a seek is taken, and the source decides.
    seekable: Option<bool>,
    duration_ms: Option<u64>,
    /// The last known position, and since when it moves on from there, if it does.
    at_ms: u64,
    runs_since_mono_ms: Option<u64>,
    started_at_ms: i64,
    ended_at_ms: Option<i64>,
    fault: Option<PlaybackFault>,
}

impl Playback {
    fn is_over(&self) -> bool {
        self.state == PlaybackState::Completed
    }

    fn is_live_scheme(&self) -> bool {
        self.url.starts_with("rtmp")
    }

    fn may_be_seekable(&self) -> bool {
        self.seekable.unwrap_or(!self.is_live_scheme())
    }

    fn position_ms(&self, now: Now) -> u64 {
        let ran = self.runs_since_mono_ms.map_or(0, |since| now.mono_ms.saturating_sub(since));
        self.within(self.at_ms.saturating_add(ran))
    }

    fn within(&self, position_ms: u64) -> u64 {
        self.duration_ms.map_or(position_ms, |duration| position_ms.min(duration))
    }

    /// Stands at this place from now on.
    fn stand(&mut self, position_ms: u64) {
        (self.at_ms, self.runs_since_mono_ms) = (position_ms, None);
    }

    pub fn asks_for_one(&self) -> bool {
        self.requested_position.position() == Position::At(Reservation::Reserved(1))
    }

    pub fn candidate(&self) -> Option<Candidate> {
        (!self.is_over()).then(|| Candidate {
            member: self.id.as_member(),
            requested_position: self.requested_position.position(),
            before: self.home,
            seat: self.seat,
            is_screen: false,
            is_playback: true,
            has_floor: false,
            hand: None,
        })
    }
}

impl Session {
    /// Permission, then what is wrong with the wish, then what the world says, then the bound.
    pub(super) fn play_url(&mut self, actor: Actor, play: Play) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        self.only_when_begun()?;
        self.may_seat_others(actor, &play.positions)?;
        let (volume, position_ms) = readable(&play)?;
        let (own, others) = self.brought_by(actor, &play.positions)?;
        if let Some(hindrance) = play.hindrance {
            return Err(hindrance);
        }
        if self.playbacks.iter().filter(|p| !p.is_over()).count() >= PLAYBACKS {
            let text = format!("a session has at most {PLAYBACKS} playbacks at a time");
            return Err(Refusal::LimitReached(text));
        }
        self.forget_oldest_playback();
        let mut requested_position = RequestedPosition::default();
        requested_position.set(own);
        let (id, url) = (play.playback, play.url);
        self.playbacks.push(Playback {
            id,
            requested_position,
            seat: None,
            home: None,
            url: url.clone(),
            state: PlaybackState::Playing,
            volume,
            seekable: None,
            duration_ms: None,
            at_ms: position_ms,
            runs_since_mono_ms: None,
            started_at_ms: self.clock.epoch_ms,
            ended_at_ms: None,
            fault: None,
        });
        self.put(Output::Playback(id, PlaybackOrder::Start { url, position_ms, volume }));
        let view = self.tell_playback(PlaybackEvent::Started, id);
        let on_board = self.film_began(id.as_member()).then_some(BOARD_LAYOUT);
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
        let at = self.playbacks.iter().position(|p| Some(p.id) == id);
        let at = at.ok_or(Refusal::NotFound("Not Found"))?;
        let playback = &self.playbacks[at];
        let id = playback.id;
        if control == PlaybackControl::Stop {
            self.end_playback(id, None, true);
            return Ok(Reply::Done);
        }
        if playback.is_over() {
            return Err(Refusal::Conflict("the playback is over".into()));
        }
        let order = match control {
            PlaybackControl::Pause | PlaybackControl::Resume => {
                Ok(self.hold_playback(at, control == PlaybackControl::Pause))
            }
            PlaybackControl::Volume(volume) => self.turn_playback(at, volume),
            PlaybackControl::SeekTo(to) => self.seek(at, u64::try_from(to).ok()),
            PlaybackControl::SeekBy(by) => {
                let from = self.playbacks[at].position_ms(self.clock);
                self.seek(at, Some(from.saturating_add_signed(by)))
            }
            PlaybackControl::Stop => Ok(None),
        }?;
        if let Some(order) = order {
            self.put(Output::Playback(id, order));
            self.tell_playback(PlaybackEvent::Updated, id);
        }
        Ok(Reply::Done)
    }

    fn hold_playback(&mut self, at: usize, is_paused: bool) -> Option<PlaybackOrder> {
        let (now, playback) = (self.clock, &mut self.playbacks[at]);
        let state = if is_paused { PlaybackState::Paused } else { PlaybackState::Playing };
        if std::mem::replace(&mut playback.state, state) == state {
            return None;
        }
        playback.stand(playback.position_ms(now));
        Some(if is_paused { PlaybackOrder::Pause } else { PlaybackOrder::Resume })
    }

    fn turn_playback(&mut self, at: usize, volume: i64) -> Result<Option<PlaybackOrder>, Refusal> {
        let volume = loudness(volume)?;
        let before = std::mem::replace(&mut self.playbacks[at].volume, volume);
        Ok((before != volume).then_some(PlaybackOrder::Volume(volume)))
    }

    /// Beyond its end is its end, where that is known.
    fn seek(&mut self, at: usize, to_ms: Option<u64>) -> Result<Option<PlaybackOrder>, Refusal> {
        let to_ms = to_ms.ok_or_else(|| Refusal::invalid("position must not be negative"))?;
        let playback = &mut self.playbacks[at];
        if !playback.may_be_seekable() {
            return Err(Refusal::Conflict("this playback is live: one cannot seek in it".into()));
        }
        let to_ms = playback.within(to_ms);
        playback.stand(to_ms);
        Ok(Some(PlaybackOrder::Seek(to_ms)))
    }

    pub(super) fn list_playbacks(&self, actor: Actor) -> Result<Reply, Refusal> {
        self.require(actor, RIGHT)?;
        Ok(Reply::Playbacks(self.playbacks.iter().map(|p| self.see_playback(p)).collect()))
    }

    pub(super) fn playback_news(&mut self, id: PlaybackId, news: PlaybackOutcome) {
        let mono_ms = self.clock.mono_ms;
        let running = |p: &&mut Playback| p.id == id && !p.is_over();
        let Some(playback) = self.playbacks.iter_mut().find(running) else { return };
        match news {
            PlaybackOutcome::Opened { seekable, duration_ms } => {
                let reported = playback.may_be_seekable();
                (playback.seekable, playback.duration_ms) = (Some(seekable), duration_ms);
                if reported != seekable {
                    self.tell_playback(PlaybackEvent::Updated, id);
                }
            }
            PlaybackOutcome::Runs(at_ms) => {
                playback.stand(at_ms);
                if playback.state == PlaybackState::Playing {
                    playback.runs_since_mono_ms = Some(mono_ms);
                }
            }
            PlaybackOutcome::Waits(at_ms) => playback.stand(at_ms),
            PlaybackOutcome::Over(fault) => self.end_playback(id, fault, false),
        }
    }

    /// All that run end with the session.
    pub(super) fn end_playbacks(&mut self) {
        for id in self.playbacks.iter().map(|p| p.id).collect::<Vec<_>>() {
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
        let now = self.clock;
        let running = |p: &&mut Playback| p.id == id && !p.is_over();
        let Some(playback) = self.playbacks.iter_mut().find(running) else { return false };
        playback.stand(playback.position_ms(now));
        playback.state = PlaybackState::Completed;
        playback.ended_at_ms = Some(now.epoch_ms);
        playback.fault = fault;
        playback.seat = None;
        if by_us {
            self.put(Output::Playback(id, PlaybackOrder::Stop));
        }
        self.tell_playback(PlaybackEvent::Ended, id);
        true
    }

    /// The playback that began last of those that run.
    pub(super) fn newest_film(&self) -> Option<MemberId> {
        let newest = self.playbacks.iter().rev().find(|p| !p.is_over());
        newest.map(|p| p.id.as_member())
    }

    /// Whether a playback that is not over has this id.
    pub(super) fn plays(&self, id: MemberId) -> bool {
        self.playbacks.iter().any(|p| p.id.as_member() == id && !p.is_over())
    }

    pub(super) fn running_playbacks(&self) -> Vec<PlaybackView> {
        let running = self.playbacks.iter().filter(|p| !p.is_over());
        running.map(|p| self.see_playback(p)).collect()
    }

    fn see_playback(&self, playback: &Playback) -> PlaybackView {
        PlaybackView {
            id: playback.id,
            room: self.origin.room,
            session: self.origin.session,
            state: playback.state,
            url: playback.url.clone(),
            volume: playback.volume,
            position_ms: playback.position_ms(self.clock),
            seekable: playback.may_be_seekable(),
            started_at_ms: playback.started_at_ms,
            ended_at_ms: playback.ended_at_ms,
            fault: playback.fault,
        }
    }

    /// Keeps it, and tells those who may play; screens and devices hear with their owner.
    fn tell_playback(&mut self, reported: PlaybackEvent, id: PlaybackId) -> Option<PlaybackView> {
        let view = self.playbacks.iter().find(|p| p.id == id).map(|p| self.see_playback(p))?;
        self.put(Output::Record(Record::Happened(Event::Playback(reported, view.clone()))));
        let hears = |m: &&super::Member| m.is_here() && m.parent().is_none() && m.may(RIGHT);
        let who: Vec<_> = self.members.iter().filter(hears).map(|m| m.id()).collect();
        for member in who {
            self.tell(To::Only(member), Event::Playback(reported, view.clone()));
        }
        Some(view)
    }

    /// The list is bounded; only what is over is forgotten.
    fn forget_oldest_playback(&mut self) {
        if self.playbacks.len() >= PLAYBACKS_LISTED
            && let Some(oldest) = self.playbacks.iter().position(Playback::is_over)
        {
            self.playbacks.remove(oldest);
        }
    }
}

fn loudness(volume: i64) -> Result<i32, Refusal> {
    let volume = Some(volume).filter(|volume| PLAYBACK_VOLUME.contains(volume));
    let volume = volume.and_then(|volume| i32::try_from(volume).ok());
    volume.ok_or_else(|| Refusal::invalid("volume must be from -50 to 50"))
}

/// Volume and position of a wish that can be granted as far as its words go.
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
