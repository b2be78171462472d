"""Wordings of the login and of what comes after it, and the codes behind them. Pure; see `wording`.

The server speaks the language of its lc_messages: those met most often stand here, and an
SQLSTATE, where a text has one, is the same in all of them.
"""

import re
from typing import Final

from apps.core.database.wording import LIBPQ, PGBOUNCER, POSTGRESQL, Tells
from apps.core.database.wording import wording as _w

# Refusals of plaintext: causes when they stand alone, echoes after another refusal.
PLAINTEXT_REFUSED: Final = frozenset({"tls.plaintext-refused", "hba.no-entry-plaintext"})

_SEVERE: Final = (
    r"(?:\b(?:FATAL|ERROR|PANIC)\s*:\s*(?:\w{5}:\s*)?|pooler error: |closing because: )"
)
_UNENCRYPTED: Final = (
    r"(?:no encryption|SSL off|keine Verschlüsselung|SSL aus|aucun chiffrement|SSL inactif"
    r"|sin cifrado|sin encriptación|SSL inactivo|без шифрования|SSL выкл)"
)
_HBA_REJECTS: Final = (
    r"(?:pg_hba\.conf (?:rejects|lehnt|rejette|rechaza|отвергает)\b"
    r"|отвергает подключение|rejette la connexion).*"
)
_HBA_LACKS: Final = (
    r"(?:no pg_hba\.conf entry|kein pg_hba\.conf-Eintrag|aucune entrée dans pg_hba\.conf"
    r"|no hay una línea en pg_hba\.conf|в pg_hba\.conf нет записи|нет записи в pg_hba\.conf).*"
)

_PGBOUNCER: Final = (
    _w(
        _SEVERE + r"SSL (?:connection is )?required",
        "tls.plaintext-refused",
        PGBOUNCER,
        Tells.GENERAL,
    ),
    _w(r"server login has been failing", "pooler.server-login-failing", PGBOUNCER, Tells.PASSING),
    _w(
        r"server login failed: FATAL.*password authentication failed|cannot do SCRAM"
        r" authentication: no password|server login failed",
        "pooler.server-login-failing",
        PGBOUNCER,
    ),
    _w(r"query_wait_timeout", "pooler.query-wait", PGBOUNCER, Tells.PASSING),
    _w(r"client_login_timeout", "pooler.client-login-timeout", PGBOUNCER, Tells.PASSING),
    _w(_SEVERE + r".*server conn crashed|server conn crashed\?", "pooler.server-lost", PGBOUNCER),
    _w(r"idle[ _]transaction[ _]timeout$", "pooler.idle-transaction", PGBOUNCER),
    _w(r"pooler is shutting down", "pooler.shutting-down", PGBOUNCER, Tells.PASSING),
    _w(
        r"no more connections allowed|client connections exceeded"
        r"|max_client_conn\b.*(?:reached|exceeded)",
        "pooler.full",
        PGBOUNCER,
    ),
    _w(r"unsupported (?:options )?startup parameter", "pooler.startup-parameter", PGBOUNCER),
    _w(
        r"schema \"pooler\" does not exist|function \S*user_lookup\S* does not exist"
        r"|permission denied for (?:schema pooler|function user_lookup)",
        "pooler.unknown-user",
        POSTGRESQL,
    ),
    _w(
        r"bouncer config error|auth_query response contained null user name",
        "pooler.unknown-user",
        PGBOUNCER,
        Tells.GENERAL,
    ),
    _w(_SEVERE + r".*no such database", "pooler.no-such-database", PGBOUNCER),
    _w(_SEVERE + r".*no such user", "pooler.no-such-user", PGBOUNCER),
    _w(
        r"wrong password type|did not provide SCRAM keys|user has MD5 secret"
        r"|cannot do SCRAM authentication",
        "pooler.secret-type",
        PGBOUNCER,
    ),
    _w(
        _SEVERE + r".*(?:SASL authentication failed|password authentication failed\s*(?:$|\())",
        "auth.wrong-password",
        PGBOUNCER,
        Tells.GENERAL,
    ),
    _w(
        r"prepared statement .* (?:already exists|does not exist)",
        "pooler.prepared-statement",
        POSTGRESQL,
    ),
    _w(r"cursor .* (?:already exists|does not exist)", "pooler.cursor", POSTGRESQL),
    _w(r"cached plan must not change result type", "pooler.cached-plan", POSTGRESQL),
)

