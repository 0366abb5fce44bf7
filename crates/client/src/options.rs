//! What a client is to do when it joins.

use crate::camera::Camera;
use crate::microphone::Microphone;
use crate::receive::Receive;
use crate::transport::Transport;
use std::net::SocketAddr;

/// What a client shows to come back as the one it was.
#[derive(Clone, Debug)]
pub struct Resume {
    /// `protocol` of an earlier connect.
    pub protocol: String,
    /// `authorization_state` of an earlier connect; a wrong one or none binds nothing.
    pub authorization_state: Option<String>,
    /// Call id of the leg that is taken over; none takes a fresh one.
    pub call_id: Option<String>,
}

/// How to join.
pub struct JoinOptions {
    /// `ws://host:port`.
    pub ws_url: String,
    /// A room token.
    pub token: String,
    /// What to send as picture; `None` receives only.
    pub camera: Option<Camera>,
    /// What to send as sound; `None` receives only.
    pub microphone: Option<Microphone>,
    /// Offer H.264 beside VP8.
    pub offer_h264: bool,
    /// Offer to receive sound; without it and without a microphone the offer has no sound at all,
    /// as a browser's that joins with `receiveAudio: false`.
    pub receives_sound: bool,
    /// Offer sound and pictures as both ways even without camera or microphone, and send even if
    /// the answer forbids it. For tests of what a server does with that.
    pub sends_anyway: bool,
    /// What to do with what comes.
    pub receive: Receive,
    /// UDP or TCP.
    pub transport: Transport,
    /// Size of the system's receive buffer of every TCP connection, bytes; small for somebody whose
    /// not reading is to be noticed soon.
    pub receive_buffer: Option<u32>,
    /// Come back as an earlier one.
    pub resume: Option<Resume>,
    /// Events that are heard by those alone who name them.
    pub names: Vec<&'static str>,
}

impl JoinOptions {
    /// Receives and counts both kinds over UDP, offers H.264, sends nothing.
    pub fn new(ws_url: impl Into<String>, token: impl Into<String>) -> Self {
        Self {
            ws_url: ws_url.into(),
            token: token.into(),
            camera: None,
            microphone: None,
            offer_h264: true,
            receives_sound: true,
            sends_anyway: false,
            receive: Receive::count(),
            transport: Transport::Udp,
            receive_buffer: None,
            resume: None,
            names: Vec::new(),
        }
    }

    /// With a camera.
    pub fn camera(self, camera: Camera) -> Self {
        Self { camera: Some(camera), ..self }
    }

    /// With a microphone.
    pub fn microphone(self, microphone: Microphone) -> Self {
        Self { microphone: Some(microphone), ..self }
    }

    /// VP8 only.
    pub fn vp8_only(self) -> Self {
        Self { offer_h264: false, ..self }
    }

    /// Without sound, unless there is a microphone.
    pub fn without_sound(self) -> Self {
        Self { receives_sound: false, ..self }
    }

    /// Another treatment of what comes.
    pub fn receive(self, receive: Receive) -> Self {
        Self { receive, ..self }
    }

    /// Over ICE-TCP.
    pub fn over_tcp(self, server: SocketAddr) -> Self {
        Self { transport: Transport::Tcp(server), ..self }
    }

    /// With little room for what it does not read.
    pub fn narrow(self) -> Self {
        Self { receive_buffer: Some(8 * 1024), ..self }
    }

    /// Naming events beside the usual ones.
    pub fn naming(self, names: &[&'static str]) -> Self {
        Self { names: names.to_vec(), ..self }
    }

    /// As one who was there before.
    pub fn resume(self, resume: Resume) -> Self {
        Self { resume: Some(resume), ..self }
    }
}
