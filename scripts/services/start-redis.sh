#!/bin/bash
# Starts a Redis of its own, from Debian's package, on loopback and prints MCPGEN_TEST_REDIS_URL=redis://...
#
#   start-redis.sh STATE PORT
#
# Root only where the package is not installed yet. Keeps nothing on disk. Stop with stop.sh STATE.
set -euo pipefail
state=${1:?usage: start-redis.sh STATE PORT}
port=${2:?usage: start-redis.sh STATE PORT}

if ! command -v redis-server >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-tools redis-server >/dev/null
fi
mkdir -p "$state"
setsid redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$state" \
  --enable-debug-command local >"$state/redis.log" 2>&1 </dev/null &
echo $! >"$state/redis.pid"
answers() { [ "$(redis-cli -p "$port" ping 2>/dev/null)" = PONG ]; }
for _ in $(seq 200); do answers && break; sleep 0.05; done
if ! answers; then tail -20 "$state/redis.log" >&2; exit 1; fi
echo "MCPGEN_TEST_REDIS_URL=redis://127.0.0.1:$port"
