//! Puts the layers together and reads them into types.

use super::setting::{Kind, Setting};
use super::table::SETTINGS;
use super::{Config, ConfigError};
use rotunda_engine::{AddressRange, WrongRange};
use rotunda_hub::{BadIceServer, IceServers, LegBound, LegLimits, RemoteOptions};
use rotunda_telemetry::{LogFormat, LogLevel};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use toml::Value;

const PREFIX: &str = "ROTUNDA_";

/// What is no TOML, and where; the line itself may hold a password.
fn without_the_line(text: &str, error: &toml::de::Error) -> String {
    let before = error.span().and_then(|span| text.get(..span.start));
    let line = before.map_or(0, |before| before.matches('\n').count()) + 1;
    format!("line {line}: {}", error.message())
}

/// Values by setting, each with the place it came from.
pub struct Layers {
    values: BTreeMap<&'static str, (Value, String)>,
}

impl Layers {
    /// The defaults; `dev` has the same ones.
    pub fn new(_dev: bool) -> Self {
        let default = |s: &Setting| (s.key, (parse_default(s), "default".to_owned()));
        Self { values: SETTINGS.iter().map(default).collect() }
    }

    /// Puts a TOML file over what is there.
    ///
    /// # Errors
    /// [`ConfigError::File`] when it cannot be read, is no TOML, or has a value outside a section;
    /// [`ConfigError::Unknown`] for a key nobody knows. Values put before that stay.
    pub fn file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let wrong = |what: String| ConfigError::File { path: path.display().to_string(), what };
        let text = std::fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
        let table: toml::Table = text.parse().map_err(|e| wrong(without_the_line(&text, &e)))?;
        for (section, keys) in table {
            let Value::Table(keys) = keys else {
                return Err(wrong(format!("`{section}` must be a section, [{section}]")));
            };
            for (key, value) in keys {
                self.put(&format!("{section}.{key}"), value, &path.display().to_string())?;
            }
        }
        Ok(())
    }

    /// Puts `ROTUNDA_SECTION__KEY` variables over what is there; others of that prefix without a
    /// double underscore are not settings.
    ///
    /// # Errors
    /// [`ConfigError::Unknown`] for a key nobody knows; values put before it stay.
    pub fn environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix(PREFIX) else { continue };
            let Some((section, key)) = rest.split_once("__") else { continue };
            let key = format!("{}.{}", section.to_lowercase(), key.to_lowercase());
            let kind = SETTINGS.iter().find(|s| s.key == key).map(|s| s.kind);
            self.put(&key, from_text(kind, &text), &format!("environment variable {name}"))?;
        }
        Ok(())
    }

    /// Puts a flag's value over what is there, if it was given.
    pub fn flag(&mut self, key: &'static str, value: Option<Value>) {
        if let Some(value) = value {
            self.values.insert(key, (value, "flag".into()));
        }
    }

    fn put(&mut self, key: &str, value: Value, place: &str) -> Result<(), ConfigError> {
        let Some(setting) = SETTINGS.iter().find(|s| s.key == key) else {
            let (key, place) = (key.to_owned(), place.to_owned());
            return Err(ConfigError::Unknown { nearest: nearest(&key), key, place });
        };
        self.values.insert(setting.key, (value, place.to_owned()));
        Ok(())
    }

    /// Reads everything into types.
    ///
    /// # Errors
    /// [`ConfigError::Value`] for the first setting that is of the wrong kind, out of its bounds,
    /// or at odds with another.
    pub fn config(&self) -> Result<Config, ConfigError> {
        for setting in SETTINGS {
            self.check(setting)?;
        }
        let codecs = self.texts("media.codecs");
        if !codecs.iter().any(|c| c == "vp8") {
            return self.wrong("media.codecs", "vp8 must be among them: every browser has it");
        }
        if let Some(odd) = codecs.iter().find(|c| !matches!(c.as_str(), "h264" | "vp8")) {
            return self.wrong("media.codecs", &format!("`{odd}` is neither h264 nor vp8"));
        }
        let public_url = self.optional("server.public_url");
        if public_url.as_ref().is_some_and(|u| !u.starts_with("wss://") && !u.starts_with("ws://"))
        {
            return self.wrong("server.public_url", "must begin with wss:// or ws://");
        }
        let data_dir: PathBuf = self.text("server.data_dir").into();
        let recordings = self.optional("recordings.folder").map(PathBuf::from);
        Ok(Config {
            ffmpeg: self.text("outputs.ffmpeg"),
            recordings: recordings.unwrap_or_else(|| data_dir.join("recordings")),
            recordings_bucket: self.bucket(),
            recordings_quota: self.whole("recordings.quota_bytes") as u64,
            max_playbacks: self.whole("playback.max_at_once") as usize,
            recordings_keep_days: self.whole("recordings.keep_days") as u32,
            recordings_keep_bytes: self.whole("recordings.keep_bytes") as u64,
            history: rotunda_hub::HistoryOptions {
                keep_days: self.whole("history.keep_days") as u32,
                keep_bytes: self.whole("history.keep_bytes") as u64,
            },
            webhook: self.webhook()?,
            webhooks_keep_days: self.whole("webhooks.keep_days") as u32,
            webhooks_keep_bytes: self.whole("webhooks.keep_bytes") as u64,
            push_give_up_after: Duration::from_secs(
                self.whole("livechat.push_give_up_seconds") as u64
            ),
            trusted_proxies: self.trusted_proxies()?,
            max_connections: self.whole("server.max_connections") as usize,
            unproven_per_address: self.whole("server.unproven_per_address") as usize,
            strangers_per_address: self.whole("server.strangers_per_address") as usize,
            listen: self.parsed("server.listen", "must be ADDRESS:PORT")?,
            data_dir,
            public_url,
            memory_bytes: Some(self.whole("server.memory_bytes") as u64).filter(|b| *b > 0),
            tls_files: self.tls_files()?,
            metrics: self.parsed("metrics.listen", "must be ADDRESS:PORT")?,
            media_listen: self.media_listen()?,
            udp_port: self.whole("media.udp_port") as u16,
            network_threads: Some(self.whole("media.network_threads") as usize)
                .filter(|threads| *threads > 0),
            tcp_port: self.whole("media.tcp_port") as u16,
            tcp_on_https: self.switch("media.tcp_on_https"),
            public_ips: self.ips()?,
            ice_servers: self.ice_servers()?,
            h264: codecs.iter().any(|c| c == "h264"),
            name_banners: self.switch("canvas.name_banners"),
            crop: self.switch("canvas.crop"),
            uplink_shaping: self.switch("canvas.uplink_shaping"),
            tiers: self.switch("canvas.tiers"),
            fps_720p: self.whole("canvas.fps_720p") as u32,
            fps_1080p: self.whole("canvas.fps_1080p") as u32,
            bitrate_720p: self.whole("canvas.bitrate_720p") as u32,
            bitrate_1080p: self.whole("canvas.bitrate_1080p") as u32,
            grace: Duration::from_secs(self.whole("session.grace_seconds") as u64),
            max_audience: self.whole("session.max_audience") as u32,
            shutdown: Duration::from_secs(self.whole("server.shutdown_seconds") as u64),
            lock_is_open: self.switch("session.lock_is_open"),
            ban_removed: self.switch("session.ban_removed"),
            screenshare_is_open: self.switch("session.screenshare_is_open"),
            allow_private: self.switch("network.allow_private"),
            allow_addresses: self.ranges()?,
            ca_file: self.optional("network.ca_file").map(PathBuf::from),
            allowed_origins: self.texts("signal.allowed_origins"),
            frame_ancestors: self.texts("webui.frame_ancestors"),
            videochat: self.videochat()?,
            legs: self.leg_limits(),
            vendors: self.vendors()?,
            live_target: self.live_target()?,
            live_playback: self.live_playback()?,
            session_life: Duration::from_secs(self.whole("videochat.session_hours") as u64 * 3600),
            log_format: self.log_format()?,
            log_level: self.log_level()?,
            rest_base: self.optional("openapi.public_base"),
        })
    }

    fn leg_limits(&self) -> LegLimits {
        let bound = |legs, joining| LegBound {
            legs: self.whole(legs) as usize,
            joining: self.whole(joining) as usize,
        };
        LegLimits {
            token: bound("limits.legs_per_token", "limits.joining_per_token"),
            project: bound("limits.legs_per_project", "limits.joining_per_project"),
            address: bound("limits.legs_per_address", "limits.joining_per_address"),
            ..LegLimits::default()
        }
    }

    fn bucket(&self) -> Option<RemoteOptions> {
        Some(RemoteOptions {
            url: self.optional("recordings.bucket")?,
            endpoint: self.optional("recordings.bucket_endpoint"),
            region: self.optional("recordings.bucket_region"),
        })
    }

    pub(super) fn wrong<T>(&self, key: &'static str, what: &str) -> Result<T, ConfigError> {
        let place = self.values.get(key).map_or_else(String::new, |(_, place)| place.clone());
        Err(ConfigError::Value { key, place, what: what.to_owned() })
    }

    fn check(&self, setting: &Setting) -> Result<(), ConfigError> {
        let value = self.values.get(setting.key).map(|(value, _)| value);
        match (setting.kind, value) {
            (Kind::Text | Kind::Secret, Some(Value::String(_)))
            | (Kind::Switch, Some(Value::Boolean(_))) => Ok(()),
            (Kind::Texts | Kind::SecretTexts, Some(Value::Array(list)))
                if list.iter().all(Value::is_str) =>
            {
                Ok(())
            }
            (Kind::Whole(least, most), Some(Value::Integer(n))) if (least..=most).contains(n) => {
                Ok(())
            }
            (Kind::Text | Kind::Secret, _) => self.wrong(setting.key, "must be text"),
            (Kind::Texts | Kind::SecretTexts, _) => {
                self.wrong(setting.key, "must be a list of texts")
            }
            (Kind::Switch, _) => self.wrong(setting.key, "must be true or false"),
            (Kind::Whole(least, most), _) => {
                let what = format!("must be a whole number from {least} to {most}");
                self.wrong(setting.key, &what)
            }
        }
    }

    // Read after `check`, so the kinds are right.
    pub(super) fn text(&self, key: &str) -> String {
        self.values.get(key).and_then(|(v, _)| v.as_str()).unwrap_or_default().to_owned()
    }

    pub(super) fn optional(&self, key: &str) -> Option<String> {
        Some(self.text(key)).filter(|text| !text.is_empty())
    }

    pub(super) fn whole(&self, key: &str) -> i64 {
        self.values.get(key).and_then(|(v, _)| v.as_integer()).unwrap_or_default()
    }

    pub(super) fn switch(&self, key: &str) -> bool {
        self.values.get(key).and_then(|(v, _)| v.as_bool()).unwrap_or_default()
    }

    pub(super) fn texts(&self, key: &str) -> Vec<String> {
        let list = self.values.get(key).and_then(|(v, _)| v.as_array());
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    }

    fn parsed<T: std::str::FromStr>(
        &self,
        key: &'static str,
        what: &str,
    ) -> Result<T, ConfigError> {
        self.text(key).parse().or_else(|_| self.wrong(key, what))
    }

    fn media_listen(&self) -> Result<Option<std::net::IpAddr>, ConfigError> {
        let key = "media.listen";
        self.optional(key)
            .map(|_| self.parsed(key, "must be an IP address, without a port"))
            .transpose()
    }

    fn ips(&self) -> Result<Vec<std::net::IpAddr>, ConfigError> {
        let texts = self.texts("media.public_ips");
        let parse = |text: &String| {
            let what = format!("`{text}` is no IP address");
            text.parse().or_else(|_| self.wrong("media.public_ips", &what))
        };
        texts.iter().map(parse).collect()
    }

    fn ranges(&self) -> Result<Vec<AddressRange>, ConfigError> {
        let texts = self.texts("network.allow_addresses");
        let parse = |text: &String| {
            text.parse().or_else(|wrong: WrongRange| {
                self.wrong("network.allow_addresses", &wrong.to_string())
            })
        };
        texts.iter().map(parse).collect()
    }

    fn trusted_proxies(&self) -> Result<Vec<ipnet::IpNet>, ConfigError> {
        let key = "server.trusted_proxies";
        let read = |text: &String| {
            let network = rotunda_doorway::trusted(text);
            network.or_else(|wrong| self.wrong(key, &wrong.to_string()))
        };
        self.texts(key).iter().map(read).collect()
    }

    fn ice_servers(&self) -> Result<IceServers, ConfigError> {
        let key = "media.ice_servers";
        let texts = self.texts(key);
        // What was written is not repeated: it may hold a password.
        let wrong = |error: BadIceServer| self.wrong(key, &format!("each {error}"));
        let servers =
            texts.iter().map(|text| text.parse().or_else(wrong)).collect::<Result<_, _>>();
        let lasts = Duration::from_secs(self.whole("media.turn_credential_seconds") as u64);
        let all = IceServers::new(servers?, &self.text("media.turn_secret"), lasts);
        all.or_else(|error| self.wrong(key, &error.to_string()))
    }

    fn tls_files(&self) -> Result<Option<(PathBuf, PathBuf)>, ConfigError> {
        match (self.optional("tls.cert_file"), self.optional("tls.key_file")) {
            (None, None) => Ok(None),
            (Some(cert), Some(key)) => Ok(Some((cert.into(), key.into()))),
            (Some(_), None) => self.wrong("tls.key_file", "is missing; tls.cert_file is set"),
            (None, Some(_)) => self.wrong("tls.cert_file", "is missing; tls.key_file is set"),
        }
    }

    fn log_format(&self) -> Result<LogFormat, ConfigError> {
        LogFormat::parse(&self.text("log.format"))
            .map_or_else(|| self.wrong("log.format", "must be auto, text or json"), Ok)
    }

    fn log_level(&self) -> Result<LogLevel, ConfigError> {
        let known = || format!("must be one of {}", LogLevel::ALL.join(", "));
        LogLevel::parse(&self.text("log.level"))
            .map_or_else(|| self.wrong("log.level", &known()), Ok)
    }

    /// Values and their places, in the table's order.
    pub fn entries(&self) -> impl Iterator<Item = (&'static Setting, &Value, &str)> {
        SETTINGS.iter().filter_map(|setting| {
            let (value, place) = self.values.get(setting.key)?;
            Some((setting, value, place.as_str()))
        })
    }
}

