//! The setters of the settings page, and one of ours: each reads the value of its setting and changes
//! it. Who may is asked before the value is looked at.

use crate::client::Client;
use crate::envelope::{DONE, Failure, Outcome};
use crate::fields::Fields;
use rotunda_domain::videochat::{
    Column, NotificationMode, Setting, SettingValue, Shape, VideochatSettings,
};
use rotunda_hub::{Hub, UserSession};

/// Settings with this one as it is asked for, the others by default; an object is read whole or not
/// at all.
fn read(setting: &Setting, data: &Fields<'_>) -> Result<VideochatSettings, Failure> {
    let mut new = VideochatSettings::default();
    match &setting.shape {
        Shape::Value(column) => read_value(setting.field, column, data, &mut new)?,
        Shape::Object(members) => {
            let object = data.object(setting.field)?;
            for (name, column) in *members {
                read_value(name, column, &object, &mut new)?;
            }
        }
    }
    Ok(new)
}

fn read_value(
    name: &'static str,
    column: &Column,
    data: &Fields<'_>,
    new: &mut VideochatSettings,
) -> Result<(), Failure> {
    match (column.value)(new) {
        SettingValue::Word(word) => data.word(name, word.words(), |text| word.set(text))?,
        SettingValue::Flag(flag) => *flag = data.flag(name)?,
        SettingValue::Limit(limit) => *limit = data.limit(name)?,
        SettingValue::Notification(mode) => {
            let wrong = || Failure::bad("notificationMode must be 0, 1, 2 or 3");
            *mode = NotificationMode::of_number(data.whole(name)?).ok_or_else(wrong)?;
        }
    }
    Ok(())
}

impl Client {
    pub(crate) async fn set(
        &self,
        caller: &UserSession,
        setting: &'static Setting,
        data: &Fields<'_>,
    ) -> Outcome {
        let room = self.room(caller, data).await?;
        let permit = Hub::may_set(&room, setting)?;
        self.hub().set_videochat(permit, read(setting, data)?).await?;
        DONE
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rotunda_domain::videochat::{AutoPromotion, SETTINGS};
    use serde_json::{Value, json};

    fn read(field: &str, data: Value) -> Result<VideochatSettings, u16> {
        let Value::Object(data) = data else { panic!("an object") };
        let setting = SETTINGS.iter().find(|setting| setting.field == field).unwrap();
        super::read(setting, &Fields::new(&data)).map_err(|failure| failure.code)
    }

    #[test]
    fn an_object_is_read_whole_or_not_at_all() {
        let whole = json!({"autoPromotion": {
            "useCustomSettings": false, "autoPromotionLimit": 3.0, "autoDemoteOnLimit": true, "more": 1
        }});
        let auto_promotion = AutoPromotion { use_custom: false, limit: 3, demote: true };
        let new = VideochatSettings { auto_promotion, ..VideochatSettings::default() };
        assert_eq!(read("autoPromotion", whole), Ok(new));
        for partial in [
            json!({"useCustomSettings": true, "autoPromotionLimit": 3}),
            json!({"useCustomSettings": true, "autoDemoteOnLimit": true}),
            json!({"autoPromotionLimit": 3, "autoDemoteOnLimit": true}),
            json!({"useCustomSettings": 1, "autoPromotionLimit": 3, "autoDemoteOnLimit": true}),
            json!(null),
        ] {
            assert_eq!(read("autoPromotion", json!({"autoPromotion": partial})), Err(400));
        }
    }

    #[test]
    fn numbers_have_bounds_and_words_have_capitals() {
        let limit = |n: Value| {
            let settings = json!({"useCustomSettings": true, "videochatLimit": n});
            read("limitSettings", json!({ "limitSettings": settings }))
        };
        assert!(limit(json!(0)).is_ok() && limit(json!(10_000)).is_ok());
        for bad in [json!(-1), json!(10_001), json!(1.5), json!("3"), json!(true)] {
            assert_eq!(limit(bad.clone()), Err(400), "{bad}");
        }
        for (mode, ok) in [("videochat", true), ("conference", true), ("Conference", false)] {
            assert_eq!(read("videochatMode", json!({ "videochatMode": mode })).is_ok(), ok);
        }
        for (mode, ok) in [(-1, false), (0, true), (3, true), (4, false)] {
            assert_eq!(read("notificationMode", json!({ "notificationMode": mode })).is_ok(), ok);
        }
        assert_eq!(read("usePresentationBoard", json!({"usePresentationBoard": "true"})), Err(400));
    }
}
