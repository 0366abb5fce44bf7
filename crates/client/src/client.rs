//! A participant: connects, joins, sends, and knows what it was told and what it received.

use crate::error::ClientError;
use crate::journal::{Beat, Event, Journal, wait};
use crate::leg::{Leg, LegOptions};
use crate::options::{JoinOptions, Resume};
use crate::receive::Receive;
use crate::seen::LegFacts;
use crate::signal::Signal;
use crate::sources::Sources;
use crate::verto;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

/// As long as a browser gives a join.
const JOIN_WITHIN: Duration = Duration::from_secs(20);

/// Where a client sits.
#[derive(Clone, Debug, Default)]
pub struct Seat {
    /// Its member id.
    pub member_id: String,
    /// The session's id.
    pub room_session_id: String,
    /// The whole `video.room.subscribed`.
    pub subscribed: Value,
}

/// A participant in a room. Dropping it drops sockets and leg without a word, as a crash does.
pub struct Client {
    options: JoinOptions,
    journal: Journal,
    signal: Option<Signal>,
    leg: Leg,
    call_id: String,
    connected: Value,
    seat: Seat,
    started_at: Instant,
    sources: Sources,
}

impl Client {
    /// Connects and joins; returns when `video.room.subscribed` has come.
    ///
    /// # Errors
    /// What the server refused, or that it was late.
    pub async fn join(mut options: JoinOptions) -> Result<Self, ClientError> {
        let started_at = Instant::now();
        let beat = Beat::default();
        let journal = Journal::new(beat.clone());
        let room = options.receive_buffer;
        let signal = Signal::open_with(&options.ws_url, journal.clone(), room).await?;
        let hello = verto::connect(&options.token, options.resume.as_ref());
        let connected = signal.rpc("signalwire.connect", hello).await?;
        let leg_options = LegOptions {
            h264: options.offer_h264,
            sends_picture: options.camera.is_some(),
            sends_sound: options.microphone.is_some(),
            is_soundless: !options.receives_sound,
            sends_anyway: options.sends_anyway,
            transport: options.transport,
            receive_buffer: options.receive_buffer,
            receive: std::mem::replace(&mut options.receive, Receive::count()),
            ..LegOptions::default()
        };
        let (leg, sdp) = Leg::offer(leg_options, beat).await?;
        let old_call = options.resume.as_ref().and_then(|r| r.call_id.clone());
        let call_id = old_call.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
        let mut client = Self {
            options,
            journal,
            signal: Some(signal),
            leg,
            call_id,
            connected,
            seat: Seat::default(),
            started_at,
            sources: Sources::default(),
        };
        client.call(&sdp).await?;
        Ok(client)
    }

    /// Invites, answers, starts sending once connected, and takes its seat.
    async fn call(&mut self, sdp: &str) -> Result<(), ClientError> {
        let invite = verto::invite(&self.call_id, sdp, &self.options.names);
        self.signal()?.rpc("video.message", invite).await?;
        let answer = self.called("the answer", "verto.answer").await?;
        self.leg.answer(answer.text("/params/sdp")).await?;
        let ack = verto::answered(answer.get("/id").unwrap_or(&Value::Null), &Value::Null);
        self.signal()?.rpc("video.message", ack).await?;
        self.until("ICE and DTLS are up", JOIN_WITHIN, |c| c.leg.look(|f| f.connected_at)).await?;
        let (camera, microphone) = (self.options.camera.clone(), self.options.microphone.clone());
        self.sources.begin(&self.leg, camera, microphone);
        let call_id = self.call_id.clone();
        let subscribed = self.until("the seat", JOIN_WITHIN, |c| {
            let is_own =
                |e: &Event| e.kind == "video.room.subscribed" && e.text("/call_id") == call_id;
            c.journal.find(0, is_own).map(Ok).or_else(|| c.hung_up().map(Err))
        });
        let subscribed = subscribed.await??;
        self.seat = Seat {
            member_id: subscribed.text("/member_id").to_owned(),
            room_session_id: subscribed.text("/room_session/id").to_owned(),
            subscribed: subscribed.params,
        };
        Ok(())
    }

    /// Waits for a message about our call; a goodbye is an error.
    async fn called(&self, what: &str, method: &str) -> Result<Event, ClientError> {
        let look = |c: &Self| {
            let found = c.journal.find(0, |e| {
                e.kind == "webrtc.message"
                    && e.text("/method") == method
                    && e.text("/params/callID") == c.call_id
            });
            found.map(Ok).or_else(|| c.hung_up().map(Err))
        };
        self.until(what, JOIN_WITHIN, look).await?
    }

    /// Whether the server has hung up our call, and how.
    pub fn hung_up(&self) -> Option<ClientError> {
        let bye = self.journal.find(0, |e| {
            e.text("/method") == "verto.bye" && e.text("/params/callID") == self.call_id
        })?;
        let code = bye.get("/params/causeCode").map(Value::to_string).unwrap_or_default();
        Some(ClientError::Bye {
            code: code.trim_matches('"').to_owned(),
            cause: bye.text("/params/cause").to_owned(),
        })
    }

