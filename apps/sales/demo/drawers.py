"""The demo shop's till in the morning: currencies it takes, its float, and PINs for approvals."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Final

from apps.credit.exchange import rates_in_force, set_cash_rate
from apps.shops.approvals import set_pin
from apps.shops.models import Member, Register
from apps.till.counted import Cash, Counted
from apps.till.models import MoveKind, MovePlace
from apps.till.policy import set_till_rules
from apps.till.services.moves import Wanted, move_cash
from apps.till.services.opening import open_till

# No secret: `make run` prints it. Of the owner and the manager.
PIN: Final = "2580"
# AED for one unit: the dollar's peg, and about what a euro is worth.
_CASH_RATES: Final = {"USD": Decimal("3.65"), "EUR": Decimal("4.20")}
_CAPITAL: Final = Decimal(20_000)
_FLOAT: Final = {Decimal(200): 8, Decimal(100): 10, Decimal(20): 15, Decimal(5): 20}


def open_in_the_morning(*, owner: Member, by: Member, at: datetime) -> None:
    """Take foreign cash too, open Till 1 with a counted float of 3,000, and fill the safe."""
    set_till_rules(currencies=tuple(_CASH_RATES), open_first=False, by=owner, at=at)
    till = Register.objects.get(code="1")
    float_ = Counted(cash={owner.shop.currency: Cash(pieces=_FLOAT)})
    open_till(register=till.pk, counted=float_, by=by, at=at, key="demo-float")
    for kind, place in ((MoveKind.IN, MovePlace.OWNER), (MoveKind.OUT, MovePlace.SAFE)):
        brought = Wanted(
            kind=kind,
            place=place,
            currency=owner.shop.currency,
            amount=_CAPITAL,
            reason="What the shop begins with",
        )
        move_cash(register=till.pk, wanted=brought, by=owner, at=at, key=f"demo-capital-{kind}")


def rate_foreign_cash(*, by: Member, at: datetime) -> None:
    """Say what foreign cash is worth today, where nobody has."""
    if not rates_in_force(shop=by.shop, at=at):
        for code, rate in _CASH_RATES.items():
            set_cash_rate(code=code, rate=rate, by=by, at=at)


def give_pins(members: Iterable[Member]) -> None:
    for member in members:
        set_pin(member=member, pin=PIN)
