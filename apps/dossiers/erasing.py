"""Erasing a person: what the law lets go is overwritten, what it wants kept is named.

Bills and entries of the books stay, for they are the shop's; the name on a tax invoice stays
with it. Everything that the shop knew beside that is gone, from the history too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from apps.consignment.models import Memo, MemoLine
from apps.core.errors import Conflict
from apps.credit.models import GiftCard
from apps.customers.models import Customer, CustomerKind, IdentityPaper, Occasion, Profile
from apps.customers.rules.places import retention_of
from apps.customers.selectors import customer_by_id, same_person
from apps.deposits.models import Deposit, DepositState, Membership, MembershipState
from apps.dossiers.merging import lies_in
from apps.inventory.models import Piece, Reservation
from apps.ledger.chart import account_name
from apps.purchasing.models import OldGoldSlip
from apps.sales.models import OpenSale, Sale
from apps.shops.approvals import Approver, permit
from apps.shops.days import day_of
from apps.shops.history import redact
from apps.shops.models import Action, Member, Shop


@dataclass(eq=False)
class StillOpen(Conflict):
    """Something is not settled yet; `matters` names it."""

    name: str
    matters: tuple[str, ...]

    def __str__(self) -> str:
        return _("%(name)s cannot be erased yet: %(matters)s. Settle these first.") % {
            "name": self.name,
            "matters": "; ".join(self.matters),
        }


class ErasedAlready(Conflict):
    def __str__(self) -> str:
        return _("This customer was erased already. Nothing is left to erase.")


@dataclass(eq=False)
class ErasesCustomers(Conflict):
    name: str

    def __str__(self) -> str:
        return _("%(name)s is a business that the books name. Only customers are erased.") % {
            "name": self.name
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """`papers_kept`: how many the law wants kept, and through which day."""

    customer: Customer
    papers_kept: int
    kept_until: date | None


def open_matters(customer: Customer) -> list[str]:
    """What is not settled between the shop and this person, in words. Nine queries."""
    ids = same_person(customer)
    found = [account_name(one.account) for pk in ids for one in lies_in(pk)]
    open_deposits = (DepositState.OPEN, DepositState.EXPIRED)
    found += _numbers(
        Deposit.objects.filter(customer__in=ids, state__in=open_deposits).values_list(
            "number", flat=True
        )
    )
    found += _numbers(
        Membership.objects.filter(customer__in=ids, state=MembershipState.OPEN).values_list(
            "number", flat=True
        )
    )
    found += _numbers(
        GiftCard.objects.filter(customer__in=ids, balance__gt=0).values_list("number", flat=True)
    )
    found += _numbers(
        OldGoldSlip.objects.filter(customer__in=ids, claim_left__gt=0).values_list(
            "code", flat=True
        )
    )
    found += _numbers(
        Reservation.objects.filter(customer__in=ids, ended_at=None).values_list(
            "piece__tag", flat=True
        )
    )
    found += _numbers(Piece.objects.filter(owner__in=ids).values_list("tag", flat=True)[:20])
    open_lines = MemoLine.objects.filter(state="open")
    found += _numbers(
        Memo.objects.filter(party__in=ids, lines__in=open_lines)
        .distinct()
        .values_list("code", flat=True)
    )
    if OpenSale.objects.filter(customer__in=ids).exists():
        found.append(_("a sale that is not finished"))
    return list(dict.fromkeys(found))


@transaction.atomic
def erase(
    *, pk: int, reason: str, by: Member, at: datetime, approver: Approver | None = None
) -> Erased:
    """Overwrite all that is known of a person, and of whoever was merged with them.

    Papers go, but those that the place's law has kept longer; `forget_papers` removes them when
    their time is over. Raises CustomerNotFound, ErasedAlready, ErasesCustomers, StillOpen, and
    what `permit` raises.
    """
    # Whoever names them in a row at this moment is waited for: it may be an open matter.
    Customer.objects.select_for_update(of=("self",)).get(pk=customer_by_id(pk).pk)
    customer = customer_by_id(pk, to_change=True)
    if customer.erased_at is not None:
        raise ErasedAlready
    if customer.kind != CustomerKind.CUSTOMER:
        raise ErasesCustomers(name=customer.name)
    matters = open_matters(customer)
    if matters:
        raise StillOpen(name=customer.name, matters=tuple(matters))
    permit(Action.ERASE, by=by, reason=reason, reference=str(pk), at=at, approver=approver)
    rows = list(Customer.objects.filter(pk__in=same_person(customer)).order_by("pk"))
    for row in rows:
        _overwrite(row, at=at)
    _gone, kept_until = _forget_papers(rows, shop=by.shop, at=at)
    return Erased(
        customer=customer_by_id(pk),
        papers_kept=IdentityPaper.objects.filter(customer__in=rows).count(),
        kept_until=kept_until,
    )


def _overwrite(row: Customer, *, at: datetime) -> None:
    profiles = list(Profile.objects.filter(customer=row).values_list("pk", flat=True))
    row.name = _("Erased customer %(number)s") % {"number": row.pk}
    row.phone = row.email = row.address = row.note = ""
    row.birth_date, row.credit_limit, row.idempotency_key = None, None, None
    row.search_text = row.name_key = row.phone_tail = ""
    row.erased_at = at
    row.save()
    Profile.objects.filter(customer=row).delete()
    Occasion.objects.filter(customer=row).delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT dossiers_forget_mail(%s)", [row.pk])
    redact(table="customers_customer", row=row.pk)
    for profile in profiles:
        redact(table="customers_profile", row=profile)


def _forget_papers(
    rows: Iterable[Customer], *, shop: Shop, at: datetime
) -> tuple[int, date | None]:
    """Remove the papers that no law has kept; how many went, and through which day the others are.

    The years count from the last dealing: the last bill, or the last paper that was shown.
    """
    ids = [row.pk for row in rows]
    today = day_of(shop, at)
    rule = retention_of(shop.tax_pack, day=today)
    last = Sale.objects.filter(customer__in=ids).aggregate(last=Max("day"))["last"]
    seen = IdentityPaper.objects.filter(customer__in=ids).aggregate(last=Max("seen_at"))["last"]
    dealings = [day for day in (last, day_of(shop, seen) if seen else None) if day]
    kept_until = _years_on(max(dealings), rule.years) if rule and dealings else None
    is_over = kept_until is None or kept_until < today
    papers = list(IdentityPaper.objects.filter(customer__in=ids).values_list("pk", flat=True))
    gone = sum(_forget(pk, seen_before=at + timedelta(days=1)) for pk in ids) if is_over else 0
    # After they went, so that the change which removed them says nothing either.
    for paper in papers:
        redact(table="customers_identitypaper", row=paper)
    return gone, None if is_over else kept_until


def forget_due(*, shop: Shop, at: datetime) -> int:
    """Remove the papers of erased customers whose years are over; how many there were."""
    owners = IdentityPaper.objects.values("customer")
    erased = Customer.objects.filter(erased_at__isnull=False, pk__in=owners).order_by("pk")
    return sum(_forget_papers([row], shop=shop, at=at)[0] for row in erased)


def _forget(customer: int, *, seen_before: datetime) -> int:
    """Remove an erased customer's papers that were seen before a moment; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_forget_papers(%s, %s)", [customer, seen_before])
        return int(cursor.fetchone()[0])


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return date(day.year + years, 3, 1)


def _numbers(found: Iterable[str]) -> list[str]:
    return list(found)
