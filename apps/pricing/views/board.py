"""Doors: the rate board, changing a rate, and the board on the wall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from apps.core import formatting
from apps.core.errors import Refusal
from apps.core.pages import status_shown
from apps.pricing.board import BoardRow, board_rows, newest_quote
from apps.pricing.curve import Curve, curve_of
from apps.pricing.forms import RateForm, key_of
from apps.pricing.history import SPANS, Charted, History, charted, history_of
from apps.pricing.models import Metal, MetalRate, Outcome, RateSide, RateUnit
from apps.pricing.proposals import RateTerms, propose, refuse, take, waiting
from apps.pricing.services import RateDoubtful, change_rate
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import NotAllowed, may
from apps.shops.models import IN_CHARGE, Action

_DEFAULT_SPAN = 90
_SETTERS = IN_CHARGE


@require_GET
@members_only()
def rates(request: MemberRequest) -> HttpResponse:
    """The board, the chart, and for who may the form; to htmx only the part it asks for."""
    now = timezone.now()
    target = request.htmx.target if request.htmx else None
    if target == "history":
        return render(request, "pricing/_history.html", _history(request, now, ()))
    rows = board_rows(shop=request.member.shop, at=now)
    if target == "change":
        return render(request, "pricing/_change.html", _change(request, rows))
    return _page(request, rows, now)


@sensitive_post_parameters("pin")
@require_POST
@members_only()
def change(request: MemberRequest) -> HttpResponse:
    """Quote a rate from now on, or send it for approval; a surprising one is asked about first."""
    now = timezone.now()
    rows = board_rows(shop=request.member.shop, at=now)
    second = _needs_another(request)
    form = RateForm(request.POST, rows=rows, new="metal" in request.POST, second=second)
    if not form.is_valid():
        return _not_changed(request, rows, now, form)
    terms = form.terms
    try:
        if second and "propose" in request.POST:
            return _sent_for_approval(request, form, now)
        rate = change_rate(
            shop=request.member.shop,
            metal=terms.metal,
            fineness=terms.fineness,
            side=terms.side,
            unit=terms.unit,
            amount=terms.amount,
            at=now,
            by=request.member,
            reason=form.cleaned_data["reason"],
            confirmed=form.is_confirmed,
            approver=form.approved,
        )
    except RateDoubtful as doubtful:
        return _not_changed(request, rows, now, form, doubtful)
    except NotAllowed:
        raise  # whose page has no form to say it in
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return _not_changed(request, rows, now, form, status=status_shown(request, refusal))
    messages.success(request, _said(rate))
    return _back(request, f"{rate.metal}-{rate.fineness}")


def _sent_for_approval(request: MemberRequest, form: RateForm, now: datetime) -> HttpResponse:
    terms = form.terms
    propose(
        terms=RateTerms(
            metal=terms.metal,
            fineness=terms.fineness,
            side=terms.side,
            unit=terms.unit,
            amount=terms.amount,
        ),
        reason=form.cleaned_data["reason"],
        by=request.member,
        at=now,
    )
    messages.success(
        request,
        _("Sent for approval. Nothing changed yet; it is forgotten when the day ends."),
    )
    return _back(request, f"{terms.metal}-{terms.fineness}")


@require_POST
@members_only(*_SETTERS)
def decide(request: MemberRequest, proposal: int) -> HttpResponse:
    """Let a rate that waits count, or say no to it."""
    now = timezone.now()
    if request.POST.get("outcome") == Outcome.TAKEN:
        rate = take(proposal=proposal, by=request.member, at=now)
        messages.success(request, _said(rate))
        return _back(request, f"{rate.metal}-{rate.fineness}")
    refuse(proposal=proposal, by=request.member, at=now)
    messages.success(request, _("The rate stays as it was."))
    return redirect("pricing:rates")


def _back(request: MemberRequest, of: str) -> HttpResponse:
    to = f"{resolve_url('pricing:rates')}?{urlencode({'of': of})}"
    return HttpResponseClientRedirect(to) if request.htmx else redirect(to)


def _needs_another(request: MemberRequest) -> bool:
    """Whether somebody else may have to agree to a rate of this person's."""
    return request.member.role not in _SETTERS


@require_GET
@members_only()
def wall(request: MemberRequest) -> HttpResponse:
    """Today's rates in figures that are read across the room; asks for itself again."""
    now = timezone.now()
    rows = board_rows(shop=request.member.shop, at=now)
    template = "pricing/_wall.html" if request.htmx else "pricing/wall.html"
    context = {"rows": [row for row in rows if row.valid], "newest": newest_quote(rows)}
    return render(request, template, {**context, "now": now, "shop": request.member.shop})


