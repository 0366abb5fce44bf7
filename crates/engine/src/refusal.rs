//! Why an engine declines.

use rotunda_domain::Refusal;
use rotunda_rtc::OfferRefused;

/// Why an engine declines.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineRefusal {
    /// The offer cannot be answered; the text says what to change.
    #[error("{0}")]
    Offer(String),
    /// There is no such leg.
    #[error("there is no such call")]
    UnknownLeg,
    /// The offer comes from another peer connection than the leg's: a page that was reloaded.
    #[error("the offer's fingerprint is not the one of this call")]
    OtherFingerprint,
    /// The machine has no room for another leg of this kind.
    #[error("{0}")]
    Busy(String),
    /// It cannot do this here; the text says what is missing.
    #[error("{0}")]
    Unsupported(String),
}

impl From<OfferRefused> for EngineRefusal {
    fn from(refused: OfferRefused) -> Self {
        match refused {
            OfferRefused::UnknownLeg => Self::UnknownLeg,
            OfferRefused::OtherFingerprint => Self::OtherFingerprint,
            OfferRefused::Full | OfferRefused::Busy => Self::Busy(refused.to_string()),
            other => Self::Offer(other.to_string()),
        }
    }
}

impl From<EngineRefusal> for Refusal {
    fn from(refusal: EngineRefusal) -> Self {
        match refusal {
            EngineRefusal::Offer(text) => Refusal::Invalid(text),
            EngineRefusal::OtherFingerprint => Refusal::Invalid(refusal.to_string()),
            EngineRefusal::UnknownLeg => Refusal::NotFound("there is no such call"),
            EngineRefusal::Unsupported(text) => Refusal::Unsupported(text),
            EngineRefusal::Busy(text) => Refusal::LimitReached(text),
        }
    }
}
