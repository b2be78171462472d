"""What two rows of one person say of them: what the one that stays takes over, and what goes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from apps.core import formatting
from apps.core.typed import fold_digits
from apps.customers.models import Channel, Customer, Occasion, OccasionKind, Profile
from apps.customers.selectors import profile_of

_SAID: Final[dict[str, str | Promise]] = {
    "email": _("E-mail"),
    "address": _("Address"),
    "birth_date": _("Date of birth"),
}
_WISHED: Final[dict[str, str | Promise]] = {
    "ring_mm": _("Ring, mm around inside"),
    "bangle_mm": _("Bangle, mm across inside"),
    "chain_cm": _("Chain, cm"),
    "wrist_cm": _("Wrist, cm"),
    "colours": _("Colours"),
    "likes": _("Likes"),
    "dislikes": _("Does not like"),
    "language": _("Language"),
    "channel": _("Best reached by"),
}
_LONGEST_NOTE: Final = 500
_BETWEEN_NOTES: Final = " · "


@dataclass(frozen=True, slots=True, kw_only=True)
class Goes:
    """A detail of which the one that stays keeps its own; `kept` is empty where it has none."""

    what: str
    kept: str
    lost: str


def goes(keep: Customer, gone: Customer) -> list[Goes]:
    """What a merge would forget, to be read before it. Two queries."""
    return list(_forgotten(keep, gone))


def _forgotten(keep: Customer, gone: Customer) -> Iterator[Goes]:
    yield from _differing(keep, gone, _SAID)
    if _one_note(keep.note, gone.note) is None:
        yield Goes(what=str(_("Note")), kept=keep.note, lost=gone.note)
    ours, theirs = profile_of(keep), profile_of(gone)
    if theirs is None:
        return
    if ours is not None:
        yield from _differing(ours, theirs, _WISHED)
    if theirs.consent_at is not None and (ours is None or ours.consent_at is None):
        # To be written to is agreed to by the words of one row: nobody is written to by mistake.
        yield Goes(what=str(_("Agreed to be written to")), kept="", lost=theirs.consent_how)


def _differing(keep: Any, gone: Any, names: dict[str, str | Promise]) -> Iterator[Goes]:
    for name, what in names.items():
        kept, lost = getattr(keep, name), getattr(gone, name)
        if kept and lost and kept != lost:
            yield Goes(what=str(what), kept=_words(name, kept), lost=_words(name, lost))


def _words(name: str, value: Any) -> str:
    if isinstance(value, Decimal):
        return formatting.number(value, places=1)
    if isinstance(value, date):
        return formatting.day(value)
    if name == "channel":
        return str(Channel(value).label)
    if name == "language":
        return str(get_language_info(value)["name_translated"])
    return str(value)


def carry(survivor: Customer, other: Customer) -> None:
    """Give the survivor what it lacks of the other, and every phone; its row is not saved.

    The lower of two credit limits counts. What `goes` names is forgotten with the other's row.
    """
    _carry_profile(survivor, other)
    for field in ("phone", "email", "address"):
        if not getattr(survivor, field):
            setattr(survivor, field, getattr(other, field))
    note = _one_note(survivor.note, other.note)
    survivor.note = survivor.note if note is None else note
    if survivor.birth_date is None:
        survivor.birth_date = other.birth_date
    limits = [row.credit_limit for row in (survivor, other) if row.credit_limit is not None]
    survivor.credit_limit = min(limits) if limits else None


def _one_note(ours: str, theirs: str) -> str | None:
    """Both notes in one; None where they are too long together."""
    both = _BETWEEN_NOTES.join(dict.fromkeys(note for note in (ours, theirs) if note))
    return both if len(both) <= _LONGEST_NOTE else None


def _carry_profile(survivor: Customer, other: Customer) -> None:
    ours, theirs = profile_of(survivor), profile_of(other)
    phones = _phones(survivor, other, ours, theirs)
    if ours is None and (theirs is not None or phones):
        ours = Profile(shop_id=survivor.shop_id, customer=survivor)
    if ours is not None:
        if theirs is not None:
            for field in _WISHED:
                if not getattr(ours, field):
                    setattr(ours, field, getattr(theirs, field))
            ours.metals = list(dict.fromkeys([*ours.metals, *theirs.metals]))
        ours.phones = phones
        ours.save()
    if theirs is not None:
        theirs.delete()
    days = Occasion.objects.filter(customer=other)
    if Occasion.objects.filter(customer=survivor, kind=OccasionKind.BIRTH).exists():
        days.filter(kind=OccasionKind.BIRTH).delete()
    days.update(customer=survivor)


def _phones(
    survivor: Customer, other: Customer, ours: Profile | None, theirs: Profile | None
) -> list[dict[str, str]]:
    """Every other number of both, each once, however it is grouped."""
    first = survivor.phone or other.phone
    found = {_digits(first): {"label": "", "number": first}}
    for one in (
        *(ours.phones if ours else ()),
        {"label": "", "number": other.phone},
        *(theirs.phones if theirs else ()),
    ):
        if one["number"]:
            found.setdefault(_digits(one["number"]), one)
    return [one for digits, one in found.items() if digits != _digits(first)]


def _digits(number: str) -> str:
    return re.sub(r"[^0-9]", "", fold_digits(number)) or number
