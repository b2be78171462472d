"""Two rows of the list that are one person become one: balances, papers and what is still open.

There is no way back: bills made afterwards are the survivor's. The row that goes stays for the
documents that name it, and whoever asks for it is given the survivor.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import connection, transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from apps.core.errors import Conflict
from apps.credit.ageing import MERGE
from apps.customers.found_by import write_search
from apps.customers.models import Customer, CustomerKind
from apps.customers.selectors import CustomerNotFound
from apps.dossiers.details import carry
from apps.ledger.models import Posting
from apps.ledger.services import Amount, post
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.models import Action, Member

WHAT: Final = MERGE


@dataclass(eq=False)
class MergedAlready(Conflict):
    name: str
    into: str

    def __str__(self) -> str:
        return _("%(name)s was made one with %(into)s already. Open %(into)s.") % {
            "name": self.name,
            "into": self.into,
        }


class MergeOfOne(Conflict):
    def __str__(self) -> str:
        return _("This is one customer, not two. Choose the other one.")


@dataclass(eq=False)
class MergeImpossible(Conflict):
    """A supplier, a refiner or an erased person stays who they are."""

    name: str

    def __str__(self) -> str:
        return _("%(name)s cannot be made one with another. Only customers can.") % {
            "name": self.name
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Lies:
    """What lies in somebody's account, in one commodity."""

    account: str
    commodity: str
    amount: Decimal


def lies_in(customer: int) -> list[Lies]:
    """Every balance of the books that names this customer. One query."""
    rows = (
        Posting.objects.filter(party=customer)
        .values_list("account", "commodity")
        .annotate(amount=Sum("amount"))
        .exclude(amount=0)
        .order_by("account", "commodity")
    )
    return [Lies(account=a, commodity=c, amount=amount) for a, c, amount in rows]


@transaction.atomic
def merge(
    *,
    keep: int,
    gone: int,
    reason: str,
    by: Member,
    at: datetime,
    approver: Approver | None = None,
) -> Customer:
    """Make two customers one; `keep` survives, under its own name and number.

    In one transaction: an entry carries every balance of `gone` over (dues, credit, deposits,
    metal, schemes), papers and open documents change their customer, and `gone` points at `keep`.
    Dues keep the days they were charged on (`apps.credit.ageing`). What each says of the person:
    `apps.dossiers.details`.

    Raises CustomerNotFound, MergeOfOne, MergedAlready, MergeImpossible, DayClosed, and what
    `permit` raises.
    """
    if keep == gone:
        raise MergeOfOne
    survivor, other = _locked(keep, gone)
    reference = f"{other.pk}-{survivor.pk}"
    permit(Action.MERGE, by=by, reason=reason, reference=reference, at=at, approver=approver)
    _carry_balances(survivor, other, reference=reference, by=by, at=at)
    # Whoever was merged into the one that goes is the survivor now: nobody is two steps away.
    Customer.objects.filter(Q(pk=other.pk) | Q(merged_into=other)).update(
        merged_into=survivor, merged_at=at
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_papers_follow(%s)", [other.pk])
        cursor.execute("SELECT dossiers_hand_over(%s)", [other.pk])
    carry(survivor, other)
    survivor.save()
    write_search(survivor)
    return survivor


def _locked(keep: int, gone: int) -> tuple[Customer, Customer]:
    """Both rows, locked by their ids, so that two merges of the same two wait for one another."""
    rows = {
        row.pk: row
        for row in Customer.objects.select_for_update(of=("self",))
        .filter(pk__in=[keep, gone])
        .order_by("pk")
    }
    if len(rows) != 2:
        raise CustomerNotFound
    for row in rows.values():
        if row.merged_into_id is not None:
            raise MergedAlready(name=row.name, into=str(row.merged_into))
        if row.kind != CustomerKind.CUSTOMER or row.erased_at is not None:
            raise MergeImpossible(name=row.name)
    return rows[keep], rows[gone]


def _carry_balances(
    survivor: Customer, other: Customer, *, reference: str, by: Member, at: datetime
) -> None:
    lies = lies_in(other.pk)
    if not lies:
        return
    post(
        what=WHAT,
        reference=reference,
        at=at,
        day=day_of(by.shop, at),
        by=by,
        amounts=_carried(lies, old=other.pk, new=survivor.pk),
    )


def _carried(lies: Sequence[Lies], *, old: int, new: int) -> list[Amount]:
    return [
        Amount(account=one.account, commodity=one.commodity, amount=sign * one.amount, party=party)
        for one in lies
        for sign, party in ((-1, old), (1, new))
    ]
