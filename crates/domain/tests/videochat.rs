//! The room videochat settings in a session that runs: seats, voices, limits, the board, and what
//! those who watch the room are told.

#[path = "support/fixtures.rs"]
mod fixtures;
#[path = "support/videochat_room.rs"]
mod videochat_room;

use rotunda_domain::videochat::{
    AutoPromotion, EngineName, LimitSettings, NotificationKind, NotificationMode, RankChange,
    Reading, RoomRight, RoomType, VideochatChange, VideochatMode,
};
use rotunda_domain::{JoinAs, Refusal};
use videochat_room::{Say, VideochatRoom};

fn conference(limit: u32, demote: bool) -> Vec<VideochatChange> {
    vec![
        VideochatChange::Mode(VideochatMode::Conference),
        VideochatChange::AutoPromotion(AutoPromotion { use_custom: true, limit, demote }),
    ]
}

fn limited(limit: u32) -> VideochatChange {
    VideochatChange::Limit(LimitSettings { use_custom: true, limit })
}

const VOICE: RankChange = RankChange {
    panelist: None,
    presenter: None,
    co_presenter: None,
    voice: Some(true),
    owner: None,
};

fn rank(change: impl FnOnce(&mut RankChange)) -> RankChange {
    let mut wanted = RankChange::default();
    change(&mut wanted);
    wanted
}

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
    hall.set(VideochatChange::Mode(VideochatMode::Conference));
    assert_eq!(hall.speakers(), "ben olga", "the owner and whom she promoted");
    hall.come_up("ann");
    assert_eq!(hall.roster(), "ben olga");
    assert_eq!(hall.reported_voice(), "ann is silent");
    hall.set(VideochatChange::Mode(VideochatMode::Videochat));
    assert_eq!(hall.reported_voice(), "ann speaks");
}

#[test]
fn a_limit_without_demotion_takes_no_voice_from_those_who_have_one() {
    let mut hall = VideochatRoom::new();
    hall.come_all(&["ann", "ben"]);
    let auto = AutoPromotion { use_custom: true, limit: 1, demote: false };
    hall.set(VideochatChange::AutoPromotion(auto));
    assert_eq!(hall.speakers(), "ann ben");
    assert_eq!(hall.come("cid"), JoinAs::Audience);
}

