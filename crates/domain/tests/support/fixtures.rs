//! What scripts and properties start from: ids, a clock, a token's grant.

use rotunda_domain::session::Origin;
use rotunda_domain::{Grant, MemberId, Now, ProjectId, RoomId, SessionId};
use uuid::Uuid;

/// When every session opens, seconds since 1970 UTC.
pub const OPENED_S: i64 = 1_800_000_000;
/// The same moment on the other clock, milliseconds; not 0, so that nobody takes one for the other.
const OPENED_MONO_MS: u64 = 7_000;

/// The moment `ms` milliseconds after the opening.
pub fn now(ms: u64) -> Now {
    let epoch_ms = OPENED_S * 1000 + i64::try_from(ms).expect("scripts are short");
    Now { epoch_ms, mono_ms: OPENED_MONO_MS + ms }
}

pub fn member(n: usize) -> MemberId {
    MemberId(Uuid::from_u128(0xa000 + n as u128))
}

pub fn origin() -> Origin {
    Origin {
        session: SessionId(Uuid::from_u128(1)),
        room: RoomId(Uuid::from_u128(2)),
        project: ProjectId(Uuid::from_u128(3)),
        auto_created: false,
        event_channel: "EC_lab".into(),
        preview_url: None,
    }
}

/// What a token that says nothing beyond a name grants.
pub fn grant(user_name: &str) -> Grant {
    Grant {
        token_id: format!("token of {user_name}"),
        user_name: user_name.into(),
        ..Grant::for_room(origin().project, "lab")
    }
}
