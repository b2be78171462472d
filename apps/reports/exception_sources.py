"""The rows behind each exception: what happened, by whom, and where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.units import EXACT, currency, round_money
from apps.inventory.models import Piece
from apps.labels.models import TagPrint
from apps.pricing.models import MetalRate, RateSide
from apps.pricing.rules.rates import per_gram, quoted
from apps.purchasing.models import OldGoldItem, OldGoldSlip
from apps.reports.ask import Ask
from apps.returns.models import Document
from apps.sales.models import ReceiptPrint, Sale, SaleLine
from apps.shops.days import start_of
from apps.shops.hours import hours_at
from apps.shops.models import Action, Approval, Change, PinFailure

SOON_AFTER: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """One exception. `who` is the member who did it; amount is money of the shop."""

    at: datetime
    who: int | None
    reference: str
    link: str
    said: str = ""
    amount: Decimal | None = None


def span_of(ask: Ask) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last, on the shop's clock."""
    return start_of(ask.shop, ask.period.since), start_of(
        ask.shop, ask.period.until + timedelta(days=1)
    )


def returned(ask: Ask, kinds: Iterable[str]) -> list[Odd]:
    """Voids, or what came back."""
    found = Document.objects.filter(
        kind__in=list(kinds), day__range=(ask.period.since, ask.period.until)
    ).select_related("approval")
    if ask.register:
        found = found.filter(register=ask.register)
    return [
        Odd(
            at=each.made_at,
            who=each.made_by_id,
            reference=each.code,
            link=reverse("returns:document", args=[each.code]),
            said=each.approval.reason,
            amount=each.total,
        )
        for each in found
    ]


def discounted(ask: Ask) -> list[Odd]:
    """Lines that were sold for less than they cost."""
    return [_line(line, amount=-line.discount) for line in _lines(ask).filter(discount__lt=0)]


def below_metal(ask: Ask) -> list[Odd]:
    """Lines whose price before tax is less than their metal's."""
    found = _lines(ask).filter(metal__gt=F("total") - F("tax_on_top"))
    return [_line(line, amount=line.metal - (line.total - line.tax_on_top)) for line in found]


def permitted(ask: Ask, action: Action) -> list[Odd]:
    """What was done with a permission and a reason."""
    since, until = span_of(ask)
    found = Approval.objects.filter(action=action, at__gte=since, at__lt=until)
    address = reverse("shops:approvals")
    return [
        Odd(
            at=each.at,
            who=each.asked_by_id,
            reference=each.reference,
            link=f"{address}?{urlencode({'action': action.value, 'search': each.reference})}",
            said=each.reason,
            amount=each.amount,
        )
        for each in found
    ]


def rates_before_a_sale(ask: Ask) -> list[Odd]:
    """Rates moved against the shop, and a sale within a quarter of an hour."""
    since, until = span_of(ask)
    before = MetalRate.objects.filter(
        metal=OuterRef("metal"),
        fineness=OuterRef("fineness"),
        side=OuterRef("side"),
        unit=OuterRef("unit"),
        valid_from__lt=OuterRef("valid_from"),
    ).order_by("-valid_from", "-pk")
    found = (
        MetalRate.objects.filter(
            entered_by__isnull=False, valid_from__gte=since, valid_from__lt=until
        )
        .annotate(before=Subquery(before.values("amount")[:1]))
        .filter(
            Q(side=RateSide.SELL, amount__lt=F("before"))
            | Q(side=RateSide.BUY, amount__gt=F("before"))
        )
    )
    rates = list(found.order_by("valid_from"))
    if not rates:
        return []
    sales = list(
        Sale.objects.filter(
            sold_at__gte=rates[0].valid_from, sold_at__lte=rates[-1].valid_from + SOON_AFTER
        )
        .order_by("sold_at")
        .values_list("sold_at", "code", "total")
    )
    return [
        Odd(
            at=rate.valid_from,
            who=rate.entered_by_id,
            reference=code,
            link=reverse("sales:receipt", args=[code]),
            said=_("%(rate)s instead of %(before)s, %(time)s")
            % {
                "rate": formatting.rate(rate.amount, rate.currency),
                "before": formatting.rate(rate.before, rate.currency),
                "time": formatting.clock(rate.valid_from),
            },
            amount=total,
        )
        for rate in rates
        for sold_at, code, total in sales
        if rate.valid_from <= sold_at <= rate.valid_from + SOON_AFTER
    ]


def bought_above_board(ask: Ask) -> list[Odd]:
    """Old gold taken at more than the board said; the amount is what it was more."""
    items = OldGoldItem.objects.filter(
        slip__day__range=(ask.period.since, ask.period.until)
    ).select_related("slip")
    if ask.register:
        items = items.filter(slip__register=ask.register)
    found = []
    exponent = currency(ask.shop.currency).exponent
    for item in items:
        paid = per_gram(
            quoted(item.rate_amount, item.rate_unit, item.rate_fineness), item.offered_fineness
        )
        more = EXACT.multiply(paid - item.board_rate_per_g, item.net_weight_g)
        over = round_money(more, exponent)
        if over > 0:
            found.append(
                Odd(
                    at=item.slip.at,
                    who=item.slip.by_id,
                    reference=item.slip.code,
                    link=reverse("purchasing:slip", args=[item.slip.code]),
                    said=item.description,
                    amount=over,
                )
            )
    return found


