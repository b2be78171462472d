"""How the counter answers: the whole page, or to htmx the parts that a change can touch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import reswap, retarget, trigger_client_event

from apps.core.errors import Refusal, status_of
from apps.core.pages import status_shown
from apps.core.units import plain
from apps.credit.exchange import cash_rates
from apps.customers.models import Customer
from apps.inventory.selectors import PieceNotFound
from apps.lots.selectors import LotNotFound, lot_by_code
from apps.sales.counter import at_the_counter
from apps.sales.counter_tenders import over_limit
from apps.sales.favourites import favourites
from apps.sales.forms import FIRST_CHIPS, MORE_CHIPS, Chip, CreditForm, NewcomerForm
from apps.sales.news import news_of
from apps.sales.refusals import PieceWasSold
from apps.shops.access import MemberRequest
from apps.shops.approvals import needs_second
from apps.shops.models import Action, Register
from apps.shops.selectors import RegisterNotFound
from apps.shops.shifts import TillNotOpen

MAIN = "main"  # the id that the finished page and Finish swap as a whole


@dataclass(kw_only=True)
class Shown:
    """What the page shows beside the sale itself."""

    editing: str = ""  # "customer", "bill", or a line's id: where a form stands open
    pricing: bool = False  # on that line it is the form of another price
    form: Any = None  # that form
    fresh: int = 0  # the line that has just come on
    pay: Chip = Chip.CASH
    instrument: str = ""  # the slip, deposit or card that is asked for, as it was typed
    currency: str = ""  # of foreign cash
    typed: str = ""  # an amount that was refused, as it was typed
    amount_says: str = ""  # why it was refused
    trouble: str = ""  # why the last press changed nothing
    trouble_url: str = ""  # where that can be mended
    trouble_link: str = ""
    searched: str = ""  # what was looked for in the list of customers
    customers: Sequence[Customer] = ()  # and who was found
    newcomer: NewcomerForm | None = None  # for who was not
    quiet: bool = False  # only what changes without anybody's doing: rates, held sales
    credit: CreditForm | None = None  # why a customer may owe more, and who says so
    refused: list[dict[str, str]] = field(
        default_factory=list
    )  # rows of components/refused_row.html


def till(request: MemberRequest) -> Register:
    """The till this person stands at. Raises RegisterNotFound in a shop without one."""
    if request.register is None:
        raise RegisterNotFound(code="")
    return request.register


def kind_of(request: MemberRequest) -> Chip:
    """The kind of payment that the address asks for; cash for anything else."""
    wanted = request.GET.get("pay", "")
    return Chip(wanted) if wanted in Chip.values else Chip.CASH


def show(request: MemberRequest, shown: Shown, *, status: int = 200) -> HttpResponse:
    """The counter as it is now."""
    now = timezone.now()
    counter = at_the_counter(shop=request.member.shop, register=till(request), at=now)
    context = {
        "counter": counter,
        "shown": shown,
        "chips": FIRST_CHIPS,
        "more": MORE_CHIPS,
        "cash_rates": _cash_rates(now) if shown.pay == Chip.FOREIGN else [],
        "news": news_of(register=till(request), at=now),
        "favourites": favourites(),
    }
    if shown.credit is None and counter.on_account:
        over = over_limit(counter)
        second = needs_second(Action.CREDIT, by=request.member, amount=over, at=now)
        shown.credit = CreditForm(second=second) if over > 0 else None
    if not request.htmx:
        return render(request, "sales/counter.html", context, status=status)
    whole = request.htmx.target == MAIN and status == 200
    template = "sales/_counter_main.html" if whole else "sales/_counter_parts.html"
    if shown.quiet:
        template = "sales/_counter_news.html"
    response = render(request, template, context, status=status)
    if whole:
        response["HX-Replace-Url"] = reverse("sales:counter")
        return response
    return reswap(response, "none")


def _cash_rates(now: datetime) -> list[tuple[str, Decimal]]:
    """Each currency that the shop takes, and what one unit of it is worth."""
    return [(rate.currency, Decimal(plain(rate.rate))) for rate in cash_rates(at=now)]


def changed(
    request: MemberRequest,
    change: Callable[[], object],
    *,
    editing: str = "",
    form: Any = None,
    pricing: bool = False,
) -> HttpResponse:
    """Make a change and show the counter after it, or the refusal on the counter as it is.

    A refusal goes to `form`, where one stands open. The service that refuses
    has undone its own part of the transaction, so the page can still be read.
    """
    try:
        change()
    except Refusal as refusal:
        return refuse(request, refusal, editing=editing, form=form, pricing=pricing)
    return done(request)


def done(request: MemberRequest, shown: Shown | None = None) -> HttpResponse:
    """After a change: the parts, or for a page without script the way back to the counter."""
    if not request.htmx:
        return redirect("sales:counter")
    return show(request, shown or Shown())


def refuse(
    request: MemberRequest,
    refusal: Refusal,
    *,
    editing: str = "",
    form: Any = None,
    credit: CreditForm | None = None,
    pricing: bool = False,
) -> HttpResponse:
    """The counter with the sentence above it, or in the form that asked for the change."""
    shown = Shown(editing=editing, form=form, credit=credit, pricing=pricing)
    if form is None:
        shown.trouble = str(refusal)
        if isinstance(refusal, TillNotOpen):
            shown.trouble_url, shown.trouble_link = reverse("till:open"), _("Open the till")
    else:
        form.add_error(None, str(refusal))
    return show(request, shown, status=status_shown(request, refusal))


def refuse_tag(request: MemberRequest, refusal: Refusal, *, tag: str) -> HttpResponse:
    """A row that stays until it is dismissed, and the low tone."""
    status = status_of(refusal)
    row = {"tag": tag, "reason": str(refusal)}
    if isinstance(refusal, PieceWasSold):
        row |= {
            "link_url": reverse("sales:receipt", args=[refusal.bill]),
            "link_label": _("See the bill"),
        }
    elif isinstance(refusal, PieceNotFound) and (code := _code_of_lot(tag)):
        row |= {
            "reason": _("%(code)s is a lot. Weigh the part that is sold.") % {"code": code},
            "link_url": f"{reverse('sales:from-lot')}?lot={quote(code)}",
            "link_label": _("Sell from a lot"),
        }
    if not request.htmx:
        return show(request, Shown(refused=[row]), status=status)
    response = render(request, "components/refused_row.html", row, status=status)
    response = reswap(retarget(response, "#refused"), "afterbegin")
    return trigger_client_event(response, "piece-refused", {})


def _code_of_lot(tag: str) -> str:
    """The code of the lot that was scanned for a piece; empty where none has it."""
    try:
        return lot_by_code(code=tag).code
    except LotNotFound:
        return ""