#[test]
fn room_tokens_are_a_moderators_word_that_no_setting_takes_back() {
    let mut hall = VideochatRoom::new();
    hall.come_by_room_token("sdk", JoinAs::Member);
    hall.come_by_room_token("fan", JoinAs::Audience);
    for change in conference(0, true) {
        hall.set(change);
    }
    assert_eq!(hall.speakers(), "sdk");
    hall.set(VideochatChange::Mode(VideochatMode::Videochat));
    hall.set(VideochatChange::AutoPromotion(AutoPromotion::default()));
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
    hall.set(VideochatChange::Mode(VideochatMode::Videochat));
    hall.set(VideochatChange::AutoPromotion(AutoPromotion::default()));
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

#[test]
fn the_limit_counts_seats_that_wait_and_refuses_nobody_who_is_there() {
    let mut hall = VideochatRoom::with(vec![limited(2)]);
    hall.come("ann");
    hall.reserve("ben", RoomRight::Contribute).unwrap();
    assert!(matches!(hall.reserve("cid", RoomRight::Contribute), Err(Refusal::LimitReached(_))));
    hall.wait(60_000);
    hall.come("cid");
    hall.set(limited(1));
    assert_eq!(hall.speakers(), "ann cid", "a lower limit throws nobody out");
    hall.leave("ann");
    assert!(matches!(hall.reserve("dot", RoomRight::Contribute), Err(Refusal::LimitReached(_))));
    hall.leave("cid");
}

#[test]
fn no_limit_of_zero_and_no_limit_that_is_not_custom() {
    for limit in [
        LimitSettings { use_custom: true, limit: 0 },
        LimitSettings { use_custom: false, limit: 1 },
    ] {
        let mut hall = VideochatRoom::with(vec![VideochatChange::Limit(limit)]);
        hall.come("ann");
        assert_eq!(hall.come("ben"), JoinAs::Member, "{limit:?}");
    }
}

#[test]
fn a_token_opens_its_seat_once() {
    let mut hall = VideochatRoom::new();
    hall.come("ann");
    let refused = hall.admit_again("ann").unwrap_err();
    assert!(matches!(refused, Refusal::NotAdmitted(_)));
    let late = hall.reserve("ben", RoomRight::Contribute).unwrap();
    hall.wait(60_000);
    assert!(matches!(hall.admit(late, "ben", JoinAs::Member), Err(Refusal::NotAdmitted(_))));
}

#[test]
fn listeners_are_hidden_from_all_but_those_who_may_promote_them() {
    let mut hall = VideochatRoom::with(conference(1, false));
    hall.come_with("olga", RoomRight::Manage);
    hall.come_all(&["ann", "ben", "cid"]);
    hall.notices();
    hall.set(VideochatChange::ExcludeListeners(true));
    let all = ["olga", "ann", "ben", "cid"];
    assert_eq!(
        hall.connections(&all),
        ["- ben for ann cid", "- cid for ann ben"],
        "each goes on seeing themself"
    );
    assert_eq!(hall.seen_by("ann"), "olga ann");
    assert_eq!(hall.seen_by("ben"), "olga ann ben");
    assert_eq!(hall.seen_by("olga"), "olga ann ben cid");
    hall.ok("olga", Say::Change("ben", VOICE));
    assert_eq!(hall.connections(&all), ["+ ben for ann cid"]);
    hall.set(VideochatChange::ExcludeListeners(false));
    assert_eq!(hall.connections(&all), ["+ cid for ann ben"]);
}

#[test]
fn streaming_off_ends_those_who_watch_and_refuses_more_and_attendees_stay() {
    let mut hall = VideochatRoom::with(conference(0, false));
    hall.come("ann");
    hall.watch("fan").unwrap();
    hall.play("player").unwrap();
    hall.stream().unwrap();
    assert_eq!(hall.streams(), 1);
    hall.come_by_room_token("audience", JoinAs::Audience);
    assert_eq!(hall.seen_by("ann"), "ann audience", "who watches has no seat");
    hall.set(VideochatChange::EnableStreaming(false));
    assert_eq!(hall.gone(), "fan player");
    assert!(matches!(hall.stream(), Err(Refusal::Conflict(_))));
    assert_eq!(hall.streams(), 0, "what was sent elsewhere is not any more");
    assert!(matches!(hall.play("player2"), Err(Refusal::NotAdmitted(_))));
    assert_eq!(hall.seen_by("ann"), "ann audience");
    assert_eq!(hall.watch("fan2").unwrap_err(), Refusal::NotPermitted);
}

#[test]
fn a_live_stream_is_begun_by_who_moderates_and_all_hear_of_it() {
    let rtmp = "rtmp://a.test/live/key";
    let mut hall = VideochatRoom::new();
    hall.come_with("olga", RoomRight::Manage);
    hall.come("ann");
    assert_eq!(hall.say("ann", Say::StartLive("nowhere")), Err(Refusal::NotPermitted));
    let wrong = hall.say("olga", Say::StartLive("nowhere"));
    assert!(matches!(wrong, Err(Refusal::Invalid(_))), "{wrong:?}");
    assert!(matches!(hall.say("olga", Say::StopLive), Err(Refusal::Conflict(_))), "none runs");
    assert_eq!(hall.live_reported(), "");
    hall.ok("olga", Say::StartLive(rtmp));
    assert_eq!((hall.live_reported().as_str(), hall.streams()), ("live at https://a.test/see", 1));
    assert!(matches!(hall.say("olga", Say::StartLive(rtmp)), Err(Refusal::Conflict(_))));
    assert_eq!(hall.say("ann", Say::StopLive), Err(Refusal::NotPermitted));
    hall.ok("olga", Say::StopLive);
    assert_eq!((hall.live_reported().as_str(), hall.streams()), ("over", 0));
    hall.stream().unwrap();
    let other = hall.say("olga", Say::StopLive);
    assert!(matches!(other, Err(Refusal::Conflict(_))), "begun by somebody else: {other:?}");
    hall.ok("olga", Say::StartLive(rtmp));
    assert_eq!(
        hall.live_reported(),
        "live at https://a.test/see",
        "one begun elsewhere has no place"
    );
    hall.set(VideochatChange::EnableStreaming(false));
    assert_eq!(hall.live_reported(), "over");
    assert_eq!(hall.say("olga", Say::StartLive(rtmp)), Err(Refusal::NotPermitted));
}

#[test]
fn what_stands_with_the_room_waits_while_streaming_is_off_but_not_what_somebody_stopped() {
    let mut hall = VideochatRoom::new();
    hall.come_with("olga", RoomRight::Manage);
    hall.stand(2);
    hall.set(VideochatChange::EnableStreaming(false));
    hall.stand(2);
    assert_eq!(hall.streams(), 0);
    hall.set(VideochatChange::EnableStreaming(true));
    hall.stand(2);
    assert_eq!(hall.streams(), 2);
    hall.ok("olga", Say::StartLive("rtmp://a.test/live/key"));
    hall.ok("olga", Say::StopLive);
    assert_eq!(hall.streams(), 2, "only what startLiveStream began ends with it");
    hall.stop_streams();
    hall.stand(2);
    assert_eq!(hall.streams(), 0, "what somebody stopped stays so for this session");
}

#[test]
fn one_user_who_asks_for_seats_again_and_again_leaves_room_for_others() {
    let mut hall = VideochatRoom::with(vec![limited(4)]);
    let seats: Vec<_> = (0..8).map(|_| hall.reserve("mal", RoomRight::Comment).unwrap()).collect();
    for name in ["ann", "ben", "cora"] {
        hall.come(name);
    }
    let former = hall.admit(seats[0], "mal", JoinAs::Audience);
    assert!(matches!(former, Err(Refusal::NotAdmitted(_))), "{former:?}");
    assert_eq!(hall.admit(seats[7], "mal", JoinAs::Audience), Ok(()), "the last one asked for");
    assert!(matches!(hall.reserve("dan", RoomRight::Comment), Err(Refusal::LimitReached(_))));
}

#[test]
fn a_refused_request_for_a_seat_leaves_the_seat_that_was_kept() {
    let mut hall = VideochatRoom::with(vec![limited(1)]);
    let kept = hall.reserve("ann", RoomRight::Comment).unwrap();
    assert_eq!(hall.reserve("ann", RoomRight::View), Err(Refusal::NotPermitted));
    assert_eq!(hall.admit(kept, "ann", JoinAs::Audience), Ok(()));
}

#[test]
fn a_request_to_speak_ends_when_its_asker_leaves_and_a_second_one_is_reported() {
    let mut hall = VideochatRoom::with(conference(0, false));
    hall.come_with("olga", RoomRight::Manage);
    hall.come("ann");
    hall.ok("ann", Say::Ask);
    assert_eq!(hall.asking(), ["ann"]);
    hall.leave("ann");
    assert_eq!(hall.asking(), [""; 0], "the status lists nobody who is gone");
    hall.come("ann");
    hall.notices();
    hall.ok("ann", Say::Ask);
    let asked = |notification: &videochat_room::Heard| {
        matches!(notification.kind, NotificationKind::PromotionRequested(_))
    };
    assert_eq!(hall.notices().iter().filter(|notification| asked(notification)).count(), 1);
}

#[test]
fn the_notification_mode_rides_on_each_notification() {
    let mut hall = VideochatRoom::new();
    hall.come("ann");
    for (mode, expected) in [
        (NotificationMode::Default, (true, false)),
        (NotificationMode::Hide, (false, false)),
        (NotificationMode::Show, (true, false)),
        (NotificationMode::Sound, (true, true)),
    ] {
        hall.set(VideochatChange::NotificationMode(mode));
        hall.notices();
        let name = format!("p{mode:?}");
        hall.come(&name);
        let notification = hall.notices();
        assert!(!notification.is_empty());
        assert!(
            notification.iter().all(|one| (one.notify.show, one.notify.sound) == expected),
            "{mode:?}"
        );
    }
}

#[test]
fn a_share_on_the_board_takes_its_layout_seats_the_presenter_first_and_gives_it_back() {
    let mut hall = VideochatRoom::with(vec![VideochatChange::UsePresentationBoard(true)]);
    hall.come_with("olga", RoomRight::Manage);
    hall.come_all(&["ann", "ben", "cid"]);
    assert_eq!(hall.share("ann"), Err(Refusal::NotPermitted), "neither presents nor moderates");
    hall.ok("olga", Say::Change("ann", rank(|r| r.presenter = Some(true))));
    hall.ok("olga", Say::Change("ben", rank(|r| r.co_presenter = Some(true))));
    hall.share("ann").unwrap();
    assert_eq!(
        hall.layout(),
        "screen-share: full-screen=ann's screen reserved-1=ann reserved-2=ben"
    );
    assert_eq!(hall.share("cid"), Err(Refusal::NotPermitted));
    hall.notices();
    hall.share("olga").unwrap();
    assert_eq!(hall.gone(), "ann's screen", "a moderator takes the board over");
    let notification = hall.shares_reported();
    assert_eq!(notification, "stopped ann, started olga");
    hall.ok("olga", Say::StopShare);
    assert_eq!(hall.layout_name(), "grid-responsive");
}

#[test]
fn a_film_is_on_the_board_until_a_share_takes_it_and_again_after() {
    let mut hall = VideochatRoom::with(vec![VideochatChange::UsePresentationBoard(true)]);
    hall.come_with("olga", RoomRight::Manage);
    hall.come("ann");
    hall.ok("olga", Say::Change("ann", rank(|r| r.presenter = Some(true))));
    hall.film(1);
    assert_eq!(hall.layout(), "screen-share: full-screen=the film reserved-1=ann");
    hall.share("ann").unwrap();
    assert!(hall.layout().starts_with("screen-share: full-screen=ann's screen reserved-1=ann"));
    hall.ok("olga", Say::StopShareOf("ann"));
    assert_eq!(hall.layout(), "screen-share: full-screen=the film reserved-1=ann");
    hall.stop_film(1);
    assert_eq!(hall.layout_name(), "grid-responsive");
    hall.set(VideochatChange::UsePresentationBoard(false));
    hall.film(2);
    assert_eq!(hall.layout_name(), "grid-responsive");
    hall.set(VideochatChange::UsePresentationBoard(true));
    assert_eq!(hall.layout(), "screen-share: full-screen=the film reserved-1=ann");
}

#[test]
fn putting_the_board_up_and_down_moves_a_share_and_cuts_none() {
    let mut hall = VideochatRoom::new();
    hall.come_all(&["ann", "ben"]);
    hall.share("ann").unwrap();
    hall.share("ben").unwrap();
    assert_eq!(hall.layout_name(), "grid-responsive");
    hall.set(VideochatChange::UsePresentationBoard(true));
    assert_eq!(hall.layout(), "screen-share: full-screen=ben's screen reserved-1=ben");
    hall.set(VideochatChange::UsePresentationBoard(false));
    assert_eq!(hall.layout_name(), "grid-responsive");
    assert_eq!(hall.gone(), "");
}

#[test]
fn a_session_keeps_the_engine_it_began_with_and_a_vendors_has_seats_and_nothing_else() {
    let engine = |name| VideochatChange::Engine(name);
    let mut hall = VideochatRoom::with(vec![
        engine(EngineName::Twilio),
        VideochatChange::RoomType(RoomType::GroupSmall),
    ]);
    hall.set(engine(EngineName::Native));
    let seats: Vec<_> = ["ann", "ben", "cid", "dot"]
        .map(|name| hall.reserve(name, RoomRight::Contribute).unwrap())
        .to_vec();
    assert!(matches!(hall.reserve("eva", RoomRight::Manage), Err(Refusal::LimitReached(_))));
    hall.ok("ann", Say::Connected(seats[0]));
    hall.ok("ann", Say::Connected(seats[0]));
    assert_eq!(hall.seen_by("ben"), "ann");
    assert!(matches!(hall.admit(seats[1], "ben", JoinAs::Member), Err(Refusal::Unsupported(_))));
    let refused = hall.say("ann", Say::Ask).unwrap_err();
    assert_eq!(refused.to_string(), "asking for promotion is not offered for sessions at twilio");
    hall.ok("ann", Say::Disconnected(seats[0]));
    hall.ok("ann", Say::Disconnected(seats[0]));
    assert_eq!(hall.seen_by("ben"), "");
}

#[test]
fn a_seat_at_a_vendor_whose_client_is_lost_is_given_up_after_the_grace_time() {
    let mut hall = VideochatRoom::with(vec![VideochatChange::Engine(EngineName::Livekit)]);
    let seat = hall.reserve("ann", RoomRight::Contribute).unwrap();
    hall.ok("ann", Say::Connected(seat));
    hall.ok("ann", Say::Lost(seat));
    hall.wait(29_999);
    assert_eq!(hall.seen_by("ann"), "ann");
    hall.wait(1);
    assert!(hall.is_over(), "and with it the session");
}

/// A small generator (SplitMix64), so that a failure names its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    fn change(&mut self) -> VideochatChange {
        let mode = |conference| match conference {
            true => VideochatMode::Conference,
            false => VideochatMode::Videochat,
        };
        match self.below(5) {
            0 => VideochatChange::Mode(mode(self.flag())),
            1 => VideochatChange::ExcludeListeners(self.flag()),
            2 => VideochatChange::AutoPromotion(AutoPromotion {
                use_custom: self.flag(),
                limit: self.below(4) as u32,
                demote: self.flag(),
            }),
            3 => VideochatChange::EnableStreaming(self.flag()),
            _ => VideochatChange::Limit(LimitSettings {
                use_custom: self.flag(),
                limit: self.below(7) as u32,
            }),
        }
    }

    fn ranks(&mut self) -> RankChange {
        let mut maybe = || match self.below(4) {
            0 => Some(true),
            1 => Some(false),
            _ => None,
        };
        RankChange {
            panelist: maybe(),
            presenter: maybe(),
            co_presenter: maybe(),
            voice: maybe(),
            owner: None,
        }
    }
}

