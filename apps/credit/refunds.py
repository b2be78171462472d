"""Which way money goes back: to the tender it came from, cash last. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol

from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.credit.tendered import Tendered
from apps.till.kinds import TenderKind

_ZERO: Final = Decimal(0)
# First what leaves the clearest trace and cannot be spent elsewhere, cash last.
_ORDER: Final = (
    TenderKind.CARD,
    TenderKind.TRANSFER,
    TenderKind.ON_ACCOUNT,
    TenderKind.GIFT_CARD,
    TenderKind.STORE_CREDIT,
    TenderKind.DEPOSIT,
    TenderKind.SCHEME,
    TenderKind.OLD_GOLD,
    TenderKind.CASH,
)
# What cannot go back as what it was: the gold is melted, the contract is used up.
_USED_UP: Final = (TenderKind.DEPOSIT, TenderKind.SCHEME, TenderKind.OLD_GOLD)
# Where the money goes back to this very card and no other.
_NAMED: Final = (TenderKind.CARD, TenderKind.TRANSFER, TenderKind.GIFT_CARD)


class Paid(Protocol):
    """A tender of a document, as a sale's or a payment's row has it."""

    @property
    def kind(self) -> str: ...
    @property
    def amount(self) -> Decimal: ...
    @property
    def instrument(self) -> str: ...


@dataclass(eq=False)
class RefundTooLarge(Conflict):
    """More would go back than was paid and not given back yet."""

    amount: Decimal
    left: Decimal

    def __str__(self) -> str:
        return _(
            "%(amount)s is more than the %(left)s that was paid and not given back yet. Lower the"
            " amount."
        ) % {"amount": self.amount, "left": self.left}


@dataclass(slots=True)
class _Part:
    kind: TenderKind
    instrument: str
    left: Decimal


def plan(
    paid: Sequence[Paid],
    amount: Decimal,
    *,
    refunded: Sequence[Paid] = (),
    at_most: Mapping[TenderKind, Decimal] | None = None,
    instead: TenderKind = TenderKind.STORE_CREDIT,
) -> list[Tendered]:
    """Divide a refund among the tenders of the document that was paid.

    card, transfer, on account, gift card, store credit, then what cannot go
    back as it was (deposit, scheme, old gold: paid as `instead`), then cash;
    within a kind the largest first. No tender gets more than was paid by it
    less what went back to it (`refunded`); the parts add up to `amount`.

    `at_most` bounds kinds by what is possible now, as on account by what the
    customer still owes; what is beyond it is paid as `instead` too.
    Units: the shop's currency. Raises RefundTooLarge.
    """
    assert amount >= 0, amount
    parts = _parts(paid)
    _take_off(parts, refunded)
    left = sum((part.left for part in parts), _ZERO)
    if amount > left:
        raise RefundTooLarge(amount=amount, left=left)
    bounds = dict(at_most or {})
    rest, beyond = amount, _ZERO
    planned: list[Tendered] = []
    for part in parts:
        share = min(rest, part.left)
        rest -= share
        possible = share
        if part.kind in _USED_UP:
            possible = _ZERO
        elif part.kind in bounds:
            possible = min(share, max(bounds[part.kind], _ZERO))
            bounds[part.kind] -= possible
        beyond += share - possible
        _add(planned, part.kind, possible, part.instrument)
    _add(planned, instead, beyond, "")
    return planned


def _parts(paid: Sequence[Paid]) -> list[_Part]:
    """What was paid, together for each instrument, in the order it goes back."""
    sums: dict[tuple[TenderKind, str], Decimal] = {}
    for tender in paid:
        kind = TenderKind(tender.kind)
        key = (kind, tender.instrument if kind in _NAMED else "")
        sums[key] = sums.get(key, _ZERO) + tender.amount
    parts = [_Part(kind, instrument, left) for (kind, instrument), left in sums.items()]
    return sorted(parts, key=lambda part: (_ORDER.index(part.kind), -part.left, part.instrument))


def _take_off(parts: Sequence[_Part], refunded: Sequence[Paid]) -> None:
    """Lower the parts by what went back: by its own tender, else by what it stood for."""
    for gone in refunded:
        rest = gone.amount
        for part in sorted(parts, key=lambda part: _nearness(part, gone)):
            share = min(rest, part.left)
            part.left -= share
            rest -= share


def _nearness(part: _Part, gone: Paid) -> int:
    if part.kind == gone.kind:
        return 0 if part.instrument == gone.instrument else 1
    return 2 if part.kind in _USED_UP else 3


def _add(planned: list[Tendered], kind: TenderKind, amount: Decimal, instrument: str) -> None:
    """Add a part; `instead` may be a kind that is planned already without an instrument."""
    if not amount:
        return
    for at, one in enumerate(planned):
        if (one.kind, one.instrument) == (kind, instrument):
            planned[at] = Tendered(kind=kind, amount=one.amount + amount, instrument=instrument)
            return
    planned.append(Tendered(kind=kind, amount=amount, instrument=instrument))
