//! What is said to a running link, and what it answers:
//!
//! ```text
//! down rate=500k queue=300    changes of one direction, the rest as it is
//! up loss=5
//! clear                       both directions perfect
//! stat                        what both did, as JSON, and their counts begin anew
//! ```
//!
//! Whatever is wrong is answered with `error: ` and what to change.

use rotunda_netlab::{Counts, Link, Packet, Settings, SettingsError};
use serde_json::{Value, json};
use std::time::Instant;

/// An IP packet as a TUN device gives it.
#[derive(Clone)]
pub struct IpPacket(pub Vec<u8>);

/// The number of UDP among IP's protocols.
const UDP: u8 = 17;

impl Packet for IpPacket {
    fn size(&self) -> usize {
        self.0.len()
    }

    fn is_udp(&self) -> bool {
        let protocol = match self.0.first().map(|byte| byte >> 4) {
            Some(4) => self.0.get(9),
            Some(6) => self.0.get(6),
            _ => None,
        };
        protocol == Some(&UDP)
    }
}

/// Both directions.
pub struct Links {
    /// From near to far.
    pub down: Link<IpPacket>,
    /// From far to near.
    pub up: Link<IpPacket>,
}

impl Links {
    /// Two perfect links.
    pub fn new(seed: u64) -> Self {
        let link = |seed| Link::new(Settings::default(), seed);
        Self { down: link(seed), up: link(seed.wrapping_add(1)) }
    }

    /// Does what is said, and gives the answer.
    pub fn command(&mut self, text: &str, now: Instant) -> String {
        let (verb, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let done = match (verb, rest) {
            ("down", rest) => change(&mut self.down, rest, now),
            ("up", rest) => change(&mut self.up, rest, now),
            ("clear", "") => {
                for link in [&mut self.down, &mut self.up] {
                    link.set(Settings::default(), now);
                }
                Ok(())
            }
            ("stat", "") => return self.stat(),
            _ => return "error: say down …, up …, clear or stat".to_owned(),
        };
        done.map_or_else(|error| format!("error: {error}"), |()| "ok".to_owned())
    }

    fn stat(&mut self) -> String {
        let (down, up) = (self.down.take_counts(), self.up.take_counts());
        json!({ "down": shown(down), "up": shown(up) }).to_string()
    }
}

fn change(link: &mut Link<IpPacket>, text: &str, now: Instant) -> Result<(), SettingsError> {
    let settings = link.settings().changed(text)?;
    link.set(settings, now);
    Ok(())
}

fn shown(counts: Counts) -> Value {
    json!({
        "taken": counts.taken, "taken_bytes": counts.taken_bytes,
        "given": counts.given, "given_bytes": counts.given_bytes,
        "lost": counts.lost, "overflowed": counts.overflowed, "refused": counts.refused,
        "longest_queue_ms": counts.longest_queue.as_millis() as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(version: u8, at: usize, protocol: u8) -> IpPacket {
        let mut bytes = vec![0; 40];
        bytes[0] = version << 4;
        bytes[at] = protocol;
        IpPacket(bytes)
    }

    #[test]
    fn a_direction_is_changed_and_the_other_is_not() {
        let (mut links, now) = (Links::new(1), Instant::now());
        assert_eq!(links.command("down rate=500k loss=5", now), "ok");
        assert_eq!(links.command("down loss=0\n", now), "ok");
        assert_eq!(links.down.settings(), &"rate=500k".parse().unwrap());
        assert_eq!(links.up.settings(), &Settings::default());
        assert_eq!(links.command("clear", now), "ok");
        assert_eq!(links.down.settings(), &Settings::default());
    }

    #[test]
    fn a_wrong_command_says_what_to_change() {
        let (mut links, now) = (Links::new(1), Instant::now());
        let answer = links.command("up loss=101", now);
        assert_eq!(answer, "error: loss=101: give how many of a hundred packets, from 0 to 100");
        for text in ["", "sideways loss=1", "stat now", "clear all"] {
            assert_eq!(links.command(text, now), "error: say down …, up …, clear or stat");
        }
    }

    #[test]
    fn counts_begin_anew_when_they_were_read() {
        let (mut links, now) = (Links::new(1), Instant::now());
        links.up.send(packet(4, 9, UDP), now);
        let read = |links: &mut Links| -> Value {
            serde_json::from_str(&links.command("stat", now)).unwrap()
        };
        assert_eq!(read(&mut links)["up"]["taken_bytes"], 40);
        assert_eq!(read(&mut links)["up"]["taken_bytes"], 0);
    }

    #[test]
    fn udp_is_known_in_both_versions_of_ip() {
        assert!(packet(4, 9, UDP).is_udp() && packet(6, 6, UDP).is_udp());
        assert!(!packet(4, 9, 6).is_udp() && !packet(6, 6, 6).is_udp());
        assert!(!IpPacket(vec![]).is_udp());
    }
}
