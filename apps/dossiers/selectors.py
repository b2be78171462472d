"""Reads: all that the shop has with one customer, and who is probably listed twice."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from apps.credit.accounts import AccountPage, account_page
from apps.credit.models import DuesPayment, GiftCard
from apps.customers.models import Customer, IdentityPaper
from apps.customers.sealing import opened
from apps.customers.selectors import same_person
from apps.deposits.models import Deposit, Membership
from apps.inventory.models import PieceMetal, Reservation
from apps.ledger.documents import document_url
from apps.pricing.models import Metal
from apps.purchasing.models import OldGoldItem, OldGoldSlip, SlipState
from apps.returns.models import Document
from apps.sales.models import Sale, SaleLine

PAGE_SIZE: Final = 20
_MOST_PAIRS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One document on the page. `amount` in the shop's currency; None where it has none."""

    day: date
    number: str
    url: str
    what: str = ""
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Documents of one kind, the newest first; `more` that are not shown."""

    key: str
    title: str
    rows: list[Row]
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalSum:
    metal: str
    net_g: Decimal
    fine_g: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bills:
    """A page of bills, the newest first, and what all of them came to."""

    rows: list[Row]
    older: int | None
    count: int
    total: Decimal
    bought: list[MetalSum]
    sold_to_us: list[MetalSum]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    account: AccountPage
    bills: Bills
    sections: list[Section]
    names: list[str]  # under which they stood before


def dossier(customer: Customer, *, before: int | None = None) -> Dossier:
    """Everything the shop has with a customer and with whoever was merged with them.

    The same number of queries for one bill and for a thousand.
    """
    ids = same_person(customer)
    return Dossier(
        account=account_page(customer),
        bills=_bills(ids, before=before),
        sections=[section for section in _sections(ids) if section.rows],
        names=list(
            Customer.objects.filter(merged_into=customer)
            .exclude(name=customer.name)
            .values_list("name", flat=True)
        ),
    )


def _bills(ids: list[int], *, before: int | None) -> Bills:
    sales = Sale.objects.filter(customer__in=ids)
    sums = sales.aggregate(count=Count("pk"), total=Sum("total"))
    page = sales.filter(pk__lt=before) if before is not None else sales
    rows = list(page.order_by("-pk")[: PAGE_SIZE + 1])
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    taken = SaleLine.objects.filter(sale__customer__in=ids, live=True)
    return Bills(
        rows=[
            Row(day=s.day, number=s.code, url=document_url("sale", s.code), amount=s.total)
            for s in rows
        ],
        older=rows[-1].pk if rows and more else None,
        count=sums["count"],
        total=sums["total"] or Decimal(0),
        bought=_metals(
            PieceMetal.objects.filter(piece__in=taken.values("piece"))
            .values_list("metal")
            .annotate(net=Sum("net_weight_g"), fine=Sum("fine_weight_g"))
            .order_by("metal")
        ),
        sold_to_us=_metals(
            OldGoldItem.objects.filter(slip__customer__in=ids, slip__state=SlipState.TAKEN)
            .values_list("metal")
            .annotate(net=Sum("net_weight_g"), fine=Sum("fine_weight_g"))
            .order_by("metal")
        ),
    )


def _metals(rows: Iterable[tuple[str, Decimal, Decimal]]) -> list[MetalSum]:
    return [
        MetalSum(metal=str(Metal(metal).label), net_g=net, fine_g=fine) for metal, net, fine in rows
    ]


def _sections(ids: list[int]) -> Iterable[Section]:
    kept = (
        Reservation.objects.filter(customer__in=ids, ended_at=None)
        .select_related("piece")
        .order_by("until", "pk")
    )
    yield _section(
        "reserved",
        _("Kept for them"),
        [
            Row(
                day=one.until,
                number=one.piece.tag,
                url=document_url("intake", one.piece.tag),
                what=one.piece.name,
            )
            for one in kept[: PAGE_SIZE + 1]
        ],
    )
    yield _section(
        "deposits",
        _("Deposits"),
        [
            Row(
                day=one.day,
                number=one.number,
                url=document_url("deposit", one.number),
                what=one.get_state_display(),
                amount=one.agreed_total,
            )
            for one in Deposit.objects.filter(customer__in=ids).order_by("-pk")[: PAGE_SIZE + 1]
        ],
    )
    yield _section(
        "schemes",
        _("Savings schemes"),
        [
            Row(
                day=one.day,
                number=one.number,
                url=document_url("scheme", one.number),
                what=one.get_state_display(),
            )
            for one in Membership.objects.filter(customer__in=ids).order_by("-pk")[: PAGE_SIZE + 1]
        ],
    )
    yield _section(
        "gift-cards",
        _("Gift cards"),
        [
            Row(
                day=one.day,
                number=one.number,
                url=document_url("gift-card", one.number),
                what=_("ending in %(last)s") % {"last": one.last4},
                amount=one.balance,
            )
            for one in GiftCard.objects.filter(customer__in=ids).order_by("-pk")[: PAGE_SIZE + 1]
        ],
    )
    yield _section(
        "returns",
        _("Returns"),
        [
            Row(
                day=one.day,
                number=one.code,
                url=document_url(one.kind, one.code),
                what=one.get_kind_display(),
                amount=one.total,
            )
            for one in Document.objects.filter(customer__in=ids).order_by("-pk")[: PAGE_SIZE + 1]
        ],
    )
    yield _section(
        "old-gold",
        _("Old gold"),
        [
            Row(
                day=one.day,
                number=one.code,
                url=document_url("old-gold", one.code),
                what=one.get_state_display(),
                amount=one.total,
            )
            for one in OldGoldSlip.objects.filter(customer__in=ids).order_by("-pk")[: PAGE_SIZE + 1]
        ],
    )
    yield _section(
        "payments",
        _("Payments on account"),
        [
            Row(
                day=one.day,
                number=one.number,
                url=document_url("payment", one.number),
                amount=one.amount,
            )
            for one in DuesPayment.objects.filter(customer__in=ids).order_by("-pk")[: PAGE_SIZE + 1]
        ],
    )


def _section(key: str, title: str, rows: list[Row]) -> Section:
    return Section(key=key, title=title, rows=rows[:PAGE_SIZE], more=len(rows) > PAGE_SIZE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Twice:
    """Customers who are probably one person, and why."""

    why: str
    customers: list[Customer]


_SAME: Final = """
SELECT array_agg(id ORDER BY id) FROM customers_customer
WHERE {column} <> '' AND merged_into_id IS NULL AND erased_at IS NULL AND kind = 'customer'
GROUP BY {column} HAVING count(*) > 1 ORDER BY max(id) DESC LIMIT %s
"""
_SAME_PAPER: Final = """
SELECT array_agg(p.id ORDER BY p.id) FROM customers_identitypaper p
JOIN customers_customer c ON c.id = p.customer_id AND c.erased_at IS NULL
GROUP BY p.kind, p.last4 HAVING count(DISTINCT p.customer_id) > 1
ORDER BY max(p.id) DESC LIMIT %s
"""


def listed_twice() -> list[Twice]:
    """Who is probably listed twice: by the same paper, phone or name. Five queries.

    The newest first, as many as a page shows.
    """
    groups: list[tuple[str, list[int]]] = [
        *((_("The same paper"), ids) for ids in _same_papers()),
        *((_("The same phone"), ids) for ids in _same("phone_tail")),
        *((_("The same name"), ids) for ids in _same("name_key")),
    ]
    rows = Customer.objects.in_bulk([pk for _why, ids in groups for pk in ids])
    seen: set[tuple[int, ...]] = set()
    found = []
    for why, ids in groups:
        if tuple(ids) not in seen:
            seen.add(tuple(ids))
            found.append(Twice(why=why, customers=[rows[pk] for pk in ids[:PAGE_SIZE]]))
    return found[:_MOST_PAIRS]


def _same(column: str) -> list[list[int]]:
    assert column in ("phone_tail", "name_key"), column
    with connection.cursor() as cursor:
        cursor.execute(_SAME.format(column=column), [_MOST_PAIRS])
        return [ids for (ids,) in cursor.fetchall()]


def _same_papers() -> list[list[int]]:
    """The last four signs find them, and the whole numbers say whether they are the same."""
    with connection.cursor() as cursor:
        cursor.execute(_SAME_PAPER, [_MOST_PAIRS])
        groups = [ids for (ids,) in cursor.fetchall()]
    papers = IdentityPaper.objects.in_bulk([pk for ids in groups for pk in ids])
    whose: dict[tuple[str, str], set[int]] = defaultdict(set)
    for paper in papers.values():
        whose[paper.kind, opened(paper.sealed)].add(paper.customer_id)
    return [sorted(ids) for ids in whose.values() if len(ids) > 1]
