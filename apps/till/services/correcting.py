"""A finished close was wrong about the cash: a document of its own says so, the Z stays."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import Invalid
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member, Register, Series
from apps.shops.shifts import locked_register
from apps.till.models import ZCorrection, ZReport
from apps.till.report import CORRECTION
from apps.till.services.demands import demand_amount

_SERIES: Final = "K"


@dataclass(eq=False)
class NotInThisClose(Invalid):
    """A currency that the close did not count."""

    currency: str
    z: str

    def __str__(self) -> str:
        return _("%(z)s counted no %(currency)s. Choose a currency of that close.") % {
            "z": formatting.digits(self.z),
            "currency": self.currency,
        }


def correct(
    *,
    z: ZReport,
    currency: str,
    amount: Decimal,
    reason: str,
    by: Member,
    at: datetime,
    key: str,
    approver: Approver | None = None,
) -> ZCorrection:
    """Put right what a close said of the safe: `amount` above zero, there is more; below, less.

    More: Dr safe, Cr over and short; less: the other way. Dated on the day it is found, whatever
    drawer is open: it is no document of a shift. The form sent twice corrects once.

    Raises AmountImpossible, NotInThisClose, NotAllowed, ReasonMissing, ApprovalNeeded.
    """
    if currency not in z.snapshot["counted"]["cash"]:
        raise NotInThisClose(currency=currency, z=z.code)
    demand_amount(amount.copy_abs(), currency)
    with transaction.atomic():
        till = locked_register(pk=z.shift.register_id)
        first = ZCorrection.objects.filter(key=key).first()
        if first is not None:
            return first
        code = _next_code(till)
        permit(
            Action.CORRECT,
            by=by,
            reason=reason,
            reference=code,
            at=at,
            amount=amount.copy_abs() if currency == by.shop.currency else None,
            approver=approver,
        )
        correction = ZCorrection.objects.create(
            z=z,
            code=code,
            currency=currency,
            amount=amount,
            reason=reason.strip(),
            at=at,
            by=by,
            key=key,
        )
        post(
            what=CORRECTION,
            reference=code,
            at=at,
            day=day_of(by.shop, at),
            by=by,
            amounts=[
                Amount(account=chart.SAFE, commodity=currency, amount=amount),
                Amount(account=chart.OVER_SHORT, commodity=currency, amount=-amount),
            ],
        )
        return correction


def _next_code(till: Register) -> str:
    """The next number of corrections at a locked till.

    Not by `next_number`, which opens a drawer where none is open: a correction touches none.
    """
    series, _made = Series.objects.get_or_create(register=till, kind=_SERIES)
    series.last_number += 1
    series.save(update_fields=["last_number"])
    return f"{till.code}-{_SERIES}{series.last_number:06d}"
