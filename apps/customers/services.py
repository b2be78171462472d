"""Writes: who the shop deals with, and the papers it has seen of them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.core.constraints import broken_by
from apps.core.errors import Forbidden, Invalid
from apps.core.typed import fold_digits
from apps.core.units import MOST_MONEY, currency
from apps.customers.found_by import write_search, written
from apps.customers.models import (
    Customer,
    CustomerKind,
    IdentityPaper,
    Occasion,
    OccasionKind,
    PaperKind,
)
from apps.customers.sealing import renewed, seal
from apps.customers.selectors import customer_by_id, month_day
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE, Member

_LONGEST: Final = {"name": 120, "phone": 40, "email": 254, "address": 200, "note": 500}
_OLDEST: Final = 130  # years
_PAPER_NUMBER: Final = re.compile(r"[A-Z0-9]{4,30}")
_COUNTRY: Final = re.compile(r"[A-Z]{2}|")


@dataclass(eq=False)
class CustomerImpossible(Invalid):
    """A detail that no customer has; `field` names it."""

    field: str
    why: str

    def __str__(self) -> str:
        return self.why


class CreditLimitNotYours(Forbidden):
    def __str__(self) -> str:
        return _("How much a customer may owe is set by owners and managers. Ask one of them.")


@transaction.atomic
def add_customer(
    *,
    name: str,
    phone: str = "",
    email: str = "",
    address: str = "",
    birth_date: date | None = None,
    note: str = "",
    kind: str = CustomerKind.CUSTOMER,
    credit_limit: Decimal | None = None,
    key: str | None = None,
    by: Member,
    at: datetime,
) -> Customer:
    """Add somebody to the shop's list; a `key` that came before answers who was added then.

    Two requests with one key at the same moment make one customer too.
    Raises CustomerImpossible, CreditLimitNotYours.
    """
    customer = Customer(
        shop_id=by.shop_id, created_at=at, created_by=by, idempotency_key=key or None, kind=kind
    )
    assert kind in CustomerKind.values, kind
    _describe(customer, name=name, phone=phone, email=email, address=address, note=note)
    _date_of_birth(customer, birth_date, by=by, at=at)
    _limit(customer, credit_limit, by=by)
    if key:
        customer = _added_once(customer, key)
    else:
        customer.save()
    _keep_birthday(customer)
    return customer


@transaction.atomic
def change_customer(
    *,
    pk: int,
    name: str,
    phone: str,
    email: str,
    address: str,
    birth_date: date | None,
    note: str,
    credit_limit: Decimal | None,
    by: Member,
    at: datetime,
) -> Customer:
    """Write a customer's details anew; bills that were printed keep what they say.

    Raises CustomerNotFound, CustomerImpossible, CreditLimitNotYours.
    """
    customer = customer_by_id(pk, to_change=True)
    _describe(customer, name=name, phone=phone, email=email, address=address, note=note)
    _date_of_birth(customer, birth_date, by=by, at=at)
    _limit(customer, credit_limit, by=by)
    written(customer)
    customer.save()
    _keep_birthday(customer)
    return customer


@transaction.atomic
def add_paper(
    *,
    customer: Customer,
    kind: str,
    number: str,
    country: str = "",
    expires_on: date | None = None,
    by: Member,
    at: datetime,
) -> IdentityPaper:
    """Write down a paper that was shown; its number is sealed, its last four signs find it.

    The same number again is a new sighting. Raises CustomerImpossible.
    """
    assert kind in PaperKind.values, kind
    plain = re.sub(r"[\s\-./]", "", fold_digits(number)).upper()
    if not _PAPER_NUMBER.fullmatch(plain):
        raise CustomerImpossible(
            field="number",
            why=_("A paper's number has 4 to 30 letters and digits. Copy it from the paper."),
        )
    country = country.strip().upper()
    if not _COUNTRY.fullmatch(country):
        raise CustomerImpossible(
            field="country",
            why=_("A country is two letters, as AE, IN or IR. Write it so, or leave it empty."),
        )
    if expires_on is not None and expires_on < day_of(by.shop, at):
        raise CustomerImpossible(
            field="expires_on", why=_("This paper has run out. Ask for one that is valid.")
        )
    customer = customer_by_id(customer.pk, to_change=True)
    paper = IdentityPaper.objects.create(
        customer=customer,
        kind=kind,
        sealed=seal(plain),
        last4=plain[-4:],
        country=country,
        expires_on=expires_on,
        seen_at=at,
        seen_by=by,
    )
    write_search(customer)
    return paper


def reseal_papers() -> int:
    """Seal every paper of the shop in scope with the newest key; how many there were."""
    papers = IdentityPaper.objects.order_by("pk").iterator(chunk_size=500)
    return sum(_sealed_anew(papers))


def _sealed_anew(papers: Iterable[IdentityPaper]) -> Iterable[int]:
    for paper in papers:
        yield IdentityPaper.objects.filter(pk=paper.pk).update(sealed=renewed(paper.sealed))


def _added_once(customer: Customer, key: str) -> Customer:
    try:
        with transaction.atomic():
            customer.save()
    except IntegrityError as error:
        if broken_by(error) != "customers_customer_key_unique":
            raise
        return Customer.objects.get(idempotency_key=key)
    return customer


def _describe(customer: Customer, **given: str) -> None:
    """Names, numbers and addresses, each as a line without control characters."""
    for field, text in given.items():
        line = " ".join(text.split())
        if len(line) > _LONGEST[field]:
            raise CustomerImpossible(
                field=field,
                why=_("The text is longer than %(most)s characters. Shorten it.")
                % {"most": _LONGEST[field]},
            )
        if any(ord(sign) < 32 for sign in line):
            raise CustomerImpossible(
                field=field, why=_("There is a control character in the text. Type it again.")
            )
        setattr(customer, field, line)
    if not customer.name:
        raise CustomerImpossible(field="name", why=_("There is no name. Write who it is."))
    if customer.email:
        try:
            validate_email(customer.email)
        except ValidationError:
            raise CustomerImpossible(
                field="email",
                why=_("This is no e-mail address. Write it as name@example.com."),
            ) from None
    if customer._state.adding:
        written(customer)


def _date_of_birth(
    customer: Customer, birth_date: date | None, *, by: Member, at: datetime
) -> None:
    if birth_date is not None:
        today = day_of(by.shop, at)
        if birth_date > today or birth_date.year < today.year - _OLDEST:
            raise CustomerImpossible(
                field="birth_date",
                why=_("Nobody who is alive was born on that day. Check the date."),
            )
    customer.birth_date = birth_date


def _keep_birthday(customer: Customer) -> None:
    """The birthday among the days of the year is the date of birth."""
    birthdays = Occasion.objects.filter(customer=customer, kind=OccasionKind.BIRTH)
    born = customer.birth_date
    if born is None:
        birthdays.delete()
        return
    if not birthdays.update(day=born, month_day=month_day(born)):
        Occasion.objects.create(
            customer=customer, kind=OccasionKind.BIRTH, day=born, month_day=month_day(born)
        )


def _limit(customer: Customer, limit: Decimal | None, *, by: Member) -> None:
    if limit == customer.credit_limit:
        return
    if by.role not in IN_CHARGE:
        raise CreditLimitNotYours
    if limit is not None and not (
        limit.is_finite()
        and 0 <= limit < MOST_MONEY
        and not limit % currency(by.shop.currency).step
    ):
        raise CustomerImpossible(
            field="credit_limit",
            why=_("This is no amount of the shop's currency. Write zero or more."),
        )
    customer.credit_limit = limit
