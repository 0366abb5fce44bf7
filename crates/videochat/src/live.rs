//! The live stream of a videochat: where it goes and where people see it, said by the caller or by
//! the operator.

use crate::VideochatOptions;
use crate::client::Client;
use crate::envelope::{Failure, Outcome};
use crate::fields::Fields;
use rotunda_domain::videochat::{LiveStreamRequest, VideochatCommand};
use rotunda_domain::{Refusal, StreamId, StreamTarget};
use rotunda_hub::UserSession;
use std::sync::Arc;
use uuid::Uuid;

/// Longest address of a page, bytes.
const PLAYBACK_BYTES: usize = 2048;

impl Client {
    /// A value that is wrong is told those only who may begin a stream.
    pub(crate) async fn start_live(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        let (room, session) = self.videochat(caller, data).await?;
        let names = [session.to_string(), room.id.to_string()];
        let (target, playback) = match request(self.options(), data, &names) {
            Ok((target, playback)) => (Ok(target), playback.map(Arc::from)),
            Err(failure) => (Err(Refusal::Invalid(failure.message)), None),
        };
        let stream = StreamId(Uuid::new_v4());
        let request = LiveStreamRequest { stream, target, playback };
        self.ask(caller, data, VideochatCommand::StartLiveStream(request)).await
    }

    pub(crate) async fn stop_live(&self, caller: &UserSession, data: &Fields<'_>) -> Outcome {
        self.ask(caller, data, VideochatCommand::StopLiveStream).await
    }
}

/// Where it goes, and where it is seen: both as the caller says, or both as the operator does.
fn request(
    options: &VideochatOptions,
    data: &Fields<'_>,
    names: &[String; 2],
) -> Result<(StreamTarget, Option<String>), Failure> {
    let refused = |refusal: Refusal| Failure::bad(refusal.to_string());
    let playback = data.any_text(&["streamPlaybackUrl"])?;
    if playback.is_some_and(|url| !is_web_address(url)) {
        return Err(Failure::bad("streamPlaybackUrl must be like https://host/path"));
    }
    let playback = playback.map(str::to_owned);
    if let Some(url) = data.any_text(&["streamUrl"])? {
        return Ok((StreamTarget::parse(url).map_err(refused)?, playback));
    }
    let target = options.live_target.as_ref();
    let target = target.ok_or_else(|| Failure::bad("streamUrl is missing"))?;
    let target = StreamTarget::parse(&filled(target.as_str(), names)).map_err(refused)?;
    let known = options.live_playback.as_ref().map(|text| filled(text, names));
    Ok((target, playback.or(known)))
}

fn filled(text: &str, [videochat, room]: &[String; 2]) -> String {
    text.replace("{videochatId}", videochat).replace("{roomId}", room)
}

/// Whether a text is the address of something a browser opens.
pub fn is_web_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let odd = |c: char| c.is_control() || c.is_whitespace();
    let has_host = rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'));
    has_host && text.len() <= PLAYBACK_BYTES && !text.contains(odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(options: &VideochatOptions, data: Value) -> Result<(String, Option<String>), String> {
        let Value::Object(data) = data else { panic!("an object") };
        let names = ["v1".to_owned(), "r1".to_owned()];
        let (target, playback) =
            request(options, &Fields::new(&data), &names).map_err(|failure| failure.message)?;
        Ok((target.as_str().to_owned(), playback))
    }

    #[test]
    fn a_live_stream_goes_where_its_caller_says_or_else_where_the_operator_does() {
        let none = VideochatOptions::default();
        let live = VideochatOptions {
            live_target: StreamTarget::parse("rtmp://in.test/live/{videochatId}").ok(),
            live_playback: Some("https://out.test/{roomId}/{videochatId}.m3u8".into()),
            ..VideochatOptions::default()
        };
        assert_eq!(read(&none, json!({})), Err("streamUrl is missing".into()));
        let own = json!({"streamUrl": "rtmp://a.test/live/key"});
        for options in [&none, &live] {
            assert_eq!(read(options, own.clone()), Ok(("rtmp://a.test/live/key".into(), None)));
        }
        let (to, seen) = ("rtmp://in.test/live/v1".to_owned(), "https://out.test/r1/v1.m3u8");
        assert_eq!(read(&live, json!({})), Ok((to.clone(), Some(seen.into()))));
        let elsewhere = json!({"streamPlaybackUrl": "https://b.test/see"});
        assert_eq!(read(&live, elsewhere), Ok((to, Some("https://b.test/see".into()))));
    }

    #[test]
    fn wrong_addresses_are_refused() {
        for bad in [
            json!({"streamUrl": "http://a.test/live"}),
            json!({"streamUrl": 7}),
            json!({"streamUrl": "rtmp://a.test/x", "streamPlaybackUrl": "javascript:alert(1)"}),
            json!({"streamUrl": "rtmp://a.test/x", "streamPlaybackUrl": "https:///nowhere"}),
            json!({"streamUrl": "rtmp://a.test/x", "streamPlaybackUrl": "https://a.test/ b"}),
        ] {
            assert!(read(&VideochatOptions::default(), bad.clone()).is_err(), "{bad}");
        }
    }
}
