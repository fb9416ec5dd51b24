#!/bin/bash
# Starts a PostgreSQL of its own, from Debian's package, on loopback and prints
# MCPGEN_TEST_POSTGRES_URL=postgres://...
#
#   start-postgres.sh STATE PORT
#
# Root: the server itself runs as the user postgres. Stop with stop-postgres.sh STATE.
set -euo pipefail
state=${1:?usage: start-postgres.sh STATE PORT}
port=${2:?usage: start-postgres.sh STATE PORT}

if ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
fi
bin=$(dirname "$(ls /usr/lib/postgresql/*/bin/initdb | tail -1)")
mkdir -p "$state/postgres"
chmod 755 "$state"
chown postgres "$state/postgres"
as_postgres() { runuser -u postgres -- env -C "$state/postgres" "$@"; }
as_postgres "$bin/initdb" --pgdata=data --username=postgres --auth=trust --encoding=UTF8 --no-sync >/dev/null
as_postgres "$bin/pg_ctl" --pgdata=data --log=log --wait start \
  --options="-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories='' -c fsync=off" >/dev/null
echo "MCPGEN_TEST_POSTGRES_URL=postgres://postgres@127.0.0.1:$port/postgres"
