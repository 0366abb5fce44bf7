//! A weak network as a value: what one direction of a link does to packets, with the time handed in and
//! a seed for its coins, so that it serves tests on virtual time and real packets alike. It refuses to
//! know what the packets mean.
//!
//! A packet's way: what only TCP may pass, then loss, then the queue (drop at its tail), then the rate
//! (one packet at a time), then delay and jitter.
//!
//! ```
//! use rotunda_netlab::{Link, Settings};
//! use std::time::{Duration, Instant};
//!
//! let settings: Settings = "rate=500k queue=300 delay=20".parse()?;
//! let mut link = Link::new(settings, 7);
//! let begin = Instant::now();
//! link.send(vec![0u8; 1250], begin);
//! assert_eq!(link.deadline(), Some(begin + Duration::from_millis(20)), "on the line");
//! assert_eq!(link.receive(begin + Duration::from_millis(39)), None);
//! assert!(link.receive(begin + Duration::from_millis(40)).is_some(), "20 ms of line, 20 of way");
//! # Ok::<(), rotunda_netlab::SettingsError>(())
//! ```

#![forbid(unsafe_code)]

mod bottleneck;
mod dice;
mod flights;
mod link;
mod loss;
mod settings;

pub use link::{Counts, Link, Packet};
pub use settings::{Settings, SettingsError};