/// Random people do random things. What each was told, put together, is what each would be shown;
/// nobody speaks above a limit that demotes; nobody gets a seat above the cap; and legs follow.
#[test]
fn whatever_happens_what_was_notified_is_what_there_is() {
    const NAMES: [&str; 6] = ["ann", "ben", "cid", "dot", "eva", "fay"];
    for seed in 0..400 {
        let mut dice = Dice(seed);
        let mut hall = VideochatRoom::new();
        hall.options.videochat.calm_ms = 0;
        hall.options.videochat.reading =
            [Reading::Collapse, Reading::Trim, Reading::Rolling][dice.below(3) as usize];
        hall.reopen();
        hall.come_with("olga", RoomRight::Manage);
        hall.manages("zoe");
        for step in 0..60 {
            let name = NAMES[dice.below(6) as usize];
            let here = hall.is_here(name);
            match dice.below(10) {
                0..=2 if !here => {
                    let right =
                        if dice.flag() { RoomRight::Contribute } else { RoomRight::Comment };
                    let _ = hall.try_come(name, right);
                }
                3 if here => hall.leave(name),
                4 if here => drop(hall.say("olga", Say::Change(name, dice.ranks()))),
                5 if here => drop(hall.say(name, Say::Ask)),
                6 if here => drop(hall.demote(name)),
                _ => hall.set(dice.change()),
            }
            hall.all_come_up();
            hall.wait(1);
            hall.all_come_up();
            hall.check(
                &[&NAMES[..], &["olga", "zoe"]].concat(),
                &format!("seed {seed}, step {step}"),
            );
        }
    }
}