/// The layers as a TOML file that would give the same, each setting with its sentence.
pub fn print(layers: &Layers) -> String {
    let mut text = String::new();
    let mut section = "";
    for (setting, value, place) in layers.entries() {
        let (of, key) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if of != section {
            text += &format!("\n[{of}]\n");
            section = of;
        }
        let (doc, default) = (setting.doc, setting.default);
        let is_hidden = setting.kind.is_secret() && *value != parse_default(setting);
        let hidden = if is_hidden { ", set and not shown" } else { "" };
        text += &format!("# {doc} (default {default}; now from: {place}{hidden})\n");
        let shown = if is_hidden { parse_default(setting) } else { without_password(value) };
        text += &format!("{key} = {shown}\n");
    }
    text
}

/// Addresses may hold a password whatever they are for (`https://user:password@host`).
fn without_password(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(match url::Url::parse(text) {
            Ok(mut url) if url.password().is_some() => {
                // Refused only by addresses that cannot have one.
                let _ = url.set_password(Some("..."));
                url.into()
            }
            _ => text.clone(),
        }),
        Value::Array(list) => Value::Array(list.iter().map(without_password).collect()),
        other => other.clone(),
    }
}

fn parse_default(setting: &Setting) -> Value {
    let table: toml::Table =
        format!("v = {}", setting.default).parse().expect("the table's defaults are TOML");
    table.get("v").cloned().expect("just written")
}

/// The environment has only texts; the setting's kind says what is meant.
fn from_text(kind: Option<Kind>, text: &str) -> Value {
    let as_text = || Value::String(text.to_owned());
    match kind {
        Some(Kind::Whole(..)) => text.parse().map_or_else(|_| as_text(), Value::Integer),
        Some(Kind::Switch) => text.parse().map_or_else(|_| as_text(), Value::Boolean),
        Some(Kind::Texts | Kind::SecretTexts) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(item.to_owned())).collect())
        }
        _ => as_text(),
    }
}

/// The known setting with the fewest changes from `key` (Levenshtein), of which the first 200 letters count.
fn nearest(key: &str) -> &'static str {
    let key: String = key.chars().take(200).collect();
    let best = SETTINGS.iter().min_by_key(|setting| strsim::levenshtein(setting.key, &key));
    best.map_or("", |setting| setting.key)
}

#[cfg(test)]
#[path = "layers_tests.rs"]
mod tests;
