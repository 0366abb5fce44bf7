//! Which packets are lost: each by its own coin, or in rows.

use crate::Settings;
use crate::dice::Dice;

/// The row of lost packets that goes on at present.
#[derive(Clone, Debug, Default)]
pub(crate) struct Loss {
    left: u32,
}

impl Loss {
    /// Whether the next packet is lost.
    pub fn takes(&mut self, settings: &Settings, dice: &mut Dice) -> bool {
        if self.left > 0 {
            self.left -= 1;
            return true;
        }
        let begins = dice.falls(100.0 * beginning(settings.loss / 100.0, settings.burst));
        if begins {
            self.left = settings.burst.max(1) - 1;
        }
        begins
    }

    /// The row that goes on ends here.
    pub fn end(&mut self) {
        self.left = 0;
    }
}

/// The chance with which a packet begins a row of `burst`, so that `share` of all are lost. With the
/// chance p, (1 − p) / p packets pass between two rows; the share is then n / (n + (1 − p) / p).
fn beginning(share: f64, burst: u32) -> f64 {
    if share <= 0.0 {
        return 0.0;
    }
    share / (share + f64::from(burst.max(1)) * (1.0 - share))
}
