"""Whom the sale on the counter is for: nobody, somebody by name, or a customer of the list."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.customers.models import Customer as Known
from apps.customers.selectors import customer_by_id
from apps.customers.services import add_customer
from apps.sales.claims import CLAIMS
from apps.sales.models import OpenSale, OpenSaleTender
from apps.sales.orders import OF_CUSTOMER
from apps.sales.refusals import CustomerStillPays
from apps.sales.services.counter import open_sale_to_change
from apps.shops.models import Member, Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Whom the bill is for, as far as they said."""

    name: str = ""
    email: str = ""


@transaction.atomic
def name_customer(*, customer: Customer, register: Register, by: Member, at: datetime) -> OpenSale:
    """Write down whom the bill is for, and where its receipt is mailed; both may be empty.

    Without a name it is no longer for a customer of the list either.
    Raises CustomerStillPays.
    """
    sale = open_sale_to_change(register=register, by=by, at=at)
    if not customer.name and sale.customer_id is not None:
        _demand_free(sale)
        sale.customer = None
    sale.customer_name, sale.customer_email = customer.name, customer.email
    sale.save(update_fields=["customer", "customer_name", "customer_email"])
    return sale


@transaction.atomic
def choose_customer(*, pk: int, register: Register, by: Member, at: datetime) -> OpenSale:
    """Make the till's sale out to a customer of the shop's list.

    Raises CustomerNotFound, CustomerStillPays.
    """
    known = customer_by_id(pk)
    sale = open_sale_to_change(register=register, by=by, at=at)
    if sale.customer_id not in (None, known.pk):
        _demand_free(sale)
    bill_for(sale, known)
    return sale


@transaction.atomic
def add_and_choose(
    *, name: str, phone: str, key: str, register: Register, by: Member, at: datetime
) -> OpenSale:
    """Add somebody to the shop's list and make the till's sale out to them; once by `key`.

    Raises CustomerImpossible, CustomerStillPays.
    """
    known = add_customer(name=name, phone=phone, key=key, by=by, at=at)
    return choose_customer(pk=known.pk, register=register, by=by, at=at)


def bill_for(sale: OpenSale, customer: Known) -> None:
    """Make a locked open sale out to this customer, under the name and mail of the list."""
    sale.customer = customer
    sale.customer_name, sale.customer_email = customer.name, customer.email
    sale.save(update_fields=["customer", "customer_name", "customer_email"])


@transaction.atomic
def speak(*, language: str, register: Register, by: Member, at: datetime) -> OpenSale:
    """Let the customer's display speak this language until the sale is finished."""
    sale = open_sale_to_change(register=register, by=by, at=at)
    sale.language = language
    sale.save(update_fields=["language"])
    return sale


def _demand_free(sale: OpenSale) -> None:
    """Refuse another customer while this one's own account pays. Raises CustomerStillPays."""
    own = OpenSaleTender.objects.filter(open_sale=sale, kind__in=[*CLAIMS, *OF_CUSTOMER]).first()
    if own is not None:
        raise CustomerStillPays(kind=own.kind, name=sale.customer_name)
