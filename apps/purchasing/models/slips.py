"""Old gold over the counter: the slip, what was on the scale, and its void."""

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import FULL_FINENESS, GRAMS, MONEY, RATE
from apps.customers.models import Customer, IdentityPaper
from apps.pricing.models import Metal, RateUnit
from apps.purchasing.models.bags import Bag
from apps.purchasing.models.documents import Document
from apps.shops.models import Member, ShopOwned


class Purpose(models.TextChoices):
    CASH = "cash", _("Bought for money")
    EXCHANGE = "exchange", _("Taken in exchange")


class SlipState(models.TextChoices):
    TAKEN = "taken", _("Taken")
    VOIDED = "voided", _("Void")


class HowTested(models.TextChoices):
    TOUCHSTONE = "touchstone", _("Touchstone")
    ACID = "acid", _("Acid")
    XRF = "xrf", _("X-ray (XRF)")
    ELECTRONIC = "electronic", _("Electronic tester")
    FIRE_ASSAY = "fire_assay", _("Fire assay")
    HALLMARK = "hallmark", _("Hallmark read")


class OldGoldSlip(Document):
    """What was bought of whom, as they signed it.

    Only `state` and `claim_left` move on. An exchange gives the seller a claim on the shop,
    which a sale takes in payment; `claim_left` is what of it is not used yet, and together with
    the seller's other slips it is what the ledger owes them.
    """

    customer = models.ForeignKey(Customer, models.PROTECT, related_name="+", db_index=False)
    purpose = models.CharField(max_length=10, choices=Purpose)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(**MONEY)
    claim_left = models.DecimalField(**MONEY, default=0)
    state = models.CharField(max_length=8, choices=SlipState, default=SlipState.TAKEN)
    size = models.PositiveSmallIntegerField()  # how many items it was written with
    # The seller as they were on the day, and the paper that proved it (its kind, four digits).
    seller_name = models.CharField(max_length=120)
    seller_phone = models.CharField(max_length=40, blank=True, default="")
    seller_address = models.CharField(max_length=200, blank=True, default="")
    seller_birth_date = models.DateField(null=True, blank=True)
    paper = models.CharField(max_length=80, blank=True, default="")
    identity_paper = models.ForeignKey(
        IdentityPaper, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    declaration = models.TextField()
    rules = models.JSONField()  # the rules of the place and of the shop it was bought under
    hold_until = models.DateField(null=True, blank=True)  # until then nothing may be melted
    note = models.CharField(max_length=200, blank=True, default="")
    request_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="purchasing_slip_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(name="purchasing_slip_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(
                name="purchasing_slip_possible",
                condition=Q(
                    purpose__in=Purpose.values,
                    state__in=SlipState.values,
                    total__gt=0,
                    claim_left__gte=0,
                    claim_left__lte=F("total"),
                    size__gte=1,
                )
                & (Q(purpose=Purpose.EXCHANGE) | Q(claim_left=0)),
            ),
        ]
        indexes = [
            models.Index(name="purchasing_slip_day", fields=["shop", "day", "-id"]),
            models.Index(name="purchasing_slip_seller", fields=["shop", "customer", "-id"]),
            # Claims that are still open.
            models.Index(
                name="purchasing_slip_open",
                fields=["shop", "-id"],
                condition=Q(claim_left__gt=0),
            ),
        ]


