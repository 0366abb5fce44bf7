//! Joins our server with a light viewer: our signalling, a peer connection in RTP mode.

use crate::error::LoadError;
use crate::viewer::{Viewer, crypto};
use rotunda_client::{Journal, Signal};
use serde_json::{Value, json};
use std::net::IpAddr;
use std::time::{Duration, Instant};
use str0m::change::SdpAnswer;
use str0m::media::{Direction, MediaKind};
use str0m::{Rtc, RtcConfig};

const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// What the viewer wants.
#[derive(Clone, Copy, Debug)]
pub struct ViewerOptions {
    /// Offer H.264 beside VP8.
    pub h264: bool,
    /// Offer sound beside the picture.
    pub sound: bool,
    /// Offer to send and to receive nothing: a leg that is up and carries no media.
    pub idle: bool,
    /// Address of its socket.
    pub bind: IpAddr,
}

fn peer(viewer_options: ViewerOptions, now: Instant) -> Rtc {
    crypto();
    RtcConfig::new()
        .clear_codecs()
        .enable_opus(true, false)
        .enable_vp8(true)
        .enable_h264(viewer_options.h264)
        .set_rtp_mode(true)
        .set_stats_interval(None)
        .build(now)
}

/// Joins; the socket must be kept as long as the viewer.
pub async fn join(
    ws: &str,
    token: &str,
    viewer_options: ViewerOptions,
    journal: &Journal,
) -> Result<(Signal, Viewer), LoadError> {
    let began = Instant::now();
    let signal = Signal::open(ws, journal.clone()).await?;
    let hello = json!({
        "version": {"major": 3, "minor": 0, "revision": 0},
        "event_acks": true, "agent": "rotunda-loadtest",
        "authentication": {"jwt_token": token},
    });
    signal.rpc("signalwire.connect", hello).await?;
    let mut viewer = Viewer::new(peer(viewer_options, began), viewer_options.bind, began)?;
    let mut api = viewer.rtc.sdp_api();
    if viewer_options.sound {
        api.add_media(MediaKind::Audio, Direction::RecvOnly, None, None, None);
    }
    let way = if viewer_options.idle { Direction::Inactive } else { Direction::RecvOnly };
    api.add_media(MediaKind::Video, way, None, None, None);
    let (offer, pending) = api.apply().ok_or_else(|| LoadError::rtc("nothing to offer"))?;
    let call_id = uuid::Uuid::new_v4().to_string();
    signal.rpc("video.message", invite(&call_id, &offer.to_sdp_string())).await?;
    let answered = answer(journal).await?;
    let sdp = answered.pointer("/params/sdp").and_then(Value::as_str).unwrap_or_default();
    let answer = SdpAnswer::from_sdp_string(sdp).map_err(LoadError::rtc)?;
    viewer.rtc.sdp_api().accept_answer(pending, answer).map_err(LoadError::rtc)?;
    let ack = json!({"message": {"jsonrpc": "2.0", "id": answered["id"],
        "result": {"method": "verto.answer"}}});
    signal.rpc("video.message", ack).await?;
    Ok((signal, viewer))
}

fn invite(call_id: &str, sdp: &str) -> Value {
    let dialog = json!({
        "attach": false, "reattaching": false, "userVariables": {}, "screenShare": false,
        "additionalDevice": false, "pingSupported": true, "version": 1000, "callID": call_id,
        "remote_caller_id_name": "Outbound Call", "remote_caller_id_number": "",
        "caller_id_name": "", "caller_id_number": "",
    });
    let id = uuid::Uuid::new_v4().to_string();
    json!({
        "message": {"jsonrpc": "2.0", "id": id, "method": "verto.invite",
            "params": {"dialogParams": dialog, "sdp": sdp}},
        "callID": call_id, "subscribe": ["video.room.subscribed"],
    })
}

async fn answer(journal: &Journal) -> Result<Value, LoadError> {
    let mut heard = journal.beat().listen();
    let wait = async {
        loop {
            heard.mark_unchanged();
            let found =
                journal.find(0, |e| matches!(e.text("/method"), "verto.answer" | "verto.bye"));
            if let Some(event) = found {
                return event;
            }
            // The journal holds the other end, so this cannot fail.
            let _ = heard.changed().await;
        }
    };
    let event = tokio::time::timeout(ANSWER_WITHIN, wait)
        .await
        .map_err(|_| LoadError::Void("a viewer got no answer".into()))?;
    match event.text("/method") {
        "verto.answer" => Ok(event.params),
        _ => Err(LoadError::Void(format!("a viewer was refused: {}", event.params))),
    }
}
