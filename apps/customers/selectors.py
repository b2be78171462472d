"""Reads: customers by name, phone or paper, and the papers of one."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.customers.models import (
    Customer,
    CustomerKind,
    IdentityPaper,
    Occasion,
    PaperLook,
    Profile,
)
from apps.customers.sealing import opened
from apps.customers.search import search_words

PAGE_SIZE: Final = 50


@dataclass(eq=False)
class CustomerNotFound(NotFound):
    def __str__(self) -> str:
        return _("This customer is not in this shop's list. Look them up by name or phone.")


class PaperNotFound(NotFound):
    def __str__(self) -> str:
        return _("This paper is not among the customer's. Open the customer again.")


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of the list. `before` and `after` mark its neighbours; None where there is none."""

    customers: list[Customer]
    before: int | None
    after: int | None


def customer_by_id(pk: int, *, to_change: bool = False) -> Customer:
    """The customer, or whom they turned out to be; `to_change` locks the row until the
    transaction ends.

    Whoever spends what lies in the account locks it first, and sums the account then. Who only
    names the customer in a row is not kept waiting.
    Raises CustomerNotFound.
    """
    customers = Customer.objects.all()
    if to_change:
        assert connection.in_atomic_block, "a lock belongs to a transaction"
        customers = customers.select_for_update(of=("self",), no_key=True)
    try:
        found = customers.get(pk=pk)
        # Whoever was merged points at somebody who is not, so this is one step.
        return customers.get(pk=found.merged_into_id) if found.merged_into_id else found
    except Customer.DoesNotExist:
        raise CustomerNotFound from None


def same_person(customer: Customer) -> list[int]:
    """The ids of a customer's row and of those that were merged into it. One query."""
    merged = Customer.objects.filter(merged_into=customer).values_list("pk", flat=True)
    return [customer.pk, *merged]


def rows_of_person(customer: Customer) -> QuerySet[Customer]:
    """The same rows, to stand inside another query."""
    return Customer.objects.filter(Q(pk=customer.pk) | Q(merged_into=customer))


def find(text: str, limit: int = 20, *, kind: str = CustomerKind.CUSTOMER) -> list[Customer]:
    """Customers in whom every word of `text` occurs: name, phones, mail, last four of a paper."""
    return _found(text, kind, most=limit)


def customers_page(
    text: str = "", *, kind: str = "", after: int | None = None, before: int | None = None
) -> CustomerPage:
    """The page beyond a customer of the list, or the one before them; the first with neither.

    Two queries, a third where there is a mark. A mark that is no customer of this shop is the
    beginning.
    """
    at = before if before is not None else after
    mark = Customer.objects.filter(pk=at).first() if at is not None else None
    backwards = before is not None and mark is not None
    rows = _found(text, kind, mark=mark, backwards=backwards, most=PAGE_SIZE + 1)
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    if backwards:
        rows.reverse()
    earlier = more if backwards else mark is not None
    later = bool(mark) if backwards else more
    return CustomerPage(
        customers=rows,
        before=rows[0].pk if rows and earlier else None,
        after=rows[-1].pk if rows and later else None,
    )


def papers_of(customer: Customer) -> QuerySet[IdentityPaper]:
    """The papers that were seen of a customer, the newest first, with who saw them."""
    return (
        IdentityPaper.objects.filter(customer=customer)
        .select_related("seen_by__user")
        .order_by("-pk")
    )


def number_of(paper: IdentityPaper) -> str:
    """The whole number of a paper: for what the law has printed, never for a list."""
    return opened(paper.sealed)


def profile_of(customer: Customer) -> Profile | None:
    """Sizes, tastes and consent; None where nobody wrote any down."""
    return Profile.objects.filter(customer=customer).first()


def occasions_of(customer: Customer) -> list[Occasion]:
    """The days of somebody that come back every year, in the order of the year."""
    return list(Occasion.objects.filter(customer=customer).order_by("month_day", "pk"))


def month_day(day: date) -> int:
    """A day of any year as a number that sorts as the year does: 131 is the last of January."""
    return day.month * 100 + day.day


def occasions_between(first: date, last: date) -> list[Occasion]:
    """Days of customers that come back from `first` to `last`, less than a year. One query."""
    start, end = month_day(first), month_day(last)
    within = (
        Q(month_day__gte=start, month_day__lte=end)
        if start <= end
        else Q(month_day__gte=start) | Q(month_day__lte=end)
    )
    return list(
        Occasion.objects.filter(within, customer__merged_into=None)
        .select_related("customer")
        .order_by("month_day", "customer__name", "pk")
    )


def _found(
    text: str, kind: str, *, mark: Customer | None = None, backwards: bool = False, most: int
) -> list[Customer]:
    """Customers by any part, in the order of the list (backwards: against it). Two queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customer_id FROM customers_find(%s, %s, %s, %s, %s, %s)",
            [
                search_words(text),
                kind,
                mark.name if mark else None,
                mark.pk if mark else None,
                backwards,
                most,
            ],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    rows = Customer.objects.in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def paper_of(customer: Customer, pk: int) -> IdentityPaper:
    """One paper of a customer. Raises PaperNotFound."""
    try:
        return IdentityPaper.objects.get(pk=pk, customer=customer)
    except IdentityPaper.DoesNotExist:
        raise PaperNotFound from None


def looks_at(customer: Customer) -> QuerySet[PaperLook]:
    """Who looked at a whole number of this customer's papers, the newest first."""
    return (
        PaperLook.objects.filter(customer=customer).select_related("by__user").order_by("-pk")[:50]
    )
