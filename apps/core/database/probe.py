"""Look at a link stage by stage; stop where it breaks. Ten seconds in all.

Every stage has a bound of its own, and what would begin after the ten seconds is not begun.
Nothing is written to the database.
"""

import contextlib
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import psycopg

from apps.core.database import stages_link, stages_login, stages_session
from apps.core.database.finding import STAGES
from apps.core.database.look import (
    Expect,
    Look,
    Note,
    Result,
    Status,
    TookTooLong,
    fail,
    ok,
    skipped,
    timed,
    within,
)
from apps.core.database.params import Link
from apps.core.database.redact import redact

ALL_WITHIN_S: Final = 10.0
# No stage may outlive this, whatever it waits for; the sum of what can hang stays below ten.
STAGE_WITHIN_S: Final = 5.0

LOOKERS: Final[dict[str, Callable[[Look], Note]]] = {
    "parameters": stages_link.parameters,
    "dns": stages_link.dns,
    "tcp": stages_link.tcp,
    "tls-offered": stages_link.tls_offered,
    "chain": stages_link.chain,
    "name": stages_link.name,
    "authentication": stages_login.authentication,
    "hba": stages_login.hba,
    "database": stages_login.database,
    "role": stages_session.role,
    "rls": stages_session.rls,
    "primary": stages_session.primary,
    "peer": stages_session.peer,
    "pooler": stages_session.pooler,
    "encryption": stages_session.encryption,
    "schema": stages_session.schema,
    "clock": stages_session.clock,
    "certificate-days": stages_session.certificate_days,
    "budget": stages_session.budget,
}
assert tuple(LOOKERS) == STAGES
_NOT_REACHED: Final = "not reached"
_FIRST_OF_SESSION: Final = STAGES.index("role")


def probe(link: Link, *, expect: Expect = Expect.PRIMARY) -> list[Result]:
    """Every stage's result, in order. After a failure up to the login the rest is skipped.

    Behind a login all stages are looked at: a superuser may stand before an unmigrated schema.
    """
    began = time.monotonic()
    look = Look(link=link, expect=expect, now=datetime.now(UTC))
    results: list[Result] = []
    broken = False
    try:
        for at, stage in enumerate(STAGES):
            left = ALL_WITHIN_S - (time.monotonic() - began)
            if broken or stage in look.notes:
                note, seconds = look.notes.get(stage, skipped(_NOT_REACHED)), 0.0
            elif left <= 0:
                note, seconds = skipped(f"the {ALL_WITHIN_S:g} s are over"), 0.0
            else:
                note, seconds = timed(_look_at(stage, look, min(left, STAGE_WITHIN_S)))
            if stage == "authentication" and note.status is Status.FAIL:
                note = _filed(look, note)
            look.notes[stage] = note
            results.append(Result(stage, note, seconds))
            broken = broken or (note.status is Status.FAIL and at < _FIRST_OF_SESSION)
            broken = broken or note.code == "doctor.failed"
    finally:
        if look.connection is not None:
            with contextlib.suppress(psycopg.Error, TookTooLong):
                within(1.0, look.connection.close)
    return results


def _filed(look: Look, note: Note) -> Note:
    """A refused login in its own stage: past the password where pg_hba or the database refuse."""
    stage = stages_login.stage_of(note)
    if stage == "authentication":
        return note
    look.notes[stage] = note
    if stage == "database":
        look.notes["hba"] = ok("a line lets us in")
        return ok(f"as {look.link.user}")
    # pg_hba.conf is asked before the password.
    return skipped("pg_hba.conf refuses before it comes to the password")


def _look_at(stage: str, look: Look, seconds: float) -> Callable[[], Note]:
    def work() -> Note:
        try:
            return within(seconds, lambda: LOOKERS[stage](look))
        except TookTooLong:
            return fail("doctor.failed", f"No answer within {seconds:.0f} s.")
        except (psycopg.Error, OSError) as failure:
            words = redact(str(failure), look.secrets)
            return fail("doctor.failed", "The look was cut short.", words)

    return work
