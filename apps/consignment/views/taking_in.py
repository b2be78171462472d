"""An owner's pieces: a memo is begun, pieces come on it, one becomes ours."""

from datetime import timedelta

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.consignment.choosing import party_chosen
from apps.consignment.forms import AgainForm, BeginForm, BuyForm, GoodsForm
from apps.consignment.models import LineState, Memo, Terms
from apps.consignment.selectors.memos import lines_of, memo_by_code, party_of
from apps.consignment.services.owners import buy
from apps.consignment.services.taking_in import add, begin, take_again
from apps.core.errors import Refusal, status_of
from apps.core.formatting import digits
from apps.inventory.selectors import places, tags_of
from apps.inventory.services.shop_words import shop_words
from apps.inventory.services.take_in import TagTaken
from apps.shops.access import MemberRequest, members_only
from apps.shops.approvals import NotAllowed, may, needs_second
from apps.shops.days import day_of
from apps.shops.models import Action

_WEEKS_KEPT = 4


@require_http_methods(["GET", "POST"])
@members_only()
def new(request: MemberRequest) -> HttpResponse:
    """Begin a memo of an owner's pieces: `?party=` is the owner, `?search=` looks for one."""
    now = timezone.now()
    if not may(Action.MEMO, by=request.member, at=now):
        raise NotAllowed(action=Action.MEMO.value)
    choice = party_chosen(request)
    if choice.party is None:
        seen = {"search": choice.search, "found": choice.found}
        return render(request, "consignment/who_in.html", seen)
    owner = choice.party
    form = BeginForm(
        request.POST if request.method == "POST" else None,
        initial={"due": day_of(request.member.shop, now) + timedelta(weeks=_WEEKS_KEPT)},
        second=needs_second(Action.MEMO, by=request.member, amount=None, at=now),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            memo = begin(
                owner=owner.pk,
                due=form.cleaned_data["due"],
                goods=[],
                note=form.cleaned_data["note"],
                reason=form.cleaned_data["reason"],
                key=form.given_key,
                by=request.member,
                at=now,
                register=request.register,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            said = _("%(code)s was begun. Take its pieces in.")
            messages.success(request, said % {"code": digits(memo.code)})
            return redirect("consignment:add", memo.code)
    context = {"form": form, "owner": owner}
    return render(request, "consignment/new_in.html", context, status=status)


@require_http_methods(["GET", "POST"])
@members_only()
def add_piece(request: MemberRequest, code: str) -> HttpResponse:
    """Take one piece of the owner in."""
    memo = memo_by_code(code)
    form = _goods_form(request)
    status = 422 if form.is_bound else 200
    if form.is_valid() and form.goods is not None:
        try:
            (piece,) = add(code=memo.code, goods=[form.goods], by=request.member, at=timezone.now())
        except Refusal as refusal:
            form.add_error("tag" if isinstance(refusal, TagTaken) else None, str(refusal))
            status = status_of(refusal)
        else:
            said = _("%(tag)s is in our care. The next one may follow.")
            messages.success(request, said % {"tag": piece.tag})
            return redirect("consignment:add", memo.code)
    return _add_page(request, memo, form, AgainForm(code=_money(request)), status)


@require_POST
@members_only()
def again(request: MemberRequest, code: str) -> HttpResponse:
    """Take a piece in once more that went back to this owner."""
    memo = memo_by_code(code)
    form = AgainForm(request.POST, code=_money(request))
    status = 422
    if form.is_valid():
        try:
            (piece,) = take_again(
                code=memo.code,
                agreed=[form.agreed],
                place=None,
                by=request.member,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("%(tag)s is in our care again.") % {"tag": piece.tag})
            return redirect("consignment:memo", memo.code)
    return _add_page(request, memo, _goods_form(request, bound=False), form, status)


@require_http_methods(["GET", "POST"])
@members_only()
def buy_piece(request: MemberRequest, code: str, tag: str) -> HttpResponse:
    """Let a piece of the owner become ours."""
    now, memo = timezone.now(), memo_by_code(code)
    if not may(Action.MEMO, by=request.member, at=now):
        raise NotAllowed(action=Action.MEMO.value)
    (known,) = tags_of([tag])
    line = next((each for each in lines_of(memo) if each.piece.tag == known), None)
    fixed = line is not None and line.terms == Terms.FIXED and line.state == LineState.OPEN
    form = BuyForm(
        request.POST if request.method == "POST" else None,
        code=_money(request),
        initial={"price": line.value} if fixed and line else {},
        second=needs_second(Action.MEMO, by=request.member, amount=None, at=now),
    )
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            buy(
                code=memo.code,
                tag=known,
                price=form.cleaned_data["price"],
                reason=form.cleaned_data["reason"],
                by=request.member,
                at=now,
                approver=form.approved,
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = status_of(refusal)
        else:
            messages.success(request, _("%(tag)s is ours now.") % {"tag": known})
            return redirect("consignment:memo", memo.code)
    context = {
        "form": form,
        "memo": memo,
        "tag": known,
        "name": line.piece.name if line else "",
        "party": party_of(memo),
        "currency": _money(request),
    }
    return render(request, "consignment/buy.html", context, status=status)


def _goods_form(request: MemberRequest, *, bound: bool = True) -> GoodsForm:
    shop = request.member.shop
    return GoodsForm(
        request.POST if bound and request.method == "POST" else None,
        places=places(),
        code=shop.currency,
        words=shop_words(shop),
    )


def _add_page(
    request: MemberRequest, memo: Memo, form: GoodsForm, again_form: Form, status: int
) -> HttpResponse:
    if not may(Action.MEMO, by=request.member, at=timezone.now()):
        raise NotAllowed(action=Action.MEMO.value)
    context = {
        "memo": memo,
        "party": party_of(memo),
        "form": form,
        "again_form": again_form,
        "count": memo.lines.count(),
        "currency": _money(request),
    }
    return render(request, "consignment/add.html", context, status=status)


def _money(request: MemberRequest) -> str:
    return request.member.shop.currency
