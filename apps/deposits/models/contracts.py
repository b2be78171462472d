"""Deposit contracts: what was agreed, which pieces lie aside, and each payment in and out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.units import GRAMS, MONEY, MOST_MONEY, RATE
from apps.customers.models import Customer
from apps.deposits.models.lines import PassbookLine
from apps.inventory.models import Piece
from apps.shops.models import Member, Shift, ShopOwned


class DepositKind(models.TextChoices):
    """What happens to the rate. The words are those of the pricing rules."""

    VALUE = "value", _("Money: the rate of the day it is delivered")
    GRAMS = "grams", _("Grams: each payment buys grams at that day's rate")
    FULL_LOCK = "full_lock", _("Full lock: every gram at today's rate")


class DropBorneBy(models.TextChoices):
    """Who has the loss when the rate on delivery is below the one that was fixed."""

    CUSTOMER = "customer", _("The customer: the fixed rate holds both ways")
    SHOP = "shop", _("The shop: the customer pays the lower rate")


class DepositState(models.TextChoices):
    OPEN = "open", _("Open")
    EXPIRED = "expired", _("Run out")
    DELIVERED = "delivered", _("Delivered")
    CANCELLED = "cancelled", _("Cancelled")
    FORFEITED = "forfeited", pgettext_lazy("deposit", "Kept")
    REPLACED = "replaced", _("Changed")


class Deposit(ShopOwned):
    """A contract over money paid before a sale. What it says stays; its state moves on.

    A contract that is changed is a new one with the next version, and the old one is
    `replaced`. What is in it is the sum of its lines (`DepositMove`).
    """

    number = models.CharField(max_length=20)  # as printed: 1-D000001
    version = models.PositiveSmallIntegerField(default=1)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", db_index=False
    )
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="deposits", db_index=False)
    kind = models.CharField(max_length=10, choices=DepositKind)
    currency = models.CharField(max_length=3)
    # The metal whose rate is fixed, the fineness its grams are counted in, and the rate of the
    # day the contract was made; empty for money alone.
    metal = models.CharField(max_length=10, blank=True, default="")
    fineness = models.PositiveSmallIntegerField(null=True, blank=True)
    rate_amount = models.DecimalField(**RATE, null=True, blank=True)
    rate_unit = models.CharField(max_length=8, blank=True, default="")
    rate_fineness = models.PositiveSmallIntegerField(null=True, blank=True)
    drop_borne_by = models.CharField(
        max_length=8, choices=DropBorneBy, default=DropBorneBy.CUSTOMER
    )
    # What the pieces would have cost on the day of the contract, as it was quoted.
    agreed_total = models.DecimalField(**MONEY, null=True, blank=True)
    agreed = models.JSONField(default=dict)
    rules = models.JSONField(default=dict)  # the shop's deposit policy, as it was agreed to
    expires_on = models.DateField()  # its last day
    note = models.CharField(max_length=500, blank=True, default="")
    opened_at = models.DateTimeField()
    day = models.DateField()
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    request_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=DepositState, default=DepositState.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="deposits_deposit_number_unique", fields=["shop", "number"]
            ),
            models.UniqueConstraint(name="deposits_deposit_key_unique", fields=["shop", "key"]),
            models.UniqueConstraint(
                name="deposits_deposit_replaced_once",
                fields=["shop", "replaces"],
                condition=Q(replaces__isnull=False),
            ),
            models.CheckConstraint(
                name="deposits_deposit_words_known",
                condition=Q(
                    kind__in=DepositKind.values,
                    state__in=DepositState.values,
                    drop_borne_by__in=DropBorneBy.values,
                ),
            ),
            models.CheckConstraint(
                name="deposits_deposit_rate_named",
                condition=Q(kind=DepositKind.VALUE)
                | Q(rate_amount__gt=0, fineness__gt=0, rate_fineness__gt=0)
                & ~Q(metal="")
                & ~Q(rate_unit=""),
            ),
            models.CheckConstraint(
                name="deposits_deposit_money_possible",
                condition=Q(agreed_total__isnull=True)
                | Q(agreed_total__gte=0, agreed_total__lt=MOST_MONEY),
            ),
        ]
        indexes = [
            # The list of contracts, and those that run out.
            models.Index(name="deposits_deposit_listed", fields=["shop", "state", "expires_on"]),
            # The contracts of a customer.
            models.Index(name="deposits_deposit_customer", fields=["shop", "customer", "-id"]),
        ]

    def __str__(self) -> str:
        return self.number


class LeftAs(models.TextChoices):
    SOLD = "sold", _("Sold")
    RELEASED = "released", _("Released")


class DepositPiece(ShopOwned):
    """A piece that lies aside for a contract, until it left."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="pieces", db_index=False)
    position = models.PositiveSmallIntegerField()
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="+", db_index=False)
    tag = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    fine_g = models.DecimalField(**GRAMS, default=0)  # of the contract's metal
    agreed = models.DecimalField(**MONEY)  # what it would have cost on the day of the contract
    left_at = models.DateTimeField(null=True, blank=True)
    left_as = models.CharField(max_length=8, choices=LeftAs, blank=True, default="")
    left_for = models.CharField(max_length=40, blank=True, default="")  # the sale, the pay-out

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="deposits_piece_position", fields=["shop", "deposit", "position"]
            ),
            # Two contracts cannot have one piece.
            models.UniqueConstraint(
                name="deposits_piece_aside_once",
                fields=["shop", "piece"],
                condition=Q(left_at__isnull=True),
            ),
            models.CheckConstraint(
                name="deposits_piece_left_somehow",
                condition=Q(left_at__isnull=True, left_as="")
                | Q(left_at__isnull=False, left_as__in=LeftAs.values),
            ),
        ]

    def __str__(self) -> str:
        return self.tag


