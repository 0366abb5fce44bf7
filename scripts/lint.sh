#!/usr/bin/env bash
# Format, clippy, the house's own rules (arrows, words, licences and sources of dependencies), syntax of
# scripts and test files, and known holes in dependencies where the list of them can be had.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bash scripts/setup.sh run
need_rust
start=$SECONDS

title "format"
cargo fmt --all --check

title "clippy"
cargo clippy --locked --workspace --all-targets -- -D warnings

# By a test over what cargo says, because cargo-deny would take longer to build than all of ours.
title "arrows, words, licences and sources"
cargo test --locked --quiet --package rotunda-guards

title "advisories"
if ! cargo deny --version >/dev/null 2>&1; then
  say "not checked: cargo-deny is not installed"
elif ! cargo deny --log-level error fetch db 2>/dev/null; then
  say "not checked: the list of advisories cannot be had from here"
else
  cargo deny --log-level error check advisories
fi

title "scripts"
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
if command -v node >/dev/null; then
  for file in tests/e2e/*.mjs tests/e2e/lib/*.mjs tests/e2e/lib/*.js tests/netlab/*.mjs tests/netlab/*.js tests/netlab/lib/*.mjs sdk/*.mjs sdk/test/*.mjs sdk/test/lib/*.mjs web/*.mjs; do node --check "$file"; done
else
  say "node is missing: JavaScript not checked (make test installs it)"
fi
say "all clean, in $((SECONDS - start)) s"
