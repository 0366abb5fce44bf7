//! H.264 byte streams (ITU-T H.264 annex B) as the units inside. It refuses to decode them.

/// The network abstraction layer units of an access unit, without start codes.
pub(crate) fn units(stream: &[u8]) -> Vec<&[u8]> {
    let mut units = Vec::new();
    let mut start = None;
    let mut at = 0;
    while at + 3 <= stream.len() {
        if stream[at..at + 3] == [0, 0, 1] {
            units.extend(start.map(|from: usize| trimmed(&stream[from..at])));
            at += 3;
            start = Some(at);
        } else {
            at += 1;
        }
    }
    units.extend(start.map(|from| trimmed(&stream[from..])));
    units.retain(|unit| !unit.is_empty());
    units
}

/// Zero bytes before a start code belong to it; a unit never ends with one (§7.4.1).
fn trimmed(unit: &[u8]) -> &[u8] {
    let end = unit.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &unit[..end]
}

/// What a unit is: 7 is a sequence parameter set, 8 a picture parameter set (table 7-1).
pub(crate) fn kind(unit: &[u8]) -> u8 {
    unit.first().map_or(0, |byte| byte & 0x1f)
}

/// The units as MP4 holds them: each behind its length in four bytes (ISO/IEC 14496-15 §5.3.3).
pub(crate) fn with_lengths(stream: &[u8], out: &mut Vec<u8>) {
    for unit in units(stream) {
        out.extend_from_slice(&(unit.len() as u32).to_be_bytes());
        out.extend_from_slice(unit);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_start_codes_part_units_and_nothing_else_does() {
        let stream = [0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 3, 0, 0, 0, 1, 0x65, 0, 0, 3, 9];
        assert_eq!(units(&stream), [&[0x67, 1, 2][..], &[0x68, 3], &[0x65, 0, 0, 3, 9]]);
        let mut out = Vec::new();
        with_lengths(&stream[..7], &mut out);
        assert_eq!(out, [0, 0, 0, 3, 0x67, 1, 2]);
        assert!(units(&[]).is_empty() && units(&[1, 2, 3]).is_empty());
    }
}
