//! What threads share of a stream.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::LegKey;
use crate::Tier;
use crate::route::Route;
use crate::stream::Stream;
use crate::tests::rig::vp8;

fn taking(route: &Arc<Route>, tier: Tier, thread: usize) -> Stream {
    let mut stream = Stream::new(tier, thread, route.clone());
    stream.legs.insert(LegKey(thread as u64));
    stream.settle(|_, _| {});
    stream
}

#[test]
fn a_thread_that_begins_to_take_pictures_has_each_of_them_once_whatever_waits_in_its_queue() {
    let (now, route) = (Instant::now(), Arc::new(Route::new(Tier::Master)));
    let mut stream = taking(&route, Tier::Master, 1);
    let mut queue = vec![];
    for n in 0..3 {
        let picture = vp8(n, n == 0, 500);
        route.publish(&picture, now, |thread, number, _| {
            queue.push((thread, number, picture.clone()));
            true
        });
    }
    stream.legs.clear();
    stream.settle(|_, _| {});
    route.publish(&vp8(3, false, 500), now, |_, _, _| panic!("nobody takes it"));
    stream.legs.insert(LegKey(9));
    stream.settle(|_, _| {});
    assert_eq!(stream.group().len(), 4, "what came meanwhile is there");
    for (thread, number, picture) in queue {
        assert_eq!(thread, 1);
        assert!(!stream.push(number, &picture, now), "it had that");
    }
    assert_eq!(stream.group().len(), 4);
    let fifth = vp8(4, false, 500);
    route.publish(&fifth, now, |_, number, after_gap| {
        assert!(!after_gap && stream.push(number, &fifth, now));
        true
    });
    assert_eq!(stream.group().len(), 5);
}

#[test]
fn a_thread_whose_queue_was_full_hears_of_it_and_the_others_do_not() {
    let (now, route) = (Instant::now(), Arc::new(Route::new(Tier::Master)));
    let _streams = [0, 5].map(|thread| taking(&route, Tier::Master, thread));
    let mut gaps = vec![];
    for n in 0..3 {
        route.publish(&vp8(n, n == 0, 500), now, |thread, _, after_gap| {
            gaps.push((n, thread, after_gap));
            (n, thread) != (0, 5)
        });
    }
    let gapped: Vec<_> = gaps.into_iter().filter(|(.., after_gap)| *after_gap).collect();
    assert_eq!(gapped, [(1, 5, true)]);
}

#[test]
fn all_threads_together_ask_for_one_key_frame() {
    let (now, route) = (Instant::now(), Arc::new(Route::new(Tier::Master)));
    let mut streams = [0, 1, 2, 3].map(|thread| taking(&route, Tier::Master, thread));
    let asked = streams.iter_mut().filter_map(|stream| stream.ask(now).then_some(())).count();
    assert_eq!(asked, 1);
    let paid = streams.iter_mut().filter_map(|it| it.pay_for_loss(now).then_some(())).count();
    assert_eq!(paid, 1, "and pay for one loss");
    let picture = vp8(0, true, 500);
    route.publish(&picture, now, |_, _, _| true);
    streams.iter_mut().for_each(|stream| assert!(stream.push(1, &picture, now)));
    let later = now + Duration::from_secs(1);
    assert!(!streams.iter_mut().any(|stream| stream.due(later)), "all have it");
}

#[test]
fn a_smaller_picture_is_wanted_while_any_thread_needs_it_and_has_the_bits_of_the_weakest() {
    let route = Arc::new(Route::new(Tier::Half));
    let mut said = vec![];
    let mut streams = [0, 1].map(|thread| Stream::new(Tier::Half, thread, route.clone()));
    for (n, stream) in (0..).zip(&mut streams) {
        stream.legs.insert(LegKey(n));
        stream.settle(|is_wanted, bps| said.push((is_wanted, bps)));
    }
    assert_eq!(said, [(Some(true), None), (None, None)]);
    let mut rates = vec![];
    streams[0].allow(200_000, |bps| rates.push(bps));
    streams[1].allow(300_000, |bps| rates.push(bps));
    assert_eq!(rates, [200_000]);
    streams[0].legs.clear();
    streams[0].settle(|is_wanted, bps| assert_eq!((is_wanted, bps), (None, Some(300_000))));
    streams[1].legs.clear();
    streams[1].settle(|is_wanted, bps| assert_eq!((is_wanted, bps), (Some(false), None)));
}
