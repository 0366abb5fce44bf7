#!/usr/bin/env bash
# Runs the benchmarks of the workspace, and says on what machine, because a figure without its
# machine means nothing.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bash scripts/setup.sh run
need_rust
say "Machine: $(nproc) x $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d' ' -f1-3 /proc/loadavg), $(rustc --version)"
say "Commit:  $(git rev-parse --short HEAD 2>/dev/null || echo none)"
cargo bench --locked --workspace "$@"
