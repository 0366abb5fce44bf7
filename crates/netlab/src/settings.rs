//! What one direction of a link does to packets, and how it is written:
//! `rate=500k queue=300 delay=20 jitter=30 loss=5 burst=3 dup=0 reorder=0 tcponly=0`.

use std::str::FromStr;
use std::time::Duration;

/// What one direction does to packets. The default is a perfect link.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Bits a second; 0 is no limit.
    pub rate: u64,
    /// The longest its queue may be at that rate; what finds it longer is dropped.
    pub queue: Duration,
    /// How long every packet is under way.
    pub delay: Duration,
    /// How much longer it is on average, evenly spread from nothing to twice this.
    pub jitter: Duration,
    /// Of a hundred packets so many are lost.
    pub loss: f64,
    /// They are lost in rows of this many, 1 or more.
    pub burst: u32,
    /// Of a hundred packets so many come twice.
    pub duplicates: f64,
    /// Whether jitter may change the order.
    pub reorder: bool,
    /// Whether UDP is thrown away, as by a firewall that knows TCP only.
    pub tcp_only: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: 0,
            queue: Duration::from_millis(300),
            delay: Duration::ZERO,
            jitter: Duration::ZERO,
            loss: 0.0,
            burst: 1,
            duplicates: 0.0,
            reorder: false,
            tcp_only: false,
        }
    }
}

/// What is wrong with settings as they are written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A word without a `=`.
    #[error("{0}: write it as name=value, for instance loss=5")]
    NoValue(String),
    /// A name that there is not.
    #[error("{0}: choose among rate, queue, delay, jitter, loss, burst, dup, reorder and tcponly")]
    UnknownName(String),
    /// A value that is none of its name.
    #[error("{name}={value}: give {needed}")]
    WrongValue {
        /// The setting.
        name: String,
        /// What was given.
        value: String,
        /// What may be given.
        needed: &'static str,
    },
}

const RATE: &str = "bits a second, 0 (no limit) or from 1k to 10000M, for instance 500k";
const TIME: &str = "milliseconds, from 0 to 10000";
const SHARE: &str = "how many of a hundred packets, from 0 to 100";
const ROW: &str = "how many packets in a row, from 1 to 1000";
const SWITCH: &str = "0 or 1";

impl Settings {
    /// These settings with the changes that `text` names, words like `loss=5` with spaces between.
    ///
    /// # Errors
    ///
    /// The first word that is not a setting and its value; nothing is changed then.
    pub fn changed(&self, text: &str) -> Result<Self, SettingsError> {
        let mut settings = self.clone();
        for word in text.split_whitespace() {
            let pair = word.split_once('=');
            let (name, value) = pair.ok_or_else(|| SettingsError::NoValue(word.to_owned()))?;
            settings.change(name, value)?;
        }
        Ok(settings)
    }

    fn change(&mut self, name: &str, value: &str) -> Result<(), SettingsError> {
        let wrong = |needed| SettingsError::WrongValue {
            name: name.to_owned(),
            value: value.to_owned(),
            needed,
        };
        match name {
            "rate" => self.rate = rate(value).ok_or_else(|| wrong(RATE))?,
            "queue" => self.queue = time(value).ok_or_else(|| wrong(TIME))?,
            "delay" => self.delay = time(value).ok_or_else(|| wrong(TIME))?,
            "jitter" => self.jitter = time(value).ok_or_else(|| wrong(TIME))?,
            "loss" => self.loss = share(value).ok_or_else(|| wrong(SHARE))?,
            "burst" => self.burst = row(value).ok_or_else(|| wrong(ROW))?,
            "dup" => self.duplicates = share(value).ok_or_else(|| wrong(SHARE))?,
            "reorder" => self.reorder = switch(value).ok_or_else(|| wrong(SWITCH))?,
            "tcponly" => self.tcp_only = switch(value).ok_or_else(|| wrong(SWITCH))?,
            _ => return Err(SettingsError::UnknownName(name.to_owned())),
        }
        Ok(())
    }
}

impl FromStr for Settings {
    type Err = SettingsError;

    /// A perfect link with these changes.
    fn from_str(text: &str) -> Result<Self, SettingsError> {
        Self::default().changed(text)
    }
}

/// A number of bits, thousands (`k`) or millions (`M`) of them.
fn rate(text: &str) -> Option<u64> {
    let (digits, unit) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1_000),
        None => text.strip_suffix('M').map_or((text, 1), |digits| (digits, 1_000_000)),
    };
    let rate = digits.parse::<u64>().ok()?.checked_mul(unit)?;
    (rate == 0 || (1_000..=10_000_000_000).contains(&rate)).then_some(rate)
}

fn number(text: &str, most: f64) -> Option<f64> {
    text.parse().ok().filter(|number| (0.0..=most).contains(number))
}

fn time(text: &str) -> Option<Duration> {
    number(text, 10_000.0).map(|ms| Duration::from_secs_f64(ms / 1000.0))
}

fn share(text: &str) -> Option<f64> {
    number(text, 100.0)
}

fn row(text: &str) -> Option<u32> {
    text.parse().ok().filter(|row| (1..=1000).contains(row))
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}
