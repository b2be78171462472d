"""Doors: gift cards, one of them, its paper; and the rules they are sold by."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.core.errors import Forbidden, Refusal, status_of
from apps.core.units import currency
from apps.credit import codes
from apps.credit.cards_shown import CardsWanted, cards_page, history_of, outstanding
from apps.credit.exchange import rates_in_force
from apps.credit.forms import CodeForm, GiftCardForm, RulesForm
from apps.credit.gift_cards import card_by_code, card_by_number, has_expired
from apps.credit.models import GiftCard
from apps.credit.policy import CreditRulesImpossible, credit_rules, set_credit_rules
from apps.credit.selling import TAKEN, code_of, sell_gift_card
from apps.credit.views.given import payments_of
from apps.customers.selectors import customer_by_id
from apps.shops.access import MemberRequest, members_only
from apps.shops.days import day_of
from apps.shops.models import IN_CHARGE
from apps.till.kinds import TenderKind

_LONGEST_ID = 18


class GiftCardPrintedAlready(Forbidden):
    """The code is worth the money on the card."""

    def __str__(self) -> str:
        return _(
            "A card's paper is printed by who sold it, on the day it was sold. Ask an owner or a"
            " manager to print it again."
        )


@require_http_methods(["GET", "POST"])
@members_only()
def cards(request: MemberRequest) -> HttpResponse:
    """The cards, newest first; a code that is sent leads to its card."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            return redirect("credit:gift-card", card_by_code(form.cleaned_data["code"]).number)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
            status = status_of(refusal)
    search = request.GET.get("search", "").strip()[:40]
    page = cards_page(CardsWanted(search=search, before=_mark(request)))
    context = {
        "form": form,
        "page": page,
        "search": search,
        "outstanding": outstanding(),
        "today": _today(request),
        "currency": request.member.shop.currency,
        "may_rule": request.member.role in IN_CHARGE,
    }
    return render(request, "credit/gift_cards.html", context, status=status)


@require_http_methods(["GET", "POST"])
@members_only()
def sell(request: MemberRequest) -> HttpResponse:
    """Sell a card. Sent twice, the form sells one."""
    now, shop = timezone.now(), request.member.shop
    form = GiftCardForm(
        request.POST if request.method == "POST" else None,
        shop=shop,
        kinds=[kind for kind in TAKEN if kind != TenderKind.STORE_CREDIT],
        rates=rates_in_force(shop=shop, at=now),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        amount = form.cleaned_data["amount"]
        buyer = form.cleaned_data["customer"]
        try:
            card = sell_gift_card(
                amount=amount,
                tenders=form.tenders(amount),
                key=form.given_key,
                by=request.member,
                at=now,
                register=request.register.code if request.register else "",
                customer=None if buyer is None else customer_by_id(buyer),
                cash_reason=form.cash_reason,
            )
        except Refusal as refusal:
            form.refuse(refusal, by=request.member, at=now)
            status = status_of(refusal)
        else:
            return redirect("credit:gift-card-paper", card.number)
    context = {
        "form": form,
        "currency": shop.currency,
        "exponent": currency(shop.currency).exponent,
        "rules": credit_rules(at=now),
    }
    return render(request, "credit/gift_card_sell.html", context, status=status)


@require_GET
@members_only()
def card(request: MemberRequest, number: str) -> HttpResponse:
    """One card: what is left on it, and every move. Its code is not shown."""
    found = card_by_number(number)
    context = {
        "card": found,
        "expired": has_expired(found, on=_today(request)),
        "moves": history_of(found),
        "tenders": payments_of(found.number),
        "currency": request.member.shop.currency,
        "may_print": _may_print(request, found),
    }
    return render(request, "credit/gift_card.html", context)


@require_GET
@members_only()
def paper(request: MemberRequest, number: str) -> HttpResponse:
    """The card's paper with its code: to who sold it that day, later to who runs the shop."""
    found = card_by_number(number)
    if not _may_print(request, found):
        raise GiftCardPrintedAlready
    code = code_of(found)
    context = {
        "card": found,
        "code": codes.shown(code) if code else None,
        "shop": request.member.shop,
        "currency": request.member.shop.currency,
    }
    response = render(request, "credit/gift_card_paper.html", context)
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_http_methods(["GET", "POST"])
@members_only(*IN_CHARGE)
def rules(request: MemberRequest) -> HttpResponse:
    """The shop's rules of gift cards, from now on."""
    now, home = timezone.now(), request.member.shop.currency
    known = credit_rules(at=now)
    form = RulesForm(
        request.POST if request.method == "POST" else None,
        home=home,
        initial={
            "gift_card_days": known.gift_card_days,
            "breakage_days": known.breakage_days,
            "most": known.most,
        },
    )
    if form.is_valid():
        try:
            set_credit_rules(form.rules, by=request.member, at=now)
        except CreditRulesImpossible as impossible:
            form.add_error(impossible.field, str(impossible))
        else:
            messages.success(request, _("The rules hold from now on."))
            return redirect("credit:policy")
    context = {"form": form, "currency": home, "exponent": currency(home).exponent}
    return render(request, "credit/policy.html", context, status=422 if form.is_bound else 200)


def _may_print(request: MemberRequest, found: GiftCard) -> bool:
    sold_it_today = found.sold_by_id == request.member.pk and found.day == _today(request)
    return sold_it_today or request.member.role in IN_CHARGE


def _today(request: MemberRequest) -> date:
    return day_of(request.member.shop, timezone.now())


def _mark(request: HttpRequest) -> int | None:
    given = request.GET.get("before", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _LONGEST_ID else None
