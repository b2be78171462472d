"""A deposit is delivered: its customer, its pieces and its money come on the counter."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from apps.deposits.selectors.contracts import deposit_by_number, pieces_of
from apps.sales.models import OpenSale, OpenSaleLine, OpenSaleTender
from apps.sales.services.counter import open_sale_to_change, put_on
from apps.sales.services.customer import choose_customer
from apps.sales.services.tenders import take
from apps.shops.models import Member, Register
from apps.till.kinds import TenderKind


@transaction.atomic
def bring_to_counter(*, number: str, register: Register, by: Member, at: datetime) -> OpenSale:
    """Put a deposit in payment and the pieces that lie aside for it on the till's sale.

    Nothing is sold or released yet. Done again it changes nothing.

    Raises DepositNotFound, DepositNotOpen, DepositRunOut, CustomerStillPays, OneDepositOnly,
    ClaimUsedUp, and what `put_on` says no with.
    """
    deposit = deposit_by_number(number)
    sale = open_sale_to_change(register=register, by=by, at=at)
    mine = OpenSaleTender.objects.filter(
        open_sale=sale, kind=TenderKind.DEPOSIT, instrument=deposit.number
    )
    if not mine.exists():
        choose_customer(pk=deposit.customer_id, register=register, by=by, at=at)
        take(
            kind=TenderKind.DEPOSIT,
            amount=Decimal(0),
            instrument=deposit.number,
            register=register,
            by=by,
            at=at,
        )
    there = set(
        OpenSaleLine.objects.filter(open_sale=sale, removed=False).values_list(
            "piece__tag", flat=True
        )
    )
    for row in pieces_of(deposit, aside=True):
        if row.tag not in there:
            put_on(tag=row.tag, register=register, by=by, at=at)
    return sale
