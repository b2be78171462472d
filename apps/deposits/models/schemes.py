"""Savings schemes: dated plans, members, and the lines of their passbooks."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY, MOST_MONEY
from apps.customers.models import Customer
from apps.deposits.models.lines import PassbookLine
from apps.shops.models import Member, Shift, ShopOwned


class SchemeKind(models.TextChoices):
    VALUE = "value", _("Money, with a bonus")
    GRAMS = "grams", _("Grams of metal, without making on them")


class SchemePlan(ShopOwned):
    """One version of a plan that is offered. Never changed: the next version follows it.

    Whoever joined an older version keeps it.
    """

    code = models.CharField(max_length=12)
    version = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=6, choices=SchemeKind)
    amount = models.DecimalField(**MONEY)  # of one instalment
    instalments = models.PositiveSmallIntegerField()  # one a month
    bonus_percent = models.DecimalField(max_digits=7, decimal_places=4)  # of one instalment
    late_allowed = models.PositiveSmallIntegerField()  # one more, and there is no bonus
    redeem_days = models.PositiveSmallIntegerField()  # after it is ripe
    longest_days = models.PositiveSmallIntegerField(null=True, blank=True)  # from joining to use
    early_kept_percent = models.DecimalField(max_digits=7, decimal_places=4)
    metal = models.CharField(max_length=10, blank=True, default="")
    fineness = models.PositiveSmallIntegerField(null=True, blank=True)
    gram_step = models.DecimalField(max_digits=4, decimal_places=3, null=True, blank=True)
    excluded_category = models.CharField(max_length=40, blank=True, default="")  # coins, mostly
    needs_identity = models.BooleanField(default=False)
    offered = models.BooleanField(default=True)
    valid_from = models.DateTimeField()
    set_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="deposits_plan_version_unique", fields=["shop", "code", "version"]
            ),
            models.CheckConstraint(
                name="deposits_plan_possible",
                condition=Q(
                    kind__in=SchemeKind.values,
                    amount__gt=0,
                    amount__lt=MOST_MONEY,
                    instalments__gte=1,
                    instalments__lte=120,
                    bonus_percent__gte=0,
                    bonus_percent__lte=1000,
                    early_kept_percent__gte=0,
                    early_kept_percent__lte=100,
                )
                & ~Q(name="")
                & ~Q(code=""),
            ),
            models.CheckConstraint(
                name="deposits_plan_metal_named",
                condition=Q(kind=SchemeKind.VALUE)
                | Q(fineness__gt=0, gram_step__gt=0) & ~Q(metal=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class MembershipState(models.TextChoices):
    OPEN = "open", _("Open")
    REDEEMED = "redeemed", _("Redeemed")
    CLOSED = "closed", _("Closed early")


class Membership(ShopOwned):
    """A customer's place in a plan. What it says stays; its state moves on."""

    number = models.CharField(max_length=20)  # as printed: 1-S000001
    plan = models.ForeignKey(SchemePlan, models.PROTECT, related_name="members", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, related_name="memberships", db_index=False
    )
    currency = models.CharField(max_length=3)
    day = models.DateField()  # on which it began; the first instalment is due on it
    ripe_on = models.DateField()
    redeem_by = models.DateField()  # the last day with the bonus
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    request_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=MembershipState, default=MembershipState.OPEN)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="deposits_membership_number_unique", fields=["shop", "number"]
            ),
            models.UniqueConstraint(name="deposits_membership_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="deposits_membership_state_known",
                condition=Q(state__in=MembershipState.values),
            ),
            models.CheckConstraint(
                name="deposits_membership_days_in_order",
                condition=Q(ripe_on__gte=models.F("day"), redeem_by__gte=models.F("ripe_on")),
            ),
        ]
        indexes = [
            models.Index(name="deposits_membership_listed", fields=["shop", "state", "ripe_on"]),
            models.Index(name="deposits_membership_customer", fields=["shop", "customer", "-id"]),
        ]

    def __str__(self) -> str:
        return self.number


class SchemeMoveKind(models.TextChoices):
    PAID = "paid", _("Instalment")
    USED = "used", _("Used for a bill")
    REOPENED = "reopened", _("Put back from a bill")
    REFUNDED = "refunded", _("Paid back")
    KEPT = "kept", _("Kept by the shop")


class SchemeMove(PassbookLine):
    """One line of a member's passbook. Never changed.

    A use takes the money that was paid (`amount`) and the bonus in proportion (`bonus`).
    """

    membership = models.ForeignKey(Membership, models.PROTECT, related_name="moves", db_index=False)
    kind = models.CharField(max_length=10, choices=SchemeMoveKind)
    instalment = models.PositiveSmallIntegerField(null=True, blank=True)
    due_on = models.DateField(null=True, blank=True)
    bonus = models.DecimalField(**MONEY, default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="deposits_schememove_position", fields=["shop", "membership", "position"]
            ),
            models.UniqueConstraint(
                name="deposits_schememove_instalment_once",
                fields=["shop", "membership", "instalment"],
                condition=Q(instalment__isnull=False),
            ),
            models.UniqueConstraint(
                name="deposits_schememove_key_unique",
                fields=["shop", "key"],
                condition=Q(key__isnull=False),
            ),
            models.CheckConstraint(
                name="deposits_schememove_direction",
                condition=Q(kind=SchemeMoveKind.PAID, amount__gt=0, instalment__gte=1)
                | Q(kind=SchemeMoveKind.REOPENED, amount__gte=0, instalment__isnull=True)
                | Q(
                    kind__in=[SchemeMoveKind.USED, SchemeMoveKind.REFUNDED, SchemeMoveKind.KEPT],
                    amount__lte=0,
                    grams__lte=0,
                    instalment__isnull=True,
                ),
            ),
        ]
        indexes = [
            models.Index(name="deposits_schememove_reference", fields=["shop", "reference"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
