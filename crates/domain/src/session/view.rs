//! What others are shown of the session's state.

use super::Session;
use super::member::Member;
use crate::command::{Actor, Reply};
use crate::event::{LayoutView, MemberView, SessionView};
use crate::refusal::Refusal;

impl Session {
    /// The whole session, for the application; people are shown it when they come in.
    pub(super) fn describe(&self, actor: Actor) -> Result<Reply, Refusal> {
        match actor {
            // One that has not begun is nobody's to see.
            Actor::Project if !self.has_begun => Err(Refusal::NotFound("Not Found")),
            Actor::Project => Ok(Reply::Session(Box::new(self.view()))),
            Actor::Member(_) => Err(Refusal::NotPermitted),
        }
    }

    /// The session as somebody in it sees it now; audience is counted, not listed.
    pub fn view(&self) -> SessionView {
        SessionView {
            id: self.origin.session,
            room: self.origin.room,
            project: self.origin.project,
            event_channel: self.origin.event_channel.clone(),
            preview_url: self.origin.preview_url.clone().filter(|_| self.may_stream().is_ok()),
            settings: self.settings.clone(),
            auto_created: self.origin.auto_created,
            layout: self.layout.clone(),
            locked: self.locked,
            hide_video_muted: self.hide_video_muted,
            meta: self.meta.clone(),
            audience_count: self.audience_total(),
            is_recording: self.recordings.is_any_running(),
            recordings: self.running_recordings(),
            playbacks: self.running_playbacks(),
            streams: self.see_running_streams(),
            is_streaming: self.streams.is_any_running(),
            members: self.roster(),
            started_at_ms: self.started_at_ms,
        }
    }

    pub(super) fn roster(&self) -> Vec<MemberView> {
        self.members.iter().filter(|m| m.is_listed()).map(|m| self.member_view(m)).collect()
    }

    pub(super) fn member_view(&self, member: &Member) -> MemberView {
        MemberView {
            id: member.id(),
            room: self.origin.room,
            session: self.origin.session,
            name: member.name().clone(),
            kind: member.kind(),
            parent: member.parent(),
            requested: member.requested_position.position(),
            current: member.seat,
            visible: member.seat.is_some() && member.shows_camera(),
            media_lost: member.outage.is_reported(),
            audio_muted: member.audio_muted,
            video_muted: member.video_muted,
            deaf: member.deaf,
            handraised: member.hand.is_some(),
            hand_raised_at_ms: member.hand.and_then(|at| i64::try_from(at).ok()),
            input_volume: member.input_volume,
            output_volume: member.output_volume,
            input_sensitivity: member.input_sensitivity,
            meta: member.meta.clone(),
        }
    }

    pub(super) fn layout_view(&self) -> LayoutView {
        LayoutView { room: self.origin.room, session: self.origin.session, plan: self.plan.clone() }
    }
}
