//! Janus' HTTP interface, as much as two plugins need: watch a stream, join a bridge.

use crate::error::LoadError;
use crate::viewer::{Viewer, crypto};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::net::{IpAddr, TcpStream};
use std::time::Instant;
use str0m::RtcConfig;
use str0m::change::{SdpAnswer, SdpOffer};
use str0m::media::{Direction, MediaKind};

/// Events read while waiting for one's own.
const PATIENCE: usize = 50;

/// `http://host:port/path`, split.
#[derive(Clone, Debug)]
pub struct Address {
    host: String,
    path: String,
}

impl Address {
    /// From an `http://` URL.
    pub fn new(url: &str) -> Result<Self, LoadError> {
        let rest = url.strip_prefix("http://");
        let (host, path) = rest
            .and_then(|r| r.split_once('/'))
            .ok_or_else(|| LoadError::Void(format!("{url} is no http URL with a path")))?;
        Ok(Self { host: host.to_owned(), path: format!("/{path}") })
    }

    fn below(&self, id: &Value) -> Self {
        Self { host: self.host.clone(), path: format!("{}/{id}", self.path) }
    }

    /// One request on a connection of its own; HTTP 1.0, so that no answer comes in chunks.
    fn ask(&self, method: &str, body: Option<&Value>) -> Result<Value, LoadError> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let Self { host, path } = self;
        let request = format!(
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let mut stream = TcpStream::connect(host)?;
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        serde_json::from_str(body).map_err(|_| LoadError::Void(format!("Janus answered: {answer}")))
    }
}

/// A session with one handle of a plugin.
struct Handle {
    session: Address,
    handle: Address,
}

impl Handle {
    fn attach(address: &Address, plugin: &str) -> Result<Self, LoadError> {
        let created = address.ask("POST", Some(&json!({"janus": "create", "transaction": "c"})))?;
        let session = address.below(&created["data"]["id"]);
        let attach = json!({"janus": "attach", "plugin": plugin, "transaction": "a"});
        let attached = session.ask("POST", Some(&attach))?;
        let handle = session.below(&attached["data"]["id"]);
        Ok(Self { session, handle })
    }

    fn tell(&self, body: Value, jsep: Option<Value>) -> Result<Value, LoadError> {
        let mut message = json!({"janus": "message", "transaction": "m", "body": body});
        if let Some(jsep) = jsep {
            message["jsep"] = jsep;
        }
        self.handle.ask("POST", Some(&message))
    }

    /// The next event, or the next one with a session description.
    fn event(&self, with_sdp: bool) -> Result<Value, LoadError> {
        let events =
            Address { path: format!("{}?maxev=1", self.session.path), ..self.session.clone() };
        for _ in 0..PATIENCE {
            let event = events.ask("GET", None)?;
            if event["janus"] == "event" && (!with_sdp || !event["jsep"].is_null()) {
                return Ok(event);
            }
        }
        Err(LoadError::Void("Janus did not say what was waited for".into()))
    }
}

fn sdp(event: &Value) -> Result<&str, LoadError> {
    event["jsep"]["sdp"].as_str().ok_or_else(|| LoadError::Void(format!("Janus said: {event}")))
}

/// Watches stream `id` of the streaming plugin: Janus offers, we answer.
pub fn watch(address: &Address, id: u64, bind: IpAddr) -> Result<Viewer, LoadError> {
    crypto();
    let began = Instant::now();
    let rtc = RtcConfig::new().set_rtp_mode(true).set_stats_interval(None).build(began);
    let mut viewer = Viewer::new(rtc, bind, began)?;
    let handle = Handle::attach(address, "janus.plugin.streaming")?;
    handle.tell(json!({"request": "watch", "id": id}), None)?;
    let offered = handle.event(true)?;
    let offer = SdpOffer::from_sdp_string(sdp(&offered)?).map_err(LoadError::rtc)?;
    let answer = viewer.rtc.sdp_api().accept_offer(offer).map_err(LoadError::rtc)?;
    let jsep = json!({"type": "answer", "sdp": answer.to_sdp_string()});
    handle.tell(json!({"request": "start"}), Some(jsep))?;
    Ok(viewer)
}

/// Joins a room of the AudioBridge, sending and receiving.
pub fn join_bridge(
    address: &Address,
    room: u64,
    name: &str,
    bind: IpAddr,
) -> Result<Viewer, LoadError> {
    crypto();
    let began = Instant::now();
    let rtc = RtcConfig::new().clear_codecs().enable_opus(true, false).build(began);
    let mut viewer = Viewer::new(rtc, bind, began)?;
    let handle = Handle::attach(address, "janus.plugin.audiobridge")?;
    handle.tell(json!({"request": "join", "room": room, "display": name}), None)?;
    handle.event(false)?;
    let mut api = viewer.rtc.sdp_api();
    let mid = api.add_media(MediaKind::Audio, Direction::SendRecv, None, None, None);
    let (offer, pending) = api.apply().ok_or_else(|| LoadError::rtc("nothing to offer"))?;
    let jsep = json!({"type": "offer", "sdp": offer.to_sdp_string()});
    handle.tell(json!({"request": "configure", "muted": false}), Some(jsep))?;
    let answered = handle.event(true)?;
    let answer = SdpAnswer::from_sdp_string(sdp(&answered)?).map_err(LoadError::rtc)?;
    viewer.rtc.sdp_api().accept_answer(pending, answer).map_err(LoadError::rtc)?;
    viewer.sound = Some(mid);
    Ok(viewer)
}
