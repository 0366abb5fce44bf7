//! Settings of videochats, and vendors' credentials.

use super::{ConfigError, Layers};
use rotunda_domain::StreamTarget;
use rotunda_domain::videochat::{NotificationMode, Reading, VideochatDefaults};
use rotunda_videochat::{AgoraKeys, LivekitKeys, TwilioKeys, Vendors, is_web_address};

impl Layers {
    pub(super) fn videochat(&self) -> Result<VideochatDefaults, ConfigError> {
        let reading = match self.text("videochat.auto_demote_reading").as_str() {
            "collapse" => Reading::Collapse,
            "trim" => Reading::Trim,
            "rolling" => Reading::Rolling,
            _ => {
                let what = "must be collapse, trim or rolling";
                return self.wrong("videochat.auto_demote_reading", what);
            }
        };
        let notification = self.whole("videochat.notification_mode");
        Ok(VideochatDefaults {
            auto_limit: self.whole("videochat.auto_promotion_limit") as u32,
            auto_demote: self.switch("videochat.auto_demote_on_limit"),
            reading,
            calm_ms: self.whole("videochat.calm_seconds") as u64 * 1000,
            identities: self.whole("videochat.limit") as u32,
            notification: NotificationMode::of_number(notification).unwrap_or_default(),
            ..VideochatDefaults::default()
        })
    }

    pub(super) fn live_target(&self) -> Result<Option<StreamTarget>, ConfigError> {
        let key = "videochat.live_stream_url";
        match self.optional(key).map(|text| StreamTarget::parse(&text)).transpose() {
            Ok(target) => Ok(target),
            Err(refusal) => self.wrong(key, &refusal.to_string()),
        }
    }

    pub(super) fn live_playback(&self) -> Result<Option<String>, ConfigError> {
        let key = "videochat.live_playback_url";
        match self.optional(key) {
            Some(text) if !is_web_address(&text) => {
                self.wrong(key, "must be like https://host/path")
            }
            playback => Ok(playback),
        }
    }

    pub(super) fn vendors(&self) -> Result<Vendors, ConfigError> {
        let twilio = self.keys(["twilio.account_sid", "twilio.api_key", "twilio.api_secret"])?;
        let agora = self.keys(["agora.app_id", "agora.app_certificate"])?;
        let livekit = self.keys(["livekit.url", "livekit.api_key", "livekit.api_secret"])?;
        let is_hex =
            |text: &String| text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
        if let Some([app_id, certificate]) = &agora {
            for (key, value) in [("agora.app_id", app_id), ("agora.app_certificate", certificate)] {
                if !is_hex(value) {
                    return self.wrong(key, "must be 32 hex digits");
                }
            }
        }
        Ok(Vendors {
            twilio: twilio.map(|[account, api_key, api_secret]| TwilioKeys {
                account,
                api_key,
                api_secret,
            }),
            agora: agora.map(|[app_id, certificate]| AgoraKeys { app_id, certificate }),
            livekit: livekit.map(|[url, api_key, api_secret]| LivekitKeys {
                url,
                api_key,
                api_secret,
            }),
        })
    }

    /// All of a vendor's credentials, or none of them.
    fn keys<const N: usize>(
        &self,
        keys: [&'static str; N],
    ) -> Result<Option<[String; N]>, ConfigError> {
        let values = keys.map(|key| self.text(key));
        if values.iter().all(String::is_empty) {
            return Ok(None);
        }
        match keys.iter().zip(&values).find(|(_, value)| value.is_empty()) {
            Some((missing, _)) => self.wrong(missing, "is missing; the others of it are set"),
            None => Ok(Some(values)),
        }
    }
}
