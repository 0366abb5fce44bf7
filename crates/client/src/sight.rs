//! What a participant sees and hears, and where on the canvas the layout says that it is.

use crate::client::Client;
use crate::picture::fitted;
use rotunda_codec::{Frame, Rect, SAMPLE_RATE_HZ};
use serde_json::Value;
use std::time::Duration;

impl Client {
    /// A copy of the last decoded picture.
    pub fn picture(&self) -> Option<Frame> {
        self.leg().look_at_picture(Frame::clone)
    }

    /// The latest decoded sound, at most `length` of it and at most two seconds.
    pub fn heard(&self, length: Duration) -> Vec<f32> {
        let samples = (length.as_secs_f64() * f64::from(SAMPLE_RATE_HZ)) as usize;
        self.leg().look(|f| {
            let pcm = &f.sound.pcm;
            pcm.iter().skip(pcm.len().saturating_sub(samples)).copied().collect()
        })
    }

    /// The layout as last announced.
    pub fn layout(&self) -> Option<Value> {
        let event = self.journal().last(|e| e.kind == "video.layout.changed")?;
        event.get("/layout").cloned()
    }

    /// The cell of a member on a canvas of this size, as last announced.
    pub fn cell_of(&self, member_id: &str, width: u32, height: u32) -> Option<Rect> {
        let layout = self.layout()?;
        let layers = layout.get("layers")?.as_array()?;
        let layer = layers.iter().find(|layer| layer["member_id"] == member_id)?;
        let pixels = |name: &str, of: u32| {
            let percent = layer.get(name).and_then(Value::as_f64)?;
            Some((percent * f64::from(of) / 100.0).round() as u32 & !1)
        };
        let (x, y) = (pixels("x", width)?, pixels("y", height)?);
        let (w, h) = (pixels("width", width)?, pixels("height", height)?);
        Some(Rect::new(x, y, w.min(width - x.min(width)), h.min(height - y.min(height))))
    }

    /// Where a member's picture of this size lies on the canvas.
    pub fn place_of(&self, member_id: &str, canvas: (u32, u32), size: (u32, u32)) -> Option<Rect> {
        Some(fitted(size.0, size.1, self.cell_of(member_id, canvas.0, canvas.1)?))
    }
}
