"""Undoing a slip on its own day, in its own drawer, while nothing of it was touched."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.credit.payments import Tendered, receive
from apps.customers.selectors import customer_by_id
from apps.ledger.services import Amount, post
from apps.purchasing.models import OldGoldItem, OldGoldSlip, Purpose, SlipState, SlipVoid
from apps.purchasing.selectors.slips import slip_by_code
from apps.purchasing.services.buy import taken_in
from apps.purchasing.services.claims import give_up_claim
from apps.purchasing.services.numbered import head_of
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member
from apps.shops.services import next_number
from apps.till.kinds import TenderKind
from apps.till.models import Direction, Payment


@dataclass(eq=False)
class SlipStays(Conflict):
    """Why a slip cannot be voided any more; `why` is one of the words below."""

    slip: str
    why: str

    def __str__(self) -> str:
        return {
            "voided": _("Slip %(slip)s is void already."),
            "day": _("Slip %(slip)s is of another day. Sell the gold back instead."),
            "shift": _("The drawer that paid slip %(slip)s is closed. Sell the gold back instead."),
            "used": _("Something of slip %(slip)s was used already. Void the sale first."),
            "bagged": _("Something of slip %(slip)s lies in a bag. Take it out first."),
        }[self.why] % {"slip": self.slip}


@transaction.atomic
def void_slip(
    *,
    slip: str,
    reason: str,
    key: str,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> SlipVoid:
    """Give the gold back and take the money back: the slip's entry is reversed by a new one.

    Only on the slip's day, while the shift of its drawer is open, and while nothing of it was
    used or bagged. A key that came before is answered with its void.

    Raises SlipNotFound, SlipStays, and what `permit` and taking the money back raise.
    """
    first = SlipVoid.objects.filter(key=key).first()
    if first is not None:
        return first
    seller = customer_by_id(slip_by_code(slip).customer_id, to_change=True)
    undone = slip_by_code(slip, to_change=True)
    first = SlipVoid.objects.filter(key=key).first()
    if first is not None:
        return first
    # Locked, so that nobody bags them meanwhile.
    items = list(OldGoldItem.objects.select_for_update(of=("self",)).filter(slip=undone))
    _demand_untouched(undone, items, day_of(by.shop, at) == undone.day)
    number = next_number(by=by, at=at, code=undone.register.code, kind="V")
    if number.shift_id != undone.shift_id:
        raise SlipStays(slip=undone.code, why="shift")
    permit(
        Action.VOID,
        by=by,
        reason=reason,
        reference=str(number),
        at=at,
        amount=undone.total,
        approver=approver,
    )
    done = SlipVoid.objects.create(
        **head_of(number, key=key, by=by, at=at),
        slip=undone,
        reason=reason.strip()[:200],
    )
    if undone.purpose == Purpose.EXCHANGE:
        back = give_up_claim(undone, reference=done.code, by=by, at=at)
    else:
        back = receive(
            _paid(undone),
            what="old-gold-void",
            number=number,
            by=by,
            at=at,
            customer=seller,
            undoes=undone.code,
        )
    undone.state = SlipState.VOIDED
    undone.save(update_fields=["state"])
    post(
        what="old-gold-void",
        reference=done.code,
        at=at,
        day=done.day,
        by=by,
        amounts=[*_given_back(undone, items), *back],
        shift=number.shift_id,
    )
    return done


def _demand_untouched(slip: OldGoldSlip, items: list[OldGoldItem], is_today: bool) -> None:
    why = ""
    if slip.state == SlipState.VOIDED:
        why = "voided"
    elif not is_today:
        why = "day"
    elif slip.purpose == Purpose.EXCHANGE and slip.claim_left != slip.total:
        why = "used"
    elif any(item.bag_id is not None for item in items):
        why = "bagged"
    elif slip.register.shift_id != slip.shift_id:
        why = "shift"
    if why:
        raise SlipStays(slip=slip.code, why=why)


def _paid(slip: OldGoldSlip) -> list[Tendered]:
    """What was handed over for it, to be taken back by the same ways."""
    return [
        Tendered(
            kind=TenderKind(payment.kind), amount=payment.amount, instrument=payment.instrument
        )
        for payment in Payment.objects.filter(
            reference=slip.code, direction=Direction.OUT
        ).order_by("position")
    ]


def _given_back(slip: OldGoldSlip, items: list[OldGoldItem]) -> list[Amount]:
    fine: dict[str, Decimal] = {}
    for item in items:
        fine[item.metal] = fine.get(item.metal, Decimal(0)) + item.fine_weight_g
    return [
        Amount(account=each.account, commodity=each.commodity, amount=-each.amount)
        for each in taken_in(slip.total, fine, slip.currency)
    ]
