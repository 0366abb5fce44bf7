use super::*;

const MB: u64 = 1 << 20;

/// A root folder that holds these files.
struct Root(PathBuf);

impl Root {
    fn with(name: &str, files: &[(&str, &str)]) -> Self {
        let path =
            std::env::temp_dir().join(format!("rotunda-memory-{name}-{}", std::process::id()));
        for (file, text) in files {
            let file = path.join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        Self(path)
    }
}

impl Drop for Root {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_container_of_version_2_is_bounded_by_its_own_limit_and_by_those_above() {
    let root = Root::with(
        "v2",
        &[
            ("proc/self/cgroup", "0::/app/inner\n"),
            ("sys/fs/cgroup/app/inner/memory.max", "max\n"),
            ("sys/fs/cgroup/app/memory.max", "1073741824\n"),
            ("sys/fs/cgroup/app/memory.current", "524288000\n"),
            ("sys/fs/cgroup/app/memory.stat", "anon 5\ninactive_file 104857600\nfile 7\n"),
        ],
    );
    // A tenth is kept free, and cached files are no use of memory.
    let level = Level { used: 400 * MB, bound: 1024 * MB - 1024 * MB / 10 };
    assert_eq!(groups(&root.0), [level]);
}

#[test]
fn a_container_of_version_1_is_bounded_where_the_mount_begins() {
    let root = Root::with(
        "v1",
        &[
            ("proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/1234\n0::/\n"),
            ("sys/fs/cgroup/memory/memory.limit_in_bytes", "268435456\n"),
            ("sys/fs/cgroup/memory/memory.usage_in_bytes", "67108864\n"),
            ("sys/fs/cgroup/memory/memory.stat", "total_inactive_file 0\n"),
        ],
    );
    assert_eq!(groups(&root.0), [Level { used: 64 * MB, bound: 224 * MB }]);
    let unlimited = [
        ("proc/self/cgroup", "4:memory:/\n"),
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"),
    ];
    assert!(groups(&Root::with("v1-none", &unlimited).0).is_empty());
}

#[test]
fn without_a_container_the_machine_is_the_bound() {
    let text = "MemTotal:       8388608 kB\nMemFree: 1 kB\nMemAvailable:   2097152 kB\n";
    let root = Root::with("machine", &[("proc/meminfo", text)]);
    let level = Level { used: 6144 * MB, bound: 8192 * MB - 512 * MB };
    assert_eq!(machine(&root.0), Some(level));
    assert_eq!(groups(&root.0), []);
}

#[test]
fn a_set_bound_counts_this_process_and_its_children() {
    let root = Root::with(
        "set",
        &[
            ("proc/self/status", "Name:\trotunda\nVmRSS:\t    1024 kB\n"),
            ("proc/self/task/7/children", "70 71 "),
            ("proc/self/task/8/children", ""),
            ("proc/70/status", "VmRSS:\t 2048 kB\n"),
            ("proc/71/status", "VmRSS:\t 512 kB\n"),
        ],
    );
    assert_eq!(resident(&root.0), (1024 + 2048 + 512) * 1024);
    assert_eq!(children(&root.0).len(), 2);
}

#[test]
fn the_gate_shuts_at_the_bound_and_opens_somewhat_below_it() {
    for (used, was_short, is_short) in [
        (999, false, false),
        (1000, false, true),
        (960, true, true),
        (950, true, true),
        (949, true, false),
    ] {
        assert_eq!(Level { used, bound: 1000 }.is_short(was_short), is_short, "{used}");
    }
}

#[test]
fn a_process_over_its_bound_begins_nothing_new() {
    let gate = MemoryGate::default();
    let memory = Memory::new(Some(1), gate.clone());
    assert!(gate.is_short() && memory.level().used > MB, "{:?}", memory.level());
    Memory::new(Some(u64::MAX), gate.clone());
    assert!(!gate.is_short());
}
