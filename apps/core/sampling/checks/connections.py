"""How many of the database's connections are in use: the last ones end a rollout, or a shop day."""

from typing import Final

import psycopg
from django.utils.translation import gettext_lazy as _

from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.checks.asking import ask_aside, no_answer
from apps.core.sampling.link import Link

_WARN_FROM: Final = 0.8
# Of other roles' sessions one sees no more than that they are there, which is enough.
_ROOM: Final = """
    SELECT current_setting('max_connections')::int
             - current_setting('superuser_reserved_connections')::int
             - coalesce(current_setting('reserved_connections', true)::int, 0),
           (SELECT coalesce(sum(numbackends), 0)::int FROM pg_stat_database)
"""


def build(link: Link) -> Check:
    return Check(
        name="connections",
        look=lambda: look(link),
        every_s=15.0,
        within_s=2.0,
        component_type="datastore",
        meaning=_("Room for more tills"),
    )


def look(link: Link) -> Reading:
    """One look. Observes the connections in use, and how many a serving role can have."""
    try:
        most, used = ask_aside(link, _ROOM).row
    except psycopg.Error as failure:
        return no_answer(failure, link=link)
    state = State.WARN if used > _WARN_FROM * most else State.PASS
    word = "pool" if state is State.WARN else ""
    observed = tuple(
        Observation(
            measurement=f"connections:{name}",
            value=value,
            unit="connections",
            state=state,
            word=word,
        )
        for name, value in (("used", used), ("most", most))
    )
    if state is State.PASS:
        return Reading(observed=observed)
    return Reading(
        state=state,
        word=word,
        finding="budget.nearly-full",
        said=f"{used} of {most} connections are in use",
        observed=observed,
    )
