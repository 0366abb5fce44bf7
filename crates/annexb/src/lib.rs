//! H.264 byte streams (ITU-T H.264 annex B) as the units inside. It refuses to decode them.

/// The network abstraction layer units of a byte stream, in order, without start codes and without the
/// zero bytes before one, which belong to it (§7.4.1); empty ones are left out. What stands before the
/// first start code is no unit.
pub fn units(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = after_start_code(stream);
    let all = std::iter::from_fn(move || {
        let unit = rest?;
        let end = start_code(unit).unwrap_or(unit.len());
        rest = after_start_code(&unit[end..]);
        Some(trimmed(&unit[..end]))
    });
    all.filter(|unit| !unit.is_empty())
}

/// Whether there is any start code, be it one of an empty unit.
pub fn has_start_code(stream: &[u8]) -> bool {
    start_code(stream).is_some()
}

/// What a unit is: 5 is a coded slice of a key frame, 7 a sequence parameter set, 8 a picture parameter set
/// (table 7-1); 0 for an empty one.
pub fn kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |byte| byte & 0x1f)
}

/// Where the first `00 00 01` begins. Two of three bytes are not looked at where none is zero or one.
fn start_code(bytes: &[u8]) -> Option<usize> {
    let mut at = 2;
    loop {
        match *bytes.get(at)? {
            0 => at += 1,
            1 if bytes[at - 2..at] == [0, 0] => return Some(at - 2),
            _ => at += 3,
        }
    }
}

fn after_start_code(bytes: &[u8]) -> Option<&[u8]> {
    start_code(bytes).map(|at| &bytes[at + 3..])
}

fn trimmed(unit: &[u8]) -> &[u8] {
    let end = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &unit[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_start_codes_part_units_and_nothing_else_does() {
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 0, 0, 3, 9];
        let found: Vec<_> = units(&stream).collect();
        assert_eq!(found, [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 0, 0, 3, 9]]);
        assert_eq!(found.iter().map(|unit| kind(unit)).collect::<Vec<_>>(), [7, 8, 5]);
        for none in [&[][..], &[1, 2, 3], &[0, 0, 1], &[0, 0, 0, 1, 0, 0, 0], &[0, 1, 0, 1]] {
            assert_eq!(units(none).count(), 0, "{none:?}");
        }
        assert!(has_start_code(&[0, 0, 1]) && !has_start_code(&[0, 1, 0, 1]));
    }

    #[test]
    fn a_start_code_is_found_wherever_it_stands() {
        for before in 0..9 {
            for filler in [0, 1, 2] {
                let stream = [vec![filler; before], vec![0, 0, 1, 0x65, 7]].concat();
                let plainly = stream.windows(3).position(|three| three == [0, 0, 1]);
                assert_eq!(start_code(&stream), plainly, "{stream:?}");
            }
        }
    }
}
