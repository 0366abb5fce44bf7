#!/usr/bin/env bash
# Every test, as CI runs them: installs what they need, builds once, runs group after group,
# says how long each took, and ends with the line "N passed, N failed".
#
# ROTUNDA_TEST_GROUPS  the groups to run, of: rust e2e lab   (default: all)
# ROTUNDA_E2E          the e2e files to run, e.g. "join mute"   (default: all)
# ROTUNDA_SEED         repeats the random choices of a run that failed
# ROTUNDA_SOAK=1       longer, with more seeds
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
source scripts/again.sh

GROUPS_WANTED=${ROTUNDA_TEST_GROUPS:-rust e2e lab}
if [ "${ROTUNDA_SOAK:-0}" = 1 ]; then
  RUST_LIMIT=7200 E2E_LIMIT=7200 LAB_LIMIT=7200
else
  RUST_LIMIT=1200 E2E_LIMIT=1200 LAB_LIMIT=600 # seconds; a group that hangs fails, it does not wait for ever
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0
times=""

# Sums the numbers that a sed expression takes out of a file.
sum_of() { sed -nE "$1" "$2" | awk '{ n += $1 } END { print n + 0 }'; }

# count PASSED FAILED STATUS: a group that ended badly without a failed test counts as one.
count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  if [ "$3" -ne 0 ] && [ "$2" -eq 0 ]; then failed=$((failed + 1)); fi
}

# timed NAME FUNCTION: runs it, keeps its time, and never ends the script.
timed() {
  local start=$SECONDS
  title "$1"
  "$2" || true
  times="$times$(printf '%-8s %4d s' "$1" $((SECONDS - start)))\n"
}

wanted() { [[ " $GROUPS_WANTED " == *" $1 "* ]]; }

group_setup() {
  local kind=run
  if wanted e2e; then kind=test; fi
  if wanted lab; then kind=lab; fi
  if ! bash scripts/setup.sh "$kind"; then count 0 0 1; broken=setup; fi
}

group_build() {
  local status=0
  {
    cargo build --locked --bin rotunda &&
      { ! wanted rust || cargo test --locked --workspace --no-run; } &&
      { ! wanted lab || cargo build --locked -p rotunda-loadtest -p rotunda-netlab --bins; }
  } >"$work/build" 2>&1 || status=$?
  grep -E '^(error|warning: unused)|Finished' "$work/build" | tail -n 5 || true
  if [ $status -ne 0 ]; then
    tail -n 60 "$work/build"
    count 0 0 $status
    broken=build
  fi
}

# Integration tests that mostly wait: for films, children and clocks; in two rows of about the same time.
PATIENT="permissions recording rtmp_server stacks streams"
PATIENT_TOO="bad_input doors playback playback_attacks playback_live"

# All others, as arguments of cargo.
other_tests() {
  local path name
  for path in crates/*/tests/*.rs crates/*/tests/*/main.rs; do
    name=${path%/main.rs}
    name=$(basename "${name%.rs}")
    [[ " $PATIENT $PATIENT_TOO " == *" $name "* ]] || echo "--test $name"
  done | sort -u
}

# cargo_test FILE ARGUMENTS: what it prints is added to the file.
cargo_test() {
  local to=$1
  shift
  timeout "$RUST_LIMIT" cargo test --locked --workspace --no-fail-fast "$@" >>"$to" 2>&1
}

# Those that wait run beside those that work.
group_rust() {
  local status=0
  # shellcheck disable=SC2046,SC2086
  cargo_test "$work/rust.patient" $(printf -- '--test %s ' $PATIENT) &
  local patient=$!
  # shellcheck disable=SC2046,SC2086
  cargo_test "$work/rust.patient_too" $(printf -- '--test %s ' $PATIENT_TOO) &
  local patient_too=$!
  # shellcheck disable=SC2046
  cargo_test "$work/rust" --lib --bins $(other_tests) || status=$?
  cargo_test "$work/rust" --doc || status=$?
  wait $patient || status=$?
  wait $patient_too || status=$?
  cat "$work/rust.patient" "$work/rust.patient_too" >>"$work/rust"
  # Tests of the built server that take their time are ignored but in a soak.
  if [ "${ROTUNDA_SOAK:-0}" = 1 ]; then
    timeout "$RUST_LIMIT" cargo test --locked -p rotunda-acceptance --no-fail-fast -- --ignored \
      >>"$work/rust" 2>&1 || status=$?
  fi
  # Names and results of what ran; everything when something failed.
  if [ $status -eq 0 ]; then
    grep -E '^     Running|^   Doc-tests|^test result:' "$work/rust" | grep -v ' 0 passed; 0 failed' || true
  else
    cat "$work/rust"
  fi
  local good bad
  good=$(sum_of 's/^test result: .* ([0-9]+) passed;.*/\1/p' "$work/rust")
  bad=$(sum_of 's/^test result: .*; ([0-9]+) failed;.*/\1/p' "$work/rust")
  if [ "$bad" -gt 0 ] && again_rust "$work/rust"; then good=$((good + bad)) bad=0 status=0; fi
  count "$good" "$bad" $status
}

