//! Whatever people do, by a seed: what was notified is what there is.

use super::*;

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

    fn change(&mut self, set: &mut VideochatSettings) {
        let mode = |conference| match conference {
            true => VideochatMode::Conference,
            false => VideochatMode::Videochat,
        };
        match self.below(5) {
            0 => set.mode = mode(self.flag()),
            1 => set.exclude_listeners = self.flag(),
            2 => {
                set.auto_promotion = AutoPromotion {
                    use_custom: self.flag(),
                    limit: self.below(4) as u32,
                    demote: self.flag(),
                };
            }
            3 => set.enable_streaming = self.flag(),
            _ => {
                set.limit = LimitSettings { use_custom: self.flag(), limit: self.below(7) as u32 };
            }
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
                _ => hall.set(|set| dice.change(set)),
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
