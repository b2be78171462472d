"""What undoes a sale, wholly or line by line. Never changed, and never a line twice."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.core.units import GRAMS, MONEY, MOST_MONEY
from apps.customers.models import Customer
from apps.inventory.models import Piece
from apps.sales.models import Sale, SaleLine
from apps.shops.models import Approval, Member, Register, Shift, ShopOwned


class DocumentKind(models.TextChoices):
    VOID = "void", pgettext_lazy("document", "Void")
    RETURN = "return", _("Return")
    EXCHANGE = "exchange", _("Exchange")
    BUY_BACK = "buy_back", _("Buy-back")


class Fate(models.TextChoices):
    """Where a piece that came back went."""

    STOCK = "stock", _("Back into the stock")
    OLD_GOLD = "old_gold", _("To the old gold")


class Document(ShopOwned):
    """A void, a return, an exchange or a buy-back of pieces of one bill. Never changed.

    The four share their table, since they are found, printed and traced alike; each has a number
    series, an action that permits it and an entry in the books of its own.

    `total` is what the customer gets; `kept` what the shop keeps of what the lines had cost.
    total + cash_rounding = what was paid out + what paid for the new bill (`claim`).
    """

    kind = models.CharField(max_length=8, choices=DocumentKind)
    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()  # gap-free in its register and kind
    code = models.CharField(max_length=20)  # as printed: 1-R000042
    made_at = models.DateTimeField()
    day = models.DateField()  # the shop's day
    made_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    shift = models.ForeignKey(Shift, models.PROTECT, related_name="+", db_index=False)
    sale = models.ForeignKey(Sale, models.PROTECT, related_name="+", db_index=False)
    # The bill of what the customer took instead; of an exchange alone.
    new_sale = models.ForeignKey(
        Sale, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        Customer, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    customer_name = models.CharField(max_length=120, blank=True, default="")
    approval = models.ForeignKey(Approval, models.PROTECT, related_name="+", db_index=False)
    currency = models.CharField(max_length=3)
    # The head of the paper, and the taxes given back by their names and percents.
    terms = models.JSONField(default=dict)
    total = models.DecimalField(**MONEY)
    kept = models.DecimalField(**MONEY)
    tax = models.DecimalField(**MONEY)  # contained in the total
    round_off = models.DecimalField(**MONEY, default=0)  # contained in the total
    cash_rounding = models.DecimalField(**MONEY, default=0)
    claim = models.DecimalField(**MONEY, default=0)
    # A line that is added to a finished document makes the count wrong, and cannot commit.
    line_count = models.PositiveSmallIntegerField()
    # A repeated request finds the first document by its key; the digest tells another request.
    idempotency_key = models.CharField(max_length=80)
    request_digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="returns_document_number_unique",
                fields=["shop", "register", "kind", "number"],
            ),
            models.UniqueConstraint(name="returns_document_code_unique", fields=["shop", "code"]),
            models.UniqueConstraint(
                name="returns_document_key_unique", fields=["shop", "idempotency_key"]
            ),
            models.CheckConstraint(
                name="returns_document_possible",
                condition=Q(kind__in=DocumentKind.values)
                & Q(total__gte=0, total__lt=MOST_MONEY, kept__lt=MOST_MONEY)
                & Q(claim__gte=0, claim__lte=F("total"), line_count__gte=1)
                & (
                    Q(kind=DocumentKind.EXCHANGE, new_sale__isnull=False)
                    | (~Q(kind=DocumentKind.EXCHANGE) & Q(new_sale__isnull=True, claim=0))
                ),
            ),
        ]
        indexes = [
            # The list of documents, newest first.
            models.Index(name="returns_document_day", fields=["shop", "day", "-id"]),
            # What later documents did to a bill.
            models.Index(name="returns_document_sale", fields=["shop", "sale"]),
        ]

    def __str__(self) -> str:
        return self.code


class DocumentLine(ShopOwned):
    """One piece that came back, with the result of the shop's rules for it. Never changed.

    `refunded + kept` is what the line had cost the customer; for a buy-back, which is a purchase
    and undoes no price, `kept` is zero.
    """

    document = models.ForeignKey(Document, models.PROTECT, related_name="lines", db_index=False)
    position = models.PositiveSmallIntegerField()
    sale_line = models.ForeignKey(SaleLine, models.PROTECT, related_name="+", db_index=False)
    piece = models.ForeignKey(Piece, models.PROTECT, related_name="+", db_index=False)
    tag = models.CharField(max_length=30)
    name = models.CharField(max_length=120)
    # NULL where the piece was sold without a weight, or not weighed again (a void).
    sold_weight_g = models.DecimalField(**GRAMS, null=True, blank=True)
    weighed_g = models.DecimalField(**GRAMS, null=True, blank=True)
    # The terms that were applied, and each part: what was given back of it and what was kept.
    result = models.JSONField()
    refunded = models.DecimalField(**MONEY)
    kept = models.DecimalField(**MONEY)
    tax = models.DecimalField(**MONEY)  # contained in refunded
    fate = models.CharField(max_length=8, choices=Fate)
    worth = models.DecimalField(**MONEY)  # at what it stands in the books now

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="returns_documentline_position", fields=["shop", "document", "position"]
            ),
            # Whatever the document: a sold line comes back once.
            models.UniqueConstraint(name="returns_documentline_once", fields=["shop", "sale_line"]),
            models.CheckConstraint(
                name="returns_documentline_possible",
                condition=Q(
                    fate__in=Fate.values,
                    refunded__gte=0,
                    refunded__lt=MOST_MONEY,
                    worth__gte=0,
                    worth__lt=MOST_MONEY,
                )
                & (Q(weighed_g__isnull=True) | Q(weighed_g__gt=0)),
            ),
        ]
        indexes = [
            # The documents of a piece.
            models.Index(name="returns_documentline_tag", fields=["shop", "tag"]),
        ]

    def __str__(self) -> str:
        return self.tag
