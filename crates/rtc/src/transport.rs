//! What an offer says of its one transport: ICE credentials, certificate, DTLS role. They may stand
//! before the sections, in each, or in one that stands for all of its bundle (RFC 8859). It refuses to
//! know sections' media.

use crate::offer::OfferRefused;
use crate::section::{Description, Section};

pub(crate) struct Transport {
    /// Attributes for the stack.
    pub lines: Vec<String>,
    /// Upper case.
    pub fingerprint: String,
}

/// The transport of the `live` sections, which are bundled.
///
/// # Errors
/// Something of it is missing or of no use.
pub(crate) fn of(
    offer: &Description<'_>,
    live: &[&Section<'_>],
) -> Result<Transport, OfferRefused> {
    if offer.session.has("ice-lite") {
        return Err(OfferRefused::IceLite);
    }
    let places: Vec<&Section<'_>> =
        live.iter().copied().chain([&offer.session]).chain(&offer.sections).collect();
    let first = |name: &str| places.iter().find_map(|place| place.first(name));
    let fingerprint = places.iter().find_map(|place| strongest(place));
    let fingerprint = fingerprint.ok_or(OfferRefused::NoFingerprint)?;
    let (Some(ufrag), Some(pwd)) = (credential(first("ice-ufrag")), credential(first("ice-pwd")))
    else {
        return Err(OfferRefused::NoIce);
    };
    let mut lines = vec![
        format!("fingerprint:{fingerprint}"),
        format!("ice-ufrag:{ufrag}"),
        format!("ice-pwd:{pwd}"),
    ];
    let roles = ["actpass", "active", "passive"];
    lines.extend(
        first("setup").filter(|role| roles.contains(role)).map(|role| format!("setup:{role}")),
    );
    Ok(Transport { lines, fingerprint: fingerprint.to_ascii_uppercase() })
}

fn credential(value: Option<&str>) -> Option<&str> {
    value
        .map(str::trim)
        .filter(|v| !v.is_empty() && v.len() <= 256 && v.bytes().all(|b| b.is_ascii_graphic()))
}

/// The fingerprint of the best hash that can be compared (RFC 8122 §5: one that matches is enough).
fn strongest(section: &Section<'_>) -> Option<String> {
    let read = |value: &str| {
        let (hash, bytes) = value.trim().split_once(' ')?;
        let hash = hash.to_ascii_lowercase();
        let size = match &*hash {
            "sha-256" => 32,
            "sha-1" => 20,
            _ => return None,
        };
        let is_byte = |byte: &str| byte.len() == 2 && u8::from_str_radix(byte, 16).is_ok();
        let is_whole = bytes.split(':').count() == size && bytes.split(':').all(is_byte);
        is_whole.then(|| (size, format!("{hash} {bytes}")))
    };
    let all = section.all("fingerprint").filter_map(read);
    all.max_by_key(|(size, _)| *size).map(|(_, value)| value)
}
