"""Reads of finished sales, and of what became of one."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from apps.core.typed import fold_digits
from apps.sales.models import OpenSale, Sale
from apps.shops.models import Register

_LONGEST_SEARCH = 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of a sale that was asked to finish: its bill, or that it still runs."""

    sale: Sale | None
    running: bool


def outcome_of(*, key: UUID, register: Register) -> Outcome:
    """Whether finishing with this key made a sale. Never waits for one that is being made."""
    sale = Sale.objects.filter(idempotency_key=str(key), register=register).first()
    if sale is not None:
        return Outcome(sale, running=False)
    waiting = OpenSale.objects.filter(register=register, key=key)
    running = waiting.exists() and not list(
        waiting.select_for_update(of=("self",), skip_locked=True)
    )
    return Outcome(None, running=running)


def sales_listed(*, search: str = "", day: date | None = None) -> QuerySet[Sale]:
    """Finished sales, newest first, each with `pieces`; `search` is the start or end of a number.

    A customer's name is found by any part of it.
    """
    sales = (
        Sale.objects.select_related("register", "sold_by__user")
        .annotate(pieces=Count("lines"))
        .order_by("-day", "-pk")
    )
    words = fold_digits(search.replace("\x00", "")).strip()[:_LONGEST_SEARCH]
    if words:
        sales = sales.filter(
            Q(code__istartswith=words) | Q(code__endswith=words) | Q(customer_name__icontains=words)
        )
    return sales.filter(day=day) if day else sales
