"""The counter's verbs in tests, with till, clerk and clock filled in."""

from datetime import timedelta
from decimal import Decimal

from apps.pricing import rules
from apps.sales.counter import at_the_counter
from apps.sales.models import TenderKind
from apps.sales.services.counter import put_on
from apps.sales.services.finish import Seen, finish
from apps.sales.services.hold import hold, resume
from apps.sales.services.line_price import discount_line, price_line
from apps.sales.services.tenders import take
from tests import make


def minutes(number):
    """So many minutes after noon."""
    return make.NOON + timedelta(minutes=number)


class Desk:
    """A clerk at a till; every verb may name another moment."""

    def __init__(self, till, clerk):
        self.till, self.clerk = till, clerk

    def now(self, at=make.NOON):
        return at_the_counter(shop=self.clerk.shop, register=self.till, at=at)

    def put_on(self, tag, at=make.NOON):
        return put_on(tag=tag, register=self.till, by=self.clerk, at=at)

    def pay(self, at=make.NOON, kind=TenderKind.CASH):
        left = self.now(at).standing.left
        return take(kind=kind, amount=left, register=self.till, by=self.clerk, at=at)

    def hold(self, at=make.NOON):
        key = self.now(at).open_sale.key
        return hold(key=key, register=self.till, by=self.clerk, at=at)

    def resume(self, sale, at=make.NOON):
        return resume(pk=sale.pk, register=self.till, by=self.clerk, at=at)

    def discount(self, line, *, approver=None, by=None, at=make.NOON, **terms):
        return discount_line(
            line=line.pk,
            terms=rules.DiscountTerms(**{"reason": "Old customer", **terms}),
            register=self.till,
            by=by or self.clerk,
            at=at,
            approver=approver,
        )

    def price(self, line, *, total=None, making=None, reason="", approver=None, by=None):
        return price_line(
            line=line.pk,
            total=None if total is None else Decimal(total),
            making=None if making is None else Decimal(making),
            reason=reason,
            register=self.till,
            by=by or self.clerk,
            at=make.NOON,
            approver=approver,
        )

    def finish(self, at=make.NOON, *, key=None):
        now = self.now(at)
        return finish(
            key=key or now.open_sale.key,
            shown=Seen(pieces=now.pieces_seen, total=now.total),
            register=self.till,
            by=self.clerk,
            at=at,
        )
