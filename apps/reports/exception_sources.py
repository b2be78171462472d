"""Where each kind of exception is found: what happened, by whom, and where it stands."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import (
    F,
    Q,
    QuerySet,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import TruncTime
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.labels.models import TagPrint
from apps.purchasing.models import OldGoldSlip
from apps.reports.ask import Ask
from apps.reports.odd import Odd, Rows, Source, Together
from apps.reports.rates_moved import RatesMoved
from apps.returns.models import Document
from apps.sales.models import ReceiptPrint, Sale, SaleLine
from apps.shops.hours import Hours, hours_at
from apps.shops.models import Action, Approval, PinFailure


def returned(ask: Ask, kinds: Iterable[str]) -> Source:
    """Voids, or what came back."""
    found = Document.objects.filter(
        kind__in=list(kinds), day__range=(ask.period.since, ask.period.until)
    )
    if ask.register:
        found = found.filter(register=ask.register)

    def told(documents: Sequence[Document]) -> list[Odd]:
        return [
            Odd(
                at=each.made_at,
                who=each.made_by_id,
                reference=each.code,
                link=reverse("returns:document", args=[each.code]),
                said=each.approval.reason,
                amount=each.total,
            )
            for each in documents
        ]

    rows = found.select_related("approval")
    return Rows(rows=rows, at="made_at", who="made_by", told=told, amount=F("total"))


def discounted(ask: Ask) -> Source:
    """Lines that were sold for less than they cost."""
    return _lines(_of_period(ask).filter(discount__lt=0), -F("discount"))


def below_metal(ask: Ask) -> Source:
    """Lines whose price before tax is less than their metal's."""
    before_tax = F("total") - F("tax_on_top")
    return _lines(_of_period(ask).filter(metal__gt=before_tax), F("metal") - before_tax)


def permitted(ask: Ask, action: Action) -> Source:
    """What was done with a permission and a reason."""
    since, until = ask.span
    address = reverse("shops:approvals")

    def told(approvals: Sequence[Approval]) -> list[Odd]:
        return [
            Odd(
                at=each.at,
                who=each.asked_by_id,
                reference=each.reference,
                link=f"{address}?{urlencode({'action': action.value, 'search': each.reference})}",
                said=each.reason,
                amount=each.amount,
            )
            for each in approvals
        ]

    found = Approval.objects.filter(action=action, at__gte=since, at__lt=until)
    return Rows(rows=found, at="at", who="asked_by", told=told, amount=F("amount"))


def rates_before_a_sale(ask: Ask) -> Source:
    """Rates moved against the shop, and a sale within a quarter of an hour."""
    return RatesMoved(*ask.span)


def tags_again(ask: Ask) -> Source:
    """Tags that were printed more than once."""
    prints = TagPrint.objects.select_related("piece")
    return _again(ask, prints, "inventory:piece", lambda each: each.piece.tag)


def receipts_again(ask: Ask) -> Source:
    """Receipts that were printed more than once."""
    prints = ReceiptPrint.objects.select_related("sale")
    return _again(ask, prints, "sales:receipt", lambda each: each.sale.code)


def _again(
    ask: Ask, prints: QuerySet[Any], page: str, reference_of: Callable[[Any], str]
) -> Source:
    def told(found: Sequence[Any]) -> list[Odd]:
        return [
            Odd(
                at=each.printed_at,
                who=each.printed_by_id,
                reference=reference_of(each),
                link=reverse(page, args=[reference_of(each)]),
            )
            for each in found
        ]

    since, until = ask.span
    rows = prints.filter(copy__gt=1, printed_at__gte=since, printed_at__lt=until)
    return Rows(rows=rows, at="printed_at", who="printed_by", told=told)


def after_hours(ask: Ask) -> Source:
    """Bills, returns and slips of old gold outside the opening hours, as they are set now."""
    hours = hours_at(ask.now)
    if hours is None:
        return Together([])
    return Together(
        [
            _outside(ask, hours, Sale.objects.all(), "sold_at", "sold_by", "sales:receipt"),
            _outside(ask, hours, Document.objects.all(), "made_at", "made_by", "returns:document"),
            _outside(ask, hours, OldGoldSlip.objects.all(), "at", "by", "purchasing:slip"),
        ]
    )


def _outside(
    ask: Ask, hours: Hours, documents: QuerySet[Any], at: str, by: str, view: str
) -> Source:
    clock = TruncTime(at, tzinfo=ask.shop.zone)
    before, after = Q(clock__lt=hours.since), Q(clock__gt=hours.until)
    found = (
        documents.filter(day__range=(ask.period.since, ask.period.until))
        .annotate(clock=clock)
        .filter(before | after if hours.since <= hours.until else before & after)
    )

    def told(rows: Sequence[Any]) -> list[Odd]:
        return [
            Odd(
                at=getattr(each, at),
                who=getattr(each, f"{by}_id"),
                reference=each.code,
                link=reverse(view, args=[each.code]),
                amount=each.total,
            )
            for each in rows
        ]

    return Rows(
        rows=found.only(at, by, "code", "total"), at=at, who=by, told=told, amount=F("total")
    )


def wrong_pins(ask: Ask) -> Source:
    """Wrong PINs, by who stood at the till."""
    since, until = ask.span

    def told(failures: Sequence[PinFailure]) -> list[Odd]:
        return [
            Odd(
                at=each.at,
                who=each.tried_by_id,
                reference=str(each.member.user),
                link=reverse("shops:people"),
                said=_("locked it") if each.locked else "",
            )
            for each in failures
        ]

    found = PinFailure.objects.filter(at__gte=since, at__lt=until).select_related("member__user")
    return Rows(rows=found, at="at", who="tried_by", told=told)


def _of_period(ask: Ask) -> QuerySet[SaleLine]:
    lines = SaleLine.objects.filter(sale__day__range=(ask.period.since, ask.period.until))
    if ask.register:
        lines = lines.filter(sale__register=ask.register)
    return lines


def _lines(found: QuerySet[SaleLine], amount: Combinable) -> Source:
    def told(lines: Sequence[Any]) -> list[Odd]:
        return [
            Odd(
                at=line.sale.sold_at,
                who=line.sale.sold_by_id,
                reference=line.sale.code,
                link=reverse("sales:receipt", args=[line.sale.code]),
                said=f"{line.tag} {line.name}",
                amount=line.odd,
            )
            for line in lines
        ]

    rows = found.select_related("sale").defer("snapshot", "sale__terms").annotate(odd=amount)
    return Rows(rows=rows, at="sale__sold_at", who="sale__sold_by", told=told, amount=F("odd"))
