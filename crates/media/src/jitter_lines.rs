//! Lines on which sound packets come late, and a voice that is sent over them: models, for tests.

/// How a line treats packets of 20 ms.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Line {
    Steady,
    /// Each packet is late by chance, exponentially, by so many milliseconds in the mean.
    Jitter(f64),
    /// The same where no packet overtakes another.
    Queue(f64),
    /// Once a second five come at once.
    Bursts,
    /// Nothing comes for 400 ms, once.
    Dip,
    /// Nothing comes for so many milliseconds, every so many seconds, as where a radio looks for others.
    Stalls(u64, u64),
    /// One in ten is lost, and its repetition comes 60 ms late.
    Repeats,
}

/// Dice that fall the same for the same seed (SplitMix64).
pub(crate) struct Dice(pub u64);

impl Dice {
    /// From 0 up to 1.
    pub fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

impl Line {
    /// When each of `packets` comes, in µs, and which it is; in the order they come.
    pub fn arrivals(self, packets: u64, seed: u64) -> Vec<(u64, u64)> {
        let mut dice = Dice(seed);
        let mut before = 0;
        let mut arrivals: Vec<_> = (0..packets)
            .map(|n| {
                let late = self.late_ms(n, packets, &mut dice) * 1000.0;
                let mut at = n * 20_000 + late as u64;
                if matches!(self, Self::Queue(_)) {
                    at = at.max(before);
                    before = at;
                }
                (at, n)
            })
            .collect();
        arrivals.sort_unstable();
        arrivals
    }

    fn late_ms(self, n: u64, packets: u64, dice: &mut Dice) -> f64 {
        let roll = dice.roll();
        match self {
            Self::Steady => 0.0,
            Self::Jitter(mean) | Self::Queue(mean) => -mean * (1.0 - roll).ln(),
            Self::Bursts => (4 - (n % 50).min(4)) as f64 * 20.0,
            Self::Dip if (packets / 2..packets / 2 + 20).contains(&n) => {
                (packets / 2 + 20 - n) as f64 * 20.0
            }
            Self::Dip => 0.0,
            Self::Stalls(ms, seconds) => (ms / 20).saturating_sub(n % (seconds * 50)) as f64 * 20.0,
            Self::Repeats => f64::from(u8::from(roll < 0.1)) * 60.0,
        }
    }
}

/// Something like a voice: twelve harmonics of a pitch that wanders around 130 Hz, and every two
/// seconds a pause that is not quite silent.
pub(crate) fn voice(samples: usize) -> Vec<f32> {
    let (mut dice, mut phase) = (Dice(7), 0.0f32);
    let mut sample = |i: usize| {
        let t = i as f32 / 48_000.0;
        let hz = 130.0 + 25.0 * (t * 2.3).sin();
        phase = (phase + hz / 48_000.0).fract();
        let noise = (dice.roll() as f32 - 0.5) * 0.001;
        let harmonic = |k: u8| (phase * f32::from(k) * std::f32::consts::TAU).sin() / f32::from(k);
        let voiced: f32 = (1..=12).map(harmonic).sum();
        if t % 2.0 > 1.6 { noise } else { 0.1 * voiced + noise }
    };
    (0..samples).map(&mut sample).collect()
}

/// The largest step from a sample to the next.
pub(crate) fn largest_step(samples: &[f32]) -> f32 {
    samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0, f32::max)
}
