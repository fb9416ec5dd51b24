#!/bin/bash
# Starts a real OCI registry, Debian's docker-registry, on loopback and prints MCPGEN_TEST_REGISTRY=127.0.0.1:PORT.
#
#   start-registry.sh STATE [PORT]
#
# Root only where the package is not installed yet. Stop with stop.sh STATE.
set -euo pipefail
state=${1:?usage: start-registry.sh STATE [PORT]}
port=${2:-5000}
mkdir -p "$state/registry-data"

answers() { curl -sf "http://127.0.0.1:$port/v2/" >/dev/null 2>&1; }
if answers; then echo "MCPGEN_TEST_REGISTRY=127.0.0.1:$port"; exit 0; fi

if ! command -v docker-registry >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker-registry >/dev/null
fi
cat >"$state/registry.yml" <<YAML
version: 0.1
log: { level: warn, accesslog: { disabled: true } }
storage: { filesystem: { rootdirectory: $state/registry-data }, delete: { enabled: true } }
http: { addr: 127.0.0.1:$port }
YAML
setsid docker-registry serve "$state/registry.yml" >"$state/registry.log" 2>&1 </dev/null &
echo $! >"$state/registry.pid"
for _ in $(seq 200); do answers && break; sleep 0.05; done
if ! answers; then tail -20 "$state/registry.log" >&2; exit 1; fi
echo "MCPGEN_TEST_REGISTRY=127.0.0.1:$port"
