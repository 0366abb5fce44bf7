//! Telling those who watch a room's videochat what is news.

use super::super::Session;
use super::state::Notice;
use crate::id::MemberId;
use crate::output::Output;
use crate::videochat::{Caller, Notification, NotificationKind, Recipients, VideochatReply};

impl Session {
    pub(in crate::session) fn touch(&mut self, id: MemberId) {
        self.videochat.touch(id);
    }

    pub(super) fn notify(&mut self, kind: NotificationKind, recipients: Recipients) {
        let notify = self.videochat.notify();
        self.put(Output::Notify(Box::new(Notification { kind, recipients, notify })));
    }

    pub(super) fn notify_all(&mut self, notices: impl IntoIterator<Item = Notice>) {
        notices.into_iter().for_each(|(kind, recipients)| self.notify(kind, recipients));
    }

    pub(super) fn tell_status(&mut self) {
        let status = self.videochat.status(self.streams.is_any_running());
        self.notify(status, Recipients::Everybody);
    }

    pub(in crate::session) fn tell_end(&mut self) {
        self.notify(NotificationKind::Ended, Recipients::Everybody);
        self.videochat.forget_touched();
    }

    /// Tells of every seat that is marked and differs from what was told.
    pub(in crate::session) fn tell_touched(&mut self) {
        if self.is_over {
            return self.videochat.forget_touched();
        }
        let news = self.videochat.news(&self.members);
        self.notify_all(news);
    }

    pub(super) fn view_videochat(&self, caller: &Caller) -> VideochatReply {
        let is_streamed = self.streams.is_any_running();
        VideochatReply::View(Box::new(self.videochat.view(&self.members, is_streamed, caller)))
    }
}
