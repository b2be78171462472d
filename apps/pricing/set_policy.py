"""Setting the shop's own rules of pricing: checked against its tax pack, dated, never changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.core.units import Rounding, currency
from apps.pricing import rules
from apps.pricing.models import Metal
from apps.pricing.policy import CHARGES, ROUNDING, Charges
from apps.pricing.schemas import RoundingIn
from apps.shops.days import day_of
from apps.shops.models import Member, PolicyVersion
from apps.shops.policies import set_policy

MOST_PERCENT: Final = Decimal(1000)
MOST_FEE: Final = Decimal(10) ** 13
LONGEST_NAME: Final = 20
MOST_NAMED: Final = 20


@dataclass(eq=False)
class PolicyImpossible(Invalid):
    """`field` is a path into the policy: hallmark_fees.gold."""

    field: str
    reason: str

    def __str__(self) -> str:
        return self.reason


def set_charges(charges: Charges, *, by: Member, at: datetime) -> None:
    """Let these charges count from `at` on; the same again makes no new version.

    Raises PolicyImpossible: a fee or percent that cannot be, a tax category that the shop's pack
    of the day does not have.
    """
    _check_amounts(charges, code=by.shop.currency)
    pack = rules.version_for(by.shop.tax_pack, day_of(by.shop, at))
    named = [("making_category", charges.making_category)]
    named += [(f"fee_categories.{kind}", name) for kind, name in charges.fee_categories.items()]
    named += [(f"tax_rates.{name}", name) for name in charges.tax_rates]
    for field, name in named:
        if name and name not in pack.categories:
            raise PolicyImpossible(
                field=field,
                reason=_("Tax pack %(pack)s has no category %(name)s. It has: %(known)s.")
                % {"pack": pack.id, "name": name, "known": ", ".join(pack.categories)},
            )
    _set(CHARGES, charges.as_json(), by=by, at=at)


def set_rounding(rounding: RoundingIn, *, by: Member, at: datetime) -> None:
    """Let the shop round so from `at` on; the same again makes no new version.

    Raises PolicyImpossible: a step that is none of the currency's, or a round-off that may come to
    more than the pack's bound, which would be a discount that nobody gave.
    """
    shop = by.shop
    pack = rules.version_for(shop.tax_pack, day_of(shop, at))
    asked = rounding.over(pack.rounding(shop.currency))
    step = currency(shop.currency).step
    named = [(kind.value, rule) for kind, rule in asked.rules.items()]
    for field, rule in [*named, ("document", asked.document)]:
        if rule.step <= 0 or rule.step % step:
            raise PolicyImpossible(
                field=field,
                reason=_("%(step)s is no step of %(currency)s, which counts in %(smallest)s.")
                % {
                    "step": format(rule.step, "f"),
                    "currency": shop.currency,
                    "smallest": format(step, "f"),
                },
            )
    if _most_off(asked.document, step) > asked.bound:
        raise PolicyImpossible(
            field="document",
            reason=_(
                "Rounding a bill to %(step)s may give away more than %(bound)s. Choose a smaller"
                " step, or give discounts with a reason."
            )
            % {"step": format(asked.document.step, "f"), "bound": format(asked.bound, "f")},
        )
    _set(ROUNDING, rounding.model_dump(mode="json", exclude_none=True), by=by, at=at)


def _most_off(rule: rules.RoundingRule, smallest: Decimal) -> Decimal:
    """The most that rounding by this rule moves a bill."""
    nearest = rule.mode in (Rounding.HALF_UP, Rounding.HALF_EVEN)
    return rule.step / 2 if nearest else rule.step - smallest


def _set(section: str, values: dict[str, Any], *, by: Member, at: datetime) -> None:
    # A form sent twice is one version. The shop's row is not locked: two owners at one moment
    # make two versions, and the later one counts.
    newest = (
        PolicyVersion.objects.filter(section=section, valid_from__lte=at)
        .order_by("-valid_from", "-pk")
        .first()
    )
    if newest is None or newest.values != values:
        set_policy(section, values, by=by, at=at)


def _check_amounts(charges: Charges, *, code: str) -> None:
    places = currency(code).exponent
    for field, percent, most in _percents(charges):
        if not percent.is_finite() or not 0 <= percent <= most:
            raise PolicyImpossible(
                field=field,
                reason=_("%(percent)s is no percent here. Write 0 to %(most)s.")
                % {"percent": percent, "most": most},
            )
    for field, fee in _fees(charges):
        if not fee.is_finite() or not 0 <= fee < MOST_FEE:
            raise PolicyImpossible(
                field=field, reason=_("%(fee)s cannot be a fee. Check the amount.") % {"fee": fee}
            )
        if -int(fee.normalize().as_tuple().exponent) > places:
            raise PolicyImpossible(
                field=field,
                reason=_("%(fee)s has more decimals than %(currency)s, which has %(places)s.")
                % {"fee": format(fee, "f"), "currency": code, "places": places},
            )
    for metal in charges.hallmark_fees:
        if metal not in Metal.values:
            raise PolicyImpossible(
                field=f"hallmark_fees.{metal}",
                reason=_("%(metal)s is no metal of the board.") % {"metal": metal[:LONGEST_NAME]},
            )
    _check_laboratories(charges.certificate_fees)


def _check_laboratories(names: Iterable[str]) -> None:
    known = list(names)
    if len(known) > MOST_NAMED:
        raise PolicyImpossible(
            field="certificate_fees",
            reason=_("These are more than %(most)s laboratories. Leave some out.")
            % {"most": MOST_NAMED},
        )
    for name in known:
        if not name.strip() or name != name.strip() or len(name) > LONGEST_NAME:
            raise PolicyImpossible(
                field=f"certificate_fees.{name}",
                reason=_("A laboratory's name has from 1 to %(most)s characters. Shorten it.")
                % {"most": LONGEST_NAME},
            )


def _percents(charges: Charges) -> Iterable[tuple[str, Decimal, Decimal]]:
    if charges.profit_percent is not None:
        yield "profit_percent", charges.profit_percent, MOST_PERCENT
    for name, percent in charges.tax_rates.items():
        yield f"tax_rates.{name}", percent, Decimal(100)


def _fees(charges: Charges) -> Iterable[tuple[str, Decimal]]:
    for metal, fee in charges.hallmark_fees.items():
        yield f"hallmark_fees.{metal}", fee
    for name, fee in charges.certificate_fees.items():
        yield f"certificate_fees.{name}", fee
