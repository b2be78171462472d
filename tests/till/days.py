"""A drawer's day, step by step. Every step goes through our services."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from itertools import count
from uuid import uuid4

from django.db import transaction
from django.db.models import Sum

from apps.ledger import chart
from apps.ledger.models import Posting
from apps.ledger.services import Amount, post
from apps.shops.days import day_of
from apps.shops.models import Register
from apps.shops.services import next_number
from apps.till.counted import Cash, Counted
from apps.till.models import MoveKind, MovePlace
from apps.till.selectors import latest_count, open_shift
from apps.till.services.closing import sign
from apps.till.services.counting import send_count
from apps.till.services.moves import Wanted, move_cash
from apps.till.services.opening import open_till
from tests import make

_keys = count(1)


def key():
    return f"key-{next(_keys)}"


def till(code="1"):
    return Register.objects.get(code=code)


def cash(*, of="AED", total="0", **others):
    """What was counted, without a word about notes."""
    amounts = {of: total, **others}
    return {code: Cash(other=Decimal(amount)) for code, amount in amounts.items()}


def counted(total="0", *, card="0", transfer="0", bags=None, **others):
    """A count: dirhams in the drawer, and what lies beside them."""
    return Counted(
        cash=cash(total=total, **others),
        slips={"card": Decimal(card), "transfer": Decimal(transfer)},
        bags={metal: Decimal(grams) for metal, grams in (bags or {}).items()},
    )


def opened(*, by, total="500", at=make.NOON, code="1", send=None, **others):
    return open_till(
        register=till(code).pk,
        counted=Counted(cash=cash(total=total, **others)),
        by=by,
        at=at,
        key=send or key(),
    )


@transaction.atomic
def paid(
    amount="100",
    *,
    by,
    at=make.NOON,
    account=chart.CASH,
    commodity="AED",
    what="sale",
    code="1",
    kind="",
):
    """A document of the counter: so much came in. Below zero: it went out."""
    number = next_number(by=by, at=at, code=code, kind=kind)
    post(
        what=what,
        reference=str(number),
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=[
            Amount(account=account, commodity=commodity, amount=Decimal(amount)),
            Amount(account=chart.SALES_METAL, commodity=commodity, amount=-Decimal(amount)),
        ],
        shift=number.shift_id,
    )
    return str(number)


def moved(
    amount,
    *,
    by,
    out=False,
    place=MovePlace.SAFE,
    currency="AED",
    reason="change",
    at=make.NOON,
    code="1",
    send=None,
    approver=None,
):
    return move_cash(
        register=till(code).pk,
        wanted=Wanted(
            kind=MoveKind.OUT if out else MoveKind.IN,
            place=place,
            currency=currency,
            amount=Decimal(amount),
            reason=reason,
        ),
        by=by,
        at=at,
        key=send or key(),
        approver=approver,
    )


def sent(what, *, by, at=make.NOON, code="1", trays=None, send=None):
    return send_count(
        register=till(code).pk,
        counted=what,
        trays=trays or {},
        by=by,
        at=at,
        key=send or key(),
    )


def signed(*, by, count=None, reason="", at=make.NOON, code="1", send=None, approver=None):
    at_till = till(code)
    shift = open_shift(at_till)
    latest = latest_count(shift) if shift else None
    return sign(
        register=at_till.pk,
        count=count if count is not None else (latest.pk if latest else 1),
        reason=reason,
        by=by,
        at=at,
        key=send or key(),
        approver=approver,
    )


def balance(account, commodity="AED", *, shift=None):
    postings = Posting.objects.filter(account=account, commodity=commodity)
    if shift is not None:
        postings = postings.filter(entry__shift=shift)
    return postings.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def books_balance():
    """Every entry's sums are zero: in each commodity, whatever happened."""
    rows = Posting.objects.values("entry", "commodity").annotate(sum=Sum("amount")).order_by()
    return all(row["sum"] == 0 for row in rows)


@contextmanager
def nothing_done(*models):
    """The block leaves no row of these behind."""
    before = [model.objects.count() for model in models]
    yield
    assert [model.objects.count() for model in models] == before


def later(**by):
    return make.NOON + timedelta(**by)


def form_key():
    return str(uuid4())
