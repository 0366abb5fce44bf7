//! What those who watch a room's videochat see of it, and what they are told when it changes.
//!
//! Whatever changes somebody marks their seat; when the command is done each marked seat is compared
//! with what others were told of it last. So nothing is told twice, and nothing is forgotten.

use super::super::Session;
use super::super::member::Member;
use super::super::participant::ParticipantState;
use super::seats::Reserved;
use crate::id::MemberId;
use crate::videochat::{
    Caller, IdentityView, Insiders, Notification, NotificationKind, Recipients, RoomRight,
    VideochatView,
};
use std::sync::Arc;

impl Session {
    /// Marks a seat of which something may have changed.
    pub(in crate::session) fn touch(&mut self, id: MemberId) {
        if !self.videochat.touched.contains(&id) {
            self.videochat.touched.push(id);
        }
    }

    pub(in crate::session) fn has_touched(&self) -> bool {
        !self.videochat.touched.is_empty()
    }

    pub(super) fn touch_all(&mut self) {
        let known: Vec<_> = self.videochat.last_notified.keys().copied().collect();
        self.videochat.touched = known;
    }

    pub(super) fn notify(&mut self, kind: NotificationKind, recipients: Recipients) {
        let notify = self.videochat.settings.notify(&self.options.videochat);
        self.put(crate::output::Output::Notify(Box::new(Notification {
            kind,
            recipients,
            notify,
        })));
    }

    pub(super) fn tell_status(&mut self) {
        let settings = &self.videochat.settings;
        let kind = NotificationKind::StatusUpdated {
            mode: settings.mode,
            is_stream_enabled: settings.enable_streaming,
            limit: self.seats_allowed().unwrap_or(0),
            playback: self.live().flatten(),
        };
        self.notify(kind, Recipients::Everybody);
    }

    pub(in crate::session) fn tell_end(&mut self) {
        self.notify(NotificationKind::Ended, Recipients::Everybody);
        self.videochat.touched.clear();
    }

    /// Tells of every seat that is marked and differs from what was told.
    pub(in crate::session) fn tell_touched(&mut self) {
        let touched = std::mem::take(&mut self.videochat.touched);
        if touched.is_empty() || self.is_over {
            return;
        }
        // First, so that nobody is told of a change of somebody they do not know yet.
        self.tell_insiders();
        for id in touched {
            self.tell_seat(id);
        }
        self.tell_presenters();
    }

    /// Whoever rises to a rank comes to see those who are hidden, and loses sight of them with it.
    fn tell_insiders(&mut self) {
        let passing = self.participants().filter(|one| one.ranks.any() && !one.ranks.owner);
        let mut inside: Vec<Arc<str>> = passing.map(|one| one.user.clone()).collect();
        inside.sort();
        inside.dedup();
        let before = std::mem::replace(&mut self.videochat.reported_insiders, inside.clone());
        if before == inside {
            return;
        }
        let is_hidden = |(view, public): &&(IdentityView, bool)| !*public && !view.speaks;
        let notification = self.videochat.last_notified.values().filter(is_hidden);
        let hidden: Vec<_> = notification.map(|(view, _)| view.clone()).collect();
        let changed = |one: &&Arc<str>| before.contains(one) != inside.contains(one);
        let users: Vec<_> = before.iter().chain(&inside).filter(changed).cloned().collect();
        for user in users {
            for view in hidden.iter().filter(|view| view.user != user) {
                let kind = match inside.contains(&user) {
                    true => NotificationKind::IdentityConnected(view.clone()),
                    false => NotificationKind::IdentityDisconnected(view.clone()),
                };
                self.notify(kind, Recipients::One(user.clone()));
            }
        }
    }

    fn tell_seat(&mut self, id: MemberId) {
        let new = self.seat_seen(id).map(|view| {
            let is_public = self.is_public(&view);
            (view, is_public)
        });
        let old = match &new {
            Some(seen) => self.videochat.last_notified.insert(id, seen.clone()),
            None => self.videochat.last_notified.remove(&id),
        };
        let recipients = |session: &Self, view: &IdentityView, is_public: bool| match is_public {
            true => Recipients::Everybody,
            false => Recipients::Only(session.insiders(&view.user)),
        };
        match (old, new) {
            (None, None) => {}
            (None, Some((view, public))) => {
                let recipients = recipients(self, &view, public);
                self.notify(NotificationKind::IdentityConnected(view), recipients);
            }
            (Some((view, public)), None) => {
                let recipients = recipients(self, &view, public);
                self.notify(NotificationKind::IdentityDisconnected(view), recipients);
            }
            (Some((was, old_public)), Some((view, public))) if old_public == public => {
                if was != view {
                    let recipients = recipients(self, &view, public);
                    self.notify(NotificationKind::IdentityUpdated(view), recipients);
                }
            }
            (Some((was, _)), Some((view, public))) => self.tell_shown(was, view, public),
        }
    }

