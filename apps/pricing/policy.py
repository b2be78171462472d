"""The shop's own dated rules of pricing: what its tax pack leaves to it. Read here, set in
`set_policy`.

Two sections: `pricing` (profit, fees, tax categories and rates) and `rounding`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from apps.pricing.rules import FeeKind, RoundingPolicy
from apps.pricing.schemas import RoundingIn
from apps.shops.models import PolicyVersion, Shop
from apps.shops.policies import policy

CHARGES: Final = "pricing"
ROUNDING: Final = "rounding"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charges:
    """What the shop adds to a piece by weight, and how it is taxed where the pack leaves it open.

    Units: percents as 7.5; fees in the shop's money, a hallmark's for one article.
    """

    profit_percent: Decimal | None = None  # of a piece that names none
    hallmark_fees: Mapping[str, Decimal] = field(default_factory=dict)  # by metal
    certificate_fees: Mapping[str, Decimal] = field(default_factory=dict)  # by laboratory
    making_category: str = ""  # "": as the line's
    fee_categories: Mapping[FeeKind, str] = field(default_factory=dict)
    tax_rates: Mapping[str, Decimal] = field(default_factory=dict)  # percent by tax category

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Charges":
        """From the JSON of a policy; what it does not say is the default."""
        profit = values.get("profit_percent")
        return cls(
            profit_percent=None if profit is None else Decimal(profit),
            hallmark_fees=_amounts(values.get("hallmark_fees", {})),
            certificate_fees=_amounts(values.get("certificate_fees", {})),
            making_category=values.get("making_category", ""),
            fee_categories={
                FeeKind(kind): name for kind, name in values.get("fee_categories", {}).items()
            },
            tax_rates=_amounts(values.get("tax_rates", {})),
        )

    def as_json(self) -> dict[str, Any]:
        """What `read` reads back; empty entries are left out."""
        told: dict[str, Any] = {
            "profit_percent": None if self.profit_percent is None else _text(self.profit_percent),
            "hallmark_fees": _texts(self.hallmark_fees),
            "certificate_fees": _texts(self.certificate_fees),
            "making_category": self.making_category,
            "fee_categories": {kind.value: name for kind, name in self.fee_categories.items()},
            "tax_rates": _texts(self.tax_rates),
        }
        return {name: value for name, value in told.items() if value not in (None, "", {})}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPricing:
    """Both sections as they count at one moment. `rounding` None: as the tax pack says."""

    charges: Charges
    rounding: RoundingIn | None

    def rounding_over(self, pack: RoundingPolicy) -> RoundingPolicy:
        """The pack's rounding with the shop's own in its place."""
        return self.rounding.over(pack) if self.rounding else pack


def charges_at(at: datetime) -> Charges:
    """The charges of the shop in scope that count at `at`. One query."""
    return Charges.read(policy(CHARGES, at=at))


def own_pricing(shop: Shop, at: datetime) -> OwnPricing:
    """The shop's own rules of pricing at `at`. One query, as it stands in every sale.

    A shop that never set its rounding rounds as it was opened.
    """
    newest = (
        PolicyVersion.objects.filter(section__in=(CHARGES, ROUNDING), valid_from__lte=at)
        .order_by("section", "-valid_from", "-pk")
        .distinct("section")
    )
    values = {version.section: version.values for version in newest}
    rounding = values.get(ROUNDING, shop.rounding)
    return OwnPricing(
        charges=Charges.read(values.get(CHARGES, {})),
        rounding=RoundingIn.model_validate(rounding) if rounding else None,
    )


def _amounts(values: Mapping[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(value) for name, value in values.items()}


def _texts(amounts: Mapping[str, Decimal]) -> dict[str, str]:
    return {name: _text(amount) for name, amount in amounts.items()}


def _text(amount: Decimal) -> str:
    return format(amount, "f")
