//! A leg: its own socket, its own peer connection, driven by one task. The handle gives it things
//! to send and reads what came of it.

use crate::error::ClientError;
use crate::journal::{Beat, wait};
use crate::leg_command::Command;
use crate::leg_shared::Shared;
use crate::leg_task::Drive;
use crate::peer::{Peer, PeerOptions};
use crate::raw::{RawPicture, RawSound};
use crate::receive::Receive;
use crate::seen::LegFacts;
use crate::transport::Transport;
use crate::wire::Wire;
use rotunda_codec::Frame;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Commands that wait. When full, whoever sends waits.
const COMMANDS: usize = 256;

/// What a leg offers and does with what comes.
#[derive(Default)]
pub struct LegOptions {
    /// Offer H.264 beside VP8.
    pub h264: bool,
    /// Offer to send pictures.
    pub sends_picture: bool,
    /// Offer to send sound.
    pub sends_sound: bool,
    /// Offer no sound at all, unless it is sent.
    pub is_soundless: bool,
    /// Send both whatever the answer says.
    pub sends_anyway: bool,
    /// Offer what is sent as sent only, as a WHIP client does.
    pub is_one_way: bool,
    /// Offer H.264 alone, as payload 96 and without header extensions: as OBS does.
    pub is_h264_only: bool,
    /// UDP or TCP.
    pub transport: Transport,
    /// Size of the system's receive buffer of a TCP connection, bytes.
    pub receive_buffer: Option<u32>,
    /// What to do with what comes.
    pub receive: Receive,
}

/// The handle of a leg. Dropping it ends the leg without a word, as a page that crashes does.
pub struct Leg {
    commands: mpsc::Sender<Command>,
    shared: Arc<Shared>,
    addr: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Leg {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Leg {
    /// Opens a socket and makes an offer.
    ///
    /// # Errors
    /// No socket, or the stack refuses.
    pub async fn offer(options: LegOptions, beat: Beat) -> Result<(Self, String), ClientError> {
        let wire = Wire::open(options.transport, options.receive_buffer).await?;
        let addr = wire.local_addr()?;
        let peer_options = PeerOptions {
            addr,
            is_tcp: options.transport != Transport::Udp,
            h264: options.h264,
            sends_picture: options.sends_picture,
            sends_sound: options.sends_sound,
            is_soundless: options.is_soundless,
            sends_anyway: options.sends_anyway,
            is_one_way: options.is_one_way,
            is_h264_only: options.is_h264_only,
        };
        let mut peer = Peer::new(peer_options, Instant::now())?;
        let sdp = peer.offer()?;
        let facts = Mutex::new(LegFacts::default());
        let shared = Arc::new(Shared { facts, frame: Mutex::default(), beat });
        let (commands, inbox) = mpsc::channel(COMMANDS);
        let drive = Drive::new(peer, wire, inbox, shared.clone(), options.receive);
        let task = tokio::spawn(drive.run());
        Ok((Self { commands, shared, addr, task }, sdp))
    }

    /// A sender of commands that does not keep the leg alive.
    pub(crate) fn commands(&self) -> mpsc::WeakSender<Command> {
        self.commands.downgrade()
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Our own address.
    pub fn local_addr(&self) -> SocketAddr {
        self.addr
    }

    /// What happened so far.
    pub fn facts(&self) -> LegFacts {
        self.shared.facts().clone()
    }

    /// Looks at what happened so far without copying it; must be quick.
    pub fn look<T>(&self, at: impl FnOnce(&LegFacts) -> T) -> T {
        at(&self.shared.facts())
    }

    /// Looks at the last decoded picture; must be quick.
    pub fn look_at_picture<T>(&self, at: impl FnOnce(&Frame) -> T) -> Option<T> {
        self.shared.frame().as_ref().map(at)
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
        wait(&self.shared.beat, what, within, || look(self)).await
    }

    async fn tell(&self, command: Command) -> Result<(), ClientError> {
        self.commands.send(command).await.map_err(|_| ClientError::LegEnded)
    }

    /// Takes the answer.
    ///
    /// # Errors
    /// The stack refuses it.
    pub async fn answer(&self, sdp: impl Into<String>) -> Result<(), ClientError> {
        let (tell, reported) = oneshot::channel();
        self.tell(Command::Answer(sdp.into(), tell)).await?;
        reported.await.map_err(|_| ClientError::LegEnded)?
    }

    /// An offer that restarts ICE.
    ///
    /// # Errors
    /// The stack refuses.
    pub async fn restart_offer(&self) -> Result<String, ClientError> {
        let (tell, reported) = oneshot::channel();
        self.tell(Command::Restart(tell)).await?;
        reported.await.map_err(|_| ClientError::LegEnded)?
    }

    /// Sends a picture as it is.
    ///
    /// # Errors
    /// [`ClientError::LegEnded`].
    pub async fn send_picture(&self, picture: RawPicture) -> Result<(), ClientError> {
        self.tell(Command::Picture(picture)).await
    }

    /// Sends a packet of sound as it is.
    ///
    /// # Errors
    /// [`ClientError::LegEnded`].
    pub async fn send_sound(&self, sound: RawSound) -> Result<(), ClientError> {
        self.tell(Command::Sound(sound)).await
    }

    /// Sends a datagram as it is from the leg's socket to where its media goes.
    ///
    /// # Errors
    /// [`ClientError::LegEnded`].
    pub async fn send_datagram(&self, bytes: Vec<u8>) -> Result<(), ClientError> {
        self.tell(Command::Datagram(bytes)).await
    }

    /// Asks the server for a key frame (PLI).
    ///
    /// # Errors
    /// [`ClientError::LegEnded`].
    pub async fn ask_keyframe(&self) -> Result<(), ClientError> {
        self.tell(Command::AskKeyframe).await
    }

    /// Stops (or goes on) reading the socket; what comes stays in the system's buffers.
    ///
    /// # Errors
    /// [`ClientError::LegEnded`].
    pub async fn set_reading(&self, reads: bool) -> Result<(), ClientError> {
        self.tell(Command::Reading(reads)).await
    }

    /// Closes DTLS and ends.
    ///
    /// # Errors
    /// [`ClientError::LegEnded`].
    pub async fn hang_up(&self) -> Result<(), ClientError> {
        self.tell(Command::HangUp).await
    }
}
