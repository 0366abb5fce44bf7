//! From the clients into the graph: called on the network thread, so nothing here waits.

use super::{Shared, from_rtc, line};
use crate::legs::as_encoded;
use rotunda_domain::Outcome;
use rotunda_media::{EncodedVideo, Intake, Kind, Rotation, SoundPacket};
use rotunda_rtc::{
    self as rtc, Closed, LegKey, LineQuality, MediaKind, NetEvents, Rung, SenderReport, SoundIn,
    StreamKey, VideoIn,
};
use std::sync::{Arc, Weak};
use std::time::{Instant, UNIX_EPOCH};

pub(super) struct Up(pub Weak<Shared>);

impl Up {
    /// The engine, and where the leg's media goes; none for audience or a leg that is gone.
    fn intake(&self, leg: LegKey) -> Option<(Arc<Shared>, Intake)> {
        let shared = self.0.upgrade()?;
        let intake =
            shared.read(|legs| legs.get(from_rtc(leg)).and_then(|entry| entry.intake.clone()))?;
        Some((shared, intake))
    }
}

impl Up {
    fn tell_of(&self, leg: LegKey, outcome: Outcome) {
        let Some(shared) = self.0.upgrade() else { return };
        let session = shared.read(|legs| legs.get(from_rtc(leg)).map(|entry| entry.session));
        if let Some(session) = session {
            shared.events.happened(session, outcome);
        }
    }
}

/// As `/metrics` calls it.
fn word(why: Closed) -> &'static str {
    match why {
        Closed::NotConnected => "not_connected",
        Closed::DtlsFailed => "dtls_failed",
        Closed::Lost => "lost",
        Closed::ByPeer => "closed_by_peer",
        Closed::Stalled => "stalled",
        Closed::Failed => "failed",
    }
}

impl NetEvents for Up {
    fn connected(&self, leg: LegKey) {
        let Some(shared) = self.0.upgrade() else { return };
        let leg = from_rtc(leg);
        let entry = shared.write(|legs| {
            let entry = legs.get_mut(leg)?;
            entry.is_up = true;
            Some(entry.clone())
        });
        let Some(entry) = entry else { return };
        if entry.listens {
            shared.graph().add_listener(entry.session, leg, entry.member, entry.owner);
            shared.graph().set_voice(entry.session, leg, entry.is_speech);
        }
        rotunda_telemetry::figures().legs.one("connected");
        let outcome =
            if entry.is_awaited() { Outcome::LinkUp(leg) } else { Outcome::Connected(leg) };
        shared.events.happened(entry.session, outcome);
    }

    fn sends(&self, leg: LegKey, kind: MediaKind) {
        let Some(shared) = self.0.upgrade() else { return };
        let leg = from_rtc(leg);
        let begun = shared.write(|legs| {
            let entry = legs.get_mut(leg).filter(|entry| entry.is_awaited())?;
            match kind {
                MediaKind::Audio => entry.awaits.0 = false,
                MediaKind::Video => entry.awaits.1 = false,
            }
            (!entry.is_awaited()).then_some(entry.session)
        });
        if let Some(session) = begun {
            shared.events.happened(session, Outcome::Sending(leg));
        }
    }

    fn closed(&self, leg: LegKey, why: Closed) {
        let Some(shared) = self.0.upgrade() else { return };
        let leg = from_rtc(leg);
        let Some(entry) = shared.read(|legs| legs.get(leg).cloned()) else { return };
        tracing::info!(session = %entry.session, member = %entry.member, leg = leg.0, ?why, "leg lost");
        rotunda_telemetry::figures().legs.one(word(why));
        shared.graph().remove_listener(entry.session, leg);
        let outcome =
            if entry.is_up { Outcome::MediaLost(leg) } else { Outcome::NeverConnected(leg) };
        shared.events.happened(entry.session, outcome);
    }

    fn silent(&self, leg: LegKey) {
        self.tell_of(leg, Outcome::MediaStalled(from_rtc(leg)));
    }

    fn heard(&self, leg: LegKey) {
        self.tell_of(leg, Outcome::MediaBack(from_rtc(leg)));
    }

