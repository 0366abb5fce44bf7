//! The settings of a room's videochat, one row each: what the wire and the store call a setting, who may
//! set it, and where its value lies. From these rows the door reads, writes and finds its setters, the
//! store makes its SQL, and what changed is told by name.

use super::settings::VideochatSettings;
use super::words::{NotificationMode, Word};

/// All settings, in the order in which they are listed and stored.
pub static SETTINGS: &[Setting] = &[
    Setting {
        field: "videochatMode",
        endpoint: "room:videochat:setRoomVideochatMode",
        set_by: SetBy::Managers,
        copy: |to, from| to.mode = from.mode,
        shape: value("mode", |set| SettingValue::Word(&mut set.mode)),
    },
    Setting {
        field: "videochatType",
        endpoint: "room:videochat:setRoomVideochatType",
        set_by: SetBy::Administrators,
        copy: |to, from| to.room_type = from.room_type,
        shape: value("room_type", |set| SettingValue::Word(&mut set.room_type)),
    },
    Setting {
        field: "videochatEngine",
        endpoint: "room:videochat:setRoomVideochatEngine",
        set_by: SetBy::Administrators,
        copy: |to, from| to.engine = from.engine,
        shape: value("engine", |set| SettingValue::Word(&mut set.engine)),
    },
    Setting {
        field: "videochatInitUser",
        endpoint: "room:videochat:setRoomVideochatInitUser",
        set_by: SetBy::Managers,
        copy: |to, from| to.init_user = from.init_user,
        shape: value("init_user", |set| SettingValue::Word(&mut set.init_user)),
    },
    Setting {
        field: "excludeListeners",
        endpoint: "room:videochat:setRoomVideochatExcludeListeners",
        set_by: SetBy::Managers,
        copy: |to, from| to.exclude_listeners = from.exclude_listeners,
        shape: value("exclude_listeners", |set| SettingValue::Flag(&mut set.exclude_listeners)),
    },
    Setting {
        field: "usePresentationBoard",
        endpoint: "room:videochat:setRoomVideochatUsePresentationBoard",
        set_by: SetBy::Managers,
        copy: |to, from| to.use_presentation_board = from.use_presentation_board,
        shape: value("use_presentation_board", |set| {
            SettingValue::Flag(&mut set.use_presentation_board)
        }),
    },
    Setting {
        field: "enableStreaming",
        endpoint: "room:videochat:setRoomVideochatEnableStreaming",
        set_by: SetBy::Managers,
        copy: |to, from| to.enable_streaming = from.enable_streaming,
        shape: value("enable_streaming", |set| SettingValue::Flag(&mut set.enable_streaming)),
    },
    Setting {
        field: "notificationMode",
        endpoint: "room:videochat:setRoomVideochatNotificationMode",
        set_by: SetBy::Managers,
        copy: |to, from| to.notification_mode = from.notification_mode,
        shape: value("notification_mode", |set| {
            SettingValue::Notification(&mut set.notification_mode)
        }),
    },
    Setting {
        field: "autoPromotion",
        endpoint: "room:videochat:setRoomVideochatAutoPromotion",
        set_by: SetBy::Managers,
        copy: |to, from| to.auto_promotion = from.auto_promotion,
        shape: Shape::Object(&[
            member("useCustomSettings", "auto_custom", |set| {
                SettingValue::Flag(&mut set.auto_promotion.use_custom)
            }),
            member("autoPromotionLimit", "auto_limit", |set| {
                SettingValue::Limit(&mut set.auto_promotion.limit)
            }),
            member("autoDemoteOnLimit", "auto_demote", |set| {
                SettingValue::Flag(&mut set.auto_promotion.demote)
            }),
        ]),
    },
    Setting {
        field: "limitSettings",
        endpoint: "room:videochat:setRoomVideochatLimit",
        set_by: SetBy::Managers,
        copy: |to, from| to.limit = from.limit,
        shape: Shape::Object(&[
            member("useCustomSettings", "limit_custom", |set| {
                SettingValue::Flag(&mut set.limit.use_custom)
            }),
            member("videochatLimit", "identity_limit", |set| {
                SettingValue::Limit(&mut set.limit.limit)
            }),
        ]),
    },
];

/// A row: all that is known of a setting but what it does.
#[derive(Debug)]
pub struct Setting {
    /// Its name on the wire, with which its endpoint takes it and others are told of it.
    pub field: &'static str,
    /// The endpoint that sets it.
    pub endpoint: &'static str,
    /// Who may.
    pub set_by: SetBy,
    /// Puts into the first what the second says of this setting.
    copy: fn(&mut VideochatSettings, &VideochatSettings),
    /// What it looks like on the wire, and its columns in the store.
    pub shape: Shape,
}

