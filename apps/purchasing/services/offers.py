"""What is offered over the counter, and why it may be refused before any row is read."""

import json
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Final

from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Invalid
from apps.core.units import FULL_FINENESS, RATE
from apps.customers.cash_reason import NO_REASON, CashReason
from apps.pricing.models import Metal
from apps.purchasing.models import HowTested, Purpose
from apps.shops.approvals import Approver

MOST_ITEMS: Final = 50
MOST_GRAMS: Final = Decimal(100_000)
MOST_PHOTOS: Final = 4  # of one item
_MILLIGRAM: Final = Decimal("0.001")
_MOST_RATE: Final = Decimal(10) ** (RATE["max_digits"] - RATE["decimal_places"])


class NothingOffered(Invalid):
    def __str__(self) -> str:
        return _("The slip has no item on it. Weigh the first one.")


@dataclass(eq=False)
class ItemImpossible(Invalid):
    """`position` counts from 1; `field` names what cannot be."""

    position: int
    field: str
    why: str

    def __str__(self) -> str:
        return _("Item %(position)s: %(why)s") % {"position": self.position, "why": self.why}


@dataclass(eq=False)
class SlipKeyUsed(Conflict):
    key: str
    number: str

    def __str__(self) -> str:
        return _(
            "This form was sent before, and made %(number)s of other items. Begin a new slip."
        ) % {"number": self.number}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """One thing on the scale, as the clerk wrote it down.

    `offered_fineness`, `cut_percent` and `rate_per_g` are what the shop agrees to where it is not
    what its own rules say. `tester` is a user name; empty: whoever buys.
    Units: grams; parts per ten thousand; percent; money per gram of the offered fineness.
    """

    description: str
    metal: str
    gross_weight_g: Decimal
    stones_g: Decimal = Decimal(0)
    dirt_g: Decimal = Decimal(0)
    other_g: Decimal = Decimal(0)
    stated_fineness: int | None = None
    tested_fineness: int | None = None
    method: str = ""
    tester: str = ""
    offered_fineness: int | None = None
    cut_percent: Decimal | None = None
    rate_per_g: Decimal | None = None
    own_tag: str = ""
    photos: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def net_weight_g(self) -> Decimal:
        return self.gross_weight_g - self.stones_g - self.dirt_g - self.other_g


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBy:
    """One part of the money. No amount: all that the others leave."""

    kind: str
    amount: Decimal | None = None
    instrument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Everything about one slip. `key` makes repeating it harmless.

    `seen_total`: what the screen showed; where it is another by now, nothing is bought.
    """

    customer: int
    purpose: str
    items: tuple[NewItem, ...]
    key: str
    payments: tuple[PaidBy, ...] = ()
    seen_total: Decimal | None = None
    note: str = ""
    reason: str = ""
    register: str = ""
    approver: Approver | None = None
    cash_reason: CashReason = NO_REASON

    def digest(self) -> str:
        """The same for the same request, whoever approved it."""
        words = [
            [self.customer, self.purpose, self.register, self.note],
            [
                [
                    *(item.description, item.metal, item.method, item.tester, item.own_tag),
                    *(
                        str(number.normalize())
                        for number in (
                            item.gross_weight_g,
                            item.stones_g,
                            item.dirt_g,
                            item.other_g,
                        )
                    ),
                    *(item.stated_fineness, item.tested_fineness, item.offered_fineness),
                    *(
                        None if number is None else str(number.normalize())
                        for number in (item.cut_percent, item.rate_per_g)
                    ),
                    [sha256(photo).hexdigest() for photo in item.photos],
                ]
                for item in self.items
            ],
            [
                [p.kind, None if p.amount is None else str(p.amount.normalize()), p.instrument]
                for p in self.payments
            ],
        ]
        return sha256(json.dumps(words).encode()).hexdigest()


def demand_sense(offer: Offer) -> None:
    """Refuse what no scale shows and no metal is. Asks no database.

    Raises NothingOffered, ItemImpossible.
    """
    assert offer.purpose in Purpose.values, offer.purpose
    assert offer.key, "a key makes a second press harmless"
    if not offer.items:
        raise NothingOffered
    if len(offer.items) > MOST_ITEMS:
        raise ItemImpossible(
            position=len(offer.items),
            field="description",
            why=_("A slip has at most %(most)s items. Write a second one.") % {"most": MOST_ITEMS},
        )
    for position, item in enumerate(offer.items, start=1):
        for name, why in _wrong(item):
            raise ItemImpossible(position=position, field=name, why=why)


def _wrong(item: NewItem) -> list[tuple[str, str]]:
    """What cannot be of an item, the first thing first: (field, sentence)."""
    wrong = []
    if not item.description.strip() or len(item.description) > 120:
        wrong.append(("description", _("Describe it in up to 120 characters.")))
    if any(ord(sign) < 32 for sign in item.description + item.own_tag):
        wrong.append(("description", _("There is a control character in the text.")))
    if item.metal not in Metal.values:
        wrong.append(("metal", _("Choose its metal.")))
    wrong += _wrong_weights(item)
    wrong += _wrong_fineness(item)
    if item.cut_percent is not None and not (
        item.cut_percent.is_finite()
        and 0 <= item.cut_percent < 100
        and item.cut_percent == item.cut_percent.quantize(Decimal("0.0001"))
    ):
        wrong.append(("cut_percent", _("A cut is from 0 to less than 100 percent.")))
    if item.rate_per_g is not None and not (
        item.rate_per_g.is_finite() and 0 < item.rate_per_g < _MOST_RATE
    ):
        wrong.append(("rate_per_g", _("A rate is above zero. Leave it empty for the board's.")))
    if len(item.photos) > MOST_PHOTOS:
        wrong.append(
            ("photos", _("At most %(most)s photos of an item are kept.") % {"most": MOST_PHOTOS})
        )
    return wrong


def _wrong_weights(item: NewItem) -> list[tuple[str, str]]:
    weights = {
        "gross_weight_g": item.gross_weight_g,
        "stones_g": item.stones_g,
        "dirt_g": item.dirt_g,
        "other_g": item.other_g,
    }
    for name, weight in weights.items():
        if not weight.is_finite() or weight < 0 or weight > MOST_GRAMS:
            return [(name, _("A weight is from 0 to 100,000 g. Weigh it again."))]
        if weight != weight.quantize(_MILLIGRAM):
            return [(name, _("A weight has three decimals. Read the scale again."))]
    if item.gross_weight_g <= 0:
        return [("gross_weight_g", _("The gross weight is zero. Weigh it."))]
    if item.net_weight_g <= 0:
        return [
            (
                "gross_weight_g",
                _("The deductions are as heavy as the item itself. Weigh and deduct again."),
            )
        ]
    return []


def _wrong_fineness(item: NewItem) -> list[tuple[str, str]]:
    wrong = []
    for name, parts in (
        ("stated_fineness", item.stated_fineness),
        ("tested_fineness", item.tested_fineness),
        ("offered_fineness", item.offered_fineness),
    ):
        # 999.9 is the purest that is sold: whoever writes 1000 has mistyped.
        if parts is not None and not 0 < parts < FULL_FINENESS:
            wrong.append((name, _("A fineness is above 0 and up to 999.9.")))
    if item.tested_fineness is None or item.method not in HowTested.values:
        wrong.append(
            (
                "tested_fineness",
                _("It was not tested. Test it, and write the result and the method."),
            )
        )
    return wrong
