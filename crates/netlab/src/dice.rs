//! Coins that a seed decides.

/// Numbers by SplitMix64 (Steele, Lea, Flood 2014): small, seedable, good enough for coins.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Evenly spread over 0…1, without the 1.
    pub fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Whether something happens that does so in `per_cent` of a hundred cases. A case that never
    /// happens rolls nothing, so that other coins of the same seed stay as they are.
    pub fn falls(&mut self, per_cent: f64) -> bool {
        per_cent > 0.0 && self.roll() * 100.0 < per_cent
    }
}
