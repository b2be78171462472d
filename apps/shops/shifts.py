"""The shift of a till: begun, found, ended. Its money is the ledger's; see `apps.till`."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.shops.days import day_of
from apps.shops.models import Member, Register, Shift
from apps.shops.policies import policy


@dataclass(eq=False)
class TillNotOpen(Conflict):
    """The shop wants each drawer opened with a counted float before anything else."""

    till: str

    def __str__(self) -> str:
        return _("%(till)s is not open. Count its float and open it first.") % {"till": self.till}


@dataclass(eq=False)
class TillOpenAlready(Conflict):
    till: str

    def __str__(self) -> str:
        return _("%(till)s is open already. Close it before you open it again.") % {
            "till": self.till
        }


def locked_register(*, code: str = "", pk: int | None = None) -> Register:
    """The register's row, locked until the transaction ends. Raises Register.DoesNotExist."""
    assert connection.in_atomic_block, "a lock belongs to a transaction"
    registers = Register.objects.select_for_update(of=("self",)).order_by("code")
    return registers.get(pk=pk) if pk is not None else registers.get(code=code)


def begin(*, register: Register, by: Member, at: datetime, by_hand: bool = True) -> Shift:
    """Open a shift at a register whose row is locked. Raises TillOpenAlready."""
    if register.shift_id is not None:
        raise TillOpenAlready(till=register.name)
    last = Shift.objects.filter(register=register).aggregate(last=Max("number"))["last"] or 0
    shift = Shift.objects.create(
        register=register,
        number=last + 1,
        day=day_of(by.shop, at),
        opened_at=at,
        opened_by=by,
        by_hand=by_hand,
    )
    register.shift = shift
    register.save(update_fields=["shift"])
    return shift


def begin_unasked(*, register: int, by: Member, at: datetime) -> Shift:
    """Open the shift that a till's first document begins, with nothing in the drawer.

    Raises TillNotOpen, where the shop's `till` policy says `open_first`.
    """
    row = locked_register(pk=register)
    if policy("till", at=at).get("open_first"):
        raise TillNotOpen(till=row.name)
    return begin(register=row, by=by, at=at, by_hand=False)


def end(*, register: Register, by: Member, at: datetime) -> Shift:
    """Close the shift of a register whose row is locked."""
    shift = register.shift
    assert shift is not None, "a shift is open"
    shift.closed_at, shift.closed_by = at, by
    shift.save(update_fields=["closed_at", "closed_by"])
    register.shift = None
    register.save(update_fields=["shift"])
    return shift
