//! The presentation board: a screen share, or else a film, on the full layer of a layout of its own,
//! the presenter and those beside them in front of it; and who says that they share.

use super::{Notice, Videochat};
use crate::event::MemberKind;
use crate::id::MemberId;
use crate::layout::seats::Candidate;
use crate::layout::{Position, Reservation};
use crate::permission::{Right, Verb};
use crate::refusal::Refusal;
use crate::session::member::Member;
use crate::session::participant::Voice;
use crate::videochat::{BOARD_LAYOUT, Caller, NotificationKind, Recipients};

/// What becomes of the board while shares go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::session) enum BoardChange {
    /// It is put up with this on it.
    Up(MemberId),
    /// It is taken down.
    Down,
}

#[derive(Debug, Default)]
pub(super) struct Board {
    /// The share or film that is on it.
    shown: Option<MemberId>,
    /// Seats that said they share, before or without a leg of their own for it.
    sharing: Vec<MemberId>,
}

impl Board {
    pub fn is_in_use(&self) -> bool {
        self.shown.is_some()
    }

    pub fn sharing(&self) -> &[MemberId] {
        &self.sharing
    }
}

impl Videochat {
    fn has_board(&self) -> bool {
        self.settings.use_presentation_board
    }

    pub fn board_in_use(&self) -> bool {
        self.board.is_in_use()
    }

    /// Whether `owner` may share now. On the board there is one share: whoever moderates takes it
    /// over, others wait.
    ///
    /// # Errors
    /// `NotPermitted`.
    pub fn may_present(&self, members: &[Member], owner: &Member) -> Result<(), Refusal> {
        if !self.has_board() {
            return Ok(());
        }
        let ranks = owner.participant.ranks;
        let shown = members.iter().find(|m| self.board.shown == Some(m.id()));
        let by_another = shown.is_some_and(|share| share.parent() != Some(owner.id()));
        let moderates = ranks.moderates() || is_of_the_application(owner);
        let may = moderates || (ranks.presenter && !by_another);
        may.then_some(()).ok_or(Refusal::NotPermitted)
    }

    pub fn is_for_the_board(&self, share: &Member) -> bool {
        self.has_board() && share.kind() == MemberKind::Screen
    }

    /// Takes a share onto the board, if there is one; gives the other that was on it.
    pub fn put_on_board(&mut self, share: MemberId) -> Option<MemberId> {
        let former = self.has_board().then(|| self.board.shown.replace(share)).flatten();
        former.filter(|id| *id != share)
    }

    /// A seat shares; nothing new where it said so before.
    pub fn starts_sharing(&mut self, owner: MemberId) -> Option<Notice> {
        if self.board.sharing.contains(&owner) {
            return None;
        }
        self.board.sharing.push(owner);
        Some((NotificationKind::ShareStarted(owner), Recipients::Everybody))
    }

    pub fn stops_sharing(&mut self, owner: MemberId) -> Option<Notice> {
        let before = self.board.sharing.len();
        self.board.sharing.retain(|id| *id != owner);
        let has_stopped = self.board.sharing.len() < before;
        has_stopped.then_some((NotificationKind::ShareStopped(owner), Recipients::Everybody))
    }

    /// Somebody is gone: a share, or one who shared. `film` is the newest that runs.
    pub fn share_ended(
        &mut self,
        members: &[Member],
        film: Option<MemberId>,
        gone: &Member,
    ) -> Option<Notice> {
        let owner = match (gone.kind(), gone.parent()) {
            (MemberKind::Screen, Some(owner)) => owner,
            (_, None) => gone.id(),
            _ => return None,
        };
        self.leave_board(members, film, gone.id());
        if shares_of(members, owner).is_empty() { self.stops_sharing(owner) } else { None }
    }

    /// What was on the board makes room for the next: the newest share, else the newest film.
    pub fn leave_board(&mut self, members: &[Member], film: Option<MemberId>, gone: MemberId) {
        if self.board.shown == Some(gone) {
            self.board.shown = next_on_board(members, film);
        }
    }

    /// A film begins: on the board, if there is one and nothing on it. Answers whether it is.
    pub fn film_began(&mut self, film: MemberId) -> bool {
        let takes = self.has_board() && !self.board.is_in_use();
        if takes {
            self.board.shown = Some(film);
        }
        takes
    }

