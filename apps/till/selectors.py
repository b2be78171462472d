"""Reads: which shift is open at a till, its counts, its slips, and the closes of the shop."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core.errors import Conflict, Forbidden, NotFound
from apps.shops.models import IN_CHARGE, Member, Register, Shift
from apps.shops.selectors import RegisterNotFound
from apps.till.models import CashMove, CountKind, TillCount, ZCorrection, ZReport


@dataclass(eq=False)
class SlipNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("This shop has no cash slip %(number)s. Check the number on the paper.") % {
            "number": self.number
        }


@dataclass(eq=False)
class ZNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("This shop has no Z report %(number)s. Check the number on the paper.") % {
            "number": self.number
        }


@dataclass(eq=False)
class TillIsClosed(Conflict):
    """Nothing is open at the till: there is nothing to count, and nothing to report."""

    till: str

    def __str__(self) -> str:
        return _("%(till)s is closed. Open it first.") % {"till": self.till}


@dataclass(eq=False)
class NothingCounted(Conflict):
    till: str

    def __str__(self) -> str:
        return _("%(till)s was not counted yet. Count it first.") % {"till": self.till}


@dataclass(eq=False)
class NoTill(NotFound):
    def __str__(self) -> str:
        return _("This shop has no till. Ask the owner to add one.")


@dataclass(eq=False)
class FiguresNotYours(Forbidden):
    """A clerk asks for what their own count is held against."""

    def __str__(self) -> str:
        return _("Only the owner or a manager sees what a drawer should hold. Ask one of them.")


def demand_in_charge(member: Member) -> None:
    """Raises FiguresNotYours."""
    if member.role not in IN_CHARGE:
        raise FiguresNotYours


def the_till(register: Register | None) -> Register:
    """The till one stands at. Raises NoTill."""
    if register is None:
        raise NoTill
    return register


def register_of(code: str) -> Register:
    """The till with this code; without one, the first. Raises RegisterNotFound."""
    registers = Register.objects.order_by("code")
    found = None if "\0" in code else (registers.filter(code=code) if code else registers).first()
    if found is None:
        raise RegisterNotFound(code=code)
    return found


def open_shift(register: Register) -> Shift | None:
    """The shift that is open at a till, with who opened it."""
    if register.shift_id is None:
        return None
    return Shift.objects.select_related("opened_by__user", "register").get(pk=register.shift_id)


def the_open_shift(register: Register) -> Shift:
    """The same. Raises TillIsClosed."""
    shift = open_shift(register)
    if shift is None:
        raise TillIsClosed(till=register.name)
    return shift


def closing_counts(shift: Shift) -> QuerySet[TillCount]:
    """How often a shift's drawer was counted for its close, the first count first."""
    counts = TillCount.objects.filter(shift=shift, kind=CountKind.CLOSING)
    return counts.select_related("by__user").order_by("number")


def latest_count(shift: Shift) -> TillCount | None:
    return closing_counts(shift).last()


def slip_by_code(code: str, *, by: Member) -> CashMove:
    """The slip printed as `code`, "1-M000042". Raises SlipNotFound.

    Whoever does not run the shop finds their own alone: the slips of a shift are a part of what
    its drawer should hold.
    """
    # PostgreSQL knows no NUL in a text, and would be loud about it.
    found = None if "\0" in code else _slips(by).filter(code=code).first()
    if found is None:
        raise SlipNotFound(number=code.replace("\0", ""))
    return found


def own_slips(shift: Shift, *, by: Member) -> QuerySet[CashMove]:
    """The slips of a shift that this member may see, newest first."""
    return _slips(by).filter(shift=shift).order_by("-pk")


def _slips(by: Member) -> QuerySet[CashMove]:
    slips = CashMove.objects.select_related("shift__register", "by__user")
    return slips if by.role in IN_CHARGE else slips.filter(by=by)


def z_by_key(key: str) -> ZReport | None:
    """The close that the form with this key signed."""
    return None if "\0" in key else _closes().filter(key=key).first()


def z_by_code(code: str) -> ZReport:
    """The close printed as `code`, "1-Z000042". Raises ZNotFound."""
    found = None if "\0" in code else _closes().filter(code=code).first()
    if found is None:
        raise ZNotFound(number=code.replace("\0", ""))
    return found


def closes_listed(*, search: str = "") -> QuerySet[ZReport]:
    """Z reports, newest first; `search` is the beginning or the end of a number."""
    found = _closes().order_by("-pk")
    wanted = search.strip().replace("\0", "")
    return found.filter(code__icontains=wanted) if wanted else found


def last_close(register: Register) -> ZReport | None:
    """The newest close of a till."""
    return _closes().filter(shift__register=register).order_by("-pk").first()


def corrected_by(code: str) -> ZReport | None:
    """The close that the correction with this number corrects."""
    if "\0" in code:
        return None
    return _closes().filter(corrections__code=code).first()


def corrections_of(z: ZReport) -> QuerySet[ZCorrection]:
    return ZCorrection.objects.filter(z=z).select_related("by__user").order_by("pk")


def _closes() -> QuerySet[ZReport]:
    return ZReport.objects.select_related("shift__register", "signed_by__user")
