"""What several standings come to."""

from collections.abc import Iterable

from apps.core.sampling.check import State
from apps.core.sampling.record import Standing


def fails(one: Standing) -> bool:
    """Whether its group fails with it: what gates nothing warns at most."""
    return one.gates and one.state is State.FAIL


def warns(one: Standing) -> bool:
    """Whether it is not as it should be, and its group goes on."""
    return one.state is not State.PASS and not fails(one)


def verdict(standings: Iterable[Standing]) -> State:
    """The state of a group of them."""
    worst = State.PASS
    for one in standings:
        if fails(one):
            return State.FAIL
        if warns(one):
            worst = State.WARN
    return worst
