#!/bin/bash
# Make the roles, the database and the pooler's lookup, once, when the data folder is new.
# The postgres image runs this before it listens on the network.
set -euo pipefail

: "${SECRETS:=/run/secrets/database}"
: "${SQL:=/docker-entrypoint-initdb.d/sql}"

psql() {
    command psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres "$@"
}

# psql reads the passwords from files, so that no command line shows them; and the server is told
# not to write down a statement that holds one, not even a failing one.
psql --dbname postgres \
    --set owner_file="$SECRETS/owner" --set app_file="$SECRETS/app" \
    --set pooler_file="$SECRETS/pooler" <<'SQL'
SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_error_statement = 'panic';
SET password_encryption = 'scram-sha-256';
\set owner `cat :owner_file`
\set app `cat :app_file`
\set pooler `cat :pooler_file`
CREATE ROLE jewelry_owner LOGIN PASSWORD :'owner';
CREATE ROLE jewelry_app LOGIN PASSWORD :'app';
CREATE ROLE pooler LOGIN PASSWORD :'pooler';
CREATE DATABASE jewelry_shop OWNER jewelry_owner;
SQL

psql --dbname jewelry_shop --file "$SQL/pooler-lookup.sql"
psql --dbname jewelry_shop --file "$SQL/database-roles.sql"
