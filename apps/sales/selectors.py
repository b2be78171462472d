"""Reads of finished sales, and of what became of one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum

from apps.core.typed import fold_digits
from apps.sales.models import Sale, SaleLine
from apps.sales.open_sales import working_sale
from apps.shops.models import Register

_LONGEST_SEARCH = 40
# Counted sale by sale, and so for the sales of one page: a join with the lines is grouped whole
# before the first page of it is known.
_PIECES = Subquery(
    SaleLine.objects.filter(sale=OuterRef("pk"))
    .order_by()
    .values("sale")
    .annotate(pieces=Count("pk"))
    .values("pieces")
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a sale that was asked to finish: its bill, or that it still runs."""

    sale: Sale | None
    running: bool


def key_of_counter(key: UUID) -> str:
    """What a sale from the counter is remembered by.

    With a blank, which no program can send: whoever reads the key off the page could otherwise
    sell under it, and the till would be told for ever that its sale was another one.
    """
    return f"counter {key}"


def outcome_of(*, key: UUID, register: Register) -> Outcome:
    """Whether finishing with this key made a sale. Never waits for one that is being made."""
    sale = Sale.objects.filter(idempotency_key=key_of_counter(key), register=register).first()
    if sale is not None:
        return Outcome(sale, running=False)
    waiting = working_sale(register).filter(key=key)
    running = waiting.exists() and not list(
        waiting.select_for_update(of=("self",), skip_locked=True)
    )
    return Outcome(None, running=running)


def sales_listed(
    *, search: str = "", day: date | None = None, customer: int | None = None
) -> QuerySet[Sale]:
    """Finished sales, newest first, each with `pieces`.

    `search` finds the start or end of a bill's number, a whole tag that was on the bill, or any
    part of the customer's name.
    """
    sales = (
        Sale.objects.select_related("register", "sold_by__user")
        .annotate(pieces=_PIECES)
        .order_by("-day", "-pk")
    )
    words = fold_digits(search.replace("\x00", "")).strip()[:_LONGEST_SEARCH]
    if words:
        tagged = SaleLine.objects.filter(tag__in={words, words.upper()}).values("sale")
        sales = sales.filter(
            Q(code__istartswith=words)
            | Q(code__endswith=words)
            | Q(customer_name__icontains=words)
            | Q(pk__in=tagged)
        )
    if customer is not None:
        sales = sales.filter(customer_id=customer)
    return sales.filter(day=day) if day else sales


def sums_of_days(days: Collection[date]) -> dict[date, Decimal]:
    """What was sold on each of these days; one query."""
    found = Sale.objects.filter(day__in=days).values("day").annotate(total=Sum("total")).order_by()
    return {row["day"]: row["total"] for row in found}
