//! The presentation board: a screen share, or else a film, on the full layer of a layout of its own,
//! the presenter and those beside them in front of it, and the layout from before when it ends.

use super::super::Session;
use super::super::member::Member;
use super::super::participant::Voice;
use super::super::parting::Parting;
use crate::event::MemberKind;
use crate::id::MemberId;
use crate::layout::seats::Candidate;
use crate::layout::{Position, Reservation};
use crate::output::Cause;
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{BOARD_LAYOUT, Caller, NotificationKind, Recipients, VideochatReply};

impl Session {
    /// Whether `owner` may share now. On the board there is one share: whoever moderates takes it
    /// over, others wait.
    ///
    /// # Errors
    /// `NotPermitted`.
    pub(in crate::session) fn may_present(&self, owner: &Member) -> Result<(), Refusal> {
        if !self.videochat.settings.use_presentation_board {
            return Ok(());
        }
        let ranks = owner.participant.ranks;
        let is_own = |share: &Member| share.parent() == Some(owner.id());
        let by_another =
            self.videochat.board.and_then(|id| self.member(id)).is_some_and(|m| !is_own(m));
        let moderates = ranks.moderates() || is_of_the_application(owner);
        let may = moderates || (ranks.presenter && !by_another);
        may.then_some(()).ok_or(Refusal::NotPermitted)
    }

    pub(in crate::session) fn is_for_the_board(&self, share: MemberId) -> bool {
        self.videochat.settings.use_presentation_board
            && self.member(share).is_some_and(|m| m.kind() == MemberKind::Screen)
    }

    /// A share is up: on the board if there is one, where it takes the place of another.
    pub(in crate::session) fn share_began(&mut self, now: Now, share: MemberId) {
        let screen = self.member(share).filter(|m| m.kind() == MemberKind::Screen);
        let Some(owner) = screen.and_then(Member::parent) else { return };
        if self.videochat.settings.use_presentation_board
            && let Some(former) = self.videochat.board.replace(share).filter(|id| *id != share)
        {
            self.remove_member(now, former, Parting::ByUs(Cause::NormalClearing));
        }
        self.says_it_shares(owner);
    }

    fn says_it_shares(&mut self, owner: MemberId) {
        if !self.videochat.sharing.contains(&owner) {
            self.videochat.sharing.push(owner);
            self.notify(NotificationKind::ShareStarted(owner), Recipients::Everybody);
        }
    }

    /// Somebody is gone: a share, or one who shared.
    pub(in crate::session) fn share_ended(&mut self, gone: &Member) {
        let owner = match (gone.kind(), gone.parent()) {
            (MemberKind::Screen, Some(owner)) => owner,
            (_, None) => gone.id(),
            _ => return,
        };
        if self.videochat.board == Some(gone.id()) {
            self.videochat.board = self.next_on_board();
        }
        if self.shares_of(owner).is_empty() {
            self.says_it_shares_no_more(owner);
        }
    }

    fn says_it_shares_no_more(&mut self, owner: MemberId) {
        let before = self.videochat.sharing.len();
        self.videochat.sharing.retain(|id| *id != owner);
        if self.videochat.sharing.len() < before {
            self.notify(NotificationKind::ShareStopped(owner), Recipients::Everybody);
        }
    }

    /// The board is put up or taken down while shares go on: they are placed anew, not cut.
    pub(super) fn set_up_board(&mut self) {
        let renamed = if self.videochat.settings.use_presentation_board {
            self.videochat.board = self.presenters_share().or_else(|| self.next_on_board());
            self.videochat.board.is_some_and(|share| self.bring(share, Some(BOARD_LAYOUT)))
        } else {
            match self.videochat.board.take() {
                Some(_) => self.take_down(),
                None => false,
            }
        };
        if self.arrange() {
            self.announce_layout();
        }
        if renamed {
            self.announce_room(vec!["layout_name"]);
        }
    }

    fn presenters_share(&self) -> Option<MemberId> {
        let presents =
            |id: MemberId| self.member(id).is_some_and(|m| m.participant.ranks.presenter);
        let share = self.screens().find(|m| m.parent().is_some_and(presents));
        share.map(Member::id)
    }

    fn newest_share(&self) -> Option<MemberId> {
        self.screens().last().map(Member::id)
    }