def lighter(ask: Ask) -> list[Odd]:
    """Pieces whose gross weight was made less, by whatever way."""
    found = _changes(ask, "inventory_piece").filter(after__has_key="gross_weight_g")
    odd = []
    for change in found:
        was, now = change.before.get("gross_weight_g"), change.after.get("gross_weight_g")
        if was is None or (now is not None and Decimal(str(now)) >= Decimal(str(was))):
            continue
        said = _("%(before)s g became %(after)s g") % {
            "before": formatting.number(Decimal(str(was)), places=3),
            "after": formatting.number(Decimal(str(now)), places=3) if now is not None else "–",
        }
        odd.append(_changed(change, said=said))
    return _with_tags(odd, [change.row for change in found])


def taken_off(ask: Ask) -> list[Odd]:
    """Pieces that were scanned at the counter and taken off the sale again."""
    found = list(_changes(ask, "sales_opensaleline"))
    tags = dict(
        Piece.objects.filter(
            pk__in=[change.before.get("piece_id") for change in found]
        ).values_list("pk", "tag")
    )
    return [
        _changed(change, reference=tags.get(change.before.get("piece_id"), "–")) for change in found
    ]


def tags_again(ask: Ask) -> list[Odd]:
    """Tags that were printed more than once."""
    since, until = span_of(ask)
    found = TagPrint.objects.filter(
        copy__gt=1, printed_at__gte=since, printed_at__lt=until
    ).select_related("piece")
    return [
        Odd(
            at=each.printed_at,
            who=each.printed_by_id,
            reference=each.piece.tag,
            link=reverse("inventory:piece", args=[each.piece.tag]),
        )
        for each in found
    ]


def receipts_again(ask: Ask) -> list[Odd]:
    """Receipts that were printed more than once."""
    since, until = span_of(ask)
    found = ReceiptPrint.objects.filter(
        copy__gt=1, printed_at__gte=since, printed_at__lt=until
    ).select_related("sale")
    return [
        Odd(
            at=each.printed_at,
            who=each.printed_by_id,
            reference=each.sale.code,
            link=reverse("sales:receipt", args=[each.sale.code]),
        )
        for each in found
    ]


def after_hours(ask: Ask) -> list[Odd]:
    """Bills, returns and slips of old gold outside the opening hours, as they are set now."""
    hours = hours_at(ask.now)
    if hours is None:
        return []
    days = (ask.period.since, ask.period.until)
    rows: list[tuple[datetime, int, str, str, Decimal]] = [
        *_moments(Sale.objects.filter(day__range=days), "sold_at", "sold_by", "sales:receipt"),
        *_moments(
            Document.objects.filter(day__range=days), "made_at", "made_by", "returns:document"
        ),
        *_moments(OldGoldSlip.objects.filter(day__range=days), "at", "by", "purchasing:slip"),
    ]
    return [
        Odd(at=at, who=who, reference=code, link=reverse(view, args=[code]), amount=total)
        for at, who, code, view, total in rows
        if not hours.holds(at.astimezone(ask.shop.zone).time())
    ]


def _moments(rows: QuerySet[Any], at: str, by: str, view: str) -> Iterable[Any]:
    return (
        (moment, who, code, view, total)
        for moment, who, code, total in rows.values_list(at, by, "code", "total")
    )


def wrong_pins(ask: Ask) -> list[Odd]:
    """Wrong PINs, by who stood at the till."""
    since, until = span_of(ask)
    found = PinFailure.objects.filter(at__gte=since, at__lt=until).select_related("member__user")
    return [
        Odd(
            at=each.at,
            who=each.tried_by_id,
            reference=str(each.member.user),
            link=reverse("shops:people"),
            said=_("locked it") if each.locked else "",
        )
        for each in found
    ]


def _lines(ask: Ask) -> QuerySet[SaleLine]:
    lines = SaleLine.objects.filter(sale__day__range=(ask.period.since, ask.period.until))
    if ask.register:
        lines = lines.filter(sale__register=ask.register)
    return lines.select_related("sale").defer("snapshot", "sale__terms")


def _line(line: SaleLine, *, amount: Decimal) -> Odd:
    return Odd(
        at=line.sale.sold_at,
        who=line.sale.sold_by_id,
        reference=line.sale.code,
        link=reverse("sales:receipt", args=[line.sale.code]),
        said=f"{line.tag} {line.name}",
        amount=amount,
    )


def _changes(ask: Ask, table: str) -> QuerySet[Change]:
    since, until = span_of(ask)
    return Change.objects.filter(table=table, at__gte=since, at__lt=until)


def _changed(change: Change, *, reference: str = "", said: str = "") -> Odd:
    where = urlencode({"table": change.table, "row": str(change.row)})
    return Odd(
        at=change.at,
        who=change.who_id,
        reference=reference or str(change.row),
        link=f"{reverse('shops:changes')}?{where}",
        said=said,
    )


def _with_tags(odd: list[Odd], rows: list[int]) -> list[Odd]:
    """The same, called by the tag of the piece."""
    tags = {str(pk): tag for pk, tag in Piece.objects.filter(pk__in=rows).values_list("pk", "tag")}
    return [
        Odd(
            at=each.at,
            who=each.who,
            reference=tags.get(each.reference, each.reference),
            link=each.link,
            said=each.said,
        )
        for each in odd
    ]
