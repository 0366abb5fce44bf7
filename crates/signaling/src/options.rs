//! What the operator decides for this door, and the bounds of one connection.

use rotunda_doorway::PendingSockets;
use rotunda_hub::IceServers;
use std::time::Duration;

/// Settings of the door; the defaults are the ones the browser SDK was measured against.
#[derive(Clone, Debug)]
pub struct SignalOptions {
    /// Name of this server in frames, `name@region` by custom; clients echo it and read no more.
    pub node_id: String,
    /// Pages that may open a socket, by `Origin`; `None` is any page. Tokens travel in messages,
    /// never in cookies, so that a foreign page gains nothing by opening one.
    pub allowed_origins: Option<Vec<String>>,
    /// STUN and TURN servers people are told of; an application has no media.
    pub ice_servers: IceServers,
    /// Largest message in bytes; a longer one closes the socket with 1009.
    pub message_bytes_max: usize,
    /// Deepest nesting of a JSON frame.
    pub json_depth_max: usize,
    /// Time between two pings. The client gives up 15 s after a ping that no other follows.
    pub ping_every: Duration,
    /// Longest wait for the answer to a ping.
    pub pong_within: Duration,
    /// Longest life of a socket that has not connected.
    pub connect_within: Duration,
    /// Where sockets wait until they are connected.
    pub pending_sockets: PendingSockets,
    /// Requests a second a socket may send for long.
    pub requests_per_second: u32,
    /// Requests it may send at once.
    pub requests_burst: u32,
    /// Requests that may wait while an earlier one is carried out; more are refused (−32029).
    pub requests_waiting_max: usize,
    /// Longest time the hub may take for one request; the client gives up after 10 s.
    pub call_within: Duration,
    /// Bytes that may wait to be written before a further reply closes the socket.
    pub unsent_bytes_max: usize,
    /// Longest time without any progress in writing.
    pub write_within: Duration,
}

impl Default for SignalOptions {
    fn default() -> Self {
        Self {
            node_id: "rotunda@local".into(),
            allowed_origins: None,
            ice_servers: IceServers::default(),
            message_bytes_max: 256 * 1024,
            json_depth_max: 64,
            ping_every: Duration::from_secs(5),
            pong_within: Duration::from_secs(15),
            connect_within: Duration::from_secs(10),
            pending_sockets: PendingSockets::new(100),
            requests_per_second: 200,
            requests_burst: 400,
            requests_waiting_max: 400,
            call_within: Duration::from_secs(9),
            unsent_bytes_max: 1024 * 1024,
            write_within: Duration::from_secs(10),
        }
    }
}
