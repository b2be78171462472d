"""Pages of what is on approval, both ways."""

from django.urls import path

from apps.consignment import views

app_name = "consignment"
urlpatterns = [
    path("", views.memo_list, name="list"),
    path("in/new/", views.new, name="new"),
    path("owners/<int:pk>/", views.statement, name="owner"),
    path("owners/<int:pk>/statement.pdf", views.statement_pdf, name="owner-pdf"),
    path("owners/<int:pk>/pay/", views.pay, name="pay"),
    path("payments/<str:code>/", views.payment, name="payment"),
    path("<str:code>/", views.show, name="memo"),
    path("<str:code>/memo.pdf", views.memo_pdf, name="memo-pdf"),
    path("<str:code>/day/", views.day, name="day"),
    path("<str:code>/back/", views.back, name="back"),
    path("<str:code>/add/", views.add_piece, name="add"),
    path("<str:code>/again/", views.again, name="again"),
    path("<str:code>/buy/<path:tag>/", views.buy_piece, name="buy"),
]
