# shellcheck shell=bash
# A second turn for tests that failed; scripts/test.sh sources it. Media tests run browsers, encoders
# and clocks on a machine that may be busy with something else; one of 1,800 that is late in one of
# ten runs would refuse a change that has nothing to do with it. So at most AGAIN_MOST tests of a run
# are run once more, alone. Their first failure stays in the log, they are named before the last line,
# and each is a fault of the test or of the product that somebody has to look at.

AGAIN_MOST=2
if [ "${ROTUNDA_SOAK:-0}" = 1 ]; then AGAIN_MOST=0; fi
again_named=""
again_count=0

# again_may COUNT: whether so many more may have a second turn.
again_may() { [ "$1" -gt 0 ] && [ $((again_count + $1)) -le "$AGAIN_MOST" ]; }

# again_said NAME...: each passed at its second turn only.
again_said() {
  local name
  for name in "$@"; do
    again_count=$((again_count + 1))
    again_named="$again_named  $name"$'\n'
  done
}

# again_rust FILE: the failed tests in what cargo said; succeeds when every one passes alone.
again_rust() {
  local name names=()
  mapfile -t names < <(sed -nE 's/^test ([A-Za-z0-9_:]+) \.\.\. FAILED$/\1/p' "$1" | sort -u)
  again_may ${#names[@]} || return 1
  [ ${#names[@]} -eq "$(sum_of 's/^test result: .*; ([0-9]+) failed;.*/\1/p' "$1")" ] || return 1
  for name in "${names[@]}"; do
    say "a second turn for $name"
    timeout "$RUST_LIMIT" cargo test --locked --workspace --lib --bins --tests -- --exact "$name" \
      >"$work/again" 2>&1 || { cat "$work/again" && return 1; }
    grep -q "^test $name ... ok$" "$work/again" || return 1
  done
  again_said "${names[@]}"
}

# again_e2e TAP: the files in which a test failed, and nothing else was wrong; succeeds when they pass alone.
again_e2e() {
  local files=()
  mapfile -t files < <(awk '/^ *not ok/ { bad = 1 } /^ *ok/ { bad = 0 }
    bad && /location:/ { if (match($0, /[a-z0-9_]+\.test\.mjs/)) print substr($0, RSTART, RLENGTH - 9); bad = 0 }' "$1" | sort -u)
  again_may ${#files[@]} || return 1
  say "a second turn for ${files[*]}"
  half again "${files[@]}"
  [ "$(cat "$work/again.status")" -eq 0 ] || return 1
  again_said "${files[@]/%/.test.mjs}"
}
