//! Pictures go through both codecs and come out as they went in.

mod common;
use common::*;
use rotunda_codec::*;

#[test]
fn colours_survive_both_codecs_and_a_change_of_size() {
    for codec in CODECS {
        let mut decoder = VideoDecoder::new(codec).unwrap();
        for (w, h) in [(320, 192), (640, 360), (176, 144), (1280, 720)] {
            let mut encoder = VideoEncoder::new(codec, settings(w, h)).unwrap();
            for i in 0..20 {
                let coded = encoder.encode(&patches(w, h), false, i * 4500).unwrap();
                let view = decoder.decode(&coded.data).unwrap().expect("a picture");
                assert_eq!((view.width(), view.height()), (w, h));
                // At 720p VP8 begins a step coarser and refines within a second.
                if w < 1280 || codec == VideoCodec::H264 || i >= 14 {
                    assert_patches(view, &format!("{codec:?} {w}x{h} picture {i}"));
                }
            }
        }
    }
}

#[test]
fn bt601_primaries_have_the_values_of_the_standard() {
    let table = [
        ((0, 0, 0), (16, 128, 128)),
        ((255, 255, 255), (235, 128, 128)),
        ((255, 0, 0), (81, 90, 240)),
        ((0, 255, 0), (145, 54, 34)),
        ((0, 0, 255), (41, 240, 110)),
    ];
    for ((r, g, b), (y, u, v)) in table {
        assert_near(Yuv::from_rgb(r, g, b), Yuv { y, u, v }, 1, &format!("{r} {g} {b}"));
    }
}

#[test]
fn a_keyframe_comes_first_and_when_forced_and_never_else() {
    for codec in CODECS {
        let mut encoder = VideoEncoder::new(codec, settings(320, 180)).unwrap();
        let mut seeded = Seeded(1);
        for i in 0..40 {
            let forced = i == 7 || i == 8 || i == 30;
            // A different picture each time: not even a change of everything makes a keyframe.
            let frame = noise(320, 180, &mut seeded);
            let coded = encoder.encode(&frame, forced, i * 4500).unwrap();
            assert_eq!(coded.keyframe, forced || i == 0, "{codec:?} picture {i}");
            assert_eq!(is_keyframe(codec, &coded.data), coded.keyframe);
        }
    }
}

#[test]
fn a_forced_keyframe_starts_a_new_decoder() {
    for codec in CODECS {
        let mut encoder = VideoEncoder::new(codec, settings(320, 180)).unwrap();
        let frame = patches(320, 180);
        for i in 0..3 {
            let coded = encoder.encode(&frame, false, i * 4500).unwrap();
            let mut late = VideoDecoder::new(codec).unwrap();
            let shown = late.decode(&coded.data);
            assert_eq!(shown.is_ok_and(|view| view.is_some()), i == 0, "{codec:?} picture {i}");
        }
        let coded = encoder.encode(&frame, true, 4 * 4500).unwrap();
        let mut late = VideoDecoder::new(codec).unwrap();
        assert_patches(late.decode(&coded.data).unwrap().unwrap(), "newcomer");
    }
}

#[test]
fn every_h264_keyframe_begins_with_its_parameter_sets_in_constrained_baseline() {
    let mut encoder = VideoEncoder::new(VideoCodec::H264, settings(1280, 720)).unwrap();
    for i in 0..3 {
        let data = encoder.encode(&patches(1280, 720), true, i * 4500).unwrap().data;
        let starts: Vec<usize> =
            (0..data.len() - 3).filter(|&at| data[at..].starts_with(&[0, 0, 1])).collect();
        let types: Vec<u8> = starts.iter().map(|at| data[at + 3] & 31).collect();
        assert_eq!(types, [7, 8, 5]);
        // profile_idc 66, constraint_set0 and set1, level at most 3.1: browsers' 42e01f.
        let sps = &data[starts[0] + 4..];
        assert_eq!((sps[0], sps[1] & 0xc0), (66, 0xc0));
        assert!(sps[2] <= 31, "level {}", sps[2]);
    }
}

