#!/bin/sh
# Start PgBouncer from the variables that the Zalando operator gives its pooler, and let it load
# a renewed certificate while it runs.
set -eu
umask 077

# The operator gives the pooler's password here too, and PgBouncer takes it from the list. What a
# process was started with stays readable beside it, so the shell starts again without.
if [ -n "${PGPASSWORD+given}" ]; then
    unset PGPASSWORD
    exec /bin/sh "$0"
fi

: "${INFRASTRUCTURE_ROLES:=}"
# Ours, with the values of the image; elsewhere (without a container) they say where things are.
: "${POOLER_LISTEN_ADDRESS:=*}"
: "${POOLER_TEMPLATE:=/usr/local/share/pgbouncer/pgbouncer.ini.tmpl}"
: "${POOLER_USERLIST:=/etc/pgbouncer/userlist.txt}"
# In every container a file system in memory, also where the root is read-only.
: "${POOLER_RUN:=/dev/shm/pgbouncer}"
: "${POOLER_WATCH_SECONDS:=10}"
export INFRASTRUCTURE_ROLES POOLER_LISTEN_ADDRESS POOLER_USERLIST

say() {
    echo "pooler: $*" >&2
}

refuse() {
    say "$*"
    exit 64
}

# A line break or a space in a value would write settings of its own.
demand() {
    eval "value=\${$1:-}"
    [ -n "$value" ] || refuse "$1 is not set. $2"
    case $value in
        *[!A-Za-z0-9_.,:/@-]*) refuse "$1 holds a sign that no such value has. $2" ;;
    esac
}

for name in PGHOST PGPORT PGUSER PGSCHEMA CONNECTION_POOLER_PORT CONNECTION_POOLER_MODE \
    CONNECTION_POOLER_DEFAULT_SIZE CONNECTION_POOLER_RESERVE_SIZE \
    CONNECTION_POOLER_MAX_CLIENT_CONN CONNECTION_POOLER_MAX_DB_CONN; do
    demand "$name" "The operator sets it for connectionPooler."
done
demand CONNECTION_POOLER_CLIENT_TLS_CRT "Set spec.tls.secretName in the cluster's manifest."
demand CONNECTION_POOLER_CLIENT_TLS_KEY "Set spec.tls.secretName in the cluster's manifest."
demand CONNECTION_POOLER_CLIENT_CA_FILE "Set spec.tls.caFile in the cluster's manifest: ca.crt."
case $INFRASTRUCTURE_ROLES in
    *[!A-Za-z0-9_.,-]*) refuse "INFRASTRUCTURE_ROLES is no list of roles with commas." ;;
esac
[ -r "$POOLER_USERLIST" ] || refuse "$POOLER_USERLIST cannot be read. The operator mounts it."

certificate=$CONNECTION_POOLER_CLIENT_TLS_CRT
key=$CONNECTION_POOLER_CLIENT_TLS_KEY
authority=$CONNECTION_POOLER_CLIENT_CA_FILE

# What keeps the three files from being used; nothing when they can be.
fault() {
    public=$(openssl x509 -in "$certificate" -noout -pubkey 2>/dev/null) ||
        { echo "$certificate holds no certificate that can be read"; return; }
    of_key=$(openssl pkey -in "$key" -pubout 2>/dev/null) ||
        { echo "$key holds no key that can be read"; return; }
    [ "$public" = "$of_key" ] ||
        { echo "$key is not the key of $certificate"; return; }
    openssl x509 -in "$authority" -noout 2>/dev/null ||
        echo "$authority holds no certificate that can be read"
}

fingerprint() {
    cat "$certificate" "$key" "$authority" 2>/dev/null | sha256sum
}

# Files of a mounted secret change in one step, copied ones do not: a pair that does not fit
# together is left for the next look, and what is served stays as it is.
watch() {
    reported=
    while sleep "$POOLER_WATCH_SECONDS" && kill -0 "$1" 2>/dev/null; do
        seen=$(fingerprint)
        [ "$seen" != "$served" ] || continue
        wrong=$(fault)
        if [ -z "$wrong" ]; then
            say "the certificate files changed and are loaded"
            kill -HUP "$1"
            served=$seen
        elif [ "$seen" != "$reported" ]; then
            say "the certificate files changed and are not loaded: $wrong"
            reported=$seen
        fi
    done
}

served=$(fingerprint)
wrong=$(fault)
[ -z "$wrong" ] || refuse "$wrong."

mkdir -p "$POOLER_RUN"
# Named one by one, so that the $1 of auth_query stays.
envsubst '$PGHOST $PGPORT $PGUSER $PGSCHEMA $INFRASTRUCTURE_ROLES
    $CONNECTION_POOLER_PORT $CONNECTION_POOLER_MODE $CONNECTION_POOLER_DEFAULT_SIZE
    $CONNECTION_POOLER_RESERVE_SIZE $CONNECTION_POOLER_MAX_CLIENT_CONN
    $CONNECTION_POOLER_MAX_DB_CONN $CONNECTION_POOLER_CLIENT_TLS_CRT
    $CONNECTION_POOLER_CLIENT_TLS_KEY $CONNECTION_POOLER_CLIENT_CA_FILE
    $POOLER_LISTEN_ADDRESS $POOLER_USERLIST' \
    <"$POOLER_TEMPLATE" >"$POOLER_RUN/pgbouncer.ini"

# The shell becomes PgBouncer, so this number stays, and signals of the container reach it.
watch $$ &
exec pgbouncer "$POOLER_RUN/pgbouncer.ini"
