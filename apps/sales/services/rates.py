"""Keep or take: which rates an open sale is priced at after the board changed."""

from datetime import datetime
from typing import Final

from django.db import transaction

from apps.sales.models import OpenSale
from apps.sales.open_sales import working_sale
from apps.sales.price_refusals import RatesRanOut
from apps.sales.quoted import SECTION, hold_time
from apps.sales.refusals import SaleNotOpen
from apps.shops.models import Member, Register
from apps.shops.policies import policy, set_policy

MOST_MINUTES: Final = 7 * 24 * 60


@transaction.atomic
def keep_rates(*, register: Register, at: datetime) -> OpenSale:
    """Stand by the quoted rates, and ask no more until the board changes again.

    Raises SaleNotOpen, RatesRanOut.
    """
    sale = _sale(register)
    if sale.rates_at is not None:
        until = sale.rates_at + hold_time(at)
        if at > until:
            raise RatesRanOut(until=until)
        sale.rates_kept_at = at
        sale.save(update_fields=["rates_kept_at"])
    return sale


@transaction.atomic
def take_rates(*, register: Register, at: datetime) -> OpenSale:
    """Quote the board of now for every line of the sale. Raises SaleNotOpen."""
    sale = _sale(register)
    sale.rates_at, sale.rates_kept_at = at, None
    sale.save(update_fields=["rates_at", "rates_kept_at"])
    return sale


def set_hold_minutes(*, minutes: int, by: Member, at: datetime) -> None:
    """Keep quoted rates for so long from now on; 0 keeps none. Units: minutes."""
    assert 0 <= minutes <= MOST_MINUTES, "the form asks that"
    set_policy(SECTION, {**policy(SECTION, at=at), "hold_minutes": minutes}, by=by, at=at)


def _sale(register: Register) -> OpenSale:
    sale = working_sale(register).select_for_update(of=("self",)).first()
    if sale is None:
        raise SaleNotOpen
    return sale
