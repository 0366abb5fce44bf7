//! The nine setters of the settings page, and one of ours: each reads its value and changes one
//! setting. Who may is asked before the value is looked at.

use crate::client::Client;
use crate::envelope::{DONE, Failure, Outcome};
use crate::fields::Fields;
use rotunda_domain::videochat::{
    AutoPromotion, EngineName, InitUser, LimitSettings, NotificationMode, RoomType,
    VideochatChange, VideochatMode,
};
use rotunda_hub::{Hub, UserSession};

/// Which setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setter {
    /// `videochatMode`.
    Mode,
    /// `videochatType`.
    RoomType,
    /// `videochatEngine`.
    Engine,
    /// `excludeListeners`.
    ExcludeListeners,
    /// `usePresentationBoard`.
    Board,
    /// `enableStreaming`.
    EnableStreaming,
    /// `notificationMode`.
    Notification,
    /// `autoPromotion`.
    AutoPromotion,
    /// `limitSettings`.
    Limit,
    /// `videochatInitUser`.
    InitUser,
}

impl Setter {
    fn is_for_administrators(self) -> bool {
        matches!(self, Self::RoomType | Self::Engine)
    }

    /// Reads the value; an object is read whole or not at all.
    fn read(self, data: &Fields<'_>) -> Result<VideochatChange, Failure> {
        Ok(match self {
            Self::Mode => VideochatChange::Mode(data.word(
                "videochatMode",
                VideochatMode::WORDS,
                VideochatMode::parse,
            )?),
            Self::RoomType => VideochatChange::RoomType(data.word(
                "videochatType",
                RoomType::WORDS,
                RoomType::parse,
            )?),
            Self::Engine => VideochatChange::Engine(data.word(
                "videochatEngine",
                EngineName::WORDS,
                EngineName::parse,
            )?),
            Self::InitUser => VideochatChange::InitUser(data.word(
                "videochatInitUser",
                InitUser::WORDS,
                InitUser::parse,
            )?),
            Self::ExcludeListeners => {
                VideochatChange::ExcludeListeners(data.flag("excludeListeners")?)
            }
            Self::Board => {
                VideochatChange::UsePresentationBoard(data.flag("usePresentationBoard")?)
            }
            Self::EnableStreaming => {
                VideochatChange::EnableStreaming(data.flag("enableStreaming")?)
            }
            Self::Notification => VideochatChange::NotificationMode(notification_mode(data)?),
            Self::AutoPromotion => VideochatChange::AutoPromotion(auto_promotion(data)?),
            Self::Limit => VideochatChange::Limit(limit_settings(data)?),
        })
    }
}

fn notification_mode(data: &Fields<'_>) -> Result<NotificationMode, Failure> {
    let wrong = || Failure::bad("notificationMode must be 0, 1, 2 or 3");
    NotificationMode::of_number(data.whole("notificationMode")?).ok_or_else(wrong)
}

fn auto_promotion(data: &Fields<'_>) -> Result<AutoPromotion, Failure> {
    let fields = data.object("autoPromotion", "autoPromotion.")?;
    Ok(AutoPromotion {
        use_custom: fields.flag("useCustomSettings")?,
        limit: fields.limit("autoPromotionLimit")?,
        demote: fields.flag("autoDemoteOnLimit")?,
    })
}

fn limit_settings(data: &Fields<'_>) -> Result<LimitSettings, Failure> {
    let fields = data.object("limitSettings", "limitSettings.")?;
    Ok(LimitSettings {
        use_custom: fields.flag("useCustomSettings")?,
        limit: fields.limit("videochatLimit")?,
    })
}

impl Client {
    pub(crate) async fn set(
        &self,
        caller: &UserSession,
        setter: Setter,
        data: &Fields<'_>,
    ) -> Outcome {
        let room = self.room(caller, data).await?;
        Hub::may_set(&room, setter.is_for_administrators())?;
        self.hub().set_videochat(&room, setter.read(data)?).await?;
        DONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(setter: Setter, data: Value) -> Result<VideochatChange, u16> {
        let Value::Object(data) = data else { panic!("an object") };
        setter.read(&Fields::new(&data)).map_err(|failure| failure.code)
    }

    #[test]
    fn an_object_is_read_whole_or_not_at_all() {
        let whole = json!({"autoPromotion": {
            "useCustomSettings": false, "autoPromotionLimit": 3.0, "autoDemoteOnLimit": true, "more": 1
        }});
        let auto = AutoPromotion { use_custom: false, limit: 3, demote: true };
        assert_eq!(read(Setter::AutoPromotion, whole), Ok(VideochatChange::AutoPromotion(auto)));
        for partial in [
            json!({"useCustomSettings": true, "autoPromotionLimit": 3}),
            json!({"useCustomSettings": true, "autoDemoteOnLimit": true}),
            json!({"autoPromotionLimit": 3, "autoDemoteOnLimit": true}),
            json!({"useCustomSettings": 1, "autoPromotionLimit": 3, "autoDemoteOnLimit": true}),
            json!(null),
        ] {
            assert_eq!(read(Setter::AutoPromotion, json!({"autoPromotion": partial})), Err(400));
        }
    }

    #[test]
    fn numbers_have_bounds_and_words_have_capitals() {
        let limit = |n: Value| {
            let settings = json!({"useCustomSettings": true, "videochatLimit": n});
            read(Setter::Limit, json!({ "limitSettings": settings }))
        };
        assert!(limit(json!(0)).is_ok() && limit(json!(10_000)).is_ok());
        for bad in [json!(-1), json!(10_001), json!(1.5), json!("3"), json!(true)] {
            assert_eq!(limit(bad.clone()), Err(400), "{bad}");
        }
        for (mode, ok) in [("videochat", true), ("conference", true), ("Conference", false)] {
            assert_eq!(read(Setter::Mode, json!({ "videochatMode": mode })).is_ok(), ok);
        }
        for (mode, ok) in [(-1, false), (0, true), (3, true), (4, false)] {
            assert_eq!(read(Setter::Notification, json!({ "notificationMode": mode })).is_ok(), ok);
        }
        assert_eq!(read(Setter::Board, json!({"usePresentationBoard": "true"})), Err(400));
    }
}
