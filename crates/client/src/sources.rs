//! Camera and microphone of a leg.

use crate::camera::{self, Camera};
use crate::leg::Leg;
use crate::microphone::{self, Microphone};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;
use tokio::task::JoinHandle;

/// What a leg sends. Dropping it ends the sending.
pub struct Sources {
    origin: Instant,
    pub(crate) camera_is_on: Arc<AtomicBool>,
    pub(crate) microphone_is_on: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Sources {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Default for Sources {
    fn default() -> Self {
        let on = || Arc::new(AtomicBool::new(true));
        let (camera_is_on, microphone_is_on) = (on(), on());
        Self { origin: Instant::now(), camera_is_on, microphone_is_on, tasks: Vec::new() }
    }
}

impl Sources {
    /// Begins to send on `leg`.
    pub fn start(leg: &Leg, camera: Option<Camera>, microphone: Option<Microphone>) -> Self {
        let mut sources = Self::default();
        sources.begin(leg, camera, microphone);
        sources
    }

    pub(crate) fn begin(
        &mut self,
        leg: &Leg,
        camera: Option<Camera>,
        microphone: Option<Microphone>,
    ) {
        self.origin = Instant::now();
        let Some(commands) = leg.commands().upgrade() else { return };
        if let Some(camera) = camera {
            let (shared, is_on) = (leg.shared().clone(), self.camera_is_on.clone());
            let run = camera::run(camera, commands.clone(), shared, self.origin, is_on);
            self.tasks.push(tokio::spawn(run));
        }
        if let Some(microphone) = microphone {
            let is_on = self.microphone_is_on.clone();
            let run = microphone::run(microphone, commands, self.origin, is_on);
            self.tasks.push(tokio::spawn(run));
        }
    }

    /// What flashes, beeps and colours are counted from.
    pub fn origin(&self) -> Instant {
        self.origin
    }
}
