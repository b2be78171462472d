"""Which app answers which prefix."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from apps.core import health, metrics
from apps.core.pages import set_theme
from config.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live/", health.live),
    path("health/ready/", health.ready),
    path("metrics/", metrics.page),
    path("api/v1/", api.urls),
    path("accounts/", include("allauth.urls")),
    path("language/", include("django.conf.urls.i18n")),
    path("theme/", set_theme, name="theme"),
    path("shops/", include("apps.shops.urls")),
    path("counter/", include("apps.sales.urls")),
    path("stock/", include("apps.inventory.urls")),
    path("rates/", include("apps.pricing.urls")),
    path("", include("apps.reports.urls")),
]

handler400 = "apps.core.pages.unreadable"
handler403 = "apps.core.pages.forbidden"
handler404 = "apps.core.pages.not_found"
handler500 = "apps.core.pages.broken"

if settings.DEBUG:
    from apps.core import design

    urlpatterns += [path("design/", design.sheet, name="design")]