    /// Waits until `look` finds something; asked again at every new fact.
    ///
    /// # Errors
    /// [`ClientError::Late`].
    pub async fn until<T>(
        &self,
        what: &str,
        within: Duration,
        look: impl Fn(&Self) -> Option<T>,
    ) -> Result<T, ClientError> {
        wait(self.journal.beat(), what, within, || look(self)).await
    }

    /// Waits for an event, from number `from` on.
    ///
    /// # Errors
    /// [`ClientError::Late`].
    pub async fn event(
        &self,
        from: u64,
        kind: &str,
        within: Duration,
        is: impl Fn(&Event) -> bool,
    ) -> Result<Event, ClientError> {
        let wanted = |e: &Event| e.kind == kind && is(e);
        self.until(kind, within, |c| c.journal.find(from, wanted)).await
    }

    /// A room method; the session's id is filled in.
    ///
    /// # Errors
    /// [`ClientError::Refused`] and those of the socket.
    pub async fn rpc(&self, method: &str, mut params: Value) -> Result<Value, ClientError> {
        if params.get("room_session_id").is_none() && params.is_object() {
            params["room_session_id"] = json!(self.seat.room_session_id);
        }
        self.signal()?.rpc(method, params).await
    }

    /// Sends digits, as from the keys of a telephone.
    ///
    /// # Errors
    /// [`ClientError::Refused`] and those of the socket.
    pub async fn send_digits(&self, digits: &str) -> Result<Value, ClientError> {
        self.signal()?.rpc("video.message", verto::digits(&self.call_id, digits)).await
    }

    /// The open WebSocket.
    ///
    /// # Errors
    /// [`ClientError::Closed`] after [`Self::drop_socket`].
    pub fn signal(&self) -> Result<&Signal, ClientError> {
        self.signal.as_ref().ok_or(ClientError::Closed)
    }

    /// The leg.
    pub fn leg(&self) -> &Leg {
        &self.leg
    }

    /// Events so far.
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Where it sits.
    pub fn seat(&self) -> &Seat {
        &self.seat
    }

    /// Its member id.
    pub fn member_id(&self) -> &str {
        &self.seat.member_id
    }

    /// When the join began.
    pub fn started_at(&self) -> Instant {
        self.started_at
    }

    /// What flashes, beeps and colours are counted from: when ICE and DTLS were up.
    pub fn origin(&self) -> Instant {
        self.sources.origin()
    }

    /// The result of `signalwire.connect`.
    pub fn connected(&self) -> &Value {
        &self.connected
    }

    /// What happened on the leg.
    pub fn facts(&self) -> LegFacts {
        self.leg.facts()
    }

    /// Lets the camera run or stand; a standing one sends nothing.
    pub fn set_camera(&self, is_on: bool) {
        self.sources.camera_is_on.store(is_on, Ordering::Release);
    }

    /// Lets the microphone run or stand.
    pub fn set_microphone(&self, is_on: bool) {
        self.sources.microphone_is_on.store(is_on, Ordering::Release);
    }

    /// What it takes to come back as this client.
    pub fn resume(&self) -> Resume {
        let state = self.journal.last(|e| e.kind == "signalwire.authorization.state");
        Resume {
            protocol: self.connected["protocol"].as_str().unwrap_or_default().to_owned(),
            authorization_state: state.map(|e| e.text("/authorization_state").to_owned()),
            call_id: Some(self.call_id.clone()),
        }
    }

    /// Tears the WebSocket down without a word; media goes on.
    pub fn drop_socket(&mut self) {
        self.signal = None;
    }

    /// Opens a new WebSocket and connects, showing `resume`; gives the connect result.
    ///
    /// # Errors
    /// As for a join.
    pub async fn reconnect(&mut self, resume: &Resume) -> Result<Value, ClientError> {
        self.signal = None;
        let signal = Signal::open(&self.options.ws_url, self.journal.clone()).await?;
        let hello = verto::connect(&self.options.token, Some(resume));
        let connected = signal.rpc("signalwire.connect", hello).await?;
        self.signal = Some(signal);
        Ok(connected)
    }

    /// Offers an ICE restart of the leg and takes the answer.
    ///
    /// # Errors
    /// As for a join.
    pub async fn restart_ice(&self) -> Result<(), ClientError> {
        let sdp = self.leg.restart_offer().await?;
        let from = self.journal.mark();
        self.signal()?
            .rpc("video.message", verto::invite(&self.call_id, &sdp, &self.options.names))
            .await?;
        let answer = self
            .event(from, "webrtc.message", JOIN_WITHIN, |e| e.text("/method") == "verto.answer")
            .await?;
        self.leg.answer(answer.text("/params/sdp")).await
    }

    /// Leaves as a browser does: says goodbye, then closes.
    ///
    /// # Errors
    /// Those of the socket.
    pub async fn leave(self) -> Result<(), ClientError> {
        let signal = self.signal()?;
        signal.rpc("video.message", verto::bye(&self.call_id)).await?;
        signal.close().await;
        Ok(())
    }
}
