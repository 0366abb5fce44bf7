//! What a process cost between two moments: processor time, by thread name too, and memory. The
//! load client's own time is told apart.

use crate::error::LoadError;
use rotunda_client::cpu;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// USER_HZ, the kernel's unit in `/proc`, is a hundredth of a second everywhere.
const TICK: Duration = Duration::from_millis(10);

/// Started at one moment, read at a later one.
pub struct Meter {
    pid: u32,
    at: Instant,
    cpu: Duration,
    own: Duration,
    /// By the number of the thread.
    threads: BTreeMap<String, (String, Duration)>,
}

impl Meter {
    /// Begins now.
    pub fn start(pid: u32) -> Self {
        Self {
            pid,
            at: Instant::now(),
            cpu: cpu::of_process(pid).unwrap_or_default(),
            own: cpu::own(),
            threads: by_thread(pid),
        }
    }

    /// Seconds since it began.
    pub fn seconds(&self) -> f64 {
        self.at.elapsed().as_secs_f64()
    }

    /// `cores` of the process, `threads` (cores by thread name), `busiest` (of those of a name, the one that
    /// took most), `client_cores`, `rss_kib`, `thread_count`, `seconds`.
    pub fn read(&self) -> Map<String, Value> {
        let seconds = self.seconds();
        let cores = |spent: Duration| round(spent.as_secs_f64() / seconds, 5);
        let now = cpu::of_process(self.pid).unwrap_or_default();
        let (mut threads, mut busiest) = (BTreeMap::new(), BTreeMap::new());
        for (thread, (name, spent)) in by_thread(self.pid) {
            let before = self.threads.get(&thread).map_or(Duration::ZERO, |(_, spent)| *spent);
            let spent = spent.saturating_sub(before);
            *threads.entry(name.clone()).or_insert(Duration::ZERO) += spent;
            let most = busiest.entry(name).or_insert(Duration::ZERO);
            *most = spent.max(*most);
        }
        let in_cores = |times: BTreeMap<String, Duration>| -> BTreeMap<String, f64> {
            times.into_iter().map(|(name, spent)| (name, cores(spent))).collect()
        };
        let mut read = Map::new();
        read.insert("seconds".into(), json!(round(seconds, 3)));
        read.insert("cores".into(), json!(cores(now.saturating_sub(self.cpu))));
        read.insert("threads".into(), json!(in_cores(threads)));
        read.insert("busiest".into(), json!(in_cores(busiest)));
        read.insert("client_cores".into(), json!(cores(cpu::own().saturating_sub(self.own))));
        read.insert("rss_kib".into(), json!(rss_kib(self.pid)));
        read.insert("thread_count".into(), json!(thread_count(self.pid)));
        read
    }
}

/// Resident memory in KiB; 0 if the process is gone.
pub fn rss_kib(pid: u32) -> u64 {
    cpu::memory_of(pid).unwrap_or(0) / 1024
}

fn thread_count(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/task")).map_or(0, Iterator::count)
}

/// Name and processor time so far of the living threads, by their numbers.
fn by_thread(pid: u32) -> BTreeMap<String, (String, Duration)> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else { return BTreeMap::new() };
    let read = |task: fs::DirEntry| {
        let stat = fs::read_to_string(task.path().join("stat")).ok()?;
        Some((task.file_name().to_string_lossy().into_owned(), parsed(&stat)?))
    };
    tasks.flatten().filter_map(read).collect()
}

/// Name, and user and system time, of a line of proc(5)'s `stat`.
fn parsed(stat: &str) -> Option<(String, Duration)> {
    let (head, numbers) = stat.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    let ticks = numbers.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u32>().ok());
    Some((name.to_owned(), TICK * ticks.sum::<u32>()))
}

/// What the server's `/metrics` say of this counter.
pub async fn counter(metrics: &str, name: &str) -> Result<f64, LoadError> {
    let address = metrics.trim_start_matches("http://").split('/').next().unwrap_or_default();
    let mut stream = tokio::net::TcpStream::connect(address).await?;
    let ask = format!("GET /metrics HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await?;
    let mut page = String::new();
    stream.read_to_string(&mut page).await?;
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let value = line.and_then(|value| value.trim().parse().ok());
    value.ok_or_else(|| LoadError::Void(format!("the server does not tell {name}")))
}

/// Rounded to `digits` behind the point.
pub fn round(x: f64, digits: i32) -> f64 {
    let unit = 10f64.powi(digits);
    (x * unit).round() / unit
}

/// The value below which the part `p` (0 to 1) of all lies; -1 without any.
pub fn percentile(values: &mut [f64], p: f64) -> f64 {
    if values.is_empty() {
        return -1.0;
    }
    values.sort_by(f64::total_cmp);
    round(values[((values.len() - 1) as f64 * p).round() as usize], 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_s_name_may_hold_anything() {
        let line = "7 (a ) b) S 1 2 3 4 5 6 7 8 9 10 120 30 0 0 20";
        assert_eq!(parsed(line), Some(("a ) b".into(), Duration::from_millis(1500))));
        assert_eq!(parsed("rubbish"), None);
    }

    #[test]
    fn percentiles_are_values_that_occurred() {
        let mut values = vec![5.0, 1.0, 4.0, 2.0, 3.0];
        assert_eq!(percentile(&mut values, 0.5), 3.0);
        assert_eq!(percentile(&mut values, 0.95), 5.0);
        assert_eq!(percentile(&mut [], 0.5), -1.0);
    }
}
