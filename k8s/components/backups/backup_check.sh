#!/bin/bash
# Are backups recent enough to be worth something? Ends with 1, and says why, when they are not.
# Runs in Spilo's image, whose wal-g, psql and python3 it calls.
set -euo pipefail

: "${BACKUP_HOURS_MAX:=26}"
: "${WAL_MINUTES_MAX:=60}"
failed=0

say() {
    echo "backup     $*"
}

wal-g backup-list --json >/tmp/backups.json || true
# With none, or without an answer, it may print nothing at all.
[ -s /tmp/backups.json ] || echo '[]' >/tmp/backups.json
# wal-g has called it `time` and `modified`. Prints hours since the newest, or nothing.
hours=$(python3 - /tmp/backups.json <<'PYTHON'
import json
import sys
from datetime import datetime, timezone

with open(sys.argv[1]) as listed:
    times = [one.get("time") or one.get("modified") for one in json.load(listed) or []]
if times:
    newest = max(datetime.fromisoformat(time[:19]) for time in times)
    print(int((datetime.now(timezone.utc).replace(tzinfo=None) - newest).total_seconds() // 3600))
PYTHON
)
if [ -z "$hours" ]; then
    say "there is no base backup"
    failed=1
elif [ "$hours" -gt "$BACKUP_HOURS_MAX" ]; then
    say "the newest base backup is $hours hours old, and $BACKUP_HOURS_MAX are allowed"
    failed=1
else
    say "the newest base backup is $hours hours old"
fi

# What the primary says of the log it hands over; the view is open to every role.
archive=$(psql --no-psqlrc --tuples-only --no-align --field-separator ' ' --command "
    SELECT coalesce((extract(epoch FROM now() - last_archived_time) / 60)::int, -1),
           coalesce(last_failed_time > last_archived_time, last_failed_time IS NOT NULL)
    FROM pg_stat_archiver")
read -r minutes failing <<<"$archive"
if [ "$minutes" -lt 0 ]; then
    say "no WAL was ever archived"
    failed=1
elif [ "$minutes" -gt "$WAL_MINUTES_MAX" ]; then
    say "the last WAL was archived $minutes minutes ago, and $WAL_MINUTES_MAX are allowed"
    failed=1
else
    say "the last WAL was archived $minutes minutes ago"
fi
if [ "$failing" = t ]; then
    say "the last try to archive WAL failed"
    failed=1
fi
exit "$failed"
