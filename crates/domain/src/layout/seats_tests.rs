use super::*;
use crate::layout::catalog::resolve;
use uuid::Uuid;

fn who(n: u128) -> Candidate {
    Candidate {
        member: MemberId(Uuid::from_u128(n)),
        requested_position: Position::Auto,
        before: None,
        seat: None,
        is_screen: false,
        is_playback: false,
        has_floor: false,
        hand: None,
    }
}

fn seated(name: &str, people: &[Candidate]) -> Vec<(String, u128)> {
    let visible = people.iter().filter(|p| p.requested_position != Position::OffCanvas).count();
    let layout = resolve(name, visible);
    assign(&layout, people)
        .iter()
        .zip(&layout.slots)
        .filter_map(|(m, s)| m.map(|m| (s.reservation.to_string(), m.0.as_u128())))
        .collect()
}

fn places(list: &[(&str, u128)]) -> Vec<(String, u128)> {
    list.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
}

#[test]
fn people_fill_the_standard_places_in_the_order_they_came() {
    let three = [who(1), who(2), who(3)];
    let expected = places(&[("standard-1", 1), ("standard-2", 2), ("standard-3", 3)]);
    assert_eq!(seated("2x2", &three), expected);
}

#[test]
fn those_who_stay_keep_their_place_when_another_leaves() {
    let mut two = [who(2), who(3)];
    two[0].before = Some(Reservation::Standard(2));
    two[1].before = Some(Reservation::Standard(3));
    assert_eq!(seated("2x2", &two), places(&[("standard-2", 2), ("standard-3", 3)]));
}

#[test]
fn a_requested_position_beats_whoever_sat_there() {
    let mut two = [who(1), who(2)];
    two[0].before = Some(Reservation::Standard(1));
    two[1].requested_position = Position::At(Reservation::Standard(1));
    assert_eq!(seated("2x2", &two), places(&[("standard-1", 2), ("standard-2", 1)]));
}

#[test]
fn of_two_with_the_same_request_the_first_gets_it_and_the_other_any() {
    let mut two = [who(1), who(2)];
    for p in &mut two {
        p.requested_position = Position::At(Reservation::Standard(3));
    }
    assert_eq!(seated("2x2", &two), places(&[("standard-1", 2), ("standard-3", 1)]));
}

#[test]
fn off_canvas_has_no_place() {
    let mut two = [who(1), who(2)];
    two[0].requested_position = Position::OffCanvas;
    assert_eq!(seated("grid-responsive", &two), places(&[("standard-1", 2)]));
}

#[test]
fn the_large_cell_goes_to_the_floor_and_before_it_to_a_share() {
    let mut three = [who(1), who(2), who(3)];
    assert_eq!(seated("highlight-1-responsive", &three)[0], ("reserved-1".into(), 1));
    three[1].has_floor = true;
    assert_eq!(seated("highlight-1-responsive", &three)[0], ("reserved-1".into(), 2));
    three[2].is_screen = true;
    assert_eq!(seated("highlight-1-responsive", &three)[0], ("reserved-1".into(), 3));
    three[0].requested_position = Position::At(Reservation::Reserved(1));
    assert_eq!(seated("highlight-1-responsive", &three)[0], ("reserved-1".into(), 1));
}

#[test]
fn a_share_takes_the_full_layer_whatever_reserved_place_it_asked_for() {
    let mut two = [who(1), who(2)];
    two[1].is_screen = true;
    two[1].requested_position = Position::At(Reservation::Reserved(1));
    assert_eq!(seated("screen-share", &two), places(&[("full-screen", 2)]));
    two[0].requested_position = Position::At(Reservation::Reserved(2));
    let expected = places(&[("full-screen", 2), ("reserved-2", 1)]);
    assert_eq!(seated("screen-share", &two), expected);
}