    /// Somebody comes into sight of everybody, or goes out of it; those who saw them all the time
    /// are told what changed.
    fn tell_shown(&mut self, was: IdentityView, view: IdentityView, public: bool) {
        let insiders: Insiders = self.insiders(&view.user);
        if was != view {
            let recipients = Recipients::Only(insiders.clone());
            self.notify(NotificationKind::IdentityUpdated(view.clone()), recipients);
        }
        let kind = match public {
            true => NotificationKind::IdentityConnected(view),
            false => NotificationKind::IdentityDisconnected(view),
        };
        self.notify(kind, Recipients::AllBut(insiders));
    }

    fn tell_presenters(&mut self) {
        let mut presenter = None;
        let mut beside: Vec<Arc<str>> = Vec::new();
        for participant in self.participants().filter(|participant| participant.ranks.any()) {
            if participant.ranks.presenter {
                presenter = Some(participant.user.clone());
            }
            if participant.ranks.co_presenter && !beside.contains(&participant.user) {
                beside.push(participant.user.clone());
            }
        }
        if self.videochat.reported_presenter != presenter {
            self.videochat.reported_presenter.clone_from(&presenter);
            self.notify(NotificationKind::PresenterChanged(presenter), Recipients::Everybody);
        }
        if self.videochat.reported_co_presenters != beside {
            self.videochat.reported_co_presenters.clone_from(&beside);
            self.notify(NotificationKind::CoPresentersChanged(beside), Recipients::Everybody);
        }
    }

    /// Whether everybody sees a seat; insiders see all.
    fn is_public(&self, view: &IdentityView) -> bool {
        view.speaks || !self.videochat.settings.exclude_listeners
    }

    /// A seat others know of: somebody is in it, or was a moment ago.
    fn seat_seen(&self, id: MemberId) -> Option<IdentityView> {
        if let Some(member) = self.member(id) {
            return is_seat(&member).then(|| self.see_seat(member));
        }
        let taken = self.videochat.reserved.iter().find(|seat| seat.id == id && is_known(seat));
        taken.map(|seat| self.see_reserved(seat))
    }

    /// All seats others know of, in the order they were given.
    pub(super) fn identities(&self) -> Vec<IdentityView> {
        let members = self.members.iter().filter(is_seat).map(|m| self.see_seat(m));
        let taken = self.videochat.reserved.iter().filter(|seat| is_known(seat));
        let mut all: Vec<_> = members.chain(taken.map(|seat| self.see_reserved(seat))).collect();
        all.sort_by_key(|seat| seat.uid);
        all
    }

    fn see_seat(&self, member: &Member) -> IdentityView {
        let muted = member.audio_muted || member.is_audience();
        IdentityView {
            microphone_on: !muted,
            hand_up: member.hand.is_some(),
            is_away: member.gone_until_ms().is_some(),
            ..self.see_participant(member.id(), member.name(), &member.participant)
        }
    }

    pub(super) fn see_reserved(&self, seat: &Reserved) -> IdentityView {
        let is_away = seat.is_taken && seat.until_ms.is_some();
        IdentityView { is_away, ..self.see_participant(seat.id, &seat.name, &seat.participant) }
    }

    fn see_participant(
        &self,
        id: MemberId,
        name: &Arc<str>,
        participant: &ParticipantState,
    ) -> IdentityView {
        IdentityView {
            id,
            uid: participant.uid,
            user: participant.user.clone(),
            name: name.clone(),
            ranks: participant.ranks,
            speaks: participant.speaks(),
            microphone_on: false,
            hand_up: false,
            asks: self.videochat.requests.contains(&participant.user),
            is_away: false,
        }
    }

    /// The videochat as `caller` may see it; everybody sees their own seats.
    pub(super) fn view_videochat(&self, caller: &Caller) -> VideochatView {
        let ranks = self.ranks_of(&caller.user);
        let is_inside = caller.right == RoomRight::Manage || ranks.any();
        let mut identities = self.identities();
        let counter = u32::try_from(identities.len()).unwrap_or(u32::MAX);
        identities.retain(|seat| is_inside || seat.user == caller.user || self.is_public(seat));
        VideochatView {
            engine: self.videochat.engine,
            room_type: self.videochat.room_type,
            settings: self.videochat.settings,
            limit: self.seats_allowed().unwrap_or(0),
            counter,
            identities,
            requests: if is_inside { self.videochat.requests.clone() } else { Vec::new() },
            sharing: self.videochat.sharing.clone(),
            board_in_use: self.videochat.board.is_some(),
            live: self.live(),
            ranks,
        }
    }
}

fn is_seat(member: &&Member) -> bool {
    member.is_here() && member.parent().is_none() && !member.participant.watches
}

fn is_known(seat: &Reserved) -> bool {
    seat.is_taken && !seat.participant.watches
}
