"""Metal of suppliers: received before its price is agreed, fixed later, all of it or in parts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.formatting import grams
from apps.core.units import (
    EXACT,
    FULL_FINENESS,
    MOST_MONEY,
    RATE,
    currency,
    fine_grams,
    round_grams,
    round_to,
)
from apps.customers.models import Customer, CustomerKind
from apps.customers.selectors import customer_by_id
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.pricing.models import Metal
from apps.purchasing.models import Bar, Fixing, MetalReceipt
from apps.purchasing.rules.fixing import provisional_part
from apps.purchasing.selectors.metal import unfixed_of
from apps.purchasing.services.numbered import head_of
from apps.purchasing.services.offers import MOST_GRAMS
from apps.shops.models import Member
from apps.shops.services import next_number

_MOST_RATE = Decimal(10) ** (RATE["max_digits"] - RATE["decimal_places"])


@dataclass(eq=False)
class NoSupplier(Invalid):
    name: str

    def __str__(self) -> str:
        return _("%(name)s is no supplier. Choose one, or say on their page that they are.") % {
            "name": self.name
        }


@dataclass(eq=False)
class MetalImpossible(Invalid):
    field: str
    why: str

    def __str__(self) -> str:
        return self.why


@dataclass(eq=False)
class MoreThanUnfixed(Conflict):
    name: str
    unfixed_g: Decimal

    def __str__(self) -> str:
        return _("Of %(name)s %(grams)s is not fixed yet. Fix at most that much.") % {
            "name": self.name,
            "grams": grams(self.unfixed_g),
        }


@transaction.atomic
def receive_metal(
    *,
    supplier: int,
    metal: str,
    gross_g: Decimal,
    fineness: int,
    rate_per_fine_g: Decimal,
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
) -> MetalReceipt:
    """Take metal in whose price is not agreed: the supplier is owed its fine grams.

    In money it stands at a provisional rate, on both sides. A key that came before is answered
    with its receipt. Units: grams; parts per ten thousand; money per fine gram.

    Raises CustomerNotFound, NoSupplier, MetalImpossible.
    """
    first = MetalReceipt.objects.filter(key=key).first()
    if first is not None:
        return first
    who = _supplier_to_change(supplier)
    first = MetalReceipt.objects.filter(key=key).first()
    if first is not None:
        return first
    fine_g = _fine(metal, gross_g, fineness)
    money = by.shop.currency
    provisional = _worth(fine_g, rate_per_fine_g, money)
    number = next_number(by=by, at=at, code=register, kind="F")
    receipt = MetalReceipt.objects.create(
        **head_of(number, key=key, by=by, at=at),
        supplier=who,
        metal=metal,
        gross_g=gross_g,
        fineness=fineness,
        fine_g=fine_g,
        rate_per_fine_g=rate_per_fine_g,
        provisional=provisional,
    )
    Bar.objects.create(
        code=receipt.code,
        metal=metal,
        gross_g=gross_g,
        fineness=fineness,
        fine_g=fine_g,
        cost=provisional,
        arrived_at=at,
    )
    post(
        what="metal-receipt",
        reference=receipt.code,
        at=at,
        day=receipt.day,
        by=by,
        amounts=[
            Amount(account=chart.BULLION, commodity=metal, amount=fine_g),
            Amount(account=chart.METAL_PAYABLE, commodity=metal, amount=-fine_g, party=who.pk),
            Amount(account=chart.BULLION, commodity=money, amount=provisional),
            Amount(account=chart.METAL_PAYABLE, commodity=money, amount=-provisional, party=who.pk),
        ],
        shift=number.shift_id,
    )
    return receipt


@transaction.atomic
def fix(
    *,
    supplier: int,
    metal: str,
    fine_g: Decimal,
    rate_per_fine_g: Decimal,
    key: str,
    by: Member,
    at: datetime,
    register: str = "",
) -> Fixing:
    """Turn owed grams into owed money at an agreed rate: all of them, or a part.

    The grams are bought now, so they stop being owed; their provisional value makes room for the
    agreed one, and the difference is one of metal prices. A key that came before is answered with
    its fixing.

    Raises CustomerNotFound, NoSupplier, MetalImpossible, MoreThanUnfixed.
    """
    first = Fixing.objects.filter(key=key).first()
    if first is not None:
        return first
    who = _supplier_to_change(supplier)
    first = Fixing.objects.filter(key=key).first()
    if first is not None:
        return first
    _demand_grams("fine_g", fine_g)
    owed_g, standing = unfixed_of(who, metal)
    if fine_g > owed_g:
        raise MoreThanUnfixed(name=who.name, unfixed_g=owed_g)
    money = by.shop.currency
    amount = _worth(fine_g, rate_per_fine_g, money)
    provisional = provisional_part(
        fine_g=fine_g, owed_g=owed_g, provisional=standing, step=currency(money).step
    )
    number = next_number(by=by, at=at, code=register, kind="F")
    fixing = Fixing.objects.create(
        **head_of(number, key=key, by=by, at=at),
        supplier=who,
        metal=metal,
        fine_g=fine_g,
        rate_per_fine_g=rate_per_fine_g,
        amount=amount,
        provisional=provisional,
    )
    post(
        what="fixing",
        reference=fixing.code,
        at=at,
        day=fixing.day,
        by=by,
        amounts=[
            Amount(account=chart.METAL_PAYABLE, commodity=metal, amount=fine_g, party=who.pk),
            Amount(account=chart.OPENING, commodity=metal, amount=-fine_g),
            Amount(account=chart.METAL_PAYABLE, commodity=money, amount=provisional, party=who.pk),
            Amount(account=chart.PAYABLE, commodity=money, amount=-amount, party=who.pk),
            Amount(account=chart.METAL_VARIANCE, commodity=money, amount=amount - provisional),
        ],
        shift=number.shift_id,
    )
    return fixing


def _supplier_to_change(pk: int) -> Customer:
    who = customer_by_id(pk, to_change=True)
    if who.kind not in (CustomerKind.SUPPLIER, CustomerKind.REFINER):
        raise NoSupplier(name=who.name)
    return who


def _fine(metal: str, gross_g: Decimal, fineness: int) -> Decimal:
    assert metal in Metal.values, metal
    _demand_grams("gross_g", gross_g)
    if not 0 < fineness < FULL_FINENESS:
        raise MetalImpossible(
            field="fineness", why=_("A fineness is above 0 and up to 999.9. Read it again.")
        )
    fine_g = fine_grams(gross_g, fineness)
    if fine_g <= 0:
        raise MetalImpossible(
            field="gross_g", why=_("There is no fine metal in this weight. Check the figures.")
        )
    return fine_g


def _demand_grams(field: str, weight: Decimal) -> None:
    if not weight.is_finite() or not 0 < weight <= MOST_GRAMS or weight != round_grams(weight):
        raise MetalImpossible(
            field=field, why=_("A weight is above 0 and up to 100,000 g, with three decimals.")
        )


def _worth(fine_g: Decimal, rate: Decimal, code: str) -> Decimal:
    if not rate.is_finite() or not 0 < rate < _MOST_RATE:
        raise MetalImpossible(
            field="rate_per_fine_g", why=_("The rate is above zero. Write money per fine gram.")
        )
    amount = round_to(EXACT.multiply(fine_g, rate), currency(code).step)
    if not 0 < amount < MOST_MONEY / 10:
        raise MetalImpossible(
            field="rate_per_fine_g",
            why=_("These grams at this rate are no amount of money. Check both."),
        )
    return amount
