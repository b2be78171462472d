from django.urls import include, path

from apps.reports import views

# Without a namespace: `home` is where every page and the sign-in lead back to.
urlpatterns = [
    path("", views.home, name="home"),
    path("home/stock/", views.home_stock, name="home-stock"),
    path("rates/effect/", views.rate_effect, name="rate-effect"),
    path("reports/", include("apps.reports.report_urls")),
]
