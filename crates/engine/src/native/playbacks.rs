//! Where the graph and what is played into it meet.

use super::Shared;
use crate::EngineRefusal;
use rotunda_domain::output::MemberMedia;
use rotunda_domain::{
    Outcome, PlaybackFault, PlaybackId, PlaybackOrder, PlaybackOutcome, SessionId,
};
use std::sync::Arc;

pub(super) fn hindrance(shared: &Arc<Shared>, url: &str) -> Option<EngineRefusal> {
    if let Err(refused) = shared.playbacks.check(url) {
        return Some(EngineRefusal::Offer(refused.to_string()));
    }
    if let Err(missing) = shared.playbacks.programs() {
        return Some(EngineRefusal::Unsupported(missing.to_string()));
    }
    let full = "this server plays as much as it may (playback.max_at_once)";
    shared.playbacks.is_full().then(|| EngineRefusal::Busy(full.to_owned()))
}

pub(super) fn carry_out(
    shared: &Arc<Shared>,
    session: SessionId,
    playback: PlaybackId,
    order: PlaybackOrder,
) {
    match order {
        PlaybackOrder::Start { url, position_ms, volume } => {
            turn(shared, session, playback, volume);
            start(shared, session, playback, &url, position_ms);
        }
        PlaybackOrder::Pause => shared.playbacks.pause(playback, true),
        PlaybackOrder::Resume => shared.playbacks.pause(playback, false),
        PlaybackOrder::Seek(to_ms) => shared.playbacks.seek(playback, to_ms),
        PlaybackOrder::Volume(volume) => turn(shared, session, playback, volume),
        PlaybackOrder::Stop => {
            shared.playbacks.stop(playback);
            shared.graph().remove_film(session, playback.as_member());
        }
    }
}

fn turn(shared: &Arc<Shared>, session: SessionId, playback: PlaybackId, volume: i32) {
    let usual = MemberMedia::nothing(playback.as_member());
    shared.graph().apply_media(session, &MemberMedia { input_volume: volume, ..usual });
}

fn start(
    shared: &Arc<Shared>,
    session: SessionId,
    playback: PlaybackId,
    url: &str,
    position_ms: u64,
) {
    let home = Arc::downgrade(shared);
    let tell = Arc::new(move |news| {
        let Some(shared) = home.upgrade() else { return };
        if matches!(news, PlaybackOutcome::Over(_)) {
            shared.graph().remove_film(session, playback.as_member());
        }
        shared.events.happened(session, Outcome::Playback(playback, news));
    });
    match shared.graph().add_film(session, playback.as_member()) {
        Some(film) => shared.playbacks.start(playback, url, position_ms, film, tell),
        None => tell(PlaybackOutcome::Over(Some(PlaybackFault::NoPlayer))),
    }
}
