//! Which networks our own requests may reach: those of others always, ours where the operator says so.

use crate::config::Config;
use rotunda_engine::{AddressRange, AddressRules, OutboundOptions};

/// Networks of one's own, which `network.allow_private` opens: never multicast or broadcast.
const PRIVATE: [&str; 9] = [
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::1",
    "fc00::/7",
    "fe80::/10",
];

/// What requests of ours to hosts that others name may reach.
pub(crate) fn options(config: &Config) -> OutboundOptions {
    let mut allowed = config.allow_addresses.clone();
    if config.allow_private {
        let range =
            |text: &&str| -> AddressRange { text.parse().expect("the table above is right") };
        allowed.extend(PRIVATE.iter().map(range));
    }
    OutboundOptions { rules: AddressRules::new(allowed), ca_file: config.ca_file.clone() }
}
