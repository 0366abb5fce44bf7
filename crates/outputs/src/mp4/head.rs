//! The head of a fragmented file: what its two tracks hold, and no samples.

use super::{PICTURES, SOUND};
use mp4_atom::{
    Audio, Avc1, Avcc, Codec, Dinf, Dref, Encode, Esds, Ftyp, Hdlr, Mdhd, Mdia, Minf, Moov, Mp4a,
    Mvex, Mvhd, Smhd, Stbl, Stco, Stsd, Tkhd, Trak, Trex, Url, Visual, Vmhd, esds,
};

/// AAC-LC, 48 kHz, one channel, as decoders are told (ISO/IEC 14496-3 §1.6.2.1).
pub(crate) const AUDIO_SPECIFIC_CONFIG: [u8; 2] = [0x11, 0x88];

/// How the pictures are to be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ParameterSets {
    pub width: u16,
    pub height: u16,
    pub sequence: Vec<u8>,
    pub picture: Vec<u8>,
}

impl ParameterSets {
    /// Those of a key frame; `None` when it has none.
    pub fn of(width: u32, height: u32, keyframe: &[u8]) -> Option<Self> {
        let units: Vec<_> = rotunda_annexb::units(keyframe).collect();
        let find =
            |kind| units.iter().find(|u| rotunda_annexb::kind(u) == kind).map(|u| u.to_vec());
        Some(Self {
            width: width.try_into().ok()?,
            height: height.try_into().ok()?,
            sequence: find(7)?,
            picture: find(8)?,
        })
    }
}

/// `ftyp` and `moov`.
///
/// # Errors
/// The parameter sets are none.
pub(crate) fn head(sets: &ParameterSets) -> Result<Vec<u8>, mp4_atom::Error> {
    let mut bytes = Vec::new();
    let brands = [b"iso5", b"iso6", b"mp41", b"avc1"];
    let compatible_brands = brands.into_iter().map(Into::into).collect();
    Ftyp { major_brand: b"iso5".into(), minor_version: 512, compatible_brands }
        .encode(&mut bytes)?;
    let tracks = vec![pictures(sets)?, sound()];
    let trex = |track_id| Trex { track_id, default_sample_description_index: 1, ..Trex::default() };
    let moov = Moov {
        mvhd: Mvhd {
            timescale: 1000,
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: 3,
            ..Mvhd::default()
        },
        trak: tracks,
        mvex: Some(Mvex { mehd: None, trex: vec![trex(PICTURES.0), trex(SOUND.0)] }),
        ..Moov::default()
    };
    moov.encode(&mut bytes)?;
    Ok(bytes)
}

fn pictures(sets: &ParameterSets) -> Result<Trak, mp4_atom::Error> {
    let ParameterSets { width, height, .. } = *sets;
    let visual = Visual { data_reference_index: 1, width, height, ..Visual::default() };
    let avcc = Avcc::new(&sets.sequence, &sets.picture)?;
    let codec = Avc1 {
        visual,
        avcc,
        btrt: None,
        colr: None,
        pasp: None,
        taic: None,
        fiel: None,
        spatial: Default::default(),
    };
    let tkhd = Tkhd {
        track_id: PICTURES.0,
        enabled: true,
        in_movie: true,
        width: width.into(),
        height: height.into(),
        ..Tkhd::default()
    };
    let minf = Minf { vmhd: Some(Vmhd::default()), ..minf(codec.into()) };
    Ok(track(tkhd, PICTURES.1, b"vide", minf))
}

fn sound() -> Trak {
    let dec_specific = esds::DecoderSpecific {
        profile: 2,
        freq_index: 3,
        chan_conf: 1,
        raw: AUDIO_SPECIFIC_CONFIG.to_vec(),
    };
    let dec_config = esds::DecoderConfig {
        object_type_indication: 0x40,
        stream_type: 5,
        max_bitrate: 96_000,
        avg_bitrate: 96_000,
        dec_specific: Some(dec_specific),
        ..Default::default()
    };
    let es_desc = esds::EsDescriptor {
        es_id: SOUND.0 as u16,
        dec_config,
        sl_config: esds::SLConfig {},
        ..Default::default()
    };
    let rate = SOUND.1 as u16;
    let audio = Audio {
        data_reference_index: 1,
        channel_count: 1,
        sample_size: 16,
        sample_rate: rate.into(),
    };
    let codec = Mp4a { audio, esds: Esds { es_desc }, btrt: None, taic: None };
    let tkhd = Tkhd {
        track_id: SOUND.0,
        alternate_group: 1,
        enabled: true,
        in_movie: true,
        volume: 1.into(),
        ..Tkhd::default()
    };
    let minf = Minf { smhd: Some(Smhd::default()), ..minf(codec.into()) };
    track(tkhd, SOUND.1, b"soun", minf)
}

fn minf(codec: Codec) -> Minf {
    let here = Url { location: String::new() };
    Minf {
        dinf: Dinf { dref: Dref { entries: vec![here.into()] } },
        stbl: Stbl {
            stsd: Stsd { codecs: vec![codec] },
            stco: Some(Stco::default()),
            ..Stbl::default()
        },
        ..Minf::default()
    }
}

fn track(tkhd: Tkhd, timescale: u32, handler: &[u8; 4], minf: Minf) -> Trak {
    let mdhd = Mdhd { timescale, language: "und".into(), ..Mdhd::default() };
    let hdlr = Hdlr { handler: handler.into(), name: "Rotunda".into() };
    Trak { tkhd, mdia: Mdia { mdhd, hdlr, minf }, ..Trak::default() }
}
