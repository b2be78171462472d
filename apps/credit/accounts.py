"""A customer's account, read from the ledger: its newest moves, and the statement of a period.

+ is what the customer owes the shop, − what the shop owes the customer, in
money and in fine grams of each metal.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import QuerySet, Sum
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.core.currencies import CURRENCIES
from apps.customers.models import Customer
from apps.customers.selectors import rows_of_person
from apps.ledger import chart
from apps.ledger.documents import document_name, document_url
from apps.ledger.models import Posting

PAGE_SIZE: Final = 50
_ZERO: Final = Decimal(0)
_NEVER: Final = 2**63 - 1
# The accounts that are many people's, as the customer would call them.
ACCOUNTS: Final[dict[str, str | Promise]] = {
    chart.DUES: _("Dues"),
    chart.STORE_CREDIT: _("Store credit"),
    chart.ADVANCES: _("Deposits"),
    chart.SCHEMES: _("Savings scheme"),
    chart.OLD_GOLD_DUE: _("Old gold, to be paid"),
    chart.PAYABLE: _("Owed to them"),
    chart.METAL_PAYABLE: _("Metal, not fixed yet"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One move, and what the account comes to after it, in the same commodity."""

    day: date
    at: datetime
    what: str
    reference: str
    account: str
    commodity: str
    amount: Decimal
    balance: Decimal

    @property
    def name(self) -> str:
        return document_name(self.what)

    @property
    def url(self) -> str:
        return document_url(self.what, self.reference)

    @property
    def account_name(self) -> str:
        return str(ACCOUNTS.get(self.account, self.account))

    @property
    def is_money(self) -> bool:
        return self.commodity in CURRENCIES


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What an account comes to in one commodity."""

    commodity: str
    amount: Decimal

    @property
    def is_money(self) -> bool:
        return self.commodity in CURRENCIES

    @property
    def owed(self) -> Decimal:
        """Without its sign: the words say who owes it."""
        return abs(self.amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountPage:
    """Newest moves first. `parts`: account, commodity and what lies in it; `older`: a mark."""

    lines: list[Line]
    balances: list[Balance]
    parts: list[tuple[str, Balance]]
    older: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A period of an account: what it came to before, its moves, what it comes to."""

    customer: Customer
    since: date
    until: date
    opening: list[Balance]
    lines: list[Line]
    closing: list[Balance]


def account_page(customer: Customer, *, before: int | None = None) -> AccountPage:
    """The newest moves, or those before a mark, with the balance after each. Three queries."""
    postings = _postings(customer)
    parts = _sums(postings, "account", "commodity")
    total = _by_commodity((commodity, amount) for (_a, commodity), amount in parts.items())
    mark = before if before is not None else _NEVER
    rows = list(postings.filter(pk__lt=mark).order_by("-pk")[: PAGE_SIZE + 1])
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    running = dict(total)
    if before is not None:
        for (commodity,), amount in _sums(postings.filter(pk__gte=mark), "commodity").items():
            running[commodity] -= amount
    lines = []
    for row in rows:
        lines.append(_line(row, running[row.commodity]))
        running[row.commodity] -= row.amount
    return AccountPage(
        lines=lines,
        balances=_balances(total),
        parts=[
            (str(ACCOUNTS[account]), Balance(commodity=commodity, amount=amount))
            for (account, commodity), amount in sorted(parts.items())
            if amount
        ],
        older=rows[-1].pk if more else None,
    )


def statement(customer: Customer, *, since: date, until: date) -> Statement:
    """The account from `since` to `until`, both counted. Two queries."""
    postings = _postings(customer)
    opening = _by_commodity(
        (commodity, amount)
        for (commodity,), amount in _sums(
            postings.filter(entry__day__lt=since), "commodity"
        ).items()
    )
    running = dict(opening)
    lines = []
    within = postings.filter(entry__day__gte=since, entry__day__lte=until)
    for row in within.order_by("entry__day", "pk"):
        running[row.commodity] = running.get(row.commodity, _ZERO) + row.amount
        lines.append(_line(row, running[row.commodity]))
    known = {commodity: opening.get(commodity, _ZERO) for commodity in running}
    return Statement(
        customer=customer,
        since=since,
        until=until,
        opening=_balances(known, keep=True),
        lines=lines,
        closing=_balances(running, keep=True),
    )


def _postings(customer: Customer) -> QuerySet[Posting]:
    """Those of whoever was merged with them too, at their own days."""
    return Posting.objects.filter(
        party__in=rows_of_person(customer).values("pk"), account__in=ACCOUNTS
    ).select_related("entry")


def _sums(postings: QuerySet[Posting], *by: str) -> dict[tuple[str, ...], Decimal]:
    rows = postings.select_related(None).order_by().values_list(*by).annotate(sum=Sum("amount"))
    return {tuple(key): amount for *key, amount in rows}


def _by_commodity(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for commodity, amount in amounts:
        sums[commodity] += amount
    return dict(sums)


def _balances(sums: dict[str, Decimal], *, keep: bool = False) -> list[Balance]:
    """Money before metals; what comes to nothing is left out unless it is to be kept."""
    found = [
        Balance(commodity=commodity, amount=amount)
        for commodity, amount in sums.items()
        if amount or keep
    ]
    return sorted(found, key=lambda one: (not one.is_money, one.commodity))


def _line(row: Posting, balance: Decimal) -> Line:
    return Line(
        day=row.entry.day,
        at=row.entry.posted_at,
        what=row.entry.what,
        reference=row.entry.reference,
        account=row.account,
        commodity=row.commodity,
        amount=row.amount,
        balance=balance,
    )