#[test]
fn the_newest_share_fills_the_canvas_and_the_older_ones_sit_where_there_is_room() {
    let mut four: Vec<_> = (1..=4).map(who).collect();
    (four[1].is_screen, four[2].is_screen, four[3].is_playback) = (true, true, true);
    let expected = places(&[("full-screen", 3), ("reserved-5", 2), ("reserved-6", 4)]);
    let mut seated_now = seated("screen-share", &four);
    seated_now.sort_by_key(|(_, n)| (*n != 3, *n));
    assert_eq!(seated_now, expected);
    four.remove(2);
    assert_eq!(seated("screen-share", &four)[0], ("full-screen".into(), 2), "the last one back");
    four[1].requested_position = Position::OffCanvas;
    assert_eq!(seated("screen-share", &four), places(&[("full-screen", 4)]));
}

#[test]
fn nobody_sits_twice_and_the_surplus_stands() {
    let nine: Vec<_> = (1..=9).map(who).collect();
    let mut seen: Vec<_> = seated("2x2", &nine).into_iter().map(|(_, n)| n).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 2, 3, 4]);
}

#[test]
fn only_the_four_documented_spellings_are_positions() {
    for (text, ok) in [
        ("auto", true),
        ("off-canvas", true),
        ("standard-1", true),
        ("reserved-8", true),
        ("standard-0", false),
        ("reserved-0", false),
        ("standard-+2", false),
        ("standard-01", false),
        ("reserved- 1", false),
        ("standard--1", false),
        ("standard-", false),
        ("standard-1x", false),
        ("playback", false),
        ("full-screen", false),
        ("STANDARD-1", false),
        ("", false),
        ("standard-99999999999", false),
    ] {
        assert_eq!(Position::parse(text).is_some(), ok, "{text}");
    }
}

#[test]
fn who_talks_takes_the_place_of_the_last_one_without_a_request_when_all_are_taken() {
    let mut five: Vec<_> = (1..=5).map(who).collect();
    for (n, p) in (1..=4).zip(&mut five) {
        p.before = Some(Reservation::Standard(n));
    }
    five[3].requested_position = Position::At(Reservation::Standard(4));
    five[4].has_floor = true;
    let expected =
        places(&[("standard-1", 1), ("standard-2", 2), ("standard-3", 5), ("standard-4", 4)]);
    assert_eq!(seated("2x2", &five), expected);
    five[4].before = Some(Reservation::Standard(3));
    five[4].has_floor = false;
    five[2].before = None;
    assert_eq!(seated("2x2", &five), expected, "and stays after falling silent");
}

#[test]
fn nobody_is_sent_out_while_a_place_is_free_or_all_were_asked_for() {
    let mut five: Vec<_> = (1..=5).map(who).collect();
    for (n, p) in (1..=4).zip(&mut five) {
        p.requested_position = Position::At(Reservation::Standard(n));
    }
    five[4].has_floor = true;
    assert!(seated("2x2", &five).iter().all(|(_, n)| *n != 5));
    five[4].requested_position = Position::OffCanvas;
    five[0].requested_position = Position::Auto;
    assert!(seated("2x2", &five).iter().all(|(_, n)| *n != 5));
}

#[test]
fn raised_hands_take_the_lowest_seats_oldest_first_and_the_others_keep_theirs_where_they_can() {
    let mut four: Vec<_> = (1..=4).map(who).collect();
    for (n, p) in (1..).zip(&mut four) {
        p.before = Some(Reservation::Standard(n));
    }
    four[3].hand = Some(1);
    four[2].hand = Some(2);
    let expected =
        places(&[("standard-1", 4), ("standard-2", 3), ("standard-3", 1), ("standard-4", 2)]);
    assert_eq!(seated("2x2", &four), expected);
    four[1].requested_position = Position::At(Reservation::Standard(1));
    assert_eq!(seated("2x2", &four)[..2], places(&[("standard-1", 2), ("standard-2", 4)]));
}
