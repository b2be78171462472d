"""How a check asks the database on the side: shortly, and never in the way of `database`.

Such a check has nothing to give up: its question ends by itself. To cut the link would end
whichever question is under way there, and that may be the one that readiness hangs on.
"""

from collections.abc import Sequence
from typing import Any, Final

import psycopg

from apps.core.sampling.causes import cause_of
from apps.core.sampling.check import Observation, Reading, State
from apps.core.sampling.link import Answer, Link

# What a side question may take, so the longest that an urgent one waits for its turn.
SIDE_WITHIN_S: Final = 0.4


def ask_aside(link: Link, query: str, params: Sequence[Any] = ()) -> Answer:
    """The answer to a side question. Raises psycopg.Error."""
    return link.ask(query, params, within_s=SIDE_WITHIN_S)


def no_answer(
    failure: psycopg.Error, *, link: Link, observed: tuple[Observation, ...] = ()
) -> Reading:
    """The reading of a check that only warns, when its question was not answered."""
    cause = cause_of(failure, secrets=link.secrets)
    return cause.reading(state=State.WARN, observed=observed)
