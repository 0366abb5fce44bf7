//! `authorization_state`: what we say, signed, of a connection to whoever holds it.
//!
//! It is the secret by which a connection is taken up again, and because it is signed and not
//! remembered it still tells, after a restart or when the connection is forgotten, which seat its
//! client had. It opens no room: the token does. It refuses to know sockets and sessions.

use crate::connections::link::LostSeat;
use crate::connections::offer::Ways;
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use rotunda_domain::{Grant, LegId, MemberId, SessionId, WaiterId};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// What is signed for one purpose passes for no other: no token begins like this.
const STATE: &str = "authorization_state\0";
const PROTOCOL: &str = "protocol\0";
/// Longest statement that is looked at; ours, with as many legs as somebody may have and the
/// longest call ids, are shorter.
const STATE_MAX: usize = 8 * 1024;

/// The seat a client had, and still takes itself to be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormerSeat {
    #[serde(rename = "s")]
    session: Uuid,
    #[serde(rename = "m")]
    member: Uuid,
    /// The legs, the main one first.
    #[serde(rename = "l")]
    legs: Vec<String>,
    /// Whether the main leg carried sound and picture, and which way.
    #[serde(rename = "w")]
    ways: [Ways; 2],
    /// Whether microphone and camera were off.
    #[serde(rename = "o")]
    muted: [bool; 2],
    /// The process it was in.
    #[serde(rename = "r", default)]
    run: Uuid,
}

/// This process, as its statements name it.
static RUN: LazyLock<Uuid> = LazyLock::new(Uuid::new_v4);
/// When it was first asked for a statement.
static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);
/// How long after that places of the process before are given back: longer than a browser tries.
const PLACES_BACK_WITHIN: Duration = Duration::from_secs(600);

/// The place in a line before a room that a client had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FormerPlace {
    #[serde(rename = "i")]
    id: Uuid,
    /// Since when, milliseconds since 1970 UTC.
    #[serde(rename = "t")]
    since_ms: i64,
    /// What they call themself.
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// The session they were let in to.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    admitted_in: Option<Uuid>,
    /// The process it was in.
    #[serde(rename = "r")]
    run: Uuid,
}

impl FormerPlace {
    /// A place of this process.
    pub fn new(id: WaiterId, since_ms: i64, name: Option<String>) -> Self {
        Self { id: id.0, since_ms, name, admitted_in: None, run: *RUN }
    }

    /// Which it is.
    pub fn id(&self) -> WaiterId {
        WaiterId(self.id)
    }

    /// Since when they wait, milliseconds since 1970 UTC, unless they were let in.
    pub fn waits_since_ms(&self) -> Option<i64> {
        self.admitted_in.is_none().then_some(self.since_ms)
    }

    /// What they call themself, if they were asked.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// It began then.
    pub fn began(&mut self, since_ms: i64) {
        self.since_ms = since_ms;
    }

    /// They were let in.
    pub fn admit(&mut self, session: SessionId) {
        self.admitted_in = Some(session.0);
    }

    /// The session they were let in to before the process ended, and as whom history would know them.
    pub fn admitted_before(&self) -> Option<(SessionId, MemberId)> {
        let session = self.admitted_in.filter(|_| self.run != *RUN)?;
        Some((SessionId(session), MemberId(self.id)))
    }
}

impl FormerSeat {
    /// `member`'s seat in `session`, with what the main leg carried and the names of all legs, the
    /// main one first.
    pub fn new(
        session: SessionId,
        member: MemberId,
        legs: Vec<String>,
        ways: [Ways; 2],
        muted: [bool; 2],
    ) -> Self {
        Self { session: session.0, member: member.0, legs, ways, muted, run: *RUN }
    }

    /// The session as the client knows it.
    pub fn session(&self) -> SessionId {
        SessionId(self.session)
    }

    /// Who the client takes itself to be.
    pub fn member(&self) -> MemberId {
        MemberId(self.member)
    }

    /// Whether the process ended under it.
    pub fn is_from_before(&self) -> bool {
        self.run != *RUN
    }

    /// Whether microphone and camera were off.
    pub fn muted(&self) -> [bool; 2] {
        self.muted
    }

    /// What the client is told of it; nothing of a seat without legs.
    pub fn lost(&self, grant: &Grant) -> Option<LostSeat> {
        let [audio, video] = self.ways;
        let mut legs = self.legs.iter().cloned().map(LegId);
        Some(LostSeat {
            member: self.member(),
            leg: legs.next()?,
            children: legs.collect(),
            audio: audio.within(grant.audio_flow()),
            video: video.within(grant.video_flow()),
        })
    }
}

