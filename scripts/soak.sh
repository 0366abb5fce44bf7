#!/usr/bin/env bash
# The same tests, longer and with more seeds: every layout, thirty kills, more changes of
# colour, and the whole e2e group again with another seed (ROTUNDA_SOAK_ROUNDS, default 3), every second time
# over our own browser package; an hour in which a page's network is cut and its devices change, after which nothing
# of it is open (ROTUNDA_LEAK_MINUTES); then the fuzzers, a minute each.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

export ROTUNDA_SOAK=1
ROTUNDA_TEST_GROUPS=${ROTUNDA_TEST_GROUPS:-rust e2e} bash scripts/test.sh
for round in $(seq 2 "${ROTUNDA_SOAK_ROUNDS:-3}"); do
  if [ $((round % 2)) -eq 0 ]; then sdk=ours; else sdk=published; fi
  title "round $round, another seed, the $sdk SDK"
  env -u ROTUNDA_SEED ROTUNDA_SDK=$sdk ROTUNDA_TEST_GROUPS=e2e bash scripts/test.sh
done
case " ${ROTUNDA_TEST_GROUPS:-e2e} " in
  *" e2e "*)
    title "an hour of one page"
    ROTUNDA_LEAK_MINUTES=${ROTUNDA_LEAK_MINUTES:-60} node tests/e2e/run.mjs page_leaks
    ;;
esac
bash scripts/fuzz.sh 60
