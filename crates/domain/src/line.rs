//! How good the lines of people are, as values; the engine measures them.

/// What is to be said of a line, the worse the less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LineLevel {
    /// People notice.
    Poor,
    /// Less than all of it.
    Fair,
    /// Nothing to say.
    Good,
}

impl LineLevel {
    /// The spelling on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Poor => "poor",
            Self::Fair => "fair",
            Self::Good => "good",
        }
    }
}

/// Which size of the canvas is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureSize {
    /// None was asked for.
    Unasked,
    /// No picture, or a still now and then.
    None,
    /// A quarter of its width and height.
    Quarter,
    /// Half of them.
    Half,
    /// All of it.
    Full,
}

impl PictureSize {
    /// The spelling on the wire; null where none was asked for.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Unasked => None,
            Self::None => Some("none"),
            Self::Quarter => Some("quarter"),
            Self::Half => Some("half"),
            Self::Full => Some("full"),
        }
    }
}

/// One way of a line; what nobody has reported yet is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Packets of a thousand that were lost.
    pub lost_per_mille: Option<u16>,
    /// Interarrival jitter of the sound, milliseconds.
    pub jitter_ms: Option<u32>,
    /// Kilobits a second.
    pub kbps: u32,
}

/// A leg's line at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LineQuality {
    /// What is to be said of it.
    pub level: LineLevel,
    /// What is sent to it of the canvas.
    pub picture: PictureSize,
    /// Media goes over TCP.
    pub is_over_tcp: bool,
    /// There and back, milliseconds.
    pub round_trip_ms: Option<u32>,
    /// What is sent to it.
    pub down: Way,
    /// What comes from it.
    pub up: Way,
}

impl LineQuality {
    /// Whether more than its figures is other than in `before`.
    pub(crate) fn is_news_after(&self, before: &Self) -> bool {
        let essence = |it: &Self| (it.level, it.picture, it.is_over_tcp);
        essence(self) != essence(before)
    }
}