#[derive(Serialize, Deserialize)]
struct Statement {
    /// The connection.
    #[serde(rename = "p")]
    protocol: String,
    /// Whose it is, as a digest.
    #[serde(rename = "w")]
    whose: String,
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    seat: Option<FormerSeat>,
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    place: Option<FormerPlace>,
}

/// Signs for one bearer of a room token, and knows again what was signed for them.
#[derive(Clone)]
pub(crate) struct Seal {
    key: Arc<hmac::Key>,
    room: String,
    /// Digest of project, room, the token's user name and the page's origin: a token of the same
    /// room does not make one out of two people. Not of the token's own id, for a page that is
    /// loaded again comes with a fresh one.
    whose: String,
}

impl Seal {
    /// `user_name` is the token's, if it names somebody; `origin` is the page's, if it is one.
    pub fn new(
        key: Arc<hmac::Key>,
        grant: &Grant,
        user_name: Option<&str>,
        origin: Option<&str>,
    ) -> Self {
        LazyLock::force(&BEGUN);
        let mut whole = digest::Context::new(&digest::SHA256);
        whole.update(grant.project.0.as_bytes());
        for part in [Some(&*grant.room_name), user_name, origin] {
            // The length, so that no two lists of parts are written alike.
            let length = part.map_or(u64::MAX, |part| part.len() as u64);
            whole.update(&length.to_be_bytes());
            whole.update(part.unwrap_or_default().as_bytes());
        }
        let whose = BASE64.encode(whole.finish());
        Self { key, room: grant.room_name.clone(), whose }
    }

    /// What a new connection is called: `signalwire_<signature>_<proof that it is ours>`.
    pub fn new_protocol(&self) -> Arc<str> {
        let mut signature = Uuid::new_v4().simple().to_string();
        signature.truncate(12);
        format!("signalwire_{signature}_{}", self.proof(&signature)).into()
    }

    /// Whether a connection of this room was once called so.
    pub fn has_named(&self, protocol: &str) -> bool {
        let rest = protocol.strip_prefix("signalwire_");
        rest.and_then(|rest| rest.split_once('_')).is_some_and(|(signature, proof)| {
            let right = self.proof(signature).to_string();
            aws_lc_rs::constant_time::verify_slices_are_equal(right.as_bytes(), proof.as_bytes())
                .is_ok()
        })
    }

    fn proof(&self, signature: &str) -> Uuid {
        let named = format!("{PROTOCOL}{signature}\0{}", self.room);
        let tag = hmac::sign(&self.key, named.as_bytes());
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&tag.as_ref()[..16]);
        Uuid::from_bytes(bytes)
    }

    /// States that `protocol` is this bearer's, and which seat and place go with it.
    pub fn state(
        &self,
        protocol: &str,
        seat: Option<FormerSeat>,
        place: Option<FormerPlace>,
    ) -> Arc<str> {
        let (protocol, whose) = (protocol.to_owned(), self.whose.clone());
        let json = serde_json::to_vec(&Statement { protocol, whose, seat, place });
        let text = BASE64.encode(json.expect("strings are always JSON"));
        let signature = hmac::sign(&self.key, format!("{STATE}{text}").as_bytes());
        format!("{text}.{}", BASE64.encode(signature)).into()
    }

    /// The seat we once stated to go with `protocol`, none in it if there was none; `None` when we
    /// never said so, or said it of somebody else.
    pub fn read(&self, protocol: &str, state: &str) -> Option<Option<FormerSeat>> {
        self.stated(protocol, state).map(|stated| stated.seat)
    }

    /// The place we stated to go with `protocol` before the process ended, if that was a short while ago.
    pub fn read_place(&self, protocol: &str, state: &str) -> Option<FormerPlace> {
        let place = self.stated(protocol, state)?.place?;
        (place.run != *RUN && BEGUN.elapsed() < PLACES_BACK_WITHIN).then_some(place)
    }

    fn stated(&self, protocol: &str, state: &str) -> Option<Statement> {
        let (text, signature) = state.split_once('.').filter(|_| state.len() <= STATE_MAX)?;
        let signature = BASE64.decode(signature).ok()?;
        hmac::verify(&self.key, format!("{STATE}{text}").as_bytes(), &signature).ok()?;
        let stated: Statement = serde_json::from_slice(&BASE64.decode(text).ok()?).ok()?;
        let is_theirs = stated.protocol == protocol && stated.whose == self.whose;
        is_theirs.then_some(stated)
    }
}

#[cfg(test)]
#[path = "state_tests.rs"]
mod tests;