    fn video(&self, leg: LegKey, picture: VideoIn) {
        let Some((shared, intake)) = self.intake(leg) else { return };
        let picture = EncodedVideo {
            codec: as_encoded(picture.codec),
            data: picture.data,
            keyframe: picture.keyframe,
            contiguous: picture.contiguous,
            rotation: match picture.rotation {
                rtc::Rotation::Deg0 => Rotation::Deg0,
                rtc::Rotation::Deg90 => Rotation::Deg90,
                rtc::Rotation::Deg180 => Rotation::Deg180,
                rtc::Rotation::Deg270 => Rotation::Deg270,
            },
            rtp_time_90khz: picture.rtp_time_90khz,
            arrived: picture.arrived,
        };
        shared.graph().picture_in(&intake, picture);
    }

    fn sound(&self, leg: LegKey, sound: SoundIn) {
        let Some((_, intake)) = self.intake(leg) else { return };
        intake.sound.put(SoundPacket {
            data: sound.data,
            rtp_time_48khz: sound.rtp_time_48khz,
            arrived: sound.arrived,
            level_dbov: sound.audio_level,
        });
    }

    fn keyframe_wanted(&self, stream: StreamKey) {
        let Some(shared) = self.0.upgrade() else { return };
        if let Some((session, picture)) = shared.read(|legs| legs.of_stream(stream)) {
            shared.graph().want_keyframe(session, picture);
        }
    }

    fn stream_wanted(&self, stream: StreamKey, is_wanted: bool) {
        let Some(shared) = self.0.upgrade() else { return };
        if let Some((session, picture)) = shared.read(|legs| legs.of_stream(stream)) {
            shared.graph().want_smaller(session, picture, is_wanted);
        }
    }

    fn rate_wanted(&self, stream: StreamKey, bps: u32) {
        let Some(shared) = self.0.upgrade() else { return };
        if let Some((session, picture)) = shared.read(|legs| legs.of_stream(stream)) {
            shared.graph().set_bitrate(session, picture, bps);
        }
    }

    fn voice_wanted(&self, leg: LegKey, is_speech: bool) {
        let Some(shared) = self.0.upgrade() else { return };
        let leg = from_rtc(leg);
        let session = shared.write(|legs| {
            let entry = legs.get_mut(leg)?;
            entry.is_speech = is_speech;
            Some(entry.session)
        });
        if let Some(session) = session {
            shared.graph().set_voice(session, leg, is_speech);
        }
    }

    fn rung(&self, leg: LegKey, rung: Rung) {
        let Some(shared) = self.0.upgrade() else { return };
        let leg = from_rtc(leg);
        shared.write(|legs| {
            let Some(entry) = legs.get(leg) else { return };
            tracing::debug!(session = %entry.session, member = %entry.member, leg = leg.0, rung = rung.word(), "another picture");
            legs.note_rung(leg, rung, Instant::now());
        });
    }

    fn line_quality(&self, leg: LegKey, quality: LineQuality) {
        line::count(&quality);
        let Some(shared) = self.0.upgrade() else { return };
        let leg = from_rtc(leg);
        let session = shared.write(|legs| {
            let entry = legs.get_mut(leg)?;
            entry.rung = quality.rung;
            Some(entry.session)
        });
        if let Some(session) = session {
            shared.events.happened(session, Outcome::Line(leg, line::as_said(&quality)));
        }
    }

    fn sender_report(&self, leg: LegKey, report: SenderReport) {
        let Some((_, intake)) = self.intake(leg) else { return };
        // A clock before 1970 is a client's nonsense; such a report is as good as none.
        let Ok(wall) = report.ntp.duration_since(UNIX_EPOCH) else { return };
        let wall_us = i64::try_from(wall.as_micros()).unwrap_or(i64::MAX);
        let (sync, kind) = match report.kind {
            MediaKind::Audio => (intake.sound.sync(), Kind::Sound),
            MediaKind::Video => (intake.picture.sync(), Kind::Picture),
        };
        if let Some(sync) = sync {
            sync.report(kind, wall_us, report.rtp_time);
        }
    }
}
