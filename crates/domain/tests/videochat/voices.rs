//! Who speaks: modes, limits, promotions by either door.

use super::*;

#[test]
fn in_an_untouched_room_whoever_has_a_seat_speaks() {
    let mut hall = VideochatRoom::new();
    assert_eq!(hall.come("ann"), JoinAs::Member);
    assert_eq!(hall.come("ben"), JoinAs::Member);
    assert_eq!(hall.speakers(), "ann ben");
}

#[test]
fn a_commenter_has_a_seat_and_no_voice_and_a_viewer_has_none() {
    let mut hall = VideochatRoom::new();
    assert_eq!(hall.come_with("ann", RoomRight::Comment), JoinAs::Audience);
    assert_eq!(hall.reserve("ben", RoomRight::View).unwrap_err(), Refusal::NotPermitted);
    assert_eq!(hall.speakers(), "");
}

#[test]
fn the_first_two_of_a_conference_speak_and_who_waits_longest_follows_one_who_goes() {
    let mut hall = VideochatRoom::with(conference(2, false));
    let joined: Vec<_> = ["ann", "ben", "cid", "dot"].map(|name| hall.come(name)).to_vec();
    assert_eq!(joined, [JoinAs::Member, JoinAs::Member, JoinAs::Audience, JoinAs::Audience]);
    hall.leave("ann");
    assert_eq!(hall.reported_voice(), "cid speaks");
    hall.come_up("cid");
    assert_eq!(hall.roster(), "ben cid");
}

#[test]
fn one_more_than_the_limit_takes_every_automatic_voice_and_calm_gives_them_back() {
    let mut hall = VideochatRoom::with(conference(2, true));
    hall.options.videochat.calm_ms = 5_000;
    hall.reopen();
    hall.come("ann");
    hall.come("ben");
    hall.reported_voice();
    assert_eq!(hall.come("cid"), JoinAs::Audience);
    assert_eq!(hall.reported_voice(), "ben is silent, ann is silent", "the newest voice first");
    hall.come_up("ann");
    hall.come_up("ben");
    hall.leave("cid");
    assert_eq!(hall.reported_voice(), "", "not before it has been calm");
    hall.wait(4_999);
    assert_eq!(hall.reported_voice(), "");
    hall.wait(1);
    assert_eq!(hall.reported_voice(), "ann speaks, ben speaks");
}

#[test]
fn trimming_takes_the_newcomers_voice_and_rolling_the_oldest_ones() {
    for (reading, speakers) in [(Reading::Trim, "ann ben"), (Reading::Rolling, "ben cid")] {
        let mut hall = VideochatRoom::with(conference(2, true));
        hall.options.videochat.reading = reading;
        hall.reopen();
        hall.come_all(&["ann", "ben", "cid"]);
        assert_eq!(hall.speakers(), speakers, "{reading:?}");
    }
}

#[test]
fn switching_to_a_conference_silences_those_nobody_promoted_and_back_gives_voice_again() {
    let mut hall = VideochatRoom::new();
    hall.come("ann");
    hall.come("ben");
    hall.come_with("olga", RoomRight::Manage);
    hall.ok("olga", Say::Change("ben", VOICE));
    hall.set(|set| set.mode = VideochatMode::Conference);
    assert_eq!(hall.speakers(), "ben olga", "the owner and whom she promoted");
    hall.come_up("ann");
    assert_eq!(hall.roster(), "ben olga");
    assert_eq!(hall.reported_voice(), "ann is silent");
    hall.set(|set| set.mode = VideochatMode::Videochat);
    assert_eq!(hall.reported_voice(), "ann speaks");
}

#[test]
fn a_limit_without_demotion_takes_no_voice_from_those_who_have_one() {
    let mut hall = VideochatRoom::new();
    hall.come_all(&["ann", "ben"]);
    let auto = AutoPromotion { use_custom: true, limit: 1, demote: false };
    hall.set(|set| set.auto_promotion = auto);
    assert_eq!(hall.speakers(), "ann ben");
    assert_eq!(hall.come("cid"), JoinAs::Audience);
}

