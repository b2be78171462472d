"""Old gold that was taken at more than the board said, reckoned by the database."""

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Case, DecimalField, ExpressionWrapper, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Round
from django.urls import reverse

from apps.core.units import currency, grams_per
from apps.pricing.models import RateUnit
from apps.purchasing.models import OldGoldItem
from apps.reports.ask import Ask
from apps.reports.odd import Odd, Rows, Source

# So many decimals that a product of two columns and the first sixteen of a quotient fit.
_WIDE: Final = DecimalField(max_digits=120, decimal_places=40)


def bought_above_board(ask: Ask) -> Source:
    """Old gold taken at more than the board said; the amount is what it was more."""
    items = OldGoldItem.objects.filter(slip__day__range=(ask.period.since, ask.period.until))
    if ask.register:
        items = items.filter(slip__register=ask.register)
    over = items.annotate(over=_over_the_board(currency(ask.shop.currency).exponent))

    def told(bought: Sequence[Any]) -> list[Odd]:
        return [
            Odd(
                at=item.slip.at,
                who=item.slip.by_id,
                reference=item.slip.code,
                link=reverse("purchasing:slip", args=[item.slip.code]),
                said=item.description,
                amount=item.over,
            )
            for item in bought
        ]

    rows = over.filter(over__gt=0).select_related("slip")
    return Rows(rows=rows, at="slip__at", who="slip__by", told=told, amount=F("over"))


def _over_the_board(exponent: int) -> Combinable:
    """(rate of the offered fineness a gram - board's rate a gram) x net grams, rounded once.

    As `apps.pricing.rules.rates.per_gram` reckons; divided last, so that halves stay halves.
    """
    unit_g = Case(
        *(
            When(rate_unit=unit, then=Value(grams_per(unit), output_field=_WIDE))
            for unit in RateUnit.values
        )
    )
    quoted_for = ExpressionWrapper(unit_g * F("rate_fineness"), output_field=_WIDE)
    paid = ExpressionWrapper(F("rate_amount") * F("offered_fineness"), output_field=_WIDE)
    board = ExpressionWrapper(F("board_rate_per_g") * quoted_for, output_field=_WIDE)
    more = ExpressionWrapper((paid - board) * F("net_weight_g"), output_field=_WIDE)
    over = ExpressionWrapper(Cast(more, _WIDE) / quoted_for, output_field=_WIDE)
    return Round(over, precision=exponent)