    fn next_on_board(&self) -> Option<MemberId> {
        self.newest_share().or_else(|| self.newest_film())
    }

    /// A film begins: on the board, if there is one and nothing on it. Answers whether it is.
    pub(in crate::session) fn film_began(&mut self, id: MemberId) -> bool {
        let takes =
            self.videochat.settings.use_presentation_board && self.videochat.board.is_none();
        if takes {
            self.videochat.board = Some(id);
        }
        takes
    }

    pub(in crate::session) fn film_ended(&mut self, id: MemberId) {
        if self.videochat.board == Some(id) {
            self.videochat.board = self.next_on_board();
        }
    }

    fn screens(&self) -> impl Iterator<Item = &Member> {
        self.members.iter().filter(|m| m.kind() == MemberKind::Screen && m.is_here())
    }

    fn shares_of(&self, owner: MemberId) -> Vec<MemberId> {
        self.screens().filter(|m| m.parent() == Some(owner)).map(Member::id).collect()
    }

    /// Says that one is about to share, so that nobody prepares in vain and others know.
    pub(super) fn start_share(
        &mut self,
        now: Now,
        caller: &Caller,
    ) -> Result<VideochatReply, Refusal> {
        self.only_native("sharing a screen")?;
        let is_own = |m: &&Member| m.participant.user == caller.user && m.parent().is_none();
        let member = self.members.iter().filter(is_own).find(|m| m.is_listed());
        let member = member.ok_or(Refusal::NotPermitted)?;
        self.may_present(member)?;
        let id = member.id();
        let others = self.videochat.board.filter(|share| !self.shares_of(id).contains(share));
        if let Some(other) = others {
            self.remove_member(now, other, Parting::ByUs(Cause::NormalClearing));
        }
        self.says_it_shares(id);
        Ok(VideochatReply::Done)
    }

    /// Ends one's own share; another's only by moderators.
    pub(super) fn stop_share(
        &mut self,
        now: Now,
        caller: &Caller,
        seat: Option<MemberId>,
    ) -> Result<VideochatReply, Refusal> {
        self.only_native("sharing a screen")?;
        let is_own =
            |id: &MemberId| self.member(*id).is_some_and(|m| m.participant.user == caller.user);
        let meant: Vec<MemberId> = match seat {
            Some(id) => vec![id],
            None => self.videochat.sharing.iter().copied().filter(is_own).collect(),
        };
        if !meant.iter().all(is_own) {
            self.only_moderators(caller)?;
        }
        for owner in meant {
            for share in self.shares_of(owner) {
                self.remove_member(now, share, Parting::ByUs(Cause::NormalClearing));
            }
            self.says_it_shares_no_more(owner);
        }
        Ok(VideochatReply::Done)
    }

    /// How somebody is seated while something is on the board: the share on the full layer, the
    /// presenter (or whoever shares) first and those beside them next, other shares like cameras.
    pub(in crate::session) fn before_the_board(&self, candidates: &mut [Candidate]) {
        let Some(board) = self.videochat.board else { return };
        if *self.layout != *BOARD_LAYOUT {
            return;
        }
        let presents =
            |id: MemberId| self.member(id).is_some_and(|m| m.participant.ranks.presenter);
        let presenter = candidates.iter().map(|c| c.member).find(|id| presents(*id));
        let sharer = self.member(board).and_then(Member::parent);
        let first = presenter.or(sharer);
        let mut next = 2;
        for candidate in candidates {
            candidate.is_screen = candidate.member == board;
            if candidate.is_screen || candidate.requested_position == Position::OffCanvas {
                continue;
            }
            let beside = self
                .member(candidate.member)
                .is_some_and(|m| m.parent().is_none() && m.participant.ranks.co_presenter);
            if Some(candidate.member) == first {
                candidate.requested_position = Position::At(Reservation::Reserved(1));
            } else if beside {
                candidate.requested_position = Position::At(Reservation::Reserved(next));
                next += 1;
            }
        }
    }
}

/// Whether the application let this one arrange the canvas: a room token is a moderator's word.
fn is_of_the_application(member: &Member) -> bool {
    matches!(member.participant.voice, Voice::Decided(_))
        && member.may(Right::OnRoom(Verb::SetLayout))
}
