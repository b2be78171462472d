-- What the two roles of the shop may be, whatever they were. Run as a superuser, as often as you like.
--
-- The operator gives a role flags and never takes one away; PostgreSQL lets everybody connect to a
-- new database. The same file is run by compose and by the cluster's Job `database-roles`.

-- Owns the tables and migrates. Row-level security does not bind it, so nothing serves as it.
ALTER ROLE jewelry_owner
    LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB;

-- Serves: web and worker. Bound by row-level security, owner of nothing.
ALTER ROLE jewelry_app
    LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOREPLICATION NOCREATEDB NOINHERIT;
-- On the role and not in the connection: a pooler in transaction mode passes no options.
ALTER ROLE jewelry_app SET statement_timeout = '15s';

-- Whatever the serving role was made a member of could lend it what the flags above deny.
DO $$
DECLARE granted name;
BEGIN
    FOR granted IN
        SELECT role.rolname FROM pg_auth_members
        JOIN pg_roles role ON role.oid = roleid
        JOIN pg_roles member ON member.oid = member
        WHERE member.rolname = 'jewelry_app'
    LOOP
        EXECUTE format('REVOKE %I FROM jewelry_app', granted);
    END LOOP;
END $$;

REVOKE ALL ON DATABASE jewelry_shop FROM PUBLIC;
GRANT CONNECT ON DATABASE jewelry_shop TO jewelry_app, pooler;
