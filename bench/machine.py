"""The machine the figures belong to, and what a process cost on it."""

import os
import pathlib
import resource
import subprocess
import time

REPO = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME", pathlib.Path.home() / ".cache")) / "rotunda" / "bench"
QUICK = os.environ.get("ROTUNDA_BENCH_QUICK", "0") == "1"


def load():
    """The load averages, as text."""
    return " ".join(f"{x:.2f}" for x in os.getloadavg())


def facts():
    """What must stand beside every figure."""
    return {
        "commit": _out("git", "rev-parse", "--short", "HEAD") + (" with changes" if _changed() else ""),
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "kernel": os.uname().release,
        "system": _debian(),
        "rustc": _out("rustc", "--version"),
        "gstreamer": _version("gstreamer1.0-tools"),
        "libvpx": _version("libvpx7"),
        "janus": _version("janus"),
        "load_before": load(),
        "at": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
    }


def timed(command, **options):
    """Runs a command to its end and gives its processor time, children included, in seconds,
    and its largest resident memory in KiB."""
    start = time.monotonic()
    child = subprocess.Popen(command, **options)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return {
        "cpu_s": round(usage.ru_utime + usage.ru_stime, 3),
        "wall_s": round(time.monotonic() - start, 3),
        "rss_kib": usage.ru_maxrss,
        "status": child.returncode,
    }


def spent(pid):
    """Processor time of a running process so far, in seconds, ended children included."""
    numbers = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(n) for n in numbers[11:15]) / os.sysconf("SC_CLK_TCK")


def raise_open_files():
    """Hundreds of viewers are hundreds of sockets."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _out(*command):
    try:
        return subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _changed():
    """Whether anything that is built differs from the commit; the report itself does not count."""
    return _out("git", "status", "--porcelain", "--", "crates", "Cargo.toml", "Cargo.lock") not in ("", "unknown")


def _version(package):
    return _out("dpkg-query", "-W", "-f=${Version}", package)


def _cpu():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def _debian():
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.partition("=")[2].strip('"')
    return "unknown"