_LOGIN: Final = (
    _w(
        r"channel binding is required, but server did not offer"
        r"|SCRAM-SHA-256-PLUS.*(?:not|without)|channel binding is required, but SSL",
        "auth.channel-binding-pooler",
        LIBPQ,
    ),
    _w(
        r"channel binding required but not supported|channel binding required, but server",
        "auth.channel-binding-md5",
        LIBPQ,
    ),
    # The server's own log: DETAIL says what the client may not hear.
    _w(
        r"User .* has an expired password|password (?:has )?expired for",
        "auth.password-expired",
        POSTGRESQL,
    ),
    _w(
        r"(?:DETAIL:\s+|FATAL:\s+(?:\w{5}:\s+)?)Role .* does not exist"
        r"|Rolle .* existiert nicht|le rôle .* n'existe pas|no existe el rol|роль .* не существует",
        "auth.no-such-role",
        POSTGRESQL,
    ),
    _w(
        r"User .* (?:has no password assigned|does not have a valid (?:SCRAM secret|SCRAM"
        r" verifier))",
        "auth.no-role-password",
        POSTGRESQL,
    ),
    _w(r"no password supplied|empty password returned", "auth.no-password-given", LIBPQ),
    _w(r"is not permitted to log in|darf sich nicht einloggen", "auth.may-not-log-in", POSTGRESQL),
    _w(
        r"authentication method \S+ not supported|authentication method requirement"
        r"|SASL authentication mechanisms? .*not|none of the server's SASL",
        "auth.method-unsupported",
        LIBPQ,
    ),
    _w(
        r"(?:peer|ident|certificate|LDAP|PAM|GSSAPI|RADIUS|BSD|OAuth bearer|SSPI) authentication"
        r" failed for user",
        "auth.method-failed",
        POSTGRESQL,
    ),
    _w(
        r"password authentication failed for user|password did not match|Password does not match"
        r"|Passwort-Authentifizierung für Benutzer .* fehlgeschlagen"
        r"|authentification par mot de passe .*échou"
        r"|(?:la )?autenti(?:fi)?caci[oó]n .*contrase[nñ]a.* fall"
        r"|autenticazione con password fallita|autenticação .*senha.* falhou"
        r"|не прошёл проверку подлинности|autoryzacja .*has[łl].* nie powiod"
        r"|パスワード認証に失敗|密码认证失败|password 認証に失敗|패스워드 인증",
        "auth.wrong-password",
        POSTGRESQL,
        Tells.GENERAL,
    ),
    _w(f"(?:{_HBA_REJECTS}){_UNENCRYPTED}", "tls.plaintext-refused", POSTGRESQL, Tells.GENERAL),
    _w(f"(?:{_HBA_LACKS}){_UNENCRYPTED}", "hba.no-entry-plaintext", POSTGRESQL, Tells.GENERAL),
    _w(_HBA_REJECTS, "hba.rejected", POSTGRESQL),
    _w(_HBA_LACKS, "hba.no-entry", POSTGRESQL),
    _w(
        r"(?:database|Datenbank|base de données|base de datos|база данных) .*"
        r"(?:does not exist|existiert nicht|n'existe pas|no existe|не существует)"
        r"|no existe la base de datos",
        "database.missing",
        POSTGRESQL,
    ),
    _w(
        r"permission denied for database|does not have CONNECT privilege"
        r"|keine Berechtigung für Datenbank",
        "database.no-connect",
        POSTGRESQL,
    ),
    _w(
        r"database .* is not currently accepting connections|cannot connect to invalid database",
        "database.not-accepting",
        POSTGRESQL,
    ),
    _w(
        r"permission denied (?:for|to)\b|must be owner of|must be (?:a )?superuser",
        "role.no-schema-permission",
        POSTGRESQL,
    ),
    _w(
        r"unrecognized configuration parameter|invalid value for parameter",
        "params.invalid",
        POSTGRESQL,
        Tells.GENERAL,
    ),
)

