#!/usr/bin/env bash
# From a fresh checkout to a running server: packages, release build, start. Arguments go to
# `rotunda dev` (with make: `make run ARGS="--listen 0.0.0.0:8080"`).
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bash scripts/setup.sh run
need_rust
cargo build --release --locked --bin rotunda
exec "$(target_dir)/release/rotunda" dev "$@"
