#!/usr/bin/env bash
# What a room costs, beside what a self-hoster would run instead: installs the peers, builds in
# release mode, runs the sections in turn, writes docs/performance. Fails when a bar is missed.
#
#   scripts/bench.sh [[--add] mcu|quality|growth|shaping|sound|audience|threads|burst|event|density|joining|browser|latency|empty|lonely|rpc|outputs|videochat ...]
#   --add   puts the sections named into the table of the last whole run
#   ROTUNDA_BENCH_QUICK=1   short runs, to see that everything works; writes no docs
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PEERS="ffmpeg janus gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
  gstreamer1.0-plugins-bad gstreamer1.0-plugins-ugly gstreamer1.0-libav iproute2 curl python3"

if [ $# -eq 0 ] || [[ " $* " == *" browser "* ]]; then
  bash scripts/setup.sh test
else
  bash scripts/setup.sh run
fi
need_rust
# shellcheck disable=SC2086
need_packages $PEERS
cargo build --release --locked -p rotunda-server -p rotunda-loadtest
exec python3 bench/run.py "$@"
