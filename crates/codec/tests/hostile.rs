//! Whatever the network sends, a decoder answers with an error or a picture, and lives on.

mod common;
use common::*;
use rotunda_codec::*;

fn vp8_keyframe_header(w: u16, h: u16) -> Vec<u8> {
    let mut packet = vec![0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a];
    packet.extend(w.to_le_bytes());
    packet.extend(h.to_le_bytes());
    packet.resize(200, 0);
    packet
}

/// A baseline parameter set for a picture of this many macroblocks, in Annex B form.
fn sps(columns: u32, rows: u32, references: u32) -> Vec<u8> {
    let mut bits = String::new();
    let mut ue = |value: u32| {
        let code = format!("{:b}", value + 1);
        bits.push_str(&"0".repeat(code.len() - 1));
        bits.push_str(&code);
    };
    for value in [0, 0, 2, references] {
        ue(value); // id, frame number length, picture order type, reference frames
    }
    bits.push('0');
    let mut ue = |value: u32| {
        let code = format!("{:b}", value + 1);
        bits.push_str(&"0".repeat(code.len() - 1));
        bits.push_str(&code);
    };
    ue(columns - 1);
    ue(rows - 1);
    bits.push_str("11001"); // frames only, direct 8x8, no cropping, no VUI, stop bit
    while !bits.len().is_multiple_of(8) {
        bits.push('0');
    }
    let mut packet = vec![0, 0, 0, 1, 0x67, 66, 0xc0, 52];
    let bytes = bits.as_bytes().chunks(8);
    packet.extend(bytes.map(|b| u8::from_str_radix(std::str::from_utf8(b).unwrap(), 2).unwrap()));
    packet
}

#[test]
fn pictures_beyond_4096x2160_are_refused_from_their_header_alone() {
    let mut vp8 = VideoDecoder::new(VideoCodec::Vp8).unwrap();
    for (w, h) in [(16383, 16383), (4098, 16), (16, 4098), (4096, 2162), (2162, 4096)] {
        let refused = vp8.decode(&vp8_keyframe_header(w, h)).err();
        let (width, height) = (u32::from(w), u32::from(h));
        assert_eq!(refused, Some(DecodeError::TooLarge { width, height }));
    }
    for (w, h) in [(0, 0), (0, 64), (1, 64), (16384, 16384)] {
        // 16384 does not fit the 14 bits: it announces zero.
        let refused = vp8.decode(&vp8_keyframe_header(w, h)).err();
        assert!(matches!(refused, Some(DecodeError::TooSmall { .. })), "{w}x{h}: {refused:?}");
    }
    let mut h264 = VideoDecoder::new(VideoCodec::H264).unwrap();
    for (columns, rows) in [(1024, 1024), (257, 10), (10, 257), (256, 136), (60_000, 60_000)] {
        let refused = h264.decode(&sps(columns, rows, 1)).err();
        let large = matches!(refused, Some(DecodeError::TooLarge { .. }));
        assert!(large, "{columns}x{rows}: {refused:?}");
    }
    assert!(h264.decode(&sps(256, 135, 1)).is_ok_and(|view| view.is_none()));
    let hungry = h264.decode(&sps(256, 135, 16)).err();
    assert!(matches!(hungry, Some(DecodeError::Header(_))), "{hungry:?}");
}

#[test]
fn a_picture_says_its_size_before_it_is_decoded_and_one_that_does_not_says_none() {
    let vp8 = |packet: &[u8]| coded_size(VideoCodec::Vp8, packet);
    assert_eq!(vp8(&vp8_keyframe_header(1280, 720)), Some((1280, 720)));
    assert_eq!(vp8(&vp8_keyframe_header(16383, 0)), Some((16383, 0)));
    assert_eq!((vp8(&[0x11; 200]), vp8(&[0x10; 9]), vp8(&[])), (None, None, None));
    let h264 = |packet: &[u8]| coded_size(VideoCodec::H264, packet);
    let two = [sps(256, 135, 1), sps(80, 45, 1)].concat();
    assert_eq!((h264(&sps(80, 45, 1)), h264(&two)), (Some((1280, 720)), Some((4096, 2160))));
    assert_eq!((h264(&[0, 0, 0, 1, 0x67]), h264(&[0x67; 9]), h264(&[])), (None, None, None));
}