_SESSION: Final = (
    _w(
        r"in a read-only transaction|session is read-only|the server takes no writes|server"
        r" is in hot standby mode"
        r"|in einer Read-Only-Transaktion|recovery is in progress",
        "session.read-only",
        POSTGRESQL,
        Tells.GENERAL,
    ),
    _w(
        r"database system is (?:starting up|shutting down|in recovery mode|not (?:yet )?accepting)",
        "session.starting",
        POSTGRESQL,
        Tells.PASSING,
    ),
    _w(
        r"sorry, too many clients|remaining connection slots|slots are reserved"
        r"|number of requested standby connections exceeds",
        "budget.full",
        POSTGRESQL,
    ),
    _w(r"too many connections for (?:role|database)", "budget.role-full", POSTGRESQL),
    _w(
        r"terminating (?:connection|background worker) (?:due to|because of) (?:administrator|crash"
        r"|unexpected postmaster|conflict)|terminating connection because of crash",
        "session.terminated",
        POSTGRESQL,
        Tells.PASSING,
    ),
    _w(
        r"canceling statement due to (?:statement|lock) timeout"
        r"|terminating connection due to (?:idle|transaction)",
        "session.time-limit",
        POSTGRESQL,
        Tells.GENERAL,
    ),
    _w(
        r"(?:could not (?:extend file|write|resize shared)|PANIC|FATAL|ERROR).*no space"
        r" left on device"
        r"|(?:ERROR|FATAL):\s+(?:out of memory|disk full)",
        "session.out-of-room",
        POSTGRESQL,
    ),
    _w(r"current transaction is aborted", "session.aborted", POSTGRESQL, Tells.CONSEQUENCE),
    _w(
        r"\bthe connection is (?:closed|lost)|connection already closed|cursor already closed"
        r"|closing a closed connection",
        "session.closed",
        "the driver",
        Tells.CONSEQUENCE,
    ),
    _w(
        r"server closed the connection unexpectedly|consuming input failed"
        r"|SSL connection has been closed unexpectedly|SSL SYSCALL error"
        r"|could not (?:receive data from|send data to) server|lost synchronization with server"
        r"|(?:connection to server|could not connect).*(?:reset by peer|broken pipe)",
        "tcp.closed",
        "libpq",
        Tells.NO_WAY,
    ),
)

WORDINGS: Final = (*_PGBOUNCER, *_LOGIN, *_SESSION)

_STATES: Final = {
    "28P01": ("auth.wrong-password", Tells.GENERAL),
    "28000": ("hba.no-entry", Tells.PASSING),
    "3D000": ("database.missing", Tells.EXACT),
    "42501": ("role.no-schema-permission", Tells.EXACT),
    "25006": ("session.read-only", Tells.GENERAL),
    "25P02": ("session.aborted", Tells.CONSEQUENCE),
    "26000": ("pooler.prepared-statement", Tells.EXACT),
    "42P05": ("pooler.prepared-statement", Tells.EXACT),
    "34000": ("pooler.cursor", Tells.EXACT),
    "42P03": ("pooler.cursor", Tells.EXACT),
    "53100": ("session.out-of-room", Tells.EXACT),
    "53200": ("session.out-of-room", Tells.EXACT),
    "53300": ("budget.full", Tells.EXACT),
    "57014": ("session.time-limit", Tells.GENERAL),
    "57P01": ("session.terminated", Tells.PASSING),
    "57P02": ("session.terminated", Tells.PASSING),
    "57P03": ("session.starting", Tells.PASSING),
    "57P05": ("session.time-limit", Tells.GENERAL),
    "25P03": ("session.time-limit", Tells.GENERAL),
}
# A bare number of five digits is nothing; one that is called a code, or stands for a severity, is.
_STATE: Final = re.compile(
    r"(?:SQLSTATE\W{0,3}|\bsqlstate\w*\W{1,4}|\bcode\W{1,4}|\bpgcode\W{1,4}"
    r"|\b(?:FATAL|ERROR|PANIC|FEHLER|ERREUR|ВАЖНО|ОШИБКА)\s*:\s+)(?P<state>[0-9A-Z]{5})\b"
    r"|[\[(](?P<bare>(?:28P01|3D000|25P0[23]|42P0[35]|57P0[1235]))[\])]"
)


def state_in(text: str) -> tuple[str, Tells] | None:
    """The finding of an SQLSTATE that the text names."""
    match = _STATE.search(text)
    return _STATES.get(match["state"] or match["bare"]) if match else None
