//! The room videochat settings in a session that runs: seats, voices, limits, the board, and what
//! those who watch the room are told.

#[path = "../support/fixtures.rs"]
mod fixtures;
#[path = "../support/videochat_room.rs"]
mod videochat_room;

mod board;
mod generated;
mod seats;
mod voices;

use rotunda_domain::videochat::{
    AutoPromotion, EngineName, LimitSettings, NotificationKind, NotificationMode, RankChange,
    Reading, RoomRight, RoomType, VideochatChange, VideochatMode,
};
use rotunda_domain::{JoinAs, Refusal};
use videochat_room::{Say, VideochatRoom};

fn conference(limit: u32, demote: bool) -> Vec<VideochatChange> {
    vec![
        VideochatChange::Mode(VideochatMode::Conference),
        VideochatChange::AutoPromotion(AutoPromotion { use_custom: true, limit, demote }),
    ]
}

fn limited(limit: u32) -> VideochatChange {
    VideochatChange::Limit(LimitSettings { use_custom: true, limit })
}

const VOICE: RankChange = RankChange {
    panelist: None,
    presenter: None,
    co_presenter: None,
    voice: Some(true),
    owner: None,
};

fn rank(change: impl FnOnce(&mut RankChange)) -> RankChange {
    let mut wanted = RankChange::default();
    change(&mut wanted);
    wanted
}
