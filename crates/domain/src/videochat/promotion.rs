//! Who has voice without asking: one function of who is there, asked again whenever somebody comes,
//! goes, changes rank, or a setting changes.

/// What happens to those who have voice without asking when there are more than the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Reading {
    /// All of them lose it: the informal chat became a conference.
    #[default]
    Collapse,
    /// Those who came last lose it.
    Trim,
    /// Those who came first lose it to the newcomers.
    Rolling,
}

/// Somebody who may get voice without asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elector {
    /// Whether they had it until now.
    pub had_voice: bool,
}

/// Who of `electors`, given in the order they came, has voice; the answer is in the same order.
///
/// Without `demote` nobody who has it loses it, and those who wait longest get what is left of
/// `limit`. With it, more electors than `limit` mean what `reading` says.
///
/// Source: settings page, `autoPromotionLimit` and `autoDemoteOnLimit` ("demote participants that
/// were automatically promoted").
pub fn auto_voice(electors: &[Elector], limit: u32, demote: bool, reading: Reading) -> Vec<bool> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let is_over = electors.len() > limit;
    match (demote, reading) {
        (false, _) => fill(electors, limit),
        (true, _) if !is_over => vec![true; electors.len()],
        (true, Reading::Collapse) => vec![false; electors.len()],
        (true, Reading::Trim) => (0..electors.len()).map(|at| at < limit).collect(),
        (true, Reading::Rolling) => {
            (0..electors.len()).map(|at| at >= electors.len() - limit).collect()
        }
    }
}

fn fill(electors: &[Elector], limit: usize) -> Vec<bool> {
    let kept = electors.iter().filter(|one| one.had_voice).count();
    let mut free = limit.saturating_sub(kept);
    let mut decide = |one: &Elector| {
        if one.had_voice {
            return true;
        }
        let gets = free > 0;
        free -= usize::from(gets);
        gets
    };
    electors.iter().map(&mut decide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `x` has voice, `.` has none.
    fn vote(before: &str, limit: u32, demote: bool, reading: Reading) -> String {
        let electors: Vec<_> = before.chars().map(|c| Elector { had_voice: c == 'x' }).collect();
        let after = auto_voice(&electors, limit, demote, reading);
        after.into_iter().map(|voice| if voice { 'x' } else { '.' }).collect()
    }

    #[test]
    fn the_table_of_readings() {
        let table = [
            ("....", 2, false, Reading::Collapse, "xx.."),
            (".x..", 2, false, Reading::Collapse, "xx.."),
            ("xxxx", 2, false, Reading::Collapse, "xxxx"),
            ("xxx.", 0, false, Reading::Collapse, "xxx."),
            ("..", 0, false, Reading::Collapse, ".."),
            ("xx", 2, true, Reading::Collapse, "xx"),
            ("xx.", 2, true, Reading::Collapse, "..."),
            ("xx.", 2, true, Reading::Trim, "xx."),
            ("xx.", 2, true, Reading::Rolling, ".xx"),
            ("xxx", 0, true, Reading::Rolling, "..."),
            ("", 0, true, Reading::Trim, ""),
        ];
        for (before, limit, demote, reading, after) in table {
            assert_eq!(
                vote(before, limit, demote, reading),
                after,
                "{before} {limit} {demote} {reading:?}"
            );
        }
    }

    /// All histories of up to six, all limits, all readings.
    #[test]
    fn whatever_came_before_the_bounds_hold_and_asking_twice_changes_nothing() {
        for len in 0..=6_u32 {
            for bits in 0..1_u32 << len {
                let before: String =
                    (0..len).map(|n| if bits >> n & 1 == 1 { 'x' } else { '.' }).collect();
                for limit in 0..=7 {
                    for reading in [Reading::Collapse, Reading::Trim, Reading::Rolling] {
                        check(&before, limit, reading);
                    }
                }
            }
        }
    }

    fn check(before: &str, limit: u32, reading: Reading) {
        let count = |text: &str| u32::try_from(text.matches('x').count()).unwrap();
        let kept = vote(before, limit, false, reading);
        let nobody_lost = before.chars().zip(kept.chars()).all(|(b, a)| b == '.' || a == 'x');
        assert!(nobody_lost, "{before} → {kept}");
        assert!(count(&kept) <= limit.max(count(before)), "{before} → {kept}");
        assert_eq!(vote(&kept, limit, false, reading), kept);
        let demoted = vote(before, limit, true, reading);
        assert!(count(&demoted) <= limit, "{before} → {demoted}");
        assert_eq!(vote(&demoted, limit, true, reading), demoted);
    }
}
