#!/bin/bash
# Starts the engine that install-docker.sh unpacked and prints MCPGEN_TEST_DOCKER_HOST=unix://...
#
#   start-docker.sh DIR STATE [dockerd flags]
#
# Root. On a machine without bridge networking or iptables add --iptables=false --bridge=none and run containers with host
# networking. Stop with stop.sh STATE.
set -euo pipefail
dir=${1:?usage: start-docker.sh DIR STATE [dockerd flags]}
state=${2:?usage: start-docker.sh DIR STATE [dockerd flags]}
shift 2
socket=$state/docker.sock
mkdir -p "$state"/data "$state"/exec "$state"/containerd
export PATH=$dir/bin:$PATH

answers() { curl -sf --unix-socket "$socket" http://docker/_ping >/dev/null 2>&1; }
if answers; then echo "MCPGEN_TEST_DOCKER_HOST=unix://$socket"; exit 0; fi

# containerd runs by itself with its garbage collection off: Docker 28's image store loses snapshots to it
# ("failed to prepare extraction snapshot: parent snapshot does not exist", moby/buildkit#6521).
cat >"$state/containerd.toml" <<TOML
version = 3
root = "$state/containerd/root"
state = "$state/containerd/state"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]
[grpc]
  address = "$state/containerd.sock"
[plugins."io.containerd.gc.v1.scheduler"]
  pause_threshold = 0.001
  deletion_threshold = 0
  mutation_threshold = 2147483647
  schedule_delay = "0s"
  startup_delay = "24h"
TOML
setsid containerd --config "$state/containerd.toml" >"$state/containerd.log" 2>&1 </dev/null &
echo $! >"$state/containerd.pid"
for _ in $(seq 200); do [ -S "$state/containerd.sock" ] && break; sleep 0.05; done

cat >"$state/daemon.json" <<'JSON'
{ "features": { "containerd-snapshotter": true }, "insecure-registries": ["127.0.0.0/8"], "builder": { "gc": { "enabled": false } } }
JSON
setsid dockerd --config-file "$state/daemon.json" --data-root "$state/data" --exec-root "$state/exec" \
  --pidfile "$state/dockerd.pid" -H "unix://$socket" --containerd "$state/containerd.sock" "$@" \
  >"$state/dockerd.log" 2>&1 </dev/null &
for _ in $(seq 400); do answers && break; sleep 0.05; done
if ! answers; then tail -20 "$state/dockerd.log" >&2; exit 1; fi
echo "MCPGEN_TEST_DOCKER_HOST=unix://$socket"
