"""The login as libpq does it, with the link's own parameters, and what its refusal means."""

from typing import Any, Final

import psycopg

from apps.core.database.explain import explain_failure
from apps.core.database.findings import FINDINGS
from apps.core.database.look import Look, Note, TookTooLong, fail, ok, skipped, within
from apps.core.database.redact import redact

LOGIN_WITHIN_S: Final = 4.0
_APPLICATION: Final = "jewelry-shop doctor"


def authentication(look: Look) -> Note:
    """Log in. A refusal is filed under its own stage; what stands before that was passed."""
    try:
        look.connection = connect(look)
    except TookTooLong:
        return fail("auth.no-answer", f"The login was not answered within {LOGIN_WITHIN_S:g} s.")
    except psycopg.Error as failure:
        explained = explain_failure(failure, secrets=look.secrets)
        words = redact(str(failure), look.secrets)
        evidence = tuple(f"{line.by}: {line.text}" for line in explained.lines) or (words,)
        if not explained.known:
            return fail("doctor.failed", "The login failed with words that are not known.", words)
        # The port answered a moment ago, so it is the login that was left without an answer.
        code = "auth.no-answer" if explained.code == "tcp.timeout" else explained.code
        return fail(code, FINDINGS[code].saw, *evidence)
    return ok(f"as {look.link.user}")


def hba(look: Look) -> Note:
    return ok("a line lets us in") if look.connection else skipped("not reached")


def database(look: Look) -> Note:
    return ok(look.link.dbname) if look.connection else skipped("not reached")


def connect(look: Look, **more: Any) -> psycopg.Connection[Any]:
    """One connection by the link's parameters, to the address that was found open.

    Raises TookTooLong, psycopg.Error.
    """
    link = look.link
    given: dict[str, Any] = {
        "host": link.host,
        "hostaddr": look.address,
        "port": link.port,
        "dbname": link.dbname,
        "user": link.user,
        "password": link.password,
        "sslmode": link.sslmode,
        "sslrootcert": link.sslrootcert,
        "sslcert": link.sslcert,
        "sslkey": link.sslkey,
        "sslnegotiation": link.sslnegotiation,
        # A certificate of the person's own is not for this server.
        "sslcertmode": "" if link.sslcert else "disable",
        "application_name": _APPLICATION,
        "connect_timeout": int(LOGIN_WITHIN_S) + 1,
        "passfile": "/dev/null",
    }
    parameters: dict[str, Any] = {
        name: value for name, value in given.items() if value != ""
    } | more
    # Never in a repr: the connection's own shows the password.
    return within(LOGIN_WITHIN_S, lambda: psycopg.connect(autocommit=True, **parameters))


def stage_of(note: Note) -> str:
    """Under which of the three stages a refused login is filed."""
    stage = FINDINGS[note.code].stage if note.code else "authentication"
    return stage if stage in {"hba", "database"} else "authentication"
