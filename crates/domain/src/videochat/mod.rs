//! Room videochat settings: what may be set, what follows from it, and what is told of it.
//!
//! The names are those of the settings page being offered. A room about which nothing was set has
//! the defaults, and with them it behaves exactly as if there were no settings.

pub mod ask;
pub mod notification;
pub mod promotion;
pub mod settings;
pub mod settings_table;
pub mod words;

pub use ask::{
    Caller, LiveStreamRequest, RankChange, RoomRight, SeatGranted, SeatRequest, VideochatCommand,
    VideochatReply, VideochatView,
};
pub use notification::{IdentityView, Insiders, Notification, NotificationKind, Ranks, Recipients};
pub use promotion::{Elector, Reading, auto_voice};
pub use settings::{AutoPromotion, LimitSettings, VideochatDefaults, VideochatSettings};
pub use settings_table::{Column, SETTINGS, SetBy, Setting, SettingValue, Shape};
pub(crate) use words::BOARD_LAYOUT;
pub use words::{EngineName, InitUser, NotificationMode, Notify, RoomType, VideochatMode, Word};
