//! What a leg's handle, its camera and its microphone want of its task.

use crate::error::ClientError;
use crate::raw::{RawPicture, RawSound};
use tokio::sync::oneshot;

/// What the handle wants.
pub(crate) enum Command {
    Answer(String, oneshot::Sender<Result<(), ClientError>>),
    Restart(oneshot::Sender<Result<String, ClientError>>),
    Picture(RawPicture),
    Sound(RawSound),
    Datagram(Vec<u8>),
    AskKeyframe,
    Reading(bool),
    HangUp,
}