    /// The board is put up or taken down while shares go on: they are placed anew, not cut.
    pub fn set_up_board(
        &mut self,
        members: &[Member],
        film: Option<MemberId>,
    ) -> Option<BoardChange> {
        if !self.has_board() {
            return self.board.shown.take().map(|_| BoardChange::Down);
        }
        let first = presenters_share(members).or_else(|| next_on_board(members, film));
        self.board.shown = first;
        first.map(BoardChange::Up)
    }

    /// The seat of one who is about to share, and the share of another that is to go from the board.
    ///
    /// # Errors
    /// `Unsupported` at a vendor, `NotPermitted`.
    pub fn prepare_share(
        &self,
        members: &[Member],
        caller: &Caller,
    ) -> Result<(MemberId, Option<MemberId>), Refusal> {
        self.only_native("sharing a screen")?;
        let is_own = |m: &&Member| is_own_seat(m, caller) && m.is_listed();
        let owner = members.iter().find(is_own).ok_or(Refusal::NotPermitted)?;
        self.may_present(members, owner)?;
        let own = shares_of(members, owner.id());
        Ok((owner.id(), self.board.shown.filter(|share| !own.contains(share))))
    }

    /// Those whose shares are to end: the one in that seat, or else all the caller's own; another's
    /// only by moderators.
    ///
    /// # Errors
    /// `Unsupported` at a vendor, `NotPermitted`.
    pub fn whose_shares(
        &self,
        members: &[Member],
        caller: &Caller,
        seat: Option<MemberId>,
    ) -> Result<Vec<MemberId>, Refusal> {
        self.only_native("sharing a screen")?;
        let is_own = |id: &MemberId| {
            members.iter().any(|m| m.id() == *id && m.participant.user == caller.user)
        };
        let meant: Vec<MemberId> = match seat {
            Some(id) => vec![id],
            None => self.board.sharing.iter().copied().filter(is_own).collect(),
        };
        if !meant.iter().all(is_own) {
            self.only_moderators(members, caller)?;
        }
        Ok(meant)
    }

    /// How somebody is seated in `layout` while something is on the board: the share on the full
    /// layer, the presenter (or whoever shares) first and those beside them next, other shares like
    /// cameras.
    pub fn before_the_board(&self, members: &[Member], layout: &str, candidates: &mut [Candidate]) {
        let Some(board) = self.board.shown.filter(|_| layout == BOARD_LAYOUT) else { return };
        let member = |id: MemberId| members.iter().find(|m| m.id() == id);
        let presents = |id: MemberId| member(id).is_some_and(|m| m.participant.ranks.presenter);
        let is_beside = |m: &Member| m.parent().is_none() && m.participant.ranks.co_presenter;
        let presenter = candidates.iter().map(|c| c.member).find(|id| presents(*id));
        let first = presenter.or_else(|| member(board).and_then(Member::parent));
        let mut next = 2;
        for candidate in candidates {
            candidate.is_screen = candidate.member == board;
            if candidate.is_screen || candidate.requested_position == Position::OffCanvas {
                continue;
            }
            if Some(candidate.member) == first {
                candidate.requested_position = Position::At(Reservation::Reserved(1));
            } else if member(candidate.member).is_some_and(is_beside) {
                candidate.requested_position = Position::At(Reservation::Reserved(next));
                next += 1;
            }
        }
    }
}

fn screens(members: &[Member]) -> impl Iterator<Item = &Member> {
    members.iter().filter(|m| m.kind() == MemberKind::Screen && m.is_here())
}

/// The shares of that seat.
pub(in crate::session) fn shares_of(members: &[Member], owner: MemberId) -> Vec<MemberId> {
    screens(members).filter(|m| m.parent() == Some(owner)).map(Member::id).collect()
}

fn presenters_share(members: &[Member]) -> Option<MemberId> {
    let presents =
        |owner: MemberId| members.iter().any(|m| m.id() == owner && m.participant.ranks.presenter);
    screens(members).find(|m| m.parent().is_some_and(presents)).map(Member::id)
}

fn next_on_board(members: &[Member], film: Option<MemberId>) -> Option<MemberId> {
    screens(members).last().map(Member::id).or(film)
}

fn is_own_seat(member: &Member, caller: &Caller) -> bool {
    member.participant.user == caller.user && member.parent().is_none()
}

/// Whether the application let this one arrange the canvas: a room token is a moderator's word.
fn is_of_the_application(member: &Member) -> bool {
    matches!(member.participant.voice, Voice::Decided(_))
        && member.may(Right::OnRoom(Verb::SetLayout))
}
