use super::*;
use crate::jitter_lines::Dice;

/// Packets from somebody who means harm: what comes, when, and how much of it.
fn hostile(dice: &mut Dice, talk: &mut Talk) {
    let mut packet = talk.say();
    let millis = |roll: f64| Duration::from_millis((roll * 3000.0) as u64);
    match (dice.roll() * 12.0) as u32 {
        0 => packet.rtp_time_48khz = (dice.roll() * u64::MAX as f64) as u64,
        1 => packet.rtp_time_48khz = u64::MAX - (dice.roll() * 2000.0) as u64,
        2 => packet.rtp_time_48khz -= (dice.roll() * 96_000.0) as u64,
        3 => packet.arrived += millis(dice.roll()),
        4 => packet.arrived -= millis(dice.roll()),
        // Six frames of 20 ms of silence in one packet: 120 ms (RFC 6716 section 3.2.5).
        5 => packet.data = [0xFB, 6].into(),
        // 2.5 ms.
        6 => packet.data = [0xE0].into(),
        7 => packet.data = [].into(),
        _ => {}
    }
    talk.jitter.put(packet);
}

#[test]
fn hostile_packets_make_neither_a_panic_nor_a_heap() {
    let (mut dice, mut talk) = (Dice(11), Talk::new());
    for tick in 0..3000 {
        if tick % 100 == 0 {
            talk.jitter.set_extra((dice.roll() * 100_000.0) as usize);
        }
        (0..(dice.roll() * 4.0) as usize).for_each(|_| hostile(&mut dice, &mut talk));
        talk.tick(0);
        assert!(talk.jitter.packets.len() <= QUEUE + 100);
        assert!(talk.jitter.decoded.pcm.len() <= 3 * 5760, "{}", talk.jitter.decoded.pcm.len());
        assert!(talk.frame.iter().all(|s| s.is_finite() && s.abs() < 2.0));
    }
    talk.jitter.set_extra(0);
    talk.sent += 1_000_000;
    talk.now += Duration::from_secs(20);
    assert!(talk.ticks(700) > 650);
    assert!(talk.jitter.delay < 50 * 48, "and it heals: {}", talk.jitter.delay / 48);
}

#[test]
fn ten_thousand_packets_at_once_are_a_second_at_most() {
    let mut talk = Talk::new();
    talk.ticks(50);
    let packet = talk.say();
    for n in 0..10_000 {
        let rtp_time_48khz = packet.rtp_time_48khz + n * 960;
        talk.jitter.put(SoundPacket { rtp_time_48khz, ..packet.clone() });
    }
    talk.tick(0);
    assert!(talk.jitter.packets.len() <= QUEUE);
    talk.sent += 10_000;
    talk.ticks(600);
    assert!(talk.jitter.delay < 45 * 48, "{}", talk.jitter.delay / 48);
}
