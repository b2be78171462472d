"""Finished sales. Every number is frozen here; nothing is ever changed."""

from django.db import models
from django.db.models import F, Q

from apps.core.units import MONEY, MOST_MONEY, RATE
from apps.customers.models import Customer
from apps.inventory.models import Piece
from apps.shops.models import Member, Register, Shift, ShopOwned
from apps.till.kinds import TenderKind


class Sale(ShopOwned):
    """One bill. `total` is what the pieces cost; cash rounding comes on top of it.

    subtotal + tax + round_off = total; the tenders sum to total + cash_rounding.
    """

    register = models.ForeignKey(Register, models.PROTECT, related_name="sales", db_index=False)
    number = models.PositiveIntegerField()  # gap-free in its register
    code = models.CharField(max_length=20)  # as printed: 1-000042
    sold_at = models.DateTimeField()
    day = models.DateField()  # the shop's day
    sold_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, related_name="+", db_index=False)
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    customer_name = models.CharField(max_length=120, blank=True, default="")
    customer_email = models.EmailField(blank=True, default="")
    currency = models.CharField(max_length=3)
    tax_pack = models.CharField(max_length=40)  # code and date of the version that priced it
    # Taxes by part as printed, rounding and discount as given: what replays the bill.
    terms = models.JSONField(default=dict)
    subtotal = models.DecimalField(**MONEY)
    discount = models.DecimalField(
        **MONEY, default=0
    )  # contained in subtotal, as a sum for reports
    tax = models.DecimalField(**MONEY)
    round_off = models.DecimalField(**MONEY, default=0)
    total = models.DecimalField(**MONEY)
    cash_rounding = models.DecimalField(**MONEY, default=0)
    change = models.DecimalField(**MONEY, default=0)
    # How many pieces and payments it has; NULL in bills older than these columns. A row that is
    # added to a finished bill makes the count wrong, and cannot commit.
    line_count = models.PositiveSmallIntegerField(null=True)
    tender_count = models.PositiveSmallIntegerField(null=True)
    # A repeated request finds the first sale by its key; the digest tells another request.
    idempotency_key = models.CharField(max_length=80)
    request_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_sale_number_unique", fields=["shop", "register", "number"]
            ),
            models.UniqueConstraint(name="sales_sale_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(
                name="sales_sale_key_unique", fields=["shop", "idempotency_key"]
            ),
            models.CheckConstraint(
                name="sales_sale_adds_up",
                condition=Q(total=F("subtotal") + F("tax") + F("round_off")),
            ),
            models.CheckConstraint(
                name="sales_sale_money_possible",
                condition=Q(total__gte=0, total__lt=MOST_MONEY, change__gte=0),
            ),
        ]
        indexes = [
            # Today's takings, and the list of sales.
            models.Index(name="sales_sale_day", fields=["shop", "day", "-id"]),
            # What a customer bought.
            models.Index(
                name="sales_sale_customer",
                fields=["shop", "customer", "-id"],
                condition=Q(customer__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SaleLine(ShopOwned):
    """One piece on a bill, with everything that made its price."""

    sale = models.ForeignKey(Sale, models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="+", db_index=False)
    tag = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    # Weights, rates, terms, and each printed component with its basis and amount.
    snapshot = models.JSONField()
    metal = models.DecimalField(**MONEY)
    making = models.DecimalField(**MONEY)  # with wastage
    stones = models.DecimalField(**MONEY)
    extras = models.DecimalField(**MONEY)  # with profit lines and tag prices
    discount = models.DecimalField(**MONEY)  # zero or negative
    tax_on_top = models.DecimalField(**MONEY)
    total = models.DecimalField(**MONEY)
    # All tax in the total: on top of the prices, inside them, or of a margin scheme.
    tax = models.DecimalField(**MONEY)
    cost = models.DecimalField(**MONEY)
    live = models.BooleanField(default=True)  # false once a later document took the piece back

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_saleline_position", fields=["shop", "sale", "position"]
            ),
            models.UniqueConstraint(
                name="sales_saleline_piece_once", fields=["shop", "piece"], condition=Q(live=True)
            ),
            models.CheckConstraint(
                name="sales_saleline_adds_up",
                condition=Q(
                    total=F("metal")
                    + F("making")
                    + F("stones")
                    + F("extras")
                    + F("discount")
                    + F("tax_on_top")
                ),
            ),
        ]
        indexes = [
            # The bills that a piece was on, those that it came back from too.
            models.Index(name="sales_saleline_tag", fields=["shop", "tag"]),
        ]

    def __str__(self) -> str:
        return self.tag


class Tender(ShopOwned):
    """One payment of a bill. `amount` pays; `given` is what was handed over."""

    sale = models.ForeignKey(Sale, models.PROTECT, related_name="tenders", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=TenderKind)
    amount = models.DecimalField(**MONEY)
    given = models.DecimalField(**MONEY)
    # Cash of another currency: how much of it, and what one unit was worth.
    currency = models.CharField(max_length=3, blank=True, default="")
    foreign = models.DecimalField(**MONEY, null=True, blank=True)
    rate = models.DecimalField(**RATE, null=True, blank=True)
    # The card slip, the gift card, the deposit, the old-gold slip it was paid by.
    instrument = models.CharField(max_length=60, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="sales_tender_position", fields=["shop", "sale", "position"]
            ),
            models.CheckConstraint(
                name="sales_tender_possible",
                condition=Q(
                    amount__gte=0, given__gt=0, given__lt=MOST_MONEY, given__gte=F("amount")
                )
                & Q(kind__in=TenderKind.values),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount}"
