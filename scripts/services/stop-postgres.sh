#!/bin/bash
# Stops what start-postgres.sh started with the same STATE folder, where it did.
#
#   stop-postgres.sh STATE
set -euo pipefail
state=${1:?usage: stop-postgres.sh STATE}
[ -s "$state/postgres/data/postmaster.pid" ] || exit 0
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
runuser -u postgres -- env -C "$state/postgres" "$bin/pg_ctl" --pgdata=data --mode=fast --wait stop >/dev/null
