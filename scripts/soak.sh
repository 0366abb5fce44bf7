#!/usr/bin/env bash
# The same tests, longer and with more seeds: every layout, thirty kills, more changes of
# colour, and the whole e2e group again with another seed (ROTUNDA_SOAK_ROUNDS, default 3); then the
# fuzzers, a minute each.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export ROTUNDA_SOAK=1
ROTUNDA_TEST_GROUPS=${ROTUNDA_TEST_GROUPS:-rust e2e} bash scripts/test.sh
for round in $(seq 2 "${ROTUNDA_SOAK_ROUNDS:-3}"); do
  title "round $round, another seed"
  env -u ROTUNDA_SEED ROTUNDA_TEST_GROUPS=e2e bash scripts/test.sh
done
bash scripts/fuzz.sh 60
