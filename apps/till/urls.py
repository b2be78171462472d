from django.urls import path

from apps.till import views

app_name = "till"
urlpatterns = [
    path("", views.state, name="state"),
    path("open/", views.open_drawer, name="open"),
    path("cash/", views.cash, name="cash"),
    path("no-sale/", views.no_sale, name="no-sale"),
    path("cash/<str:code>/", views.slip, name="slip"),
    path("cash/<str:code>/slip.pdf", views.slip_pdf, name="slip-pdf"),
    path("x/", views.x_report, name="x"),
    path("x/report.pdf", views.x_pdf, name="x-pdf"),
    path("printers/", views.printers, name="printers"),
    path("close/", views.count, name="count"),
    path("close/compare/", views.compare, name="compare"),
    path("z/", views.z_list, name="z-list"),
    path("z/<str:code>/", views.z_page, name="z"),
    path("z/<str:code>/report.pdf", views.z_pdf, name="z-pdf"),
    path("z/<str:code>/correct/", views.z_correct, name="z-correct"),
    path("policy/", views.rules, name="policy"),
]
