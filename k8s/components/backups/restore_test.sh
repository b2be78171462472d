#!/bin/bash
# Restore the newest backup with all WAL after it into an empty folder, start it, and look whether
# the books balance. A backup that was never restored is a hope. Ends with 1 when it is none.
# Runs in Spilo's image, whose wal-g and PostgreSQL it calls.
set -euo pipefail

: "${WORK:=/restore}"
: "${SQL:=/scripts/restored.sql}"
: "${PG_BIN:=/usr/lib/postgresql/${PG_MAJOR:?}/bin}"
: "${RECOVER_WITHIN_S:=3000}"
data=$WORK/data
began=$(date +%s)

say() {
    echo "restore    $*"
}

mkdir -p "$WORK"
rm -rf "$data"
mkdir -m 0700 "$data"
wal-g backup-fetch "$data" LATEST
say "fetched in $(($(date +%s) - began)) seconds"

# Nothing of the primary's own configuration: its TLS, its hooks and its memory are not here. The
# socket, in a folder of this pod's alone, is the only way in.
echo 'local all all trust' >"$WORK/hba.conf"
cat >"$WORK/restore.conf" <<CONF
data_directory = '$data'
hba_file = '$WORK/hba.conf'
listen_addresses = ''
unix_socket_directories = '$WORK'
restore_command = 'wal-g wal-fetch "%f" "%p"'
recovery_target_timeline = 'latest'
hot_standby = off
archive_mode = off
shared_buffers = '128MB'
CONF
rm -f "$data/standby.signal" "$data/postgresql.auto.conf"
touch "$data/recovery.signal"

ask() {
    "$PG_BIN/psql" --no-psqlrc --host "$WORK" --username postgres --dbname jewelry_shop \
        --set ON_ERROR_STOP=1 --tuples-only --no-align --field-separator '|' "$@"
}
refuse() {
    tail -n 20 "$WORK/log"
    say "$*"
    exit 1
}
stop() {
    "$PG_BIN/pg_ctl" --silent --pgdata "$data" --mode immediate stop || true
}
trap stop EXIT
"$PG_BIN/pg_ctl" --silent --pgdata "$data" --no-wait \
    --log "$WORK/log" --options "-c config_file=$WORK/restore.conf" start

# Recovery goes to the end of what was archived; only then does it let anybody in.
until [ "$(ask --command 'SELECT NOT pg_is_in_recovery()' 2>/dev/null)" = t ]; do
    [ $(($(date +%s) - began)) -lt "$RECOVER_WITHIN_S" ] ||
        refuse "it is not there after $RECOVER_WITHIN_S seconds"
    sleep 1
    "$PG_BIN/pg_ctl" --pgdata "$data" status >/dev/null || refuse "it does not start"
done

rows=$(ask --file "$SQL")
failed=0
while IFS='|' read -r claim holds seen; do
    case $holds in
        t) say "$claim ($seen)" ;;
        *) say "NOT: $claim ($seen)"; failed=1 ;;
    esac
done <<<"$rows"
say "took $(($(date +%s) - began)) seconds"
exit "$failed"
