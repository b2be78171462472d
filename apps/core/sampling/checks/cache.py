"""Does the cache answer? It is a table of the database, and pages do without it."""

from typing import Final

import psycopg
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from apps.core.sampling.check import Check, Observation, Reading
from apps.core.sampling.checks.asking import ask_aside, no_answer
from apps.core.sampling.link import Link

_BACKEND: Final = "django.core.cache.backends.db.DatabaseCache"


def table() -> str | None:
    """The cache's table; None where it is kept elsewhere."""
    cache = settings.CACHES["default"]
    return str(cache["LOCATION"]) if cache["BACKEND"] == _BACKEND else None


def build(link: Link, *, table: str) -> Check:
    return Check(
        name="cache",
        look=lambda: look(link, table=table),
        every_s=2.0,
        within_s=1.0,
        component_type="datastore",
        meaning=_("Keeps what is asked for often"),
    )


def look(link: Link, *, table: str) -> Reading:
    """One look: something is read. Observes how long that took."""
    query = sql.SQL("SELECT count(*) FROM (SELECT FROM {} LIMIT 1) one")
    try:
        answer = ask_aside(link, query.format(sql.Identifier(table)).as_string())
    except psycopg.Error as failure:
        return no_answer(failure, link=link)
    took = Observation(
        measurement="cache:responseTime",
        component="default",
        value=round(answer.took_s * 1000, 3),
        unit="ms",
    )
    return Reading(observed=(took,))
