#!/usr/bin/env bash
# Makes a fresh Debian 12 with Rust able to build and run the server. `setup.sh test` adds what
# only the tests need: Node.js, Chromium, Firefox, the npm packages of tests/e2e, and those of PyPI in
# tests/requirements.txt; `setup.sh lab`, what the weak-network lab needs beside those.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

need_rust
# shellcheck disable=SC2086
need_packages $BUILD_PACKAGES
# Recordings are made, and films played, by it, in processes of its own.
need_packages ffmpeg

[ "${1:-run}" != run ] || exit 0

[ -n "${CHROMIUM:-}" ] || [ -x /usr/bin/chromium ] || need_packages chromium
# Another browser's eyes on what was recorded.
[ -n "${FIREFOX:-}" ] || [ -x /usr/bin/firefox-esr ] || need_packages firefox-esr
command -v node >/dev/null || need_packages nodejs
command -v npm >/dev/null || need_packages npm
# Calls of the live-chat page are run as they are printed there.
command -v curl >/dev/null || need_packages curl
# Holds the database's lock against the server; openssl and script come with what is above.
command -v python3 >/dev/null || need_packages python3
# Makes the disk fail under a database: full, or with flushes that end in an error.
command -v strace >/dev/null || need_packages strace
# GStreamer's webrtcbin, a WebRTC stack of another make, with what it encodes and decodes by.
need_packages gstreamer1.0-plugins-base gstreamer1.0-plugins-good gstreamer1.0-plugins-bad \
  gstreamer1.0-plugins-ugly gstreamer1.0-nice python3-gi gir1.2-gst-plugins-bad-1.0
# A real RTMP server, as source and as target; started by the tests themselves.
need_packages nginx libnginx-mod-rtmp libnginx-mod-stream
# A TURN server, a network behind a wall, and a browser that trusts the test's own certificate.
need_packages coturn iproute2 libnss3-tools
# The deployment page's unit and backup are run as they stand there.
need_packages openssl systemd sqlite3

# The tests' Python packages, in a virtual environment of their own. What was installed lies beside it, for
# in a fresh clone every file is new.
venv="$(target_dir)/test-venv"
if ! cmp --silent tests/requirements.txt "$venv/done"; then
  say "Installing the Python packages of tests/requirements.txt"
  python3 -c 'import ensurepip' 2>/dev/null || need_packages python3-venv
  python3 -m venv --clear "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r tests/requirements.txt
  cp tests/requirements.txt "$venv/done"
fi

# npm writes this file at the end of an install: older than the lock means stale.
stamp=tests/e2e/node_modules/.package-lock.json
if [ ! -f "$stamp" ] || [ tests/e2e/package-lock.json -nt "$stamp" ]; then
  say "Installing the npm packages of tests/e2e"
  npm ci --prefix tests/e2e --no-audit --no-fund --loglevel=error
fi

# The browser package of our own, which the browser tests load.
bash scripts/sdk.sh

[ "$1" = lab ] || exit 0

# What people in the weak-network lab say, its namespaces, and what judges how well they are heard; pesq
# comes as C.
need_packages flite iproute2 python3-dev
if ! cmp --silent tests/netlab/requirements.txt "$venv/lab"; then
  say "Installing the Python packages of tests/netlab/requirements.txt"
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps -r tests/netlab/requirements.txt
  cp tests/netlab/requirements.txt "$venv/lab"
fi
