"""Who comes in: password, pg_hba, database, role, row-level security."""

from typing import Final

from apps.core.database.finding import Finding

ALL: Final = (
    Finding(
        "auth.wrong-password",
        "authentication",
        "User name and password do not match.",
        "Password wrong, role unknown, role without a password, or past its VALID UNTIL:"
        " PostgreSQL answers all four with the same sentence. TLS is not the matter.",
        "Take user and password from the same Secret and compare with the role; the server's log"
        " has a DETAIL line. After a volume was kept and the Secret made anew, set the role's"
        " password again.",
        "Do not change TLS settings or pg_hba.conf: the login got past both.",
    ),
    Finding(
        "auth.wrong-password-behind-echo",
        "authentication",
        "The password was refused over TLS; the line about SSL is only the plaintext retry.",
        "TLS worked. The mode prefer (libpq's default) then tries again in plaintext, which the"
        " server rightly refuses: the last line is an echo of the first.",
        "Correct user and password (same Secret, same role). Then set DB_SSLMODE=verify-full, so"
        " that the echo can never come back.",
        "Do not switch TLS off, do not open pg_hba.conf to plaintext, do not become superuser.",
    ),
    Finding(
        "auth.password-expired",
        "authentication",
        "The role's password is past its VALID UNTIL.",
        "PostgreSQL says a wrong password to the client; only its log, or pg_roles, tells.",
        "ALTER ROLE … VALID UNTIL 'infinity' or a new date, with a new password.",
        "Do not look for a typing mistake: the password is right.",
    ),
    Finding(
        "auth.no-such-role",
        "authentication",
        "There is no such role on the server.",
        "The client hears of a wrong password or a missing role; only the server's log is sure.",
        "Create the role (users: in the manifest), or correct DB_USER.",
        "Do not log in as postgres instead.",
    ),
    Finding(
        "auth.no-answer",
        "authentication",
        "The way to the server is open, and the login was not answered in time.",
        "The server hangs; or a pooler cannot reach its database to check the login: its own leg is"
        " broken, or the database does not exist there.",
        "Read the first error in the pooler's log, and run doctor against the database directly.",
        "Do not raise the timeout: a login takes milliseconds.",
    ),
    Finding(
        "auth.no-role-password",
        "authentication",
        "The role has no password, or one in a form that this login cannot use.",
        "SCRAM needs a SCRAM secret; a role made without a password has none.",
        "ALTER ROLE … PASSWORD under password_encryption = scram-sha-256.",
        "Do not set trust or md5 in pg_hba.conf.",
    ),
    Finding(
        "auth.no-password-given",
        "authentication",
        "The server asked for a password, and the client has none.",
        "APP_DB_PASSWORD is empty, or this program reads other variables.",
        "Set APP_DB_PASSWORD, or APP_DB_PASSWORD_FILE to the mounted file.",
        "Do not set trust in pg_hba.conf.",
    ),
    Finding(
        "auth.may-not-log-in",
        "authentication",
        "The role exists, and it may not log in.",
        "It was made NOLOGIN: a group, or a role that owns things.",
        "Use a login role (DB_USER), or ALTER ROLE … LOGIN if it is meant to be one.",
        "Do not make it a superuser.",
    ),
    Finding(
        "auth.method-failed",
        "authentication",
        "The login failed by another method than a password.",
        "The line of pg_hba.conf that matched asks for peer, ident, certificate, LDAP, PAM, GSSAPI"
        " or the like, and this client did not satisfy it.",
        "Find the matching line (the server's log names it) and use the way it asks for, or a"
        " hostssl line with scram-sha-256.",
        "Do not replace the line by trust.",
    ),
    Finding(
        "auth.method-unsupported",
        "authentication",
        "Client and server found no way of logging in that both accept.",
        "A very old client without SCRAM, or require_auth forbids what the server asks for.",
        "Renew the client's libpq (10 or newer), or correct require_auth.",
        "Do not go back to md5.",
    ),
    Finding(
        "auth.channel-binding-pooler",
        "authentication",
        "Channel binding is demanded, and the peer does not offer it.",
        "PgBouncer has no SCRAM-SHA-256-PLUS; PostgreSQL itself has, over TLS.",
        "channel_binding=prefer through the pooler; require only to PostgreSQL directly.",
        "Do not bypass the pooler for this alone.",
    ),
    Finding(
        "auth.channel-binding-md5",
        "authentication",
        "Channel binding is demanded, and the server asks for another kind of login.",
        "The role's secret is MD5, or its line asks for no SCRAM.",
        "Set the role's password again under password_encryption = scram-sha-256.",
        "Do not switch channel binding off before you know that the right server asks.",
    ),
    Finding(
        "hba.no-entry",
        "hba",
        "No line of pg_hba.conf matches this host, user and database.",
        "The list was replaced and lost a line, or the client comes from another address.",
        "Restore the default list; under the operator remove patroni.pg_hba altogether.",
        "Do not add host all all all trust or md5.",
    ),
    Finding(
        "hba.no-entry-plaintext",
        "hba",
        "No line of pg_hba.conf matches this connection, which came without encryption.",
        "Lines for TLS (hostssl) were not considered: the client spoke plaintext.",
        "First set DB_SSLMODE=verify-full; only if it then still fails look at pg_hba.conf.",
        "Do not add a line that lets plaintext in.",
    ),
    Finding(
        "hba.rejected",
        "hba",
        "A line of pg_hba.conf rejects this host, user and database, although over TLS.",
        "Somebody wrote reject for exactly this.",
        "Find the line (pg_hba_file_rules on the server) and ask why it is there.",
        "Do not put a wider line in front of it.",
    ),
    Finding(
        "database.missing",
        "database",
        "The login worked; the database does not exist.",
        "Another name, another cluster, or it has not been created.",
        "Correct POSTGRES_DB, or create the database (databases: in the manifest).",
        "Do not point the shop at postgres or template1.",
    ),
    Finding(
        "database.no-connect",
        "database",
        "The role may not connect to this database.",
        "CONNECT is not granted to it, and PUBLIC does not have it either.",
        "GRANT CONNECT ON DATABASE … TO the role.",
        "Do not make the role a superuser.",
    ),
    Finding(
        "database.not-accepting",
        "database",
        "The database is not accepting connections.",
        "ALLOW_CONNECTIONS is false, or it is being dropped or restored.",
        "Wait for the restore to end, or ALTER DATABASE … ALLOW_CONNECTIONS true.",
        "Do not connect to template0 instead.",
    ),
    Finding(
        "role.superuser",
        "role",
        "The serving role is a superuser.",
        "Row-level security does not bind it: every shop's rows are open to a single mistake.",
        "ALTER ROLE … NOSUPERUSER. The operator never takes the flag away by itself; check in"
        " pg_roles, not in the manifest.",
        "Do not keep it because a permission is missing: grant that permission.",
    ),
    Finding(
        "role.bypassrls",
        "role",
        "The serving role has BYPASSRLS.",
        "Row-level security does not bind it: every shop's rows are open to a single mistake.",
        "ALTER ROLE … NOBYPASSRLS.",
        "Do not use the role of backups to serve.",
    ),
    Finding(
        "role.owns-tables",
        "role",
        "The serving role owns tables.",
        "Row-level security does not bind an owner, and an owner may change the tables.",
        "Serve as jewelry_app, migrate as jewelry_owner.",
        "Do not use FORCE ROW LEVEL SECURITY instead: it blinds migrations.",
    ),
    Finding(
        "role.too-mighty",
        "role",
        "The serving role may create databases or roles, or replicate.",
        "The shop needs none of these; who takes over the web would have them.",
        "ALTER ROLE … NOCREATEDB NOCREATEROLE NOREPLICATION.",
        "Do not leave it because the manifest no longer says so: flags stay.",
    ),
    Finding(
        "role.expires-soon",
        "role",
        "The role's password ends in less than 21 days.",
        "After VALID UNTIL every login fails, with the sentence of a wrong password.",
        "Rotate the password and set a later VALID UNTIL.",
        "Do not wait: the message on that day will mislead.",
    ),
    Finding(
        "role.no-schema-permission",
        "role",
        "The role lacks a permission on a schema, table or database.",
        "Since PostgreSQL 15 only the owner creates in public. Migrations ran as the serving role,"
        " or grants are missing.",
        "Run migrations as jewelry_owner; grants come with them.",
        "Do not make the role a superuser or owner.",
    ),
    Finding(
        "rls.not-bound",
        "rls",
        "Row-level security does not bind this role on tables that have it.",
        "The role sees and writes every shop's rows.",
        "Serve as jewelry_app: no superuser, no BYPASSRLS, no owner.",
        "Do not rely on filters in the program.",
    ),
)
