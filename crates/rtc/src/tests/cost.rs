//! What a receiver costs. Not part of the normal run:
//! `cargo test -p rotunda-rtc --release -- --ignored cost --nocapture`.

use std::sync::Arc;
use std::time::Duration;

use crate::command::SoundPart;
use crate::tests::rig::{World, vp8};
use crate::{LegKey, Picture};

/// CPU time of this thread in nanoseconds, as the kernel counts it.
fn cpu() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement"]
fn cost_of_a_receiver_second() {
    let receivers = 50;
    let mut world = World::new();
    let legs: Arc<[LegKey]> = (0..receivers).map(|_| LegKey(world.join() as u64)).collect();
    (0..receivers).for_each(|i| world.subscribe(i));
    let seconds = 4u32;
    let (mut pictures, mut sounds) = (0, 0);
    for n in 0..seconds * 50 {
        if n % 2 == 0 {
            let picture: Arc<Picture> = vp8(n / 2, n == 0, 10_000);
            let before = cpu();
            world.publish(&picture);
            pictures += cpu() - before;
        }
        let part = SoundPart {
            payload: Arc::from([1; 100]),
            past: Default::default(),
            legs: legs.clone(),
        };
        let before = cpu();
        world.legs.sound(world.now, &[part], u64::from(n) * 960, &mut world.pipe);
        sounds += cpu() - before;
        world.run(Duration::from_millis(20));
    }
    let per = f64::from(seconds) * receivers as f64 * 1e6;
    let packets = world.seen.len();
    println!(
        "{packets} datagrams; per receiver and second: pictures {:.3} ms, sound {:.3} ms of CPU",
        pictures as f64 / per,
        sounds as f64 / per
    );
}
