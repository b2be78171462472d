"""Reads: customers by name, phone or paper, and the papers of one."""

from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import NotFound
from apps.customers.models import Customer, CustomerKind, IdentityPaper
from apps.customers.sealing import opened
from apps.customers.search import search_words

PAGE_SIZE: Final = 50
_OF_A_PAPER: Final = 4


@dataclass(eq=False)
class CustomerNotFound(NotFound):
    def __str__(self) -> str:
        return _("This customer is not in this shop's list. Look them up by name or phone.")


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """A page of the list. `before` and `after` mark its neighbours; None where there is none."""

    customers: list[Customer]
    before: int | None
    after: int | None


def customer_by_id(pk: int, *, to_change: bool = False) -> Customer:
    """The customer; `to_change` locks the row until the transaction ends.

    Whoever spends what lies in the account locks it first, and sums the account then.
    Raises CustomerNotFound.
    """
    customers = Customer.objects.all()
    if to_change:
        assert connection.in_atomic_block, "a lock belongs to a transaction"
        customers = customers.select_for_update(of=("self",))
    try:
        return customers.get(pk=pk)
    except Customer.DoesNotExist:
        raise CustomerNotFound from None


def find(text: str, limit: int = 20, *, kind: str = CustomerKind.CUSTOMER) -> list[Customer]:
    """Customers in whom every word of `text` occurs: name, phone, mail, last four of a paper."""
    return list(_matching(text, kind).order_by("name", "pk")[:limit])


def customers_page(
    text: str = "", *, kind: str = "", after: int | None = None, before: int | None = None
) -> CustomerPage:
    """The page beyond a customer of the list, or the one before them; the first with neither.

    Two queries. A mark that is no customer of this shop is the beginning.
    """
    found = _matching(text, kind)
    backwards = before is not None
    at = before if backwards else after
    mark = Customer.objects.filter(pk=at).first() if at is not None else None
    if mark and backwards:
        found = found.filter(Q(name__lt=mark.name) | Q(name=mark.name, pk__lt=mark.pk))
    elif mark:
        found = found.filter(Q(name__gt=mark.name) | Q(name=mark.name, pk__gt=mark.pk))
    backwards = backwards and mark is not None
    order = ("-name", "-pk") if backwards else ("name", "pk")
    rows = list(found.order_by(*order)[: PAGE_SIZE + 1])
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


def _matching(text: str, kind: str) -> QuerySet[Customer]:
    found = Customer.objects.filter(kind=kind) if kind else Customer.objects.all()
    for word in search_words(text):
        wanted = Q(search_text__contains=word)
        if len(word) == _OF_A_PAPER:
            wanted |= Q(
                Exists(IdentityPaper.objects.filter(customer=OuterRef("pk"), last4=word.upper()))
            )
        found = found.filter(wanted)
    return found
