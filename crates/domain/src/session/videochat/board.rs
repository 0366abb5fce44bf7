//! Sharing on the presentation board and off it, and ending that.

use super::super::Session;
use super::super::member::Member;
use super::super::parting::Parting;
use super::state::{BoardChange, shares_of};
use crate::event::MemberKind;
use crate::id::MemberId;
use crate::output::Cause;
use crate::refusal::Refusal;
use crate::time::Now;
use crate::videochat::{BOARD_LAYOUT, Caller, VideochatReply};

impl Session {
    /// A share is up: on the board if there is one, where it takes the place of another.
    pub(in crate::session) fn share_began(&mut self, now: Now, share: MemberId) {
        let screen = self.member(share).filter(|m| m.kind() == MemberKind::Screen);
        let Some(owner) = screen.and_then(Member::parent) else { return };
        if let Some(former) = self.videochat.put_on_board(share) {
            self.remove_member(now, former, Parting::ByUs(Cause::NormalClearing));
        }
        let news = self.videochat.starts_sharing(owner);
        self.notify_all(news);
    }

    /// Somebody is gone: a share, or one who shared.
    pub(in crate::session) fn share_ended(&mut self, gone: &Member) {
        let film = self.playbacks.newest();
        let news = self.videochat.share_ended(&self.members, film, gone);
        self.notify_all(news);
    }

    /// The board is put up or taken down while shares go on.
    pub(super) fn set_up_board(&mut self) {
        let film = self.playbacks.newest();
        let renamed = match self.videochat.set_up_board(&self.members, film) {
            Some(BoardChange::Up(share)) => self.bring(share, Some(BOARD_LAYOUT)),
            Some(BoardChange::Down) => self.take_down(),
            None => false,
        };
        if self.arrange() {
            self.announce_layout();
        }
        if renamed {
            self.announce_room(vec!["layout_name"]);
        }
    }

    /// A film is over; what is on the board then is another.
    pub(in crate::session) fn film_ended(&mut self, id: MemberId) {
        let film = self.playbacks.newest();
        self.videochat.leave_board(&self.members, film, id);
    }

    /// Says that one is about to share, so that nobody prepares in vain and others know.
    pub(super) fn start_share(
        &mut self,
        now: Now,
        caller: &Caller,
    ) -> Result<VideochatReply, Refusal> {
        let (owner, other) = self.videochat.prepare_share(&self.members, caller)?;
        if let Some(other) = other {
            self.remove_member(now, other, Parting::ByUs(Cause::NormalClearing));
        }
        let news = self.videochat.starts_sharing(owner);
        self.notify_all(news);
        Ok(VideochatReply::Done)
    }

    /// Ends one's own share; another's only by moderators.
    pub(super) fn stop_share(
        &mut self,
        now: Now,
        caller: &Caller,
        seat: Option<MemberId>,
    ) -> Result<VideochatReply, Refusal> {
        for owner in self.videochat.whose_shares(&self.members, caller, seat)? {
            for share in shares_of(&self.members, owner) {
                self.remove_member(now, share, Parting::ByUs(Cause::NormalClearing));
            }
            let news = self.videochat.stops_sharing(owner);
            self.notify_all(news);
        }
        Ok(VideochatReply::Done)
    }
}
