"""Double entry in two kinds of commodity: currencies, and fine grams of a metal."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.units import MONEY
from apps.shops.models import Member, Shift, ShopOwned


class AccountKind(models.TextChoices):
    ASSET = "asset", _("Asset")
    LIABILITY = "liability", _("Liability")
    EQUITY = "equity", _("Equity")
    INCOME = "income", _("Income")
    EXPENSE = "expense", _("Expense")


class Account(ShopOwned):
    """A place where amounts of commodities lie. Postings name it by its code."""

    code = models.CharField(max_length=24)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=AccountKind)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="ledger_account_code_unique", fields=["shop", "code"]),
            models.CheckConstraint(
                name="ledger_account_kind_known", condition=Q(kind__in=AccountKind.values)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Entry(ShopOwned):
    """One event in the books. Its postings sum to zero in each commodity, or it cannot commit."""

    posted_at = models.DateTimeField()
    day = models.DateField()  # the shop's day, which is not the UTC day
    what = models.CharField(max_length=24)  # the kind of document: sale, intake …
    reference = models.CharField(max_length=40)  # its number
    posted_by = models.ForeignKey(
        Member, models.PROTECT, null=True, related_name="+", db_index=False
    )
    # The drawer's shift it happened in: what a shift should hold is read from its entries.
    shift = models.ForeignKey(Shift, models.PROTECT, null=True, related_name="+", db_index=False)
    # How many postings it has; NULL in entries older than this column. A posting that is added
    # to a finished entry makes the count wrong, and cannot commit.
    size = models.PositiveSmallIntegerField(null=True)

    class Meta:
        indexes = [
            # The day book.
            models.Index(name="ledger_entry_day", fields=["shop", "day", "id"]),
            # What a drawer should hold.
            models.Index(
                name="ledger_entry_shift",
                fields=["shop", "shift"],
                condition=Q(shift__isnull=False),
            ),
            # From a document to its entry.
            models.Index(name="ledger_entry_reference", fields=["shop", "reference"]),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.reference}"


class Posting(ShopOwned):
    """An amount of one commodity into (+, debit) or out of (−, credit) an account."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="postings", db_index=False)
    # Tied to ledger_account (shop_id, code) by the database, so that posting asks no account id.
    account = models.CharField(max_length=24)
    commodity = models.CharField(max_length=12)  # AED, or gold: fine grams of it
    amount = models.DecimalField(**MONEY)
    # In whose account it lies, where the account is one of many people's: a row of
    # customers_customer, tied by the database, since the ledger knows no customers.
    party = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="ledger_posting_amount_moves", condition=~Q(amount=0)),
        ]
        indexes = [
            # The balance check of an entry, and its page.
            models.Index(name="ledger_posting_entry", fields=["shop", "entry"]),
            # The balance of an account.
            models.Index(name="ledger_posting_account", fields=["shop", "account", "commodity"]),
            # The account of a customer.
            models.Index(
                name="ledger_posting_party",
                fields=["shop", "party", "account", "commodity"],
                condition=Q(party__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount} {self.commodity}"


class DayTotal(ShopOwned):
    """What moved in an account on a day that is over: sums of postings, which can be made again.

    Written by `apps.ledger.days`; counts for every day up to `SummedThrough.day` that is no
    `LateDay`. Units: money, or fine grams; `debit` and `credit` are both positive.
    """

    day = models.DateField()
    account = models.CharField(max_length=24)
    commodity = models.CharField(max_length=12)
    debit = models.DecimalField(**MONEY)
    credit = models.DecimalField(**MONEY)
    postings = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="ledger_daytotal_once",
                fields=["shop", "account", "commodity", "day"],
                include=["debit", "credit", "postings"],
            ),
            models.CheckConstraint(
                name="ledger_daytotal_possible",
                condition=Q(debit__gte=0, credit__gte=0, postings__gte=1),
            ),
        ]
        indexes = [
            # A period of every account, and a day that is summed once more.
            models.Index(name="ledger_daytotal_day", fields=["shop", "day"]),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.account} {self.commodity}"


class SummedThrough(ShopOwned):
    """The last day whose totals are written. One row a shop; none while nothing was summed."""

    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="ledger_summedthrough_one", fields=["shop"])]

    def __str__(self) -> str:
        return f"summed through {self.day}"


class LateDay(ShopOwned):
    """A summed day that an entry was dated on afterwards: its totals wait to be made again.

    The database writes it as the entry is posted (migration `watch_days`).
    """

    day = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(name="ledger_lateday_once", fields=["shop", "day"])]

    def __str__(self) -> str:
        return f"late {self.day}"


class PeriodLock(ShopOwned):
    """Through which day the books are closed; the newest row counts. Never changed.

    The database refuses an entry dated on or before it. Opening again is a new row with an
    earlier day, and its reason.
    """

    through = models.DateField()
    reason = models.CharField(max_length=200)
    set_by = models.ForeignKey(Member, models.PROTECT, related_name="+", db_index=False)
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(name="ledger_periodlock_explained", condition=~Q(reason=""))
        ]
        indexes = [models.Index(name="ledger_periodlock_newest", fields=["shop", "-id"])]

    def __str__(self) -> str:
        return f"closed through {self.through}"
