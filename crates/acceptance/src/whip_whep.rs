//! Legs opened by WHIP and WHEP, as a client does that knows nothing but the standards: a POST, a
//! PATCH, a DELETE, and the headless client's own peer connection.

use crate::http::{self, Answer};
use crate::process::Stack;
use rotunda_client::{Beat, Camera, Leg, LegOptions, Microphone, Sources};
use std::time::Duration;

const WITHIN: Duration = Duration::from_secs(20);
const FRAGMENT: &str = "application/trickle-ice-sdpfrag";

/// A leg and its resource. Dropping it drops the leg without a word.
pub struct Posted {
    /// The leg.
    pub leg: Leg,
    /// Address of its resource.
    pub url: String,
    /// Entity tag of its ICE session.
    pub etag: String,
    answer: String,
    _sources: Sources,
}

impl Posted {
    /// Opens a WHEP leg.
    ///
    /// # Panics
    /// The server refuses, or ICE and DTLS do not come up.
    pub async fn watch(stack: &Stack, token: &str, options: LegOptions) -> Self {
        Self::open(stack, "/whep", token, options, |offer| offer, (None, None)).await
    }

    /// Opens a WHIP leg with an offer `shaped` by the caller.
    ///
    /// # Panics
    /// As [`Posted::watch`].
    pub async fn publish(
        stack: &Stack,
        token: &str,
        options: LegOptions,
        shaped: impl FnOnce(String) -> String,
        sources: (Option<Camera>, Option<Microphone>),
    ) -> Self {
        Self::open(stack, "/whip", token, options, shaped, sources).await
    }

    async fn open(
        stack: &Stack,
        door: &str,
        token: &str,
        options: LegOptions,
        shaped: impl FnOnce(String) -> String,
        (camera, microphone): (Option<Camera>, Option<Microphone>),
    ) -> Self {
        let (leg, offer) = Leg::offer(options, Beat::default()).await.expect("an offer");
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/sdp")];
        let url = format!("{}{door}", stack.http());
        let answer = http::ask("POST", &url, &headers, &shaped(offer)).await.expect("an answer");
        assert_eq!(answer.status, 201, "{}", answer.text);
        leg.answer(&*answer.text).await.expect("the answer fits");
        let up = leg.until("ICE and DTLS are up", WITHIN, |l| l.look(|f| f.connected_at)).await;
        up.expect("the leg comes up");
        Self {
            _sources: Sources::start(&leg, camera, microphone),
            url: format!("{}{}", stack.http(), answer.header("location")),
            etag: answer.header("etag").to_owned(),
            answer: answer.text,
            leg,
        }
    }

    /// Sends a fragment.
    ///
    /// # Panics
    /// The connection fails.
    pub async fn patch(&self, if_match: &str, fragment: &str) -> Answer {
        let headers = [("Content-Type", FRAGMENT), ("If-Match", if_match)];
        http::ask("PATCH", &self.url, &headers, fragment).await.expect("an answer")
    }

    /// Restarts ICE by a PATCH and takes what comes back.
    ///
    /// # Panics
    /// The server refuses.
    pub async fn restart_ice(&mut self) {
        let offer = self.leg.restart_offer().await.expect("an offer");
        let of = |text: &str, name: &str| {
            let line = text.lines().find(|line| line.starts_with(name)).expect("ICE credentials");
            line.to_owned()
        };
        let ours = ["a=ice-ufrag:", "a=ice-pwd:"].map(|name| of(&offer, name));
        let fragment = format!("{}\r\n{}\r\nm=audio 9 X 0\r\na=mid:0\r\n", ours[0], ours[1]);
        let answer = self.patch("*", &fragment).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_ne!(answer.header("etag"), self.etag, "another ICE session, another tag");
        self.etag = answer.header("etag").to_owned();
        for name in ["a=ice-ufrag:", "a=ice-pwd:"] {
            let (old, new) = (of(&self.answer, name), of(&answer.text, name));
            assert_ne!(old, new, "the server's credentials are new, too");
            self.answer = self.answer.replace(&old, &new);
        }
        self.leg.answer(&*self.answer).await.expect("the answer fits");
    }

    /// The status of a request without a body.
    ///
    /// # Panics
    /// The connection fails.
    pub async fn asks(&self, method: &str) -> u16 {
        http::ask(method, &self.url, &[], "").await.expect("an answer").status
    }
}

/// The headless client's offer (H.264 alone, no extensions) as OBS 30 and later write it by
/// libdatachannel: `plugins/obs-webrtc/whip-output.cpp`, two sections, payloads 111 and 96, no
/// candidates yet.
///
/// # Panics
/// The offer has other sections.
pub fn as_obs_writes_it(offer: String) -> String {
    let of = |text: &str, name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {text}")).to_owned()
    };
    let sections: Vec<&str> = offer.split("m=").skip(1).collect();
    let [audio, video] = sections[..] else { panic!("two sections: {offer}") };
    let (ufrag, pwd) = (of(&offer, "a=ice-ufrag:"), of(&offer, "a=ice-pwd:"));
    let fingerprint = of(&offer, "a=fingerprint:");
    let section = |kind: &str, own: &str, payload: u8, codec: &str| {
        let (mid, ssrc) = (of(own, "a=mid:"), of(own, "a=ssrc:"));
        let ssrc = ssrc.split(' ').next().unwrap_or_default().to_owned();
        format!(
            "m={kind} 9 UDP/TLS/RTP/SAVPF {payload}\r\nc=IN IP4 0.0.0.0\r\na=mid:{mid}\r\n\
             a=sendonly\r\na=ssrc:{ssrc} cname:c9WcTQXJ\r\na=ssrc:{ssrc} msid:vMXk vMXk-{kind}\r\n\
             a=msid:vMXk vMXk-{kind}\r\na=rtcp-mux\r\n{codec}"
        )
    };
    let opus = "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;maxaveragebitrate=96000;\
                stereo=1;sprop-stereo=1;useinbandfec=1\r\n";
    let h264 = "a=rtpmap:96 H264/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n\
                a=rtcp-fb:96 goog-remb\r\na=fmtp:96 profile-level-id=42e01f;packetization-mode=1;\
                level-asymmetry-allowed=1\r\n";
    let (mids, tail) = (
        format!("{} {}", of(audio, "a=mid:"), of(video, "a=mid:")),
        format!("{}{}", section("audio", audio, 111, opus), section("video", video, 96, h264)),
    );
    format!(
        "v=0\r\no=rtc 3767197920 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE {mids}\r\n\
         a=group:LS {mids}\r\na=msid-semantic:WMS *\r\na=setup:actpass\r\na=ice-ufrag:{ufrag}\r\n\
         a=ice-pwd:{pwd}\r\na=ice-options:ice2,trickle\r\na=fingerprint:{fingerprint}\r\n{tail}"
    )
}
