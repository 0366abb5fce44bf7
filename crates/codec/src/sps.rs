//! The size in an H.264 sequence parameter set (ITU-T H.264 section 7.3.2.1.1), and no more of it.
//!
//! Only profiles and forms that the decoder supports pass; a set that it could read differently
//! from this parser (illegal escapes, unknown profiles, odd chroma) is refused with a reason.

/// The part of a parameter set that is looked at: the longest legal way to the size is shorter.
const MAX_BYTES: usize = 4096;

/// MaxDpbMbs of level 5.2 (table A-1).
const MAX_DPB_MACROBLOCKS: u32 = 184_320;

/// Size as coded, in whole macroblocks, before cropping.
pub(crate) struct CodedSize {
    pub(crate) width: u32,
    pub(crate) height: u32,
    reference_frames: u32,
}

impl CodedSize {
    /// Whether the announced reference frames stay within level 5.2: a decoder allocates them
    /// all, and sixteen 4K frames are 200 MB.
    pub(crate) fn references_fit(&self) -> bool {
        let macroblocks = (self.width / 16 * (self.height / 16)).max(1);
        self.reference_frames <= (MAX_DPB_MACROBLOCKS / macroblocks).clamp(1, 16)
    }
}

/// Reads the coded size from the payload of a parameter set (behind the NAL header byte).
pub(crate) fn coded_size(payload: &[u8]) -> Result<CodedSize, &'static str> {
    let rbsp = unescape(payload)?;
    let mut bits = Bits { bytes: &rbsp, at: 0 };
    skip_profile(&mut bits)?;
    bits.ue()?; // log2_max_frame_num_minus4
    skip_picture_order(&mut bits)?;
    let reference_frames = bits.ue()?;
    bits.bit()?; // gaps_in_frame_num_value_allowed_flag
    let columns = bits.ue()?;
    let rows = bits.ue()?;
    let frames_only = bits.bit()?;
    if columns >= 1024 || rows >= 1024 {
        // Reported as the largest size that still fits an u32 sensibly; refused all the same.
        return Ok(CodedSize { width: 16 * 1024, height: 16 * 1024, reference_frames });
    }
    let field = if frames_only { 1 } else { 2 };
    let (width, height) = ((columns + 1) * 16, (rows + 1) * 16 * field);
    Ok(CodedSize { width, height, reference_frames })
}

fn skip_profile(bits: &mut Bits<'_>) -> Result<(), &'static str> {
    let profile = bits.read(8)?;
    bits.read(16)?; // constraint flags, level_idc
    bits.ue()?; // seq_parameter_set_id
    match profile {
        66 | 77 | 88 => Ok(()),
        83 | 86 | 100 => skip_high(bits),
        _ => Err("H.264 profile the decoder does not know"),
    }
}

fn skip_high(bits: &mut Bits<'_>) -> Result<(), &'static str> {
    if bits.ue()? != 1 {
        return Err("H.264 chroma other than 4:2:0");
    }
    if bits.ue()? != 0 || bits.ue()? != 0 {
        return Err("H.264 with more than 8 bits per sample");
    }
    bits.bit()?; // qpprime_y_zero_transform_bypass_flag
    if bits.bit()? {
        for list in 0..8 {
            if bits.bit()? {
                skip_scaling_list(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Ok(())
}

/// Section 7.3.2.1.1.1: a list ends early once its next value is zero.
fn skip_scaling_list(bits: &mut Bits<'_>, length: usize) -> Result<(), &'static str> {
    let (mut last, mut next) = (8i32, 8i32);
    for _ in 0..length {
        if next != 0 {
            let delta = bits.se()?;
            if !(-128..=127).contains(&delta) {
                return Err("SPS scaling list out of range");
            }
            next = (last + delta + 256) % 256;
        }
        last = if next == 0 { last } else { next };
    }
    Ok(())
}

fn skip_picture_order(bits: &mut Bits<'_>) -> Result<(), &'static str> {
    match bits.ue()? {
        0 => bits.ue().map(drop),
        1 => {
            bits.bit()?;
            bits.se()?;
            bits.se()?;
            let cycle = bits.ue()?;
            if cycle > 255 {
                return Err("SPS picture order cycle too long");
            }
            (0..cycle).try_for_each(|_| bits.se().map(drop))
        }
        2 => Ok(()),
        _ => Err("SPS picture order type unknown"),
    }
}

/// Takes the emulation prevention bytes out (section 7.4.1); refuses what none may contain.
fn unescape(payload: &[u8]) -> Result<Vec<u8>, &'static str> {
    let length = payload.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
    let mut rbsp = Vec::with_capacity(length.min(MAX_BYTES));
    let mut zeros = 0;
    for (i, &byte) in payload[..length].iter().take(MAX_BYTES).enumerate() {
        if zeros >= 2 && byte <= 3 {
            if byte != 3 || payload[..length].get(i + 1).is_some_and(|&next| next > 3) {
                return Err("SPS with an illegal escape");
            }
            zeros = 0;
            continue;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        rbsp.push(byte);
    }
    Ok(rbsp)
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn bit(&mut self) -> Result<bool, &'static str> {
        let byte = self.bytes.get(self.at / 8).ok_or("SPS ends early")?;
        let bit = (byte >> (7 - self.at % 8)) & 1;
        self.at += 1;
        Ok(bit == 1)
    }

    fn read(&mut self, count: u32) -> Result<u32, &'static str> {
        (0..count).try_fold(0, |value, _| Ok((value << 1) | u32::from(self.bit()?)))
    }

    /// Exp-Golomb, section 9.1; at most 31 leading zeros.
    fn ue(&mut self) -> Result<u32, &'static str> {
        let mut zeros = 0;
        while !self.bit()? {
            zeros += 1;
            if zeros > 31 {
                return Err("SPS with an overlong number");
            }
        }
        Ok((1u32 << zeros) - 1 + self.read(zeros)?)
    }

    /// Signed Exp-Golomb, section 9.1.1.
    fn se(&mut self) -> Result<i32, &'static str> {
        let code = self.ue()?;
        let magnitude = (code / 2 + code % 2) as i32;
        Ok(if code % 2 == 1 { magnitude } else { -magnitude })
    }
}
