#!/bin/bash
# Stops what the other scripts started with the same STATE folder: only processes whose ids they wrote there.
#
#   stop.sh STATE
set -euo pipefail
state=${1:?usage: stop.sh STATE}
for name in dockerd containerd registry redis; do
  file=$state/$name.pid
  [ -s "$file" ] || continue
  pid=$(cat "$file")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 200); do kill -0 "$pid" 2>/dev/null || break; sleep 0.05; done
  rm -f "$file"
done
