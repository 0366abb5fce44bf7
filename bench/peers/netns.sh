#!/usr/bin/env bash
# A network namespace with one address of its own, because Janus and libnice refuse loopback
# candidates. Nothing leaves it: it has lo and a pair of interfaces whose both ends stay inside.
# netns.sh up | down ; then: ip netns exec rotunda-bench COMMAND
set -euo pipefail
NAME=rotunda-bench

up() {
  ip netns list | grep -qw "$NAME" || ip netns add "$NAME"
  ip netns exec "$NAME" sh -c '
    ip link set lo up
    ip link show d0 >/dev/null 2>&1 || { ip link add d0 type veth peer name d1; ip addr add 10.77.0.1/24 dev d0; }
    ip link set d1 up
    ip link set d0 up'
}

case ${1:-up} in
  up) up ;;
  down) ip netns del "$NAME" ;;
  *) echo "netns.sh up | down" >&2; exit 2 ;;
esac
