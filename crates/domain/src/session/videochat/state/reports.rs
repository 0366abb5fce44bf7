//! What others know of the seats, and what is news to them.
//!
//! Whatever changes somebody marks their seat; when the command is done each marked seat is compared
//! with what others were told of it last. So nothing is told twice, and nothing is forgotten.

use super::{Notice, Videochat};
use crate::id::MemberId;
use crate::session::member::Member;
use crate::videochat::{IdentityView, NotificationKind, Recipients};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug, Default)]
pub(super) struct Reports {
    /// Seats of which something may have changed since others were told.
    touched: Vec<MemberId>,
    /// What others were told of each seat, and whether everybody was.
    seats: HashMap<MemberId, (IdentityView, bool)>,
    /// Users who see everybody by a rank that may pass.
    insiders: Vec<Arc<str>>,
    presenter: Option<Arc<str>>,
    co_presenters: Vec<Arc<str>>,
}

impl Reports {
    pub fn touch(&mut self, id: MemberId) {
        if !self.touched.contains(&id) {
            self.touched.push(id);
        }
    }

    /// Whoever rises to a rank comes to see those who are hidden, and loses sight of them with it.
    fn rank_news(&mut self, inside: Vec<Arc<str>>) -> Vec<Notice> {
        let before = std::mem::replace(&mut self.insiders, inside.clone());
        if before == inside {
            return Vec::new();
        }
        let is_hidden = |(view, public): &&(IdentityView, bool)| !*public && !view.speaks;
        let hidden: Vec<_> = self.seats.values().filter(is_hidden).map(|(view, _)| view).collect();
        let changed = |one: &&Arc<str>| before.contains(one) != inside.contains(one);
        let mut news = Vec::new();
        for user in before.iter().chain(&inside).filter(changed) {
            for view in hidden.iter().filter(|view| view.user != *user) {
                let kind = comes_or_goes(inside.contains(user), (*view).clone());
                news.push((kind, Recipients::One(user.clone())));
            }
        }
        news
    }

    fn presenter_news(
        &mut self,
        presenter: Option<Arc<str>>,
        beside: Vec<Arc<str>>,
    ) -> impl Iterator<Item = Notice> {
        let presenter = (self.presenter != presenter).then(|| {
            self.presenter.clone_from(&presenter);
            NotificationKind::PresenterChanged(presenter)
        });
        let beside = (self.co_presenters != beside).then(|| {
            self.co_presenters.clone_from(&beside);
            NotificationKind::CoPresentersChanged(beside)
        });
        presenter.into_iter().chain(beside).map(|kind| (kind, Recipients::Everybody))
    }
}

impl Videochat {
    /// Marks a seat of which something may have changed.
    pub fn touch(&mut self, id: MemberId) {
        self.reports.touch(id);
    }

    pub fn has_touched(&self) -> bool {
        !self.reports.touched.is_empty()
    }

    /// Marks all that others know of.
    pub(super) fn touch_all(&mut self) {
        self.reports.touched = self.reports.seats.keys().copied().collect();
    }

    /// It is over: nothing is news any more.
    pub fn forget_touched(&mut self) {
        self.reports.touched.clear();
    }

    /// What is news of every seat that is marked.
    pub fn news(&mut self, members: &[Member]) -> Vec<Notice> {
        let touched = std::mem::take(&mut self.reports.touched);
        if touched.is_empty() {
            return Vec::new();
        }
        // First, so that nobody is told of a change of somebody they do not know yet.
        let passing = self.participants(members).filter(|one| one.ranks.any() && !one.ranks.owner);
        let mut inside: Vec<Arc<str>> = passing.map(|one| one.user.clone()).collect();
        inside.sort();
        inside.dedup();
        let mut news = self.reports.rank_news(inside);
        news.extend(touched.into_iter().flat_map(|id| self.seat_news(members, id)));
        let (presenter, beside) = self.presenters(members);
        news.extend(self.reports.presenter_news(presenter, beside));
        news
    }

    fn seat_news(&mut self, members: &[Member], id: MemberId) -> Vec<Notice> {
        let new = self.seat_seen(members, id).map(|view| {
            let is_public = self.is_public(&view);
            (view, is_public)
        });
        let old = match &new {
            Some(seen) => self.reports.seats.insert(id, seen.clone()),
            None => self.reports.seats.remove(&id),
        };
        match (old, new) {
            (None, None) => Vec::new(),
            (None, Some((view, public))) => self.seat_notice(members, true, view, public),
            (Some((view, public)), None) => self.seat_notice(members, false, view, public),
            (Some((was, old_public)), Some((view, public))) if old_public == public => {
                let recipients = self.who_sees(members, &view, public);
                let is_new = was != view;
                let kind = NotificationKind::IdentityUpdated(view);
                is_new.then_some((kind, recipients)).into_iter().collect()
            }
            (Some((was, _)), Some((view, public))) => self.shown_news(members, &was, view, public),
        }
    }

    fn seat_notice(
        &self,
        members: &[Member],
        comes: bool,
        view: IdentityView,
        public: bool,
    ) -> Vec<Notice> {
        let recipients = self.who_sees(members, &view, public);
        vec![(comes_or_goes(comes, view), recipients)]
    }

    fn who_sees(&self, members: &[Member], view: &IdentityView, public: bool) -> Recipients {
        match public {
            true => Recipients::Everybody,
            false => Recipients::Only(self.insiders(members, &view.user)),
        }
    }

    /// Somebody comes into sight of everybody, or goes out of it; those who saw them all the time
    /// are told what changed.
    fn shown_news(
        &self,
        members: &[Member],
        was: &IdentityView,
        view: IdentityView,
        public: bool,
    ) -> Vec<Notice> {
        let insiders = self.insiders(members, &view.user);
        let update = (*was != view).then(|| {
            let kind = NotificationKind::IdentityUpdated(view.clone());
            (kind, Recipients::Only(insiders.clone()))
        });
        let shown = (comes_or_goes(public, view), Recipients::AllBut(insiders));
        update.into_iter().chain([shown]).collect()
    }

    /// Who presents, and the users beside them.
    fn presenters(&self, members: &[Member]) -> (Option<Arc<str>>, Vec<Arc<str>>) {
        let (mut presenter, mut beside) = (None, Vec::new());
        for participant in self.participants(members) {
            if participant.ranks.presenter {
                presenter = Some(participant.user.clone());
            }
            if participant.ranks.co_presenter && !beside.contains(&participant.user) {
                beside.push(participant.user.clone());
            }
        }
        (presenter, beside)
    }
}

fn comes_or_goes(comes: bool, view: IdentityView) -> NotificationKind {
    match comes {
        true => NotificationKind::IdentityConnected(view),
        false => NotificationKind::IdentityDisconnected(view),
    }
}
