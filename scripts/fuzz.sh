#!/usr/bin/env bash
# fuzz.sh [SECONDS] [TARGET…]: runs the fuzzers, each for so long (60), from the committed corpus. What
# they find on the way is kept in the target folder; a crash ends the script and says where its input is.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

seconds=${1:-60}
[ $# -eq 0 ] || shift

need_rust
# The sanitizer is an unstable flag; stable compilers have it all the same.
export RUSTC_BOOTSTRAP=1
cargo fuzz --version >/dev/null 2>&1 || {
  say "cargo-fuzz is missing: building it once"
  cargo install --locked --quiet cargo-fuzz
}

targets=${*:-$(sed -nE 's/^name = "([a-z0-9_]+)"$/\1/p' fuzz/Cargo.toml)}
for target in $targets; do
  title "fuzz $target, $seconds s"
  found="$(target_dir)/fuzz/found/$target"
  mkdir -p "$found"
  cargo fuzz run --fuzz-dir fuzz --target-dir "$(target_dir)/fuzz" "$target" "$found" "fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -verbosity=0 -print_final_stats=1
done