#[test]
fn the_bitrate_follows_its_setting_up_and_down() {
    for codec in CODECS {
        for before_start in [false, true] {
            let mut encoder = VideoEncoder::new(codec, settings(320, 180)).unwrap();
            let mut seeded = Seeded(2);
            let mut pts = 0;
            let mut mean_bps = |encoder: &mut VideoEncoder| {
                let bytes: usize = (0..40)
                    .map(|_| {
                        pts += 4500;
                        let frame = blocks(320, 180, &mut seeded);
                        encoder.encode(&frame, false, pts).unwrap().data.len()
                    })
                    .skip(20)
                    .sum();
                bytes * 8
            };
            if !before_start {
                mean_bps(&mut encoder);
            }
            encoder.set_bitrate(2_000_000).unwrap();
            let high = mean_bps(&mut encoder);
            encoder.set_bitrate(800_000).unwrap();
            let low = mean_bps(&mut encoder);
            encoder.set_bitrate(2_000_000).unwrap();
            let again = mean_bps(&mut encoder);
            println!("{codec:?}: {high} {low} {again} bit/s");
            assert!(high * 2 > low * 3, "{codec:?}: {high} then {low}");
            assert!(again * 2 > low * 3, "{codec:?}: {low} then {again}");
        }
    }
}

#[test]
fn time_may_jump_stand_still_or_go_back() {
    for codec in CODECS {
        let mut encoder = VideoEncoder::new(codec, settings(320, 180)).unwrap();
        let mut decoder = VideoDecoder::new(codec).unwrap();
        for pts in [u64::MAX / 2, 0, 0, 90_000, 180_000, 180_001, 9_000_000_000, 4500, u64::MAX] {
            let coded = encoder.encode(&patches(320, 180), false, pts).unwrap();
            assert_patches(decoder.decode(&coded.data).unwrap().unwrap(), "jump");
        }
    }
}

#[test]
fn a_still_canvas_is_refined_without_bursts() {
    let mut encoder = VideoEncoder::new(VideoCodec::Vp8, settings(1280, 720)).unwrap();
    let still = blocks(1280, 720, &mut Seeded(3));
    for second in 0..10 {
        let coded = encoder.encode(&still, false, second * 90_000).unwrap();
        // A quarter of a second's bits at 1 Mbit/s. Told the true gaps, it takes 124 kB at once.
        assert!(coded.data.len() < 31_250, "second {second}: {} bytes", coded.data.len());
    }
}

#[test]
fn speed_can_change_at_any_time() {
    for codec in CODECS {
        let mut encoder = VideoEncoder::new(codec, settings(320, 180)).unwrap();
        let mut decoder = VideoDecoder::new(codec).unwrap();
        for (i, speed) in
            [Speed::Fast, Speed::Normal, Speed::Careful, Speed::Fast].into_iter().enumerate()
        {
            encoder.set_speed(speed).unwrap();
            let coded = encoder.encode(&patches(320, 180), false, i as u64 * 4500).unwrap();
            assert_patches(decoder.decode(&coded.data).unwrap().unwrap(), "speed");
            assert_eq!(encoder.settings().speed, speed);
        }
    }
}

#[test]
fn settings_out_of_range_and_frames_of_another_size_are_refused() {
    for codec in CODECS {
        for (w, h, fps) in [(0, 180, 20), (321, 180, 20), (320, 8, 20), (320, 180, 0), (9000, 2, 1)]
        {
            let wrong = EncoderSettings { fps, ..settings(w, h) };
            let refused = VideoEncoder::new(codec, wrong).err();
            assert_eq!(refused, Some(EncodeError::Settings { width: w, height: h, fps }));
        }
        let mut encoder = VideoEncoder::new(codec, settings(320, 180)).unwrap();
        let refused = encoder.encode(&patches(320, 192), false, 0).err();
        assert_eq!(refused, Some(EncodeError::FrameSize { width: 320, height: 192 }));
        assert!(encoder.encode(&patches(320, 180), false, 0).unwrap().keyframe);
    }
}
