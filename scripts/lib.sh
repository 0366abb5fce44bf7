# Sourced by the other scripts: what they all need to say and to check. Runs nothing by itself.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

BUILD_PACKAGES="build-essential pkg-config cmake nasm libvpx-dev libyuv-dev libssl-dev ca-certificates"
RUST_NEEDED="1.95"

say() { printf '%s\n' "$*"; }
title() { printf '\n== %s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

# Runs a command as root: directly, or through sudo.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "This needs root: $*  (run it as root, or install sudo)"
  fi
}

missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || printf '%s ' "$package"
  done
}

# Installs those of the named Debian packages that are not there; says so, or nothing.
need_packages() {
  local missing log
  missing=$(missing_packages "$@")
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || die "Please install: $missing(these are Debian's names)"
  say "Installing Debian packages: $missing"
  log=$(mktemp)
  # shellcheck disable=SC2086
  if ! { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $missing; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "apt-get could not install: $missing"
  fi
  rm -f "$log"
}

# Rust is the one thing that is presupposed.
need_rust() {
  command -v cargo >/dev/null || PATH="$HOME/.cargo/bin:$PATH"
  local have
  have=$(rustc --version 2>/dev/null | sed -E 's/^rustc ([0-9]+\.[0-9]+).*/\1/') || true
  if [ -z "$have" ] || [ "$(printf '%s\n%s\n' "$RUST_NEEDED" "$have" | sort -V | head -n 1)" != "$RUST_NEEDED" ]; then
    die "Rust $RUST_NEEDED is needed (found: ${have:-none}); with curl installed: curl https://sh.rustup.rs -sSf | sh -s -- -y --default-toolchain 1.95.0 && . ~/.cargo/env"
  fi
}

target_dir() { printf '%s' "${CARGO_TARGET_DIR:-target}"; }
