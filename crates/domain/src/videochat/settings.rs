//! The settings of a room's videochat, their defaults, and the questions other rules ask them. What
//! doors and store call them is in `settings_table.rs`.

use super::promotion::Reading;
use super::words::{EngineName, InitUser, NotificationMode, Notify, RoomType, VideochatMode};
use crate::refusal::Refusal;

/// Voice without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct AutoPromotion {
    /// Whether these numbers count; else the server's do.
    pub use_custom: bool,
    /// How many have voice without asking; 0 is nobody.
    pub limit: u32,
    /// Whether those lose it again when there are more.
    pub demote: bool,
}

/// How many identities a session may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct LimitSettings {
    /// Whether this number counts; else the server's does.
    pub use_custom: bool,
    /// 0 is no limit.
    pub limit: u32,
}

/// Highest number either limit may have.
pub const LIMIT_MAX: u32 = 10_000;

/// What is set for a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideochatSettings {
    /// Who may speak by coming in.
    pub mode: VideochatMode,
    /// Topology at Twilio; the next session's.
    pub room_type: RoomType,
    /// Who carries the media; the next session's.
    pub engine: EngineName,
    /// Who may begin a session.
    pub init_user: InitUser,
    /// Those without voice are not shown to others.
    pub exclude_listeners: bool,
    /// A screen share is drawn on the board.
    pub use_presentation_board: bool,
    /// People without a seat may watch.
    pub enable_streaming: bool,
    /// How clients are to show that something happened.
    pub notification_mode: NotificationMode,
    /// Voice without asking.
    pub auto_promotion: AutoPromotion,
    /// How many identities there may be.
    pub limit: LimitSettings,
}

impl Default for VideochatSettings {
    /// A room behaves as if there were no settings.
    fn default() -> Self {
        Self {
            mode: VideochatMode::default(),
            room_type: RoomType::default(),
            engine: EngineName::default(),
            init_user: InitUser::default(),
            exclude_listeners: false,
            use_presentation_board: false,
            enable_streaming: true,
            notification_mode: NotificationMode::default(),
            auto_promotion: AutoPromotion::default(),
            limit: LimitSettings::default(),
        }
    }
}

/// What counts where a room says "the server's default".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VideochatDefaults {
    /// How many have voice without asking; 0 is no limit in mode `videochat`, nobody in `conference`.
    pub auto_limit: u32,
    /// Whether those lose it again when there are more.
    pub auto_demote: bool,
    /// Who loses it then.
    pub reading: Reading,
    /// How long it must be calm before voice lost together is given back, milliseconds.
    pub calm_ms: u64,
    /// How many identities; 0 is no limit.
    pub identities: u32,
    /// How clients are to show that something happened; `Default` reads as `Show`.
    pub notification: NotificationMode,
    /// How long a seat is kept for a token that nobody uses, milliseconds.
    pub reservation_ms: u64,
}

impl Default for VideochatDefaults {
    fn default() -> Self {
        Self {
            auto_limit: 0,
            auto_demote: false,
            reading: Reading::Collapse,
            calm_ms: 10_000,
            identities: 0,
            notification: NotificationMode::Show,
            reservation_ms: 60_000,
        }
    }
}

impl VideochatSettings {
    /// Whether people without a seat may watch: listeners, streams, WHEP players, previews.
    ///
    /// # Errors
    /// `Conflict` when streaming is switched off for the room.
    pub fn may_stream(&self) -> Result<(), Refusal> {
        let refusal = || Refusal::Conflict("streaming is switched off for this room".into());
        self.enable_streaming.then_some(()).ok_or_else(refusal)
    }

    /// What clients are to do, with the server's default in place of "default".
    pub fn notify(&self, defaults: &VideochatDefaults) -> Notify {
        let mode = match self.notification_mode {
            NotificationMode::Default => defaults.notification,
            set => set,
        };
        Notify { show: mode != NotificationMode::Hide, sound: mode == NotificationMode::Sound }
    }

    /// How many have voice without asking, and whether they lose it when there are more; `None`
    /// where everybody has.
    pub fn auto_limit(&self, defaults: &VideochatDefaults) -> Option<(u32, bool)> {
        let auto = self.auto_promotion;
        if auto.use_custom {
            return Some((auto.limit, auto.demote));
        }
        let is_in_force = self.mode == VideochatMode::Conference || defaults.auto_limit > 0;
        is_in_force.then_some((defaults.auto_limit, defaults.auto_demote))
    }

    /// How many identities a session may have that `engine` carries with a room of `room_type`;
    /// `None` is no limit.
    pub fn identity_cap(
        &self,
        defaults: &VideochatDefaults,
        engine: EngineName,
        room_type: RoomType,
    ) -> Option<u32> {
        let set = if self.limit.use_custom { self.limit.limit } else { defaults.identities };
        let vendor = (engine == EngineName::Twilio).then(|| room_type.cap());
        vendor.into_iter().chain(Some(set).filter(|set| *set > 0)).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: VideochatDefaults = VideochatDefaults {
        auto_limit: 0,
        auto_demote: false,
        reading: Reading::Collapse,
        calm_ms: 0,
        identities: 0,
        notification: NotificationMode::Show,
        reservation_ms: 60_000,
    };

    #[test]
    fn a_room_about_which_nothing_was_set_is_limited_in_nothing() {
        let untouched = VideochatSettings::default();
        assert_eq!(untouched.auto_limit(&DEFAULTS), None);
        let native = untouched.identity_cap(&DEFAULTS, EngineName::Native, RoomType::Group);
        assert_eq!(native, None);
        assert_eq!(untouched.may_stream(), Ok(()));
        assert_eq!(untouched.notify(&DEFAULTS), Notify { show: true, sound: false });
    }

    #[test]
    fn every_notification_mode_resolves_to_what_a_client_does() {
        let table = [(0, true, false), (1, false, false), (2, true, false), (3, true, true)];
        for (number, show, sound) in table {
            let mode = NotificationMode::of_number(number).unwrap();
            let set = VideochatSettings { notification_mode: mode, ..VideochatSettings::default() };
            assert_eq!(set.notify(&DEFAULTS), Notify { show, sound }, "{number}");
        }
        assert!([-1, 4, 256].iter().all(|n| NotificationMode::of_number(*n).is_none()));
    }

    #[test]
    fn the_lower_of_the_rooms_limit_and_the_vendors_holds() {
        let limit = |use_custom, limit| {
            let limit = LimitSettings { use_custom, limit };
            VideochatSettings { limit, ..VideochatSettings::default() }
        };
        let of = |set: VideochatSettings, engine, room_type| {
            set.identity_cap(&DEFAULTS, engine, room_type)
        };
        assert_eq!(of(limit(true, 7), EngineName::Native, RoomType::GroupSmall), Some(7));
        assert_eq!(of(limit(true, 7), EngineName::Twilio, RoomType::GroupSmall), Some(4));
        assert_eq!(of(limit(true, 0), EngineName::Twilio, RoomType::PeerToPeer), Some(10));
        assert_eq!(of(limit(true, 0), EngineName::Native, RoomType::Group), None);
        assert_eq!(of(limit(false, 7), EngineName::Native, RoomType::Group), None);
        let served = VideochatDefaults { identities: 3, ..DEFAULTS };
        let default = limit(false, 7).identity_cap(&served, EngineName::Native, RoomType::Group);
        assert_eq!(default, Some(3));
    }
}
