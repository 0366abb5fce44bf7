//! Units of H.264 as MP4 and FLV hold them.

use rotunda_annexb::units;

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
    fn each_unit_stands_behind_its_length() {
        let mut out = Vec::new();
        with_lengths(&[0, 0, 0, 1, 0x67, 1, 2], &mut out);
        assert_eq!(out, [0, 0, 0, 3, 0x67, 1, 2]);
    }
}