/// Settings are told apart by their names.
impl PartialEq for Setting {
    fn eq(&self, other: &Self) -> bool {
        self.field == other.field
    }
}

impl Eq for Setting {}

/// Who may set something; it takes the right to manage the room in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetBy {
    /// Whoever manages the room.
    Managers,
    /// Administrators alone, for it concerns what the operator pays for.
    Administrators,
}

/// What a setting looks like.
#[derive(Debug)]
pub enum Shape {
    /// One value.
    Value(Column),
    /// An object with these members, taken whole or not at all.
    Object(&'static [(&'static str, Column)]),
}

/// A value of a setting: a column of the store.
#[derive(Debug)]
pub struct Column {
    /// The column's name.
    pub name: &'static str,
    /// Where the value lies.
    pub value: Place,
}

/// Finds a value, to be read and to be written; who only reads, hands in a copy.
pub type Place = fn(&mut VideochatSettings) -> SettingValue<'_>;

const fn value(name: &'static str, value: Place) -> Shape {
    Shape::Value(Column { name, value })
}

const fn member(field: &'static str, name: &'static str, value: Place) -> (&'static str, Column) {
    (field, Column { name, value })
}

/// A value where it lies.
pub enum SettingValue<'a> {
    /// One of several words.
    Word(&'a mut dyn Word),
    /// On or off.
    Flag(&'a mut bool),
    /// 0 to [`LIMIT_MAX`](super::settings::LIMIT_MAX).
    Limit(&'a mut u32),
    /// How clients are to show that something happened, as its number.
    Notification(&'a mut NotificationMode),
}

impl Setting {
    /// Its columns in the store, in their order.
    pub fn columns(&'static self) -> impl Iterator<Item = &'static Column> {
        let (value, members) = match &self.shape {
            Shape::Value(column) => (Some(column), &[][..]),
            Shape::Object(members) => (None, *members),
        };
        value.into_iter().chain(members.iter().map(|(_, column)| column))
    }
}

impl VideochatSettings {
    /// These settings, with one of them as `new` has it.
    #[must_use]
    pub fn with(mut self, setting: &Setting, new: &Self) -> Self {
        (setting.copy)(&mut self, new);
        self
    }

    /// Which of them differ from `other`, in the order of [`SETTINGS`].
    pub fn differing(&self, other: &Self) -> Vec<&'static Setting> {
        SETTINGS.iter().filter(|setting| self.with(setting, other) != *self).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::{EngineName, InitUser, RoomType, VideochatMode};
    use super::super::{AutoPromotion, LimitSettings};
    use super::*;

    /// Each of them other than by default.
    const OTHER: VideochatSettings = VideochatSettings {
        mode: VideochatMode::Conference,
        room_type: RoomType::PeerToPeer,
        engine: EngineName::Agora,
        init_user: InitUser::Manager,
        exclude_listeners: true,
        use_presentation_board: true,
        enable_streaming: false,
        notification_mode: NotificationMode::Hide,
        auto_promotion: AutoPromotion { use_custom: true, limit: 1, demote: true },
        limit: LimitSettings { use_custom: true, limit: 2 },
    };

    #[test]
    fn one_change_differs_in_one_setting_and_a_repeated_one_in_none() {
        let default = VideochatSettings::default();
        for setting in SETTINGS {
            let set = default.with(setting, &OTHER);
            assert_eq!(set.differing(&default), [setting]);
            assert!(set.with(setting, &OTHER).differing(&set).is_empty());
        }
        assert_eq!(OTHER.differing(&default).len(), SETTINGS.len());
        let all = SETTINGS.iter().fold(default, |set, setting| set.with(setting, &OTHER));
        assert_eq!(all, OTHER, "no setting is without a row");
    }

    #[test]
    fn a_value_changes_the_setting_in_whose_row_it_stands() {
        for (setting, column) in
            SETTINGS.iter().flat_map(|one| one.columns().map(move |c| (one, c)))
        {
            let mut set = VideochatSettings::default();
            match (column.value)(&mut set) {
                SettingValue::Word(word) => word.set(word.words()[1]).unwrap(),
                SettingValue::Flag(flag) => *flag = !*flag,
                SettingValue::Limit(limit) => *limit += 1,
                SettingValue::Notification(mode) => *mode = NotificationMode::Sound,
            }
            assert_eq!(set.differing(&VideochatSettings::default()), [setting], "{}", column.name);
        }
    }

    #[test]
    fn engine_and_type_are_for_administrators() {
        let only = SETTINGS.iter().filter(|setting| setting.set_by == SetBy::Administrators);
        let names: Vec<_> = only.map(|setting| setting.field).collect();
        assert_eq!(names, ["videochatType", "videochatEngine"]);
    }
}
