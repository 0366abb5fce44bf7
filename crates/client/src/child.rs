//! A leg beside a client's own: a screen or a further device. To the room it is a member of its own
//! with a parent; to the client it is one more call on the same socket.

use crate::child_kind::ChildKind;
use crate::client::Client;
use crate::error::ClientError;
use crate::journal::Event;
use crate::leg::{Leg, LegOptions};
use crate::verto;
use serde_json::Value;
use std::time::Duration;

/// As long as a browser gives a join.
const WITHIN: Duration = Duration::from_secs(20);

/// A child of a client. Dropping it drops its leg without a word.
pub struct Child {
    leg: Leg,
    member_id: String,
}

impl Child {
    /// Its own member id.
    pub fn member_id(&self) -> &str {
        &self.member_id
    }

    /// Its leg.
    pub fn leg(&self) -> &Leg {
        &self.leg
    }
}

impl Client {
    /// Adds a leg that offers a picture, and returns when the room was told of it. Nothing is sent
    /// on it unasked.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when the invite is refused, which leaves the client's own leg as it
    /// is; and those of a join.
    pub async fn add_child(&self, kind: ChildKind) -> Result<Child, ClientError> {
        let options =
            LegOptions { sends_picture: true, is_soundless: true, ..LegOptions::default() };
        let (leg, sdp) = Leg::offer(options, self.journal().beat().clone()).await?;
        let (call_id, from) = (uuid::Uuid::new_v4().to_string(), self.journal().mark());
        let invite = verto::invite_child(&call_id, &sdp, kind, self.member_id());
        self.signal()?.rpc("video.message", invite).await?;
        let is_answer =
            |e: &Event| e.text("/method") == "verto.answer" && e.text("/params/callID") == call_id;
        let answer = self.event(from, "webrtc.message", WITHIN, is_answer).await?;
        leg.answer(answer.text("/params/sdp")).await?;
        let ack = verto::answered(answer.get("/id").unwrap_or(&Value::Null), &Value::Null);
        self.signal()?.rpc("video.message", ack).await?;
        let is_ours = |e: &Event| e.text("/member/parent_id") == self.member_id();
        let joined = self.event(from, "video.member.joined", WITHIN, is_ours).await?;
        Ok(Child { leg, member_id: joined.text("/member/id").to_owned() })
    }
}
