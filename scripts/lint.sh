#!/usr/bin/env bash
# Format, clippy, dependencies' licences and sources, syntax of scripts and test files.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

bash scripts/setup.sh run
need_rust

title "format"
cargo fmt --all --check

title "clippy"
cargo clippy --locked --workspace --all-targets -- -D warnings

title "dependencies"
if ! cargo deny --version >/dev/null 2>&1; then
  say "cargo-deny is missing: building it once (takes some minutes)"
  # Its own target folder: nothing of ours is rebuilt for it.
  CARGO_TARGET_DIR=$(mktemp -d) cargo install --locked --quiet cargo-deny
fi
cargo deny --log-level error check bans licenses sources

title "scripts"
for script in scripts/*.sh .ci/run; do bash -n "$script"; done
if command -v node >/dev/null; then
  for file in tests/e2e/*.mjs tests/e2e/lib/*.mjs tests/e2e/lib/*.js; do node --check "$file"; done
  # The page's scripts are modules without saying so in their name.
  for file in crates/webui/assets/*.js; do node --input-type=module --check <"$file"; done
else
  say "node is missing: JavaScript not checked (make test installs it)"
fi
say "all clean"
