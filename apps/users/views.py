"""How one's own pages are written, and the language of everybody's."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.core import formatting
from apps.core.currencies import shown_units
from apps.core.pages import back_to
from apps.users import services
from apps.users.forms import PreferencesForm
from apps.users.models import User

_AMOUNT: Final = Decimal(1234567)
_WEIGHT_G: Final = Decimal("3.850")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Language, digits, calendar, unit of money and sounds of whoever is signed in."""
    assert isinstance(request.user, User)
    # Another row than the reader's own, which the page around the form is written for.
    user = User.objects.get(pk=request.user.pk)
    form = PreferencesForm(request.POST or None, instance=user, tomans=_has_tomans(request))
    if request.method != "POST" or not form.is_valid():
        context = {"form": form, "samples": list(_samples(request))}
        status = 422 if request.method == "POST" else 200
        return render(request, "users/preferences.html", context, status=status)
    services.keep_preferences(user=user)
    response = redirect("preferences")
    language = user.language or translation.get_language_from_request(request)
    if user.language:
        _remember(request, response, user.language)
    with translation.override(language):
        messages.success(request, _("Pages are written so from now on."))
    return response


preferences.allowed_roles = None  # type: ignore[attr-defined]  # whoever is signed in


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of the pages, for strangers too; kept with the person who is signed in."""
    response = redirect(back_to(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        if isinstance(request.user, User):
            request.user.language = chosen
            services.keep_preferences(user=request.user)
        _remember(request, response, chosen)
    return response


language.allowed_roles = None  # type: ignore[attr-defined]  # strangers choose their language too


def _remember(request: HttpRequest, response: HttpResponse, code: str) -> None:
    """For the sign-in page of this browser, which knows no person yet."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=365 * 86400,
        samesite="Lax",
        secure=request.is_secure(),
    )


def _samples(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """What the reader sees now, whatever the form says."""
    member = getattr(request, "member", None)
    home = member.shop.currency if member else "EUR"
    yield _("An amount"), formatting.money(_AMOUNT, home, unit=True)
    yield _("A weight"), formatting.grams(_WEIGHT_G)
    yield _("Today"), formatting.day(timezone.localdate(), weekday=True)
    yield _("In a table"), formatting.day(timezone.localdate(), table=True)


def _has_tomans(request: HttpRequest) -> bool:
    """Whether one of their shops keeps books in a currency that is said in another unit."""
    said = {unit.currency for unit in shown_units(on=timezone.localdate())}
    return any(member.shop.currency in said for member in getattr(request, "shops", ()))
