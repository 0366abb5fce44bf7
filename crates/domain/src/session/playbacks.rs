//! What the session remembers of its playbacks: where each is, how loud, and where it sits. Between two
//! pieces of news the position is reckoned from the clock.

use super::Origin;
use super::requested_position::RequestedPosition;
use crate::id::{MemberId, PlaybackId};
use crate::layout::{Position, Reservation, seats::Candidate};
use crate::limits::{PLAYBACK_VOLUME, PLAYBACKS, PLAYBACKS_LISTED};
use crate::playback::{
    PlaybackControl, PlaybackEvent, PlaybackFault, PlaybackOrder, PlaybackOutcome, PlaybackState,
    PlaybackView,
};
use crate::refusal::Refusal;
use crate::time::Now;
use std::sync::Arc;

/// What a change of the playbacks brings about, in this order.
#[derive(Debug)]
pub(super) enum Effect {
    /// To be done by whoever plays.
    Order(PlaybackId, PlaybackOrder),
    /// Kept, and told to those who may play.
    Happened(PlaybackEvent, PlaybackView),
}

/// What is to be played, once its words are known to be right.
#[derive(Debug)]
pub(super) struct Film {
    pub id: PlaybackId,
    pub url: Arc<str>,
    pub volume: i32,
    pub position_ms: u64,
    /// Where its player wants it.
    pub position: Position,
}

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

    fn view(&self, origin: &Origin, now: Now) -> PlaybackView {
        PlaybackView {
            id: self.id,
            room: origin.room,
            session: origin.session,
            state: self.state,
            url: self.url.clone(),
            volume: self.volume,
            position_ms: self.position_ms(now),
            seekable: self.may_be_seekable(),
            started_at_ms: self.started_at_ms,
            ended_at_ms: self.ended_at_ms,
            fault: self.fault,
        }
    }

    /// What there is to do for it; nothing where it is done already.
    ///
    /// # Errors
    /// What is wrong with the values, or that one cannot seek in it.
    fn control(
        &mut self,
        now: Now,
        control: PlaybackControl,
    ) -> Result<Option<PlaybackOrder>, Refusal> {
        match control {
            PlaybackControl::Pause => Ok(self.hold(now, true)),
            PlaybackControl::Resume => Ok(self.hold(now, false)),
            PlaybackControl::Volume(volume) => {
                let volume = loudness(volume)?;
                let before = std::mem::replace(&mut self.volume, volume);
                Ok((before != volume).then_some(PlaybackOrder::Volume(volume)))
            }
            PlaybackControl::SeekTo(to) => self.seek(u64::try_from(to).ok()),
            PlaybackControl::SeekBy(by) => {
                self.seek(Some(self.position_ms(now).saturating_add_signed(by)))
            }
            PlaybackControl::Stop => Ok(None),
        }
    }

    fn hold(&mut self, now: Now, is_paused: bool) -> Option<PlaybackOrder> {
        let state = if is_paused { PlaybackState::Paused } else { PlaybackState::Playing };
        if std::mem::replace(&mut self.state, state) == state {
            return None;
        }
        self.stand(self.position_ms(now));
        Some(if is_paused { PlaybackOrder::Pause } else { PlaybackOrder::Resume })
    }

    /// Beyond its end is its end, where that is known.
    fn seek(&mut self, to_ms: Option<u64>) -> Result<Option<PlaybackOrder>, Refusal> {
        let to_ms = to_ms.ok_or_else(|| Refusal::invalid("position must not be negative"))?;
        if !self.may_be_seekable() {
            return Err(Refusal::Conflict("this playback is live: one cannot seek in it".into()));
        }
        let to_ms = self.within(to_ms);
        self.stand(to_ms);
        Ok(Some(PlaybackOrder::Seek(to_ms)))
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

/// The session's playbacks, those that are over included.
#[derive(Debug, Default)]
pub(super) struct Playbacks {
    all: Vec<Playback>,
}

impl Playbacks {
    fn running(&self) -> impl DoubleEndedIterator<Item = &Playback> {
        self.all.iter().filter(|playback| !playback.is_over())
    }

    fn running_mut(&mut self, id: PlaybackId) -> Option<&mut Playback> {
        self.all.iter_mut().find(|playback| playback.id == id && !playback.is_over())
    }

    pub fn ids(&self) -> Vec<PlaybackId> {
        self.all.iter().map(|playback| playback.id).collect()
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Playback> {
        self.all.iter_mut()
    }

    pub fn by_member(&self, id: MemberId) -> Option<&Playback> {
        self.all.iter().find(|playback| playback.id.as_member() == id)
    }

    pub fn by_member_mut(&mut self, id: MemberId) -> Option<&mut Playback> {
        self.all.iter_mut().find(|playback| playback.id.as_member() == id)
    }

    /// Those who may be shown.
    pub fn candidates(&self) -> impl Iterator<Item = Candidate> {
        self.all.iter().filter_map(Playback::candidate)
    }

    /// The one that began last of those that run.
    pub fn newest(&self) -> Option<MemberId> {
        self.running().next_back().map(|playback| playback.id.as_member())
    }

    /// Whether one that is not over has this id.
    pub fn plays(&self, id: MemberId) -> bool {
        self.running().any(|playback| playback.id.as_member() == id)
    }

    pub fn running_views(&self, origin: &Origin, now: Now) -> Vec<PlaybackView> {
        self.running().map(|playback| playback.view(origin, now)).collect()
    }

    pub fn views(&self, origin: &Origin, now: Now) -> Vec<PlaybackView> {
        self.all.iter().map(|playback| playback.view(origin, now)).collect()
    }

    pub fn view(&self, id: PlaybackId, origin: &Origin, now: Now) -> Option<PlaybackView> {
        let playback = self.all.iter().find(|playback| playback.id == id);
        playback.map(|playback| playback.view(origin, now))
    }

    /// # Errors
    /// `LimitReached`.
    pub fn begin(&mut self, now: Now, film: Film, origin: &Origin) -> Result<[Effect; 2], Refusal> {
        if self.running().count() >= PLAYBACKS {
            let text = format!("a session has at most {PLAYBACKS} playbacks at a time");
            return Err(Refusal::LimitReached(text));
        }
        self.forget_oldest();
        let Film { id, url, volume, position_ms, position } = film;
        let mut requested_position = RequestedPosition::default();
        requested_position.set(position);
        let playback = Playback {
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
            started_at_ms: now.epoch_ms,
            ended_at_ms: None,
            fault: None,
        };
        let view = playback.view(origin, now);
        self.all.push(playback);
        let order = PlaybackOrder::Start { url, position_ms, volume };
        Ok([Effect::Order(id, order), Effect::Happened(PlaybackEvent::Started, view)])
    }

    /// Doing what is done already changes nothing, and what is over stays over.
    ///
    /// # Errors
    /// `Conflict` for one that is over, and what is wrong with the values.
    pub fn control(
        &mut self,
        now: Now,
        id: PlaybackId,
        control: PlaybackControl,
        origin: &Origin,
    ) -> Result<Vec<Effect>, Refusal> {
        let over = || Refusal::Conflict("the playback is over".into());
        let playback = self.running_mut(id).ok_or_else(over)?;
        let Some(order) = playback.control(now, control)? else { return Ok(Vec::new()) };
        let view = playback.view(origin, now);
        Ok(vec![Effect::Order(id, order), Effect::Happened(PlaybackEvent::Updated, view)])
    }

    /// What the player tells of one that runs, its end apart.
    pub fn learn(
        &mut self,
        now: Now,
        id: PlaybackId,
        news: PlaybackOutcome,
        origin: &Origin,
    ) -> Option<Effect> {
        let playback = self.running_mut(id)?;
        match news {
            PlaybackOutcome::Opened { seekable, duration_ms } => {
                let was = playback.may_be_seekable();
                (playback.seekable, playback.duration_ms) = (Some(seekable), duration_ms);
                let view = playback.view(origin, now);
                (was != seekable).then_some(Effect::Happened(PlaybackEvent::Updated, view))
            }
            PlaybackOutcome::Runs(at_ms) => {
                playback.stand(at_ms);
                if playback.state == PlaybackState::Playing {
                    playback.runs_since_mono_ms = Some(now.mono_ms);
                }
                None
            }
            PlaybackOutcome::Waits(at_ms) => {
                playback.stand(at_ms);
                None
            }
            PlaybackOutcome::Over(_) => None,
        }
    }

    /// Over; nothing for one that was over before.
    pub fn end(
        &mut self,
        now: Now,
        id: PlaybackId,
        (fault, by_us): (Option<PlaybackFault>, bool),
        origin: &Origin,
    ) -> Option<Vec<Effect>> {
        let playback = self.running_mut(id)?;
        playback.stand(playback.position_ms(now));
        playback.state = PlaybackState::Completed;
        playback.ended_at_ms = Some(now.epoch_ms);
        playback.fault = fault;
        playback.seat = None;
        let view = playback.view(origin, now);
        let stop = by_us.then_some(Effect::Order(id, PlaybackOrder::Stop));
        Some(stop.into_iter().chain([Effect::Happened(PlaybackEvent::Ended, view)]).collect())
    }

    /// The list is bounded; only what is over is forgotten.
    fn forget_oldest(&mut self) {
        if self.all.len() >= PLAYBACKS_LISTED
            && let Some(oldest) = self.all.iter().position(Playback::is_over)
        {
            self.all.remove(oldest);
        }
    }
}

pub(super) fn loudness(volume: i64) -> Result<i32, Refusal> {
    let volume = Some(volume).filter(|volume| PLAYBACK_VOLUME.contains(volume));
    let volume = volume.and_then(|volume| i32::try_from(volume).ok());
    volume.ok_or_else(|| Refusal::invalid("volume must be from -50 to 50"))
}
