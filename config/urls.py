"""Which app answers which prefix."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from apps.core.front import probe
from apps.core.health import PLACES
from apps.core.pages import set_theme
from apps.core.status.views import status
from config.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    *(path(place.removeprefix("/"), probe) for place in PLACES),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("users/", include("apps.users.urls")),
    path("theme/", set_theme, name="theme"),
    path("status/", status, name="status"),
    path("shops/", include("apps.shops.urls")),
    path("counter/", include("apps.sales.urls")),
    path("stock/lots/", include("apps.lots.urls")),
    path("stock/counts/", include("apps.counts.urls")),
    path("stock/labels/", include("apps.labels.urls")),
    path("memo/", include("apps.consignment.urls")),
    path("stock/", include("apps.inventory.urls")),
    path("rates/", include("apps.pricing.urls")),
    path("dossiers/", include("apps.dossiers.urls")),
    path("customers/", include("apps.customers.urls")),
    path("till/", include("apps.till.urls")),
    path("credit/", include("apps.credit.urls")),
    path("old-gold/", include("apps.purchasing.urls")),
    path("deposits/", include("apps.deposits.urls")),
    path("returns/", include("apps.returns.urls")),
    path("", include("apps.reports.urls")),
]

handler400 = "apps.core.pages.unreadable"
handler403 = "apps.core.pages.forbidden"
handler404 = "apps.core.pages.not_found"
handler500 = "apps.core.pages.broken"

if settings.DEBUG:
    from apps.core import design

    urlpatterns += [path("design/", design.sheet, name="design")]
