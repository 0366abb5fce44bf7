#!/usr/bin/env bash
# Weak networks: what people behind bad lines see and hear, row after row of tests/netlab/rows.json, over
# a link of our own between two network namespaces. Builds in release mode; all rows write
# docs/networks/README.md. Fails when a bar is missed.
#
#   scripts/lab.sh [--turns N] [--out FOLDER] [ROW...]
#   ROTUNDA_BIN, ROTUNDA_LOAD, ROTUNDA_NETLAB   other binaries than those of this checkout, nothing is built
#   ROTUNDA_LAB_VP8=1, ROTUNDA_LAB_QUALITY=1080p, ROTUNDA_LAB_BROWSER=firefox   other circumstances
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

[ "$(id -u)" -eq 0 ] || die "The lab makes network namespaces: run it as root"
bash scripts/setup.sh lab
need_rust
built="$(target_dir)/release"
if [ -z "${ROTUNDA_BIN:-}" ]; then
  cargo build --release --locked -p rotunda-server -p rotunda-loadtest -p rotunda-netlab
fi
export ROTUNDA_BIN="${ROTUNDA_BIN:-$built/rotunda}" ROTUNDA_NETLAB="${ROTUNDA_NETLAB:-$built/netlab}"
exec "$(target_dir)/test-venv/bin/python" tests/netlab/lab.py "$@"
