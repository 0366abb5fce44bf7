//! Packetising.

use std::sync::Arc;
use std::time::Duration;

use crate::packetize::{self, MAX_PAYLOAD};
use crate::tests::rig::{World, vp8_frame};
use crate::{Picture, VideoCodec};

fn access_unit(nals: &[(u8, usize)]) -> Vec<u8> {
    let mut unit = Vec::new();
    for (header, len) in nals {
        unit.extend([0, 0, 0, 1, *header]);
        unit.extend((1..*len).map(|i| (i * 7 % 251) as u8 | 1));
    }
    unit
}

#[test]
fn vp8_packets_are_equal_in_size_but_for_the_last() {
    for len in [1, 2, 1159, 1160, 1161, 2318, 2319, 30_001] {
        let frame = vec![0x10; len];
        let packets = packetize::vp8(&frame);
        assert_eq!(packets.len(), len.div_ceil(MAX_PAYLOAD - 1), "{len}");
        let first = packets[0].len();
        assert!(packets[..packets.len() - 1].iter().all(|p| p.len() == first));
        assert!(packets.iter().all(|p| p.len() <= first && p.len() <= MAX_PAYLOAD));
        assert_eq!(packets[0][0], 0x10);
        assert!(packets[1..].iter().all(|p| p[0] == 0));
        assert_eq!(packets.iter().map(|p| p.len() - 1).sum::<usize>(), len);
    }
}

#[test]
fn h264_parameter_sets_travel_together_and_big_units_in_equal_fragments() {
    let packets = packetize::h264(&access_unit(&[(0x09, 2), (0x67, 12), (0x68, 5), (0x65, 9000)]));
    assert_eq!(packets[0][0], 24 | 0x60);
    assert_eq!(packets[0].len(), 1 + 2 + 12 + 2 + 5);
    let fragments = &packets[1..];
    assert_eq!(fragments.len(), 8999usize.div_ceil(MAX_PAYLOAD - 2));
    assert!(fragments.iter().all(|p| p[0] == 28 | 0x60 && p[1] & 0x1f == 5));
    assert_eq!(fragments[0][1] & 0xc0, 0x80);
    assert_eq!(fragments.last().unwrap()[1] & 0xc0, 0x40);
    let first = fragments[0].len();
    assert!(fragments[..fragments.len() - 1].iter().all(|p| p.len() == first));
    assert!(fragments.last().unwrap().len() <= first);
}

#[test]
fn a_frame_without_start_code_or_content_gives_no_h264_packets() {
    for bytes in [&[][..], &[0, 0, 1], &[1, 2, 3, 4], &[0, 0, 1, 0, 0, 1], &[0, 0, 0, 0]] {
        assert!(packetize::h264(bytes).is_empty(), "{bytes:?}");
    }
}

#[test]
fn what_is_packetised_comes_out_of_a_clients_depacketiser_unchanged() {
    for codec in [VideoCodec::Vp8, VideoCodec::H264] {
        let mut world = World::new();
        let i = world.join();
        world.subscribe(i);
        let mut sent = Vec::new();
        for n in 0..40u32 {
            let len = 900 + 977 * (n as usize % 13);
            let frame = match codec {
                VideoCodec::Vp8 => vp8_frame(n, n == 0, len),
                VideoCodec::H264 if n == 0 => access_unit(&[(0x67, 12), (0x68, 5), (0x65, len)]),
                VideoCodec::H264 => access_unit(&[(0x41, len)]),
            };
            let picture = Picture::new(codec, n == 0, u64::from(n) * 3000, &frame);
            world.publish(&Arc::new(picture));
            world.run(Duration::from_millis(33));
            sent.push(frame);
        }
        let got: Vec<Vec<u8>> = world.peers[i].pictures.iter().map(|p| p.data.to_vec()).collect();
        assert_eq!(got.len(), 40, "{codec:?}");
        assert!(got == sent, "{codec:?}: a frame was changed");
        assert!(world.peers[i].pictures[0].keyframe);
    }
}