#[test]
fn room_tokens_are_a_moderators_word_that_no_setting_takes_back() {
    let mut hall = VideochatRoom::new();
    hall.come_by_room_token("sdk", JoinAs::Member);
    hall.come_by_room_token("fan", JoinAs::Audience);
    hall.set(|set| *set = conference(0, true));
    assert_eq!(hall.speakers(), "sdk");
    hall.set(|set| set.mode = VideochatMode::Videochat);
    hall.set(|set| set.auto_promotion = AutoPromotion::default());
    assert_eq!(hall.speakers(), "sdk");
}

#[test]
fn a_promotion_by_the_sdk_and_a_permission_changed_here_are_the_same_word() {
    let mut hall = VideochatRoom::with(conference(0, false));
    hall.come_with("olga", RoomRight::Manage);
    hall.come("ann");
    hall.promote("ann");
    assert_eq!(hall.reported_voice(), "ann speaks");
    hall.come_up("ann");
    assert_eq!(hall.roster(), "olga ann");
    hall.ok("olga", Say::Change("ann", rank(|r| r.voice = Some(false))));
    assert_eq!(hall.roster(), "olga");
    hall.set(|set| set.mode = VideochatMode::Videochat);
    hall.set(|set| set.auto_promotion = AutoPromotion::default());
    assert_eq!(hall.speakers(), "olga", "a demotion holds whatever the settings say");
}

#[test]
fn an_owner_cannot_be_demoted_by_either_door() {
    let mut hall = VideochatRoom::new();
    hall.come_with("olga", RoomRight::Manage);
    hall.come_with("otto", RoomRight::Manage);
    let silence = rank(|r| r.voice = Some(false));
    assert_eq!(hall.say("otto", Say::Change("olga", silence)), Err(Refusal::NotPermitted));
    assert_eq!(hall.demote("olga"), Err(Refusal::NotPermitted));
    assert_eq!(hall.speakers(), "olga otto");
}

#[test]
fn only_who_moderates_or_presents_changes_others_and_presenting_passes_on() {
    let mut hall = VideochatRoom::new();
    hall.come_with("olga", RoomRight::Manage);
    hall.come_all(&["ann", "ben"]);
    assert_eq!(hall.say("ann", Say::Change("ben", VOICE)), Err(Refusal::NotPermitted));
    hall.ok("olga", Say::Change("ann", rank(|r| r.presenter = Some(true))));
    hall.ok("ann", Say::Change("ben", rank(|r| r.presenter = Some(true))));
    assert_eq!(hall.presenter(), "ben");
    let panelist = rank(|r| r.panelist = Some(true));
    assert_eq!(hall.say("ben", Say::Change("ann", panelist)), Err(Refusal::NotPermitted));
}

#[test]
fn asking_reaches_moderators_and_the_asker_and_a_voice_ends_it() {
    let mut hall = VideochatRoom::with(conference(0, false));
    hall.come_with("olga", RoomRight::Manage);
    hall.come_all(&["ann", "ben"]);
    hall.notices();
    hall.ok("ann", Say::Ask);
    hall.ok("ann", Say::Ask);
    let asked = hall.notices();
    let is_asked = |notification: &&videochat_room::Heard| {
        matches!(notification.kind, NotificationKind::PromotionRequested(_))
    };
    let asked: Vec<_> = asked.iter().filter(is_asked).collect();
    assert_eq!(asked.len(), 1, "asking twice is no news");
    assert_eq!(asked[0].heard_by(&["olga", "ann", "ben"]), "olga ann");
    assert_eq!(hall.say("ben", Say::Decline("ann")), Err(Refusal::NotPermitted));
    hall.ok("olga", Say::Change("ann", VOICE));
    assert!(matches!(hall.say("olga", Say::Decline("ann")), Err(Refusal::NotFound(_))));
}