class OldGoldItem(ShopOwned):
    """One thing on the scale. It stays as it was bought; the bag it lies in is another matter.

    net = gross - stones - dirt - other; fine = net x offered fineness, rounded once;
    value = (fine x rate of pure | net x rate of its fineness) x (100 - cut) / 100.
    `stated_fineness` is what the seller said, NULL where they said nothing: it is never assumed.
    Units: grams; parts per ten thousand; percent; money.
    """

    photo_ids: list[int]  # filled in by `selectors.slips.items_of`

    slip = models.ForeignKey(OldGoldSlip, models.PROTECT, related_name="items", db_index=False)
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=120)
    own_tag = models.CharField(max_length=24, blank=True, default="")  # a piece that we sold
    metal = models.CharField(max_length=10, choices=Metal)
    gross_weight_g = models.DecimalField(**GRAMS)
    stones_g = models.DecimalField(**GRAMS, default=0)
    dirt_g = models.DecimalField(**GRAMS, default=0)
    other_g = models.DecimalField(**GRAMS, default=0)
    net_weight_g = models.DecimalField(**GRAMS)
    stated_fineness = models.PositiveSmallIntegerField(null=True, blank=True)
    tested_fineness = models.PositiveSmallIntegerField()
    method = models.CharField(max_length=12, choices=HowTested)
    tested_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    offered_fineness = models.PositiveSmallIntegerField()
    cut_percent = models.DecimalField(max_digits=7, decimal_places=4)
    # The rate as it was quoted; `board_rate_per_g` is what the board said for this fineness.
    rate_amount = models.DecimalField(**RATE)
    rate_unit = models.CharField(max_length=8, choices=RateUnit)
    rate_fineness = models.PositiveSmallIntegerField()
    premium_percent = models.DecimalField(max_digits=7, decimal_places=4, default=0)
    board_rate_per_g = models.DecimalField(**RATE)
    fine_weight_g = models.DecimalField(**GRAMS)
    value = models.DecimalField(**MONEY)
    bag = models.ForeignKey(
        Bag, models.PROTECT, null=True, blank=True, related_name="items", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="purchasing_item_position_unique", fields=["shop", "slip", "position"]
            ),
            models.CheckConstraint(
                name="purchasing_item_weights_add_up",
                condition=Q(
                    stones_g__gte=0,
                    dirt_g__gte=0,
                    other_g__gte=0,
                    net_weight_g__gt=0,
                    net_weight_g=F("gross_weight_g") - F("stones_g") - F("dirt_g") - F("other_g"),
                    fine_weight_g__gte=0,
                    fine_weight_g__lte=F("net_weight_g"),
                ),
            ),
            models.CheckConstraint(
                name="purchasing_item_fineness_possible",
                condition=Q(
                    tested_fineness__gte=1,
                    tested_fineness__lte=FULL_FINENESS,
                    offered_fineness__gte=1,
                    offered_fineness__lte=FULL_FINENESS,
                    rate_fineness__gte=1,
                    rate_fineness__lte=FULL_FINENESS,
                )
                & (
                    Q(stated_fineness__isnull=True)
                    | Q(stated_fineness__gte=1, stated_fineness__lte=FULL_FINENESS)
                ),
            ),
            models.CheckConstraint(
                name="purchasing_item_worth_possible",
                condition=Q(
                    metal__in=Metal.values,
                    method__in=HowTested.values,
                    cut_percent__gte=0,
                    cut_percent__lt=100,
                    rate_amount__gt=0,
                    value__gt=0,
                ),
            ),
        ]
        indexes = [
            models.Index(
                name="purchasing_item_bag",
                fields=["shop", "bag"],
                condition=Q(bag__isnull=False),
            ),
            # What lies loose, by metal.
            models.Index(
                name="purchasing_item_loose",
                fields=["shop", "metal", "-id"],
                condition=Q(bag__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.description

    @property
    def deducted_g(self) -> Decimal:
        return self.stones_g + self.dirt_g + self.other_g


class SlipVoid(Document):
    """A slip undone on its own day in its own drawer: the gold and the money went back."""

    slip = models.ForeignKey(OldGoldSlip, models.PROTECT, related_name="voids", db_index=False)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="purchasing_slipvoid_code_unique", fields=["shop", "code"]
            ),
            models.UniqueConstraint(name="purchasing_slipvoid_once", fields=["shop", "slip"]),
            models.UniqueConstraint(name="purchasing_slipvoid_key_unique", fields=["shop", "key"]),
            models.CheckConstraint(name="purchasing_slipvoid_explained", condition=~Q(reason="")),
        ]
