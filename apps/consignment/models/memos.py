"""Pieces on approval: the paper, its lines, what came back, and what owners were paid."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY, MOST_MONEY
from apps.customers.models import Customer
from apps.inventory.models import Piece
from apps.shops.models import Member, ShopOwned


class Direction(models.TextChoices):
    OUT = "out", _("Lent out")
    IN = "in", _("In our care")


class Terms(models.TextChoices):
    """What was agreed about the price of one piece: the first three lent out, the rest taken in."""

    DAY = "day", _("The price of the day it is kept")
    TOTAL = "total", _("A price, tax included")
    MAKING = "making", _("The day's metal and an agreed making")
    FIXED = "fixed", _("A price to the owner")
    PERCENT = "percent", _("A percent of the sale to the owner")


TERMS_OUT = (Terms.DAY, Terms.TOTAL, Terms.MAKING)
TERMS_IN = (Terms.FIXED, Terms.PERCENT)


class LineState(models.TextChoices):
    OPEN = "open", _("Open")
    BACK = "back", _("Came back")
    SOLD = "sold", _("Sold")
    BOUGHT = "bought", _("Bought by us")
    LOST = "lost", _("Written off")
    RETAGGED = "retagged", _("Under other tags")


class Memo(ShopOwned):
    """Pieces that one party has of ours, or that we have of theirs, until a day."""

    direction = models.CharField(max_length=3, choices=Direction)
    code = models.CharField(max_length=20)  # the number: 1-MO000003
    party = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    due = models.DateField()  # the last day
    note = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    # Who agreed, where a second person had to: the prices that were agreed stand on their word.
    approved_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    # A form that is sent twice makes one paper.
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="consignment_memo_code", fields=["shop", "code"]),
            models.UniqueConstraint(name="consignment_memo_key", fields=["shop", "key"]),
            models.CheckConstraint(
                name="consignment_memo_direction_known",
                condition=Q(direction__in=Direction.values),
            ),
        ]
        indexes = [
            # The list, and what is overdue.
            models.Index(name="consignment_memo_due", fields=["shop", "direction", "due", "id"]),
            # All papers of one party.
            models.Index(name="consignment_memo_party", fields=["shop", "party"]),
        ]

    def __str__(self) -> str:
        return self.code


class MemoDay(ShopOwned):
    """A new day that was agreed for a memo. Never changed."""

    memo = models.ForeignKey(Memo, models.PROTECT, related_name="days", db_index=False)
    before = models.DateField()
    due = models.DateField()
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [models.Index(name="consignment_memoday_memo", fields=["shop", "memo"])]

    def __str__(self) -> str:
        return f"{self.memo_id} to {self.due}"


class MemoReturn(ShopOwned):
    """What came back of a memo, or went back to its owner, at one moment; with a number."""

    memo = models.ForeignKey(Memo, models.PROTECT, related_name="returns", db_index=False)
    code = models.CharField(max_length=20)  # the number: 1-MR000003
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="consignment_memoreturn_code", fields=["shop", "code"]),
            models.UniqueConstraint(name="consignment_memoreturn_key", fields=["shop", "key"]),
        ]
        indexes = [models.Index(name="consignment_memoreturn_memo", fields=["shop", "memo"])]

    def __str__(self) -> str:
        return self.code


class MemoLine(ShopOwned):
    """One piece of a memo: what was agreed about it, and what became of it."""

    memo = models.ForeignKey(Memo, models.PROTECT, related_name="lines", db_index=False)
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="memo_lines", db_index=False)
    terms = models.CharField(max_length=7, choices=Terms)
    # Money, or percent of the sale without tax; NULL: the price of the day.
    value = models.DecimalField(**MONEY, null=True, blank=True)
    # What a piece lent out cost on that day, tax included; NULL: it had no price.
    price_then = models.DecimalField(**MONEY, null=True, blank=True)
    state = models.CharField(max_length=8, choices=LineState, default=LineState.OPEN)
    ended_at = models.DateTimeField(null=True, blank=True)
    returned = models.ForeignKey(
        MemoReturn, models.PROTECT, null=True, blank=True, related_name="lines", db_index=False
    )
    reference = models.CharField(max_length=40, blank=True, default="")  # the bill that sold it
    # What its owner is owed for it since it was sold or bought.
    owed = models.DecimalField(**MONEY, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="consignment_memoline_one_open",
                fields=["shop", "piece"],
                condition=Q(state="open"),
            ),
            models.CheckConstraint(
                name="consignment_memoline_terms_possible",
                condition=Q(terms="day", value__isnull=True)
                | Q(terms__in=["total", "fixed"], value__gt=0, value__lt=MOST_MONEY)
                | Q(terms="making", value__gte=0, value__lt=MOST_MONEY)
                | Q(terms="percent", value__gt=0, value__lte=100),
            ),
            models.CheckConstraint(
                name="consignment_memoline_ended",
                condition=Q(state="open", ended_at__isnull=True, owed__isnull=True)
                | Q(state__in=[*LineState.values][1:], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="consignment_memoline_owed_possible",
                condition=Q(owed__isnull=True)
                | Q(owed__gte=0, owed__lt=MOST_MONEY, state__in=["sold", "bought"]),
            ),
        ]
        indexes = [
            models.Index(name="consignment_memoline_memo", fields=["shop", "memo", "id"]),
            # What a bill sold.
            models.Index(
                name="consignment_memoline_reference",
                fields=["shop", "reference"],
                condition=~Q(reference=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.memo_id} {self.piece_id}"


class OwnerPayment(ShopOwned):
    """Money paid to the owner of pieces that were sold or bought; with a number."""

    code = models.CharField(max_length=20)  # the number: 1-MP000003
    party = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    amount = models.DecimalField(**MONEY)
    left = models.DecimalField(**MONEY)  # what was owed after it
    note = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="consignment_ownerpayment_code", fields=["shop", "code"]),
            models.UniqueConstraint(name="consignment_ownerpayment_key", fields=["shop", "key"]),
            models.CheckConstraint(
                name="consignment_ownerpayment_possible",
                condition=Q(amount__gt=0, amount__lt=MOST_MONEY, left__gte=0),
            ),
        ]
        indexes = [models.Index(name="consignment_ownerpayment_party", fields=["shop", "party"])]

    def __str__(self) -> str:
        return self.code