# half NAME FILES: runs e2e files and leaves what they say and their results in the work folder.
half() {
  local name=$1 status=0
  shift
  timeout --kill-after=20 "$E2E_LIMIT" node \
    --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$work/$name.tap" \
    tests/e2e/run.mjs "$@" || status=$?
  case $status in
    0) ;;
    124) say "e2e did not end within $E2E_LIMIT s" ;;
    *) say "e2e ended with status $status: a failed test, or an error outside of any (see 'ℹ Error')" ;;
  esac
  echo $status >"$work/$name.status"
}

count_half() {
  local good bad cancelled status
  touch "$work/$1.tap"
  good=$(sum_of 's/^# pass ([0-9]+)$/\1/p' "$work/$1.tap")
  bad=$(sum_of 's/^# fail ([0-9]+)$/\1/p' "$work/$1.tap")
  cancelled=$(sum_of 's/^# cancelled ([0-9]+)$/\1/p' "$work/$1.tap")
  status=$(cat "$work/$1.status")
  if [ "$bad" -gt 0 ] && [ "$cancelled" -eq 0 ] && again_e2e "$work/$1.tap"; then
    good=$((good + bad)) bad=0 status=0
  fi
  count "$good" $((bad + cancelled)) "$status"
}

group_e2e() {
  if [ -n "${ROTUNDA_E2E:-}" ]; then
    # shellcheck disable=SC2086
    half asked $ROTUNDA_E2E
    count_half asked
    return
  fi
  # Files that mostly wait run beside those that keep both cores busy.
  half patient patient >"$work/patient.log" 2>&1 &
  local patient=$!
  half busy busy
  wait $patient
  cat "$work/patient.log"
  count_half busy
  count_half patient
}

# Four rows over a real weak link; it makes network namespaces, so it needs root.
group_lab() {
  local status=0 python
  python="$(target_dir)/test-venv/bin/python"
  if [ "$(id -u)" -ne 0 ] || [ ! -c /dev/net/tun ] || ! unshare --net true; then
    say "NOT PLAYED: the lab needs root, network namespaces and /dev/net/tun"
    return
  fi
  (cd tests/netlab && "$python" -m unittest --quiet judge_test instruments_test) || count 0 1 1
  timeout --kill-after=20 "$LAB_LIMIT" "$python" tests/netlab/lab.py --ci >"$work/lab" 2>&1 || status=$?
  cat "$work/lab"
  count "$(sum_of 's/^([0-9]+) passed, .*/\1/p' "$work/lab")" \
    "$(sum_of 's/^[0-9]+ passed, ([0-9]+) failed$/\1/p' "$work/lab")" $status
}

need_rust
broken=""
timed setup group_setup
[ -n "$broken" ] || timed build group_build
for group in rust e2e lab; do
  if [ -z "$broken" ] && wanted "$group"; then timed "$group" "group_$group"; fi
done

title "time per group"
printf '%b' "$times"
[ -z "$again_named" ] || printf '\nPASSED AT THE SECOND TURN ONLY, look at them:\n%s' "$again_named"
printf '\n%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
