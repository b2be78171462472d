"""Whose data it is.

Shops, members and tokens stand outside row-level security, since they are
read before the shop is known. Everything else of a shop is `ShopOwned`.
"""

from typing import Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY


class Shop(models.Model):
    """A jeweller's business: the tenant."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=40)
    currency = models.CharField(max_length=3)
    tax_pack = models.CharField(max_length=10)  # code of a pack in apps/pricing/tax_packs
    time_zone = models.CharField(max_length=40, default="UTC")
    address = models.CharField(max_length=200, blank=True, default="")
    phone = models.CharField(max_length=40, blank=True, default="")
    tax_number = models.CharField(max_length=40, blank=True, default="")
    receipt_terms = models.TextField(max_length=500, blank=True, default="")
    # The smallest coin a cash sum is rounded to; NULL takes the currency's own.
    cash_step = models.DecimalField(**MONEY, null=True, blank=True)
    # Rounding by line kind where the shop departs from its tax pack.
    rounding = models.JSONField(default=dict, blank=True)
    # For how many days a rate may price a sale; 1 is the day it was entered.
    rate_days = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shops_shop_slug_unique", fields=["slug"]),
            models.CheckConstraint(
                name="shops_shop_cash_step_positive",
                condition=Q(cash_step__isnull=True) | Q(cash_step__gt=0),
            ),
            models.CheckConstraint(
                name="shops_shop_rate_days_positive", condition=Q(rate_days__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    MANAGER = "manager", _("Manager")
    SALESPERSON = "salesperson", _("Salesperson")
    CASHIER = "cashier", _("Cashier")


# Who runs the shop: sets rates, keeps the stock, sees money.
IN_CHARGE: Final = (Role.OWNER, Role.MANAGER)


class Member(models.Model):
    """A person's place in one shop."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="members")
    shop = models.ForeignKey(Shop, models.PROTECT, related_name="members")
    role = models.CharField(max_length=12, choices=Role)
    # Approves what others may not do alone. A password hash; empty: no PIN was set.
    pin = models.CharField(max_length=128, blank=True, default="")
    pin_failures = models.PositiveSmallIntegerField(default=0)  # since the last right one
    pin_locked_until = models.DateTimeField(null=True, blank=True)
    # Since when they work here no more. The row stays: documents name it.
    let_go_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shops_member_unique", fields=["shop", "user"]),
            # What TieToShop of tenant tables points at.
            models.UniqueConstraint(name="shops_member_shop_row", fields=["shop", "id"]),
            models.CheckConstraint(
                name="shops_member_role_known", condition=Q(role__in=Role.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"


class ApiToken(models.Model):
    """A key to the API. Only its digest is kept; the key itself is shown once."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shops_apitoken_digest_unique", fields=["digest"]),
        ]

    def __str__(self) -> str:
        return f"token {self.pk}"


class CurrentShop(models.Func):
    """The shop in scope, filled in by the database."""

    function = "current_shop_id"
    output_field = models.BigIntegerField()


class ShopOwned(models.Model):
    """A row that belongs to one shop.

    `shop` is never passed by hand: the database fills in the shop in scope,
    and its policy (apps.core.rls.ProtectByShop) refuses any other.
    """

    # No index of its own: every index of a tenant table leads with the shop already.
    shop = models.ForeignKey(
        Shop,
        models.PROTECT,
        editable=False,
        db_default=CurrentShop(),
        db_index=False,
        related_name="+",
    )

    class Meta:
        abstract = True


class Branch(ShopOwned):
    """A place where the shop sells."""

    name = models.CharField(max_length=60)
    address = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shops_branch_name_unique", fields=["shop", "name"]),
        ]

    def __str__(self) -> str:
        return self.name


class Register(ShopOwned):
    """A till: its drawer, and its own gap-free series of document numbers."""

    branch = models.ForeignKey(Branch, models.PROTECT, related_name="registers", db_index=False)
    code = models.CharField(max_length=6)
    name = models.CharField(max_length=40)
    last_number = models.PositiveIntegerField(default=0)  # of its sales
    # The shift that is open at it. Whoever takes a number locks this row, so no document can
    # slip into a shift that is being closed.
    shift = models.ForeignKey(
        "shops.Shift", models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="shops_register_code_unique", fields=["shop", "code"]),
        ]

    def __str__(self) -> str:
        return self.name


class Series(ShopOwned):
    """The gap-free numbers of one kind of document at a register, beside its sales."""

    register = models.ForeignKey(Register, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=4)  # the letters in 1-R000042
    last_number = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="shops_series_unique", fields=["shop", "register", "kind"]
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.last_number}"


class Shift(ShopOwned):
    """One drawer from its opening to its close; what happened in it are entries of the ledger.

    Open while `closed_at` is NULL. A shift that nobody opened by hand was begun by the first
    document of a till, with nothing in the drawer.
    """

    register = models.ForeignKey(Register, models.PROTECT, related_name="shifts", db_index=False)
    number = models.PositiveIntegerField()  # gap-free in its register
    day = models.DateField()  # the shop's day on which it was opened
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    by_hand = models.BooleanField()  # somebody counted the float
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="shops_shift_number_unique", fields=["shop", "register", "number"]
            ),
            models.UniqueConstraint(
                name="shops_shift_one_open",
                fields=["shop", "register"],
                condition=Q(closed_at__isnull=True),
            ),
            models.CheckConstraint(
                name="shops_shift_closed_by_somebody",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="shops_shift_day", fields=["shop", "day"])]

    def __str__(self) -> str:
        return f"shift {self.number}"


class PolicyVersion(ShopOwned):
    """The shop's rules of one section from a moment on. Never changed: the newest counts.

    Each app knows the words of its own section (`returns`, `old_gold`, `till` …).
    """

    section = models.CharField(max_length=20)
    values = models.JSONField()
    valid_from = models.DateTimeField()
    set_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [
            models.Index(
                name="shops_policy_newest", fields=["shop", "section", "-valid_from", "-id"]
            )
        ]

    def __str__(self) -> str:
        return self.section


class Action(models.TextChoices):
    """What needs a permission, a reason and, above the shop's limit, a second person."""

    VOID = "void", _("Void a document")
    RETURN = "return", _("Take a piece back")
    EXCHANGE = "exchange", _("Exchange a piece")
    BUY_BACK = "buy_back", _("Buy a piece back")
    TRADE_IN = "trade_in", _("Take old gold in payment")
    OLD_GOLD = "old_gold", _("Buy old gold")
    MELT = "melt", _("Melt and assay old gold")
    CASH_IN = "cash_in", _("Put cash into the drawer")
    CASH_OUT = "cash_out", _("Take cash out of the drawer")
    CLOSE = "close", _("Close a drawer that does not agree")
    FORFEIT = "forfeit", _("Keep a deposit that has run out")
    CREDIT = "credit", _("Sell on account above the customer's limit")
    CORRECT = "correct", _("Correct a finished close")
    PRICE = "price", _("Change a price at the counter")
    RATE = "rate", _("Change a rate")
    WEIGHT = "weight", _("Change a piece's weight or terms")
    WRITE_OFF = "write_off", _("Write a piece off")
    COUNT = "count", _("Approve a stock count")
    TRANSFER = "transfer", _("Send pieces to another branch")
    MEMO = "memo", _("Lend pieces, or take some in on approval")
    DRAWER = "drawer", _("Open the drawer without a sale")
    REPRINT = "reprint", _("Print a document or a tag again")
    MERGE = "merge", _("Make one of two customers")
    ERASE = "erase", _("Erase a customer's personal data")
    CASH_LIMIT = "cash_limit", _("Take cash above the legal limit's warning")
    SEE_COST = "see_cost", _("See what pieces cost")


class Approval(ShopOwned):
    """Who did what needs a reason, and who said yes. Never changed."""

    action = models.CharField(max_length=12, choices=Action)
    reference = models.CharField(max_length=40)  # the document's number
    amount = models.DecimalField(**MONEY, null=True, blank=True)
    reason = models.CharField(max_length=200)
    asked_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    approved_by = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shops_approval_explained",
                condition=Q(action__in=Action.values) & ~Q(reason="") & ~Q(reference=""),
            ),
            models.CheckConstraint(
                name="shops_approval_second_person",
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=models.F("asked_by")),
            ),
        ]
        indexes = [models.Index(name="shops_approval_reference", fields=["shop", "reference"])]

    def __str__(self) -> str:
        return f"{self.action} {self.reference}"


