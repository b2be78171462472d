"""Pages of pricing."""

from django.urls import path

from apps.pricing.views import board, making, policy

app_name = "pricing"
urlpatterns = [
    path("", board.rates, name="rates"),
    path("change/", board.change, name="change-rate"),
    path("proposals/<int:proposal>/", board.decide, name="rate-decide"),
    path("wall/", board.wall, name="wall"),
    path("making/", making.tables, name="making-tables"),
    path("making/new/", making.new, name="making-new"),
    path("making/table/<slug:code>/", making.table, name="making-table"),
    path("policy/", policy.charges, name="policy"),
    path("policy/rate-limit/", policy.rate_limit, name="rate-limit"),
    path("policy/rounding/", policy.rounding, name="rounding"),
]
