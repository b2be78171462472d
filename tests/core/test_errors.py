"""Refusals: the status of each kind, and facts that JSON can carry."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest

from apps.core import errors


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.Invalid, 422),
        (errors.Forbidden, 403),
        (errors.TooLarge, 413),
        (errors.Unavailable, 503),
    ],
)
def test_each_kind_has_its_status(kind, status):
    class Special(kind):
        pass

    assert errors.status_of(Special()) == status


def test_every_kind_is_in_the_table():
    kinds = {kind for kind in errors.Refusal.__subclasses__() if kind.__module__ == errors.__name__}
    assert kinds == set(errors.STATUS)


def test_every_refusal_of_the_program_has_a_kind():
    """A refusal that derives from Refusal itself would have no answer."""

    def below(kind):
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    import config.urls  # noqa: F401  # brings in every door, and with it every refusal

    kinds = tuple(errors.STATUS)
    ours = [kind for kind in below(errors.Refusal) if kind.__module__.startswith("apps.")]
    assert len(ours) > len(kinds)
    assert not [kind for kind in ours if not issubclass(kind, kinds)]


@dataclass(eq=False)
class WeightTooHigh(errors.Invalid):
    gross_weight_g: Decimal
    day: date
    metals: tuple[dict[str, Decimal], ...]
    nobody: None = None

    def __str__(self) -> str:
        return f"{self.gross_weight_g} g is too much."


def test_facts_are_plain():
    refusal = WeightTooHigh(
        gross_weight_g=Decimal("10.500"),
        day=date(2026, 1, 15),
        metals=({"gold": Decimal("1.0")},),
    )

    assert json.loads(json.dumps(refusal.facts())) == {
        "gross_weight_g": "10.500",  # never a float
        "day": "2026-01-15",
        "metals": [{"gold": "1.0"}],
        "nobody": None,
    }
