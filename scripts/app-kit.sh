#!/usr/bin/env bash
# Fetches SignalWire's prebuilt widget from npm and writes what of it is served under /assets/app-kit/: the files as
# published, compressed, and the table of crates/webui that embeds them. Both are committed; nobody needs this to
# build the server. What old browsers without modules would load is left out.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

version=0.0.1-dev.202206012120.f3a6f08.4
sum=114f1572371166755f2feb997bfc595c6d7d9d3f44ecbb91718a289023ab00b7
folder=crates/webui/app-kit
table=crates/webui/src/app_kit_files.rs
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

npm pack "@signalwire/app-kit@$version" --silent --pack-destination "$work" >/dev/null
archive="$work/signalwire-app-kit-$version.tgz"
echo "$sum  $archive" | sha256sum --check --quiet
tar -xzf "$archive" -C "$work"
cp "$work/package/LICENSE" "$work/package/dist/signalwire/LICENSE"
cd "$work/package/dist/signalwire"
mapfile -t names < <(find . -type f -size +0 ! -name '*.system*' ! -path ./signalwire.js -printf '%P\n' | LC_ALL=C sort)
cd "$OLDPWD"

# What each kind of file is called in the table.
kind() {
  case "$1" in
    *.js) echo JS ;; *.css) echo CSS ;; *.svg) echo SVG ;; *.mp3) echo MP3 ;; *) echo TEXT ;;
  esac
}

rm -rf "$folder"
{
  echo "//! Written by \`scripts/app-kit.sh\`: files of npm's @signalwire/app-kit $version (MIT), unchanged. Nobody changes it"
  echo "//! by hand."
  echo
  echo "use super::embedded::{CSS, File, JS, MP3, SVG, TEXT, kit};"
  echo
  echo "/// One row for each file."
  echo "pub(crate) static APP_KIT: [File; ${#names[@]}] = ["
  for name in "${names[@]}"; do
    mkdir -p "$folder/$(dirname "$name")"
    gzip -9nc "$work/package/dist/signalwire/$name" >"$folder/$name.gz"
    echo "    kit!(\"$name\", $(kind "$name")),"
  done
  echo "];"
} >"$table"
rustfmt --edition 2024 "$table"
