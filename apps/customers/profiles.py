"""Writes: sizes, tastes, days of the year, consent; and who looked at a whole number."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from apps.core.errors import Forbidden, Invalid, NotFound
from apps.core.typed import fold_digits
from apps.customers.found_by import write_search
from apps.customers.models import (
    Channel,
    Customer,
    Occasion,
    OccasionKind,
    PaperLook,
    Profile,
)
from apps.customers.selectors import customer_by_id, month_day, number_of, paper_of
from apps.customers.services import CustomerImpossible
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE, Member

MOST_PHONES: Final = 5
MOST_DAYS: Final = 12
METALS: Final = ("gold", "silver", "platinum", "palladium")
_LONGEST: Final = {"colours": 120, "likes": 300, "dislikes": 300, "consent_how": 120}
_PHONE: Final = re.compile(r"[+()\-./ 0-9]{3,40}")
_LARGEST_MM: Final = Decimal(200)
_LARGEST_CM: Final = Decimal(300)


class LookNotYours(Forbidden):
    def __str__(self) -> str:
        return _("The whole number of a paper is seen by owners and managers. Ask one of them.")


class LookUnexplained(Invalid):
    def __str__(self) -> str:
        return _("There is no reason. Write why the whole number is needed.")


class DayNotFound(NotFound):
    def __str__(self) -> str:
        return _("This day is not among the customer's any more. Open the customer again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """A profile as it is written. Units: millimetres around a ring, across a bangle; centimetres.

    `consents`: they agreed to be written to; `consent_how` says how they said it.
    """

    ring_mm: Decimal | None = None
    bangle_mm: Decimal | None = None
    chain_cm: Decimal | None = None
    wrist_cm: Decimal | None = None
    metals: Sequence[str] = ()
    colours: str = ""
    likes: str = ""
    dislikes: str = ""
    phones: Sequence[tuple[str, str]] = ()  # label, number
    language: str = ""
    channel: str = ""
    consents: bool = False
    consent_how: str = ""


@transaction.atomic
def write_profile(*, pk: int, wishes: Wishes, by: Member, at: datetime) -> Profile:
    """Write a customer's sizes, tastes and consent anew.

    Consent keeps the moment it was first given; taken back, it is gone.
    Raises CustomerNotFound, CustomerImpossible.
    """
    customer = customer_by_id(pk, to_change=True)
    profile = Profile.objects.filter(customer=customer).first() or Profile(
        shop_id=by.shop_id, customer=customer
    )
    for field in ("ring_mm", "bangle_mm", "chain_cm", "wrist_cm"):
        setattr(profile, field, _size(field, getattr(wishes, field)))
    for field in ("colours", "likes", "dislikes", "consent_how"):
        setattr(profile, field, _line(field, getattr(wishes, field)))
    assert not wishes.channel or wishes.channel in Channel.values, wishes.channel
    profile.metals = [metal for metal in METALS if metal in wishes.metals]
    _demand_so_many(wishes.phones, before=profile.phones)
    profile.phones = [_phone(label, number) for label, number in wishes.phones]
    profile.language = wishes.language[:5]
    profile.channel = wishes.channel
    _consent(profile, wishes, by=by, at=at)
    profile.save()
    write_search(customer)
    return profile


@transaction.atomic
def add_day(
    *, pk: int, kind: str, day: date, label: str = "", by: Member, at: datetime
) -> Occasion:
    """Write down a day that comes back every year; the birthday is the date of birth's own.

    Raises CustomerNotFound, CustomerImpossible.
    """
    customer = customer_by_id(pk, to_change=True)
    assert kind in (OccasionKind.WEDDING, OccasionKind.OTHER), kind
    label = " ".join(label.split())[:60]
    if kind == OccasionKind.OTHER and not label:
        raise CustomerImpossible(
            field="label", why=_("This day has no name. Write what is remembered on it.")
        )
    if day > day_of(by.shop, at) or day.year < 1850:
        raise CustomerImpossible(
            field="day", why=_("A day that is remembered has been. Check the date.")
        )
    if Occasion.objects.filter(customer=customer).count() >= MOST_DAYS:
        raise CustomerImpossible(
            field="day",
            why=_("There are %(most)s days already. Take one away first.") % {"most": MOST_DAYS},
        )
    return Occasion.objects.create(
        customer=customer, kind=kind, label=label, day=day, month_day=month_day(day)
    )


@transaction.atomic
def remove_day(*, pk: int, occasion: int) -> None:
    """Take a day away. Raises CustomerNotFound, DayNotFound."""
    customer = customer_by_id(pk, to_change=True)
    gone, _tables = (
        Occasion.objects.filter(pk=occasion, customer=customer)
        .exclude(kind=OccasionKind.BIRTH)
        .delete()
    )
    if not gone:
        raise DayNotFound


@transaction.atomic
def look_at_number(*, customer: Customer, paper: int, reason: str, by: Member, at: datetime) -> str:
    """The whole number of a paper; that it was looked at, by whom and why, is kept.

    Raises LookNotYours, LookUnexplained, PaperNotFound.
    """
    if by.role not in IN_CHARGE:
        raise LookNotYours
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise LookUnexplained
    found = paper_of(customer, paper)
    PaperLook.objects.create(customer=customer, kind=found.kind, reason=reason, at=at, by=by)
    return number_of(found)


def _size(field: str, size: Decimal | None) -> Decimal | None:
    if size is None:
        return None
    most = _LARGEST_MM if field.endswith("_mm") else _LARGEST_CM
    least = 35 if field == "ring_mm" else Decimal(1)
    if not size.is_finite() or not least <= size <= (90 if field == "ring_mm" else most):
        raise CustomerImpossible(field=field, why=_("Nobody has this size. Measure it again."))
    if size % Decimal("0.1"):
        raise CustomerImpossible(
            field=field, why=_("A size has one decimal at most. Round it to a tenth.")
        )
    return size


def _line(field: str, text: str) -> str:
    line = " ".join(text.split())
    if len(line) > _LONGEST[field]:
        raise CustomerImpossible(
            field=field,
            why=_("The text is longer than %(most)s characters. Shorten it.")
            % {"most": _LONGEST[field]},
        )
    return line


def _demand_so_many(phones: Sequence[object], *, before: Sequence[object]) -> None:
    """Whom two rows became may keep the phones of both. Raises CustomerImpossible."""
    most = max(MOST_PHONES, len(before))
    if len(phones) > most:
        raise CustomerImpossible(
            field="phones",
            why=_("These are %(count)s phones, and %(most)s is the most. Leave some out.")
            % {"count": len(phones), "most": most},
        )


def _phone(label: str, number: str) -> dict[str, str]:
    if not _PHONE.fullmatch(fold_digits(number)):
        raise CustomerImpossible(
            field="phones",
            why=_("%(number)s is no phone number. Write digits, with + for the country.")
            % {"number": number[:40]},
        )
    return {"label": " ".join(label.split())[:30], "number": " ".join(number.split())}


def _consent(profile: Profile, wishes: Wishes, *, by: Member, at: datetime) -> None:
    if not wishes.consents:
        profile.consent_at, profile.consent_by, profile.consent_how = None, None, ""
        return
    if not profile.consent_how:
        raise CustomerImpossible(
            field="consent_how",
            why=_("It is not said how they agreed. Write it: on paper, by mail, at the counter."),
        )
    if profile.consent_at is None:
        profile.consent_at, profile.consent_by = at, by
