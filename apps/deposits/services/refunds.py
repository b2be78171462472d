"""Paying money back: to the tenders it came from, or as store credit."""

from collections.abc import Sequence
from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.credit.refunds import plan
from apps.credit.tendered import Tendered
from apps.till.kinds import TenderKind
from apps.till.models import Direction, Payment


class BackTo(models.TextChoices):
    SOURCE = "source", _("The way it was paid")
    STORE_CREDIT = "store_credit", _("Store credit")


def refund_tenders(
    amount: Decimal, *, to: BackTo, receipts: Sequence[str], refunds: Sequence[str]
) -> list[Tendered]:
    """The tenders that hand `amount` back, in the order of `apps.credit.refunds.plan`.

    `receipts`, `refunds`: the numbers of the documents by which money came in and went out
    before. Raises RefundTooLarge.
    """
    if to == BackTo.STORE_CREDIT:
        return [Tendered(kind=TenderKind.STORE_CREDIT, amount=amount)]
    payments = Payment.objects.order_by("pk")
    return plan(
        list(payments.filter(reference__in=receipts, direction=Direction.IN)),
        amount,
        refunded=list(payments.filter(reference__in=refunds, direction=Direction.OUT)),
    )
