//! How every WebSocket here is bounded: the sizes of messages, frames and both buffers.

use axum::extract::ws::WebSocketUpgrade;

/// What a WebSocket may hold, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct WebSocketSizes {
    /// Longest message, and longest frame.
    pub message: usize,
    /// What is kept for reading; longer messages are read in pieces.
    pub read_buffer: usize,
    /// Bytes gathered before they are written.
    pub write_buffer: usize,
    /// Longest message that is sent; with what is gathered it is all that ever waits to be written,
    /// pongs included.
    pub sent: usize,
}

impl WebSocketSizes {
    /// The upgrade, bounded.
    pub fn of(self, upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
        upgrade
            .max_message_size(self.message)
            .max_frame_size(self.message)
            .read_buffer_size(self.read_buffer)
            .write_buffer_size(self.write_buffer)
            .max_write_buffer_size(self.write_buffer + self.sent)
    }
}
