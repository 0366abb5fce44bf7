//! Processor time of this process or another one, so that a load client's share is told apart.

use std::fs;
use std::time::Duration;

/// The kernel counts in hundredths of a second on every architecture we run on (USER_HZ).
const TICK: Duration = Duration::from_millis(10);

/// Processor time of this process so far, all its threads, ended ones too.
pub fn own() -> Duration {
    of("self").unwrap_or_default()
}

/// Processor time of a process and of those of its children that have ended; `None` if it is gone.
pub fn of_process(pid: u32) -> Option<Duration> {
    of(&pid.to_string())
}

/// Resident memory of a process in bytes; `None` if it is gone.
pub fn memory_of(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib * 1024)
}

fn of(who: &str) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{who}/stat")).ok()?;
    // The name may hold anything, parentheses too; the numbers follow the last one.
    let (_, numbers) = stat.rsplit_once(')')?;
    // Fields 14 to 17 of proc(5): utime, stime, cutime, cstime; the first here is field 3.
    let ticks: u64 =
        numbers.split_whitespace().skip(11).take(4).filter_map(|n| n.parse::<u64>().ok()).sum();
    Some(TICK * u32::try_from(ticks).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn work_is_counted_and_waiting_for_it_ends() {
        let (before, start) = (own(), Instant::now());
        let mut n = 1u64;
        while own() < before + Duration::from_millis(50) {
            assert!(start.elapsed() < Duration::from_secs(20), "time was never counted");
            n = n.wrapping_mul(6_364_136_223_846_793_005).rotate_left(7);
        }
        assert_ne!(n, 0);
        assert!(memory_of(std::process::id()).unwrap() > 100_000);
        assert_eq!(of_process(u32::MAX), None);
    }
}
