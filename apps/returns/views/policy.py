"""Door: the rules of what comes back, for those who run the shop."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from apps.inventory.selectors import categories
from apps.returns.policy import BuyBackTerms, ReturnTerms, buy_back_terms, return_rules
from apps.returns.policy_forms import BuyBackTermsForm, ReturnTermsForm
from apps.returns.services.rules import drop_category, set_buy_back_terms, set_return_terms
from apps.shops.access import MemberRequest, members_only
from apps.shops.models import Role


@require_http_methods(["GET", "POST"])
@members_only(Role.OWNER, Role.MANAGER)
def policy(request: MemberRequest) -> HttpResponse:
    """The rules in force, and a form of each section; a change counts for bills from now on."""
    now, by = timezone.now(), request.member
    rules, buying = return_rules(at=now), buy_back_terms(at=now)
    chosen = request.GET.get("category", "")
    of_returns = ReturnTermsForm(initial=_words(rules.terms_for(chosen)) | {"category": chosen})
    of_buying = BuyBackTermsForm(initial=_words(buying))
    if request.method == "POST":
        match request.POST.get("section"):
            case "drop":
                drop_category(request.POST.get("category", ""), by=by, at=now)
                return redirect("returns:policy")
            case "buy_back":
                of_buying = BuyBackTermsForm(request.POST)
                if of_buying.is_valid():
                    set_buy_back_terms(of_buying.terms, by=by, at=now)
                    messages.success(request, _("The rules for buying back were kept."))
                    return redirect("returns:policy")
            case _:
                of_returns = ReturnTermsForm(request.POST)
                if of_returns.is_valid():
                    category = of_returns.cleaned_data["category"].strip()
                    set_return_terms(of_returns.terms, category=category, by=by, at=now)
                    messages.success(
                        request, _("The rules were kept. They count for bills from now on.")
                    )
                    return redirect("returns:policy")
    context = {
        "rules": rules,
        "of_returns": of_returns,
        "of_buying": of_buying,
        "categories": categories(),
    }
    status = 422 if of_returns.errors or of_buying.errors else 200
    return render(request, "returns/policy.html", context, status=status)


def _words(terms: ReturnTerms | BuyBackTerms) -> dict[str, object]:
    """The terms as a form shows them."""
    words = terms.as_json()
    for name in ("fee_percent", "percent", "tolerance_g"):
        if name in words:
            words[name] = Decimal(words[name])
    return words