def _page(
    request: MemberRequest,
    rows: Sequence[BoardRow],
    now: datetime,
    change: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "rows": rows,
        "newest": newest_quote(rows),
        "old": [row for row in rows if not row.valid],
        "now": now,
        "currency": request.member.shop.currency,
        "may_change": may(Action.RATE, by=request.member, at=now),
        "in_charge": request.member.role in _SETTERS,
        "proposals": list(waiting(at=now)),
        **_history(request, now, rows),
        **(change or _change(request, rows)),
    }
    return render(request, "pricing/rates.html", context, status=status)


def _change(
    request: MemberRequest,
    rows: Sequence[BoardRow],
    form: RateForm | None = None,
    doubtful: RateDoubtful | None = None,
) -> dict[str, Any]:
    """Context of the panel *Change a rate*."""
    if form is None:
        first = next((quote.rate for row in rows if (quote := row.sell or row.buy)), None)
        wanted = request.GET.get("change") or (key_of(first) if first else "")
        form = RateForm(
            rows=rows,
            new="new" in request.GET,
            second=_needs_another(request),
            initial={"which": wanted},
        )
    return {
        "form": form,
        "doubtful": doubtful,
        "confirmation": form.terms.key if doubtful else "",
        "second": _needs_another(request),
        "currency": request.member.shop.currency,
    }


def _not_changed(
    request: MemberRequest,
    rows: Sequence[BoardRow],
    now: datetime,
    form: RateForm,
    doubtful: RateDoubtful | None = None,
    status: int = 422,
) -> HttpResponse:
    """The form again, with what was typed and why it was not taken."""
    change = _change(request, rows, form, doubtful)
    status = 409 if doubtful else status
    if request.htmx:
        return render(request, "pricing/_change.html", change, status=status)
    return _page(request, rows, now, change, status)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """Which fineness the chart is of, and how far it goes back."""

    metal: str
    fineness: int
    span: int

    def address(self, **other: Any) -> str:
        named = {"of": f"{self.metal}-{self.fineness}", "days": self.span, **other}
        return f"{resolve_url('pricing:rates')}?{urlencode(named)}"


def _chosen(request: MemberRequest, rows: Sequence[BoardRow], known: Sequence[Charted]) -> _Chosen:
    """From the address; what it does not name well is the board's first row over 90 days.

    Where the board is empty it is the first that has a chart.
    """
    days = request.GET.get("days", "")
    span = int(days) if days.isascii() and days.isdigit() and len(days) < 5 else _DEFAULT_SPAN
    span = span if span in SPANS else _DEFAULT_SPAN
    metal, _dash, parts = request.GET.get("of", "").partition("-")
    if metal in Metal.values and parts.isascii() and parts.isdigit() and len(parts) <= 5:
        fineness = int(parts)
        if 1 <= fineness <= 10_000:
            return _Chosen(metal, fineness, span)
    if rows:
        return _Chosen(rows[0].metal, rows[0].fineness, span)
    if known:
        return _Chosen(known[0].metal, known[0].fineness, span)
    return _Chosen(Metal.GOLD, 10_000, span)


def _history(request: MemberRequest, now: datetime, rows: Sequence[BoardRow]) -> dict[str, Any]:
    """Context of the chart and of the same as a table."""
    shop = request.member.shop
    known = charted(shop=shop)
    chosen = _chosen(request, rows, known)
    history: History = history_of(
        shop=shop, metal=chosen.metal, fineness=chosen.fineness, span=chosen.span, at=now
    )
    curve: Curve | None = curve_of(history, shop.currency) if history.points else None
    as_table = "table" in request.GET
    table = {"table": 1} if as_table else {}
    return {
        "history": history,
        "charts": [_chart_link(chosen, one) for one in known],
        "curve": curve,
        "as_table": as_table,
        "points": list(reversed(history.points)) if as_table else [],
        "spans": [
            (chosen.address(days=span, **table), _span_word(span), span == chosen.span)
            for span in SPANS
        ],
        "table_url": chosen.address(table=1),
        "chart_url": chosen.address(),
        "currency": shop.currency,
    }


def _chart_link(chosen: _Chosen, one: Charted) -> tuple[str, str, bool]:
    """Address, name and whether it is the chart that is shown: "Gold 1000 24K"."""
    words = (str(Metal(one.metal).label), formatting.fineness(one.fineness), one.karat)
    return (
        chosen.address(of=one.key),
        " ".join(word for word in words if word),
        (one.metal, one.fineness) == (chosen.metal, chosen.fineness),
    )


def _span_word(span: int) -> str:
    return {7: _("7 days"), 90: _("90 days"), 365: _("1 year"), 0: _("All")}[span]


def _said(rate: MetalRate) -> str:
    facts = {
        "metal": Metal(rate.metal).label,
        "fineness": formatting.fineness(rate.fineness),
        "rate": formatting.rate(rate.amount, rate.currency),
        "unit": RateUnit(rate.unit).label,
    }
    if rate.side == RateSide.SELL:
        return _("%(metal)s %(fineness)s sells at %(rate)s a %(unit)s from now on.") % facts
    return _("%(metal)s %(fineness)s is bought at %(rate)s a %(unit)s from now on.") % facts
