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
    Reading, RoomRight, RoomType, VideochatMode, VideochatSettings,
};
use rotunda_domain::{JoinAs, Refusal};
use videochat_room::{Say, VideochatRoom};

/// The defaults but for what is changed.
fn settings(change: impl FnOnce(&mut VideochatSettings)) -> VideochatSettings {
    let mut settings = VideochatSettings::default();
    change(&mut settings);
    settings
}

fn conference(limit: u32, demote: bool) -> VideochatSettings {
    settings(|set| {
        set.mode = VideochatMode::Conference;
        set.auto_promotion = AutoPromotion { use_custom: true, limit, demote };
    })
}

fn limited(limit: u32) -> VideochatSettings {
    settings(|set| set.limit = LimitSettings { use_custom: true, limit })
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
