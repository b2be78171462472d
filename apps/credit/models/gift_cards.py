"""Gift cards, and every move of their money."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY, MOST_MONEY
from apps.customers.models import Customer
from apps.shops.models import Member, Shift, ShopOwned


class GiftCard(ShopOwned):
    """A document that sells a promise of money. All of it stays as sold; its balance moves.

    The code on the paper is not kept, only its digest and its last four signs:
    see `apps.credit.codes`. `balance` is the sum of the moves, kept here
    because whoever spends locks this row and the database refuses to go below zero.
    """

    number = models.CharField(max_length=20)  # of the document: 1-C000042
    digest = models.CharField(max_length=64)  # SHA-256 of the code, hexadecimal
    last4 = models.CharField(max_length=4)
    amount = models.DecimalField(**MONEY)
    balance = models.DecimalField(**MONEY)
    expires_on = models.DateField(null=True, blank=True)  # the last day it pays
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    sold_at = models.DateTimeField()
    day = models.DateField()
    sold_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    idempotency_key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="credit_giftcard_number", fields=["shop", "number"]),
            models.UniqueConstraint(name="credit_giftcard_digest", fields=["shop", "digest"]),
            models.UniqueConstraint(name="credit_giftcard_key", fields=["shop", "idempotency_key"]),
            models.CheckConstraint(
                name="credit_giftcard_possible",
                condition=Q(amount__gt=0, amount__lt=MOST_MONEY),
            ),
            models.CheckConstraint(
                name="credit_giftcard_balance",
                condition=Q(balance__gte=0, balance__lte=F("amount")),
            ),
        ]
        indexes = [
            # The list, newest first.
            models.Index(name="credit_giftcard_newest", fields=["shop", "-id"]),
            # Whose paper ends in these four.
            models.Index(name="credit_giftcard_last4", fields=["shop", "last4"]),
            # Those that have run out with money on them.
            models.Index(
                name="credit_giftcard_expiry",
                fields=["shop", "expires_on"],
                condition=Q(balance__gt=0, expires_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.number


class MoveKind(models.TextChoices):
    SOLD = "sold", _("Sold")
    SPENT = "spent", _("Spent")
    REFUNDED = "refunded", _("Paid back on it")
    EXPIRED = "expired", _("Ran out")


class GiftCardMove(ShopOwned):
    """Money onto (+) or off (−) a card. Never changed."""

    card = models.ForeignKey(GiftCard, models.PROTECT, related_name="moves", db_index=False)
    kind = models.CharField(max_length=8, choices=MoveKind)
    amount = models.DecimalField(**MONEY)
    reference = models.CharField(max_length=40)  # the document's number
    at = models.DateTimeField()
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="credit_giftcardmove_possible",
                condition=(Q(kind__in=["sold", "refunded"], amount__gt=0))
                | Q(kind__in=["spent", "expired"], amount__lt=0),
            ),
        ]
        indexes = [
            models.Index(name="credit_giftcardmove_card", fields=["shop", "card", "id"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
