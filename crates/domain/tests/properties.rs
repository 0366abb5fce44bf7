//! What holds whatever happens: random people do random things, and a witness objects when a rule
//! is broken.
//!
//! A failure prints its seed; `ROTUNDA_SEED=<seed> cargo test -p rotunda-domain --test properties`
//! plays it alone, with every step. `ROTUNDA_SOAK=1` plays many more.

#[path = "support/checks.rs"]
mod checks;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/fixtures.rs"]
mod fixtures;
#[path = "support/gen_commands.rs"]
mod gen_commands;
#[path = "support/gen_simple.rs"]
mod gen_simple;
#[path = "support/invariants.rs"]
mod invariants;
#[path = "support/model.rs"]
mod model;
#[path = "support/output_checks.rs"]
mod output_checks;

use invariants::Invariants;
use rotunda_domain::{Session, SessionOptions};
use std::panic::{AssertUnwindSafe, catch_unwind};

const STEPS: usize = 200;

fn open(chance: &mut gen_commands::CommandGen) -> Invariants {
    let options = SessionOptions {
        max_audience: 3,
        screenshare_is_open: chance.dice.once_in(4),
        audience_count_every_ms: if chance.dice.once_in(4) { 0 } else { 20_000 },
        ..SessionOptions::default()
    };
    let session = Session::open(fixtures::now(0), fixtures::origin(), chance.room(), options);
    let mut witness = Invariants::new(session);
    witness.look();
    witness
}

/// One session after the other, with the same people, until the steps are used up.
fn play(seed: u64, aloud: bool) {
    let mut chance = gen_commands::CommandGen::new(seed);
    let mut witness = open(&mut chance);
    let mut steps_after_the_end = 0;
    for _ in 0..STEPS {
        let step = chance.step(|id| witness.is_there(id));
        if aloud {
            println!("{:>7} ms {step:?}", witness.ms);
        }
        witness.take(step);
        steps_after_the_end += usize::from(witness.session.is_over());
        if steps_after_the_end == 5 {
            (witness, steps_after_the_end) = (open(&mut chance), 0);
        }
    }
}

#[test]
fn whatever_happens_the_rules_hold() {
    if let Ok(seed) = std::env::var("ROTUNDA_SEED") {
        return play(seed.parse().expect("ROTUNDA_SEED is a number"), true);
    }
    let seeds = if std::env::var_os("ROTUNDA_SOAK").is_some() { 200_000 } else { 1_000 };
    for seed in 0..seeds {
        if let Err(broken) = catch_unwind(AssertUnwindSafe(|| play(seed, false))) {
            eprintln!("ROTUNDA_SEED={seed} plays this again");
            std::panic::resume_unwind(broken);
        }
    }
}
