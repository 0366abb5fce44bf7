//! The sizes a canvas is sent in. It refuses to know who gets which.

/// A size of the canvas, by what of its width and height is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tier {
    /// A quarter, ten pictures a second at most.
    Quarter,
    /// A half.
    Half,
    /// The canvas as it is; what is recorded and streamed.
    #[default]
    Master,
}

impl Tier {
    /// Smallest first.
    pub const ALL: [Self; 3] = [Self::Quarter, Self::Half, Self::Master];

    /// The bits a second its encoder may be set to, least and most; the master has its own rate.
    pub const fn rates(self) -> Option<(u32, u32)> {
        match self {
            Self::Quarter => Some((50_000, 120_000)),
            Self::Half => Some((220_000, 600_000)),
            Self::Master => None,
        }
    }
}

/// What a receiver is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rung {
    /// Sound, and a still picture now and then.
    Sound,
    /// The quarter.
    Quarter,
    /// The half.
    Half,
    /// The whole canvas.
    #[default]
    Master,
}

impl Rung {
    /// Whose pictures it is given.
    pub fn tier(self) -> Tier {
        match self {
            Self::Sound | Self::Quarter => Tier::Quarter,
            Self::Half => Tier::Half,
            Self::Master => Tier::Master,
        }
    }

    /// What a receiver of this size is given.
    pub(crate) fn of(tier: Tier) -> Self {
        match tier {
            Tier::Master => Self::Master,
            Tier::Half => Self::Half,
            Tier::Quarter => Self::Quarter,
        }
    }

    /// The next better one.
    pub(crate) fn above(self) -> Option<Self> {
        match self {
            Self::Sound => Some(Self::Quarter),
            Self::Quarter => Some(Self::Half),
            Self::Half => Some(Self::Master),
            Self::Master => None,
        }
    }

    /// As `/metrics` and statistics call it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Quarter => "quarter",
            Self::Half => "half",
            Self::Master => "master",
        }
    }
}