class DepositDue(ShopOwned):
    """A payment that was agreed: how much by which day. Never changed."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="schedule", db_index=False)
    position = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    amount = models.DecimalField(**MONEY)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="deposits_due_position", fields=["shop", "deposit", "position"]
            ),
            models.CheckConstraint(
                name="deposits_due_possible", condition=Q(amount__gt=0, amount__lt=MOST_MONEY)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"


class MoveKind(models.TextChoices):
    PAID = "paid", _("Paid in")
    LOCKED = "locked", _("Grams fixed")
    USED = "used", _("Used for a bill")
    REOPENED = "reopened", _("Put back from a bill")
    REFUNDED = "refunded", _("Paid back")
    KEPT = "kept", _("Kept by the shop")
    CARRIED = "carried", _("Carried to the changed contract")


class DepositMove(PassbookLine):
    """One line of a contract's passbook. Never changed."""

    deposit = models.ForeignKey(Deposit, models.PROTECT, related_name="moves", db_index=False)
    kind = models.CharField(max_length=10, choices=MoveKind)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="deposits_move_position", fields=["shop", "deposit", "position"]
            ),
            models.UniqueConstraint(
                name="deposits_move_key_unique",
                fields=["shop", "key"],
                condition=Q(key__isnull=False),
            ),
            models.CheckConstraint(
                name="deposits_move_direction",
                condition=Q(kind__in=[MoveKind.PAID, MoveKind.REOPENED], amount__gt=0)
                | Q(
                    kind__in=[MoveKind.USED, MoveKind.REFUNDED, MoveKind.KEPT],
                    amount__lte=0,
                    grams__lte=0,
                )
                | Q(kind=MoveKind.LOCKED, amount=0)
                | Q(kind=MoveKind.CARRIED),
            ),
            models.CheckConstraint(
                name="deposits_move_possible",
                condition=Q(amount__gt=-MOST_MONEY, amount__lt=MOST_MONEY)
                & (Q(rate_amount__isnull=True) | Q(rate_amount__gt=0)),
            ),
        ]
        indexes = [
            # From a sale or a receipt to the contracts it moved.
            models.Index(name="deposits_move_reference", fields=["shop", "reference"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
