#!/usr/bin/env bash
# Builds sdk/dist when it is older than its source: the browser package @rotunda/js.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

command -v node >/dev/null || need_packages nodejs
command -v npm >/dev/null || need_packages npm

# npm writes this file at the end of an install: older than the lock means stale.
stamp=sdk/node_modules/.package-lock.json
if [ ! -f "$stamp" ] || [ sdk/package-lock.json -nt "$stamp" ]; then
  say "Installing the npm packages of sdk"
  npm ci --prefix sdk --no-audit --no-fund --loglevel=error
fi

# The last file that a build writes.
built=sdk/react/dist/index.d.ts
if [ ! -f "$built" ] || [ -n "$(find sdk/src sdk/react/src sdk/build.mjs sdk/tsconfig.json sdk/package.json -newer "$built" -print -quit)" ]; then
  say "Building sdk/dist"
  node sdk/build.mjs
fi
