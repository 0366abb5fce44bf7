//! What must hold of a canvas and of those on it.

use rotunda_domain::{
    Area, CanvasPlan, MemberId, MemberKind, MemberView, Position, Reservation, SessionView, Shown,
};
use std::collections::HashSet;

/// Everybody sits where the canvas shows them, and children have their parent.
pub fn members(plan: &CanvasPlan, view: &SessionView) {
    for m in &view.members {
        assert_ne!(m.kind, MemberKind::Audience);
        let cell = plan.cells.iter().find(|cell| cell.member() == Some(m.id));
        assert_eq!(m.current, cell.map(|cell| cell.reservation));
        let is_seen = cell.is_some_and(|c| matches!(c.shown, Shown::Camera(_)));
        assert_eq!(m.visible, is_seen, "visible is what the canvas shows");
        let is_marked = cell.is_some_and(|c| matches!(c.shown, Shown::Lost(_)));
        assert_eq!(is_marked, m.media_lost && cell.is_some(), "marked on the canvas as in events");
        if let Some(parent) = m.parent {
            let is_there = |other: &MemberView| other.id == parent && other.parent.is_none();
            assert!(view.members.iter().any(is_there), "a child without its parent");
            let siblings = view.members.iter().filter(|other| other.parent == m.parent);
            assert!(siblings.count() <= 4);
        }
    }
}

pub fn plan(plan: &CanvasPlan) {
    let seated: Vec<_> = plan.cells.iter().filter_map(|cell| cell.member()).collect();
    let once: HashSet<_> = seated.iter().collect();
    assert_eq!(once.len(), seated.len(), "somebody sits twice");
    for Area { x, y, width, height } in plan.cells.iter().map(|planned| planned.area) {
        assert!(width > 0 && height > 0);
        assert!(x + width <= plan.size.width && y + height <= plan.size.height);
    }
}

/// Whoever wants to be seen and is not has no free place to go to.
pub fn seats(plan: &CanvasPlan, view: &SessionView) {
    let is_free = |place: Reservation| {
        plan.cells.iter().any(|cell| cell.reservation == place && cell.member().is_none())
    };
    let free_standard = plan.cells.iter().any(|cell| {
        matches!(cell.reservation, Reservation::Standard(_)) && cell.member().is_none()
    });
    let has_share_layer = plan.cells.len() > 2 && &*plan.layout == "screen-share";
    for m in view.members.iter().filter(|m| m.current.is_none()) {
        if view.hide_video_muted && m.video_muted {
            continue;
        }
        match m.requested {
            Position::OffCanvas => continue,
            Position::At(place) => assert!(!is_free(place), "{place} is free for who asked for it"),
            Position::Auto => {
                let large = Reservation::Reserved(1);
                assert!(has_share_layer || !is_free(large), "the large cell is free");
            }
        }
        assert!(!free_standard, "a place is free for {}", m.id);
        if m.kind == MemberKind::Screen && has_share_layer {
            assert!(!is_free(Reservation::FullScreen), "the share's layer is free");
        }
    }
    for m in view.members.iter().filter(|m| m.current.is_some()) {
        assert!(!(view.hide_video_muted && m.video_muted), "hidden and on the canvas");
        assert_ne!(m.requested, Position::OffCanvas, "on the canvas against a wish");
    }
}

/// Raised hands, the oldest first, have the lowest places that nobody was placed in.
pub fn hands(view: &SessionView, raised: &[MemberId]) {
    let seen: Vec<_> = view.members.iter().filter(|m| m.handraised).map(|m| m.id).collect();
    assert!(seen.len() == raised.len() && seen.iter().all(|id| raised.contains(id)));
    if !view.settings.prioritize_handraise {
        return;
    }
    let place = |m: &MemberView| match m.current {
        Some(Reservation::Standard(n)) if m.requested != Position::At(Reservation::Standard(n)) => {
            Some(n)
        }
        _ => None,
    };
    let find = |id: &MemberId| view.members.iter().find(|m| m.id == *id);
    let up: Vec<_> = raised.iter().filter_map(find).filter_map(place).collect();
    assert!(up.is_sorted(), "a younger hand before an older one: {up:?}");
    let down = view.members.iter().filter(|m| !m.handraised).filter_map(place).min();
    let worst = up.last().copied().unwrap_or(0);
    assert!(down.is_none_or(|down| worst < down), "a lowered hand before a raised one");
}