#[test]
fn packets_that_are_empty_or_endless_or_lack_a_start_code_are_refused() {
    for codec in CODECS {
        let mut decoder = VideoDecoder::new(codec).unwrap();
        assert_eq!(decoder.decode(&[]).err(), Some(DecodeError::Empty));
        let endless = vec![0; MAX_PACKET_BYTES + 1];
        assert_eq!(decoder.decode(&endless).err(), Some(DecodeError::TooLong(endless.len())));
    }
    let mut h264 = VideoDecoder::new(VideoCodec::H264).unwrap();
    assert!(matches!(h264.decode(b"no start code here").err(), Some(DecodeError::Header(_))));
    let mut vp8 = VideoDecoder::new(VideoCodec::Vp8).unwrap();
    assert!(matches!(vp8.decode(&[0x10, 2, 0]).err(), Some(DecodeError::Header(_))));
}

#[test]
fn odd_sizes_lose_a_row_or_column_and_show_the_rest() {
    // The picture of a 640x360 stream, re-labelled: the header's size is all that tells.
    let mut encoder = VideoEncoder::new(VideoCodec::Vp8, settings(640, 368)).unwrap();
    let mut packet = encoder.encode(&patches(640, 368), true, 0).unwrap().data;
    packet[6..10].copy_from_slice(&[0x7f, 0x02, 0x6f, 0x01]); // 639x367, same macroblocks
    let mut decoder = VideoDecoder::new(VideoCodec::Vp8).unwrap();
    let view = decoder.decode(&packet).unwrap().unwrap();
    assert_eq!((view.width(), view.height()), (638, 366));
    assert_patches(view, "odd");
    let copy = Frame::copy_of(view);
    assert_patches(copy.view(), "odd, copied");
}

fn mutate(packet: &mut Vec<u8>, seeded: &mut Seeded) {
    match seeded.below(4) {
        0 => packet.truncate(seeded.below(packet.len()).max(1)),
        1 => {
            for _ in 0..=seeded.below(8) {
                let at = seeded.below(packet.len());
                packet[at] = seeded.next() as u8;
            }
        }
        2 => {
            // Near the front, where the headers are; but not in VP8's sizes, or most of the test
            // would be spent allocating.
            let at = seeded.below(packet.len().min(40));
            if !(6..10).contains(&at) {
                packet[at] ^= 1 << seeded.below(8);
            }
        }
        _ => {
            let at = seeded.below(packet.len());
            let extra: Vec<u8> = (0..seeded.below(40)).map(|_| seeded.next() as u8).collect();
            packet.splice(at..at, extra);
        }
    }
}

#[test]
fn four_thousand_damaged_packets_hurt_nobody_and_a_keyframe_heals() {
    for codec in CODECS {
        let clean = stream(codec, 160, 96, 6);
        let mut decoder = VideoDecoder::new(codec).unwrap();
        let (mut errors, mut shown) = (0, 0);
        for seed in 0..2000 {
            let mut seeded = Seeded(seed);
            let mut packet = clean[seeded.below(clean.len())].clone();
            mutate(&mut packet, &mut seeded);
            match decoder.decode(&packet) {
                Ok(Some(view)) => {
                    // Touch the far corner of every plane.
                    view.pixel(view.width() - 1, view.height() - 1);
                    shown += 1;
                }
                Ok(None) => {}
                Err(_) => errors += 1,
            }
            if seed % 100 == 0 {
                heal(&mut decoder, &clean, seed);
            }
        }
        assert!(errors > 200, "{codec:?}: only {errors} errors");
        println!("{codec:?}: {errors} errors, {shown} pictures");
    }
}

/// Clean pictures are decodable again, from the keyframe on. H.264 may need a second packet to
/// notice that the damaged picture before has ended.
fn heal(decoder: &mut VideoDecoder, clean: &[Vec<u8>], seed: u64) {
    let _ = decoder.decode(&clean[0]);
    let _ = decoder.decode(&clean[1]);
    for packet in &clean[..3] {
        let view = decoder.decode(packet).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
        let view = view.unwrap_or_else(|| panic!("seed {seed}: no picture"));
        assert_eq!((view.width(), view.height()), (160, 96), "seed {seed}");
    }
}

#[test]
fn random_bytes_are_never_a_panic() {
    for codec in CODECS {
        let mut decoder = VideoDecoder::new(codec).unwrap();
        for seed in 0..2000 {
            let mut seeded = Seeded(seed ^ 0xabcd);
            let mut packet: Vec<u8> =
                (0..1 + seeded.below(300)).map(|_| seeded.next() as u8).collect();
            if codec == VideoCodec::H264 && seed % 4 != 0 {
                let kind = [0x67, 0x68, 0x65, 0x41, 0x6f, 0x74, 0x06][seeded.below(7)];
                packet.splice(0..0, [0, 0, 0, 1, kind]);
            }
            assert!(!decoder.decode(&packet).is_ok_and(|view| view.is_some()), "seed {seed}");
        }
    }
}
