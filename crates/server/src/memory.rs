//! Watches how much memory is left before the kernel would end this process, and shuts the gate before
//! everything new in time. What is measured is what the kernel counts: the limits of the control groups
//! this process is in, or the whole machine; or this process and its children, when the operator sets
//! a bound.

use rotunda_hub::MemoryGate;
use std::fs::read_to_string;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Often enough that a crowd does not fill what is kept free between two looks.
const EVERY: Duration = Duration::from_millis(250);

/// Kept free at least and at most; a tenth in between. A session that begins takes some 30 MB.
const FREE_AT_LEAST: u64 = 32 << 20;
const FREE_AT_MOST: u64 = 512 << 20;

/// Bytes in use and how many there may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Level {
    pub used: u64,
    pub bound: u64,
}

impl Level {
    /// Whether nothing new may begin; once that is so, only somewhat below the bound it may again.
    fn is_short(self, was_short: bool) -> bool {
        let slack = if was_short { self.bound / 20 } else { 0 };
        self.used.saturating_add(slack) >= self.bound
    }

    /// A limit at which the kernel kills is not ours to reach.
    fn before_a_kill(used: u64, limit: u64) -> Self {
        let free = (limit / 10).clamp(FREE_AT_LEAST, FREE_AT_MOST).min(limit / 2);
        Self { used, bound: limit - free }
    }

    /// The one that is nearest to its bound.
    fn tightest(levels: impl IntoIterator<Item = Self>) -> Option<Self> {
        levels.into_iter().min_by_key(|level| level.bound.saturating_sub(level.used))
    }
}

/// What is measured, and the last reading.
#[derive(Clone)]
pub(crate) struct Memory {
    set: Option<u64>,
    gate: MemoryGate,
    last: Arc<Mutex<Level>>,
}

impl Memory {
    /// `set` is the operator's bound for this process and its children, if any.
    pub fn new(set: Option<u64>, gate: MemoryGate) -> Self {
        let memory = Self { set, gate, last: Arc::default() };
        memory.look();
        memory
    }

    /// The last reading.
    pub fn level(&self) -> Level {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks for ever.
    pub async fn watch(self) {
        let mut every = tokio::time::interval(EVERY);
        loop {
            every.tick().await;
            let memory = self.clone();
            // Summing up a large control group takes the kernel a while.
            let _ = tokio::task::spawn_blocking(move || memory.look()).await;
        }
    }

    fn look(&self) {
        let root = Path::new("/");
        let Some(level) = (match self.set {
            Some(bound) => Some(Level { used: resident(root), bound }),
            None => Level::tightest(groups(root).into_iter().chain(machine(root))),
        }) else {
            return;
        };
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = level;
        let was_short = self.gate.is_short();
        let is_short = level.is_short(was_short);
        self.gate.set_short(is_short);
        let Level { used, bound } = level;
        match (was_short, is_short) {
            (false, true) => tracing::error!(used, bound, "memory is short: nothing new begins"),
            (true, false) => tracing::info!(used, bound, "memory is no longer short"),
            _ => {}
        }
    }
}

/// The control groups this process is in that have a limit, of both versions.
fn groups(root: &Path) -> Vec<Level> {
    let own = read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let mut levels = Vec::new();
    for line in own.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else { continue };
        let (mount, files) = match controllers {
            "" => ("sys/fs/cgroup", &V2),
            named if named.split(',').any(|name| name == "memory") => ("sys/fs/cgroup/memory", &V1),
            _ => continue,
        };
        let mount = root.join(mount);
        let deepest = mount.join(path.trim_start_matches('/'));
        // In a container the mount may begin at our own group while the path is the host's.
        let deepest = if deepest.exists() { deepest } else { mount.clone() };
        let all = deepest.ancestors().take_while(|group| group.starts_with(&mount));
        levels.extend(all.filter_map(|group| files.level(group)));
    }
    levels
}

/// What the files of a memory controller are called.
struct Files {
    limit: &'static str,
    used: &'static str,
    /// In `memory.stat`: what is given back before anybody is killed.
    cache: &'static str,
}

const V2: Files = Files { limit: "memory.max", used: "memory.current", cache: "inactive_file" };
const V1: Files = Files {
    limit: "memory.limit_in_bytes",
    used: "memory.usage_in_bytes",
    cache: "total_inactive_file",
};

/// Above this a version 1 limit means none (it is a number there, some pages below 2^63).
const NO_LIMIT: u64 = 1 << 60;

impl Files {
    fn level(&self, group: &Path) -> Option<Level> {
        let number = |name| read_to_string(group.join(name)).ok()?.trim().parse::<u64>().ok();
        let limit = number(self.limit).filter(|limit| *limit < NO_LIMIT)?;
        let stat = read_to_string(group.join("memory.stat")).unwrap_or_default();
        let cache =
            stat.lines().find_map(|line| line.strip_prefix(self.cache)?.trim().parse().ok());
        let used = number(self.used)?.saturating_sub(cache.unwrap_or(0));
        Some(Level::before_a_kill(used, limit))
    }
}

fn machine(root: &Path) -> Option<Level> {
    let text = read_to_string(root.join("proc/meminfo")).ok()?;
    let (total, available) = (kilobytes(&text, "MemTotal:")?, kilobytes(&text, "MemAvailable:")?);
    Some(Level::before_a_kill(total.saturating_sub(available), total))
}

/// Bytes of this process and its children that are in memory.
fn resident(root: &Path) -> u64 {
    let of = |status: PathBuf| {
        let text = read_to_string(status).unwrap_or_default();
        kilobytes(&text, "VmRSS:").unwrap_or(0)
    };
    let children = children(root).into_iter();
    let children = children.map(|pid| of(root.join("proc").join(pid).join("status")));
    of(root.join("proc/self/status")) + children.sum::<u64>()
}

/// Ids of the processes this one has started and that run; none where the kernel does not tell.
fn children(root: &Path) -> Vec<String> {
    let tasks = std::fs::read_dir(root.join("proc/self/task")).into_iter().flatten().flatten();
    let of = |task: std::fs::DirEntry| read_to_string(task.path().join("children")).ok();
    let lists = tasks.filter_map(of);
    lists.flat_map(|list| list.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// How many child processes there are.
pub(crate) fn count_children() -> usize {
    children(Path::new("/")).len()
}

fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(number * 1024)
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