class PinFailure(ShopOwned):
    """A wrong PIN that was typed for an approval. Never changed."""

    # Whose PIN was meant, and who stood at the till.
    member = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    tried_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    locked = models.BooleanField()  # this one locked the PIN
    at = models.DateTimeField()

    class Meta:
        # What the exceptions count, newest first.
        indexes = [models.Index(name="shops_pinfailure_newest", fields=["shop", "-at"])]

    def __str__(self) -> str:
        return f"wrong PIN {self.pk}"


class ChangeOp(models.TextChoices):
    NEW = "I", _("Added")
    CHANGED = "U", _("Changed")
    GONE = "D", _("Removed")


class Change(ShopOwned):
    """One change of one row, written by a trigger. Append-only; the application cannot write it.

    `before` and `after` hold the columns that changed (of a new or a removed row: all that said
    something); what must not be read is "…".
    """

    table = models.CharField(max_length=63)
    row = models.BigIntegerField()
    op = models.CharField(max_length=1, choices=ChangeOp)
    who = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+", db_index=False)
    source = models.CharField(max_length=120)  # "page /stock/…", "api …", "command …"; may be empty
    till = models.ForeignKey(Register, models.PROTECT, null=True, related_name="+", db_index=False)
    address = models.CharField(max_length=45)  # of the network, as the request came in
    request = models.CharField(max_length=64)  # its id in the log
    login = models.CharField(max_length=63)  # the role that was signed in to the database
    at = models.DateTimeField()
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shops_change_words_known", condition=Q(op__in=ChangeOp.values)
            ),
        ]
        indexes = [
            # The history of one row, and of one table; of one person; of the shop.
            models.Index(name="shops_change_of_row", fields=["shop", "table", "row", "-id"]),
            models.Index(name="shops_change_of_person", fields=["shop", "who", "-id"]),
            models.Index(name="shops_change_newest", fields=["shop", "-id"]),
        ]

    def __str__(self) -> str:
        return f"{self.op} {self.table} {self.row}"
