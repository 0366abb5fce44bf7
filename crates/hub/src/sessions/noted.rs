//! What an operator reads in the log and in the figures of what a session does. Never a key, an address
//! or a name that people chose.

use rotunda_domain::Event;
use rotunda_domain::event::RecordingEvent;
use rotunda_domain::stream::StreamEvent;
use rotunda_telemetry::figures;

/// Writes and counts what begins and ends.
pub(crate) fn note(event: &Event) {
    match event {
        Event::Recording(RecordingEvent::Started, view) => {
            figures().recordings.one("begun");
            tracing::info!(session = %view.session, recording = %view.id, "a recording begins");
        }
        Event::Recording(RecordingEvent::Ended, view) => {
            let (session, recording, ms) = (view.session, view.id, view.duration_ms);
            tracing::info!(%session, %recording, ms, failed = view.failed, "a recording ends");
        }
        Event::Stream(reported, view) => {
            let (session, stream) = (view.session, view.id);
            match reported {
                StreamEvent::Started => {
                    figures().streams.one("begun");
                    tracing::info!(%session, %stream, "a stream begins");
                }
                StreamEvent::Connected => {
                    figures().streams.one("connected");
                    tracing::info!(%session, %stream, "a stream's server takes it");
                }
                StreamEvent::Interrupted => figures().streams.one("interrupted"),
                StreamEvent::Moved => tracing::info!(%session, %stream, "a stream goes elsewhere"),
                StreamEvent::Ended => {
                    figures().streams.one("ended");
                    tracing::info!(%session, %stream, ms = view.duration_ms, "a stream ends");
                }
            }
        }
        _ => {}
    }
}
