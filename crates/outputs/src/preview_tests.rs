use super::*;
use rotunda_codec::Yuv;
use webp_animation::Decoder;

const EACH: Duration = Duration::from_millis(500);

fn picture(r: u8, g: u8, b: u8) -> Frame {
    let mut frame = Frame::new(320, 180);
    frame.fill(Yuv::from_rgb(r, g, b));
    frame
}

fn is_near(pixel: &[u8], rgb: [u8; 3]) -> bool {
    pixel.iter().zip(rgb).all(|(seen, sent)| seen.abs_diff(sent) <= 12) && pixel[3] == 255
}

#[test]
fn a_decoder_finds_every_picture_its_colour_and_its_time() {
    let colours = [[220, 40, 40], [40, 190, 60], [40, 190, 60], [50, 70, 220], [225, 205, 40]];
    let pictures = colours.map(|[r, g, b]| picture(r, g, b));
    let data = animated(&pictures, EACH).unwrap();
    assert!(data.starts_with(b"RIFF") && data[8..].starts_with(b"WEBP"));
    let decoder = Decoder::new(&data).unwrap();
    let frames: Vec<_> = decoder.into_iter().collect();
    assert_eq!(frames.len(), 5, "one that equals the one before is kept, too");
    for (index, (frame, colour)) in frames.iter().zip(colours).enumerate() {
        assert_eq!(frame.dimensions(), (320, 180));
        assert_eq!(frame.timestamp(), 500 * (index as i32 + 1), "it ends then");
        for at in [0, 320 * 90 + 160, 320 * 180 - 20] {
            let seen = &frame.data()[4 * at..][..4];
            assert!(is_near(seen, colour), "{seen:?} of {colour:?} in picture {index}");
        }
    }
}

#[test]
fn the_most_there_is_to_see_takes_less_than_a_quarter_of_a_megabyte() {
    let mut seed = 1_u32;
    let mut noise = || {
        let mut frame = Frame::new(320, 180);
        for byte in frame.as_i420_mut() {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            *byte = (seed >> 24) as u8;
        }
        frame
    };
    let pictures: Vec<_> = (0..5).map(|_| noise()).collect();
    let size = animated(&pictures, EACH).unwrap().len();
    assert!(size < 250_000, "{size} bytes of noise");
}

#[test]
fn pictures_of_several_sizes_or_none_are_refused() {
    assert!(matches!(animated(&[], EACH), Err(PreviewError::Sizes)));
    let two = [Frame::new(320, 180), Frame::new(320, 568)];
    assert!(matches!(animated(&two, EACH), Err(PreviewError::Sizes)));
}
