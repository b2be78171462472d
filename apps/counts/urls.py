"""Pages of the stock counts."""

from django.urls import path

from apps.counts import views

app_name = "counts"
urlpatterns = [
    path("", views.count_list, name="list"),
    path("new/", views.new, name="new"),
    path("<str:code>.pdf", views.paper, name="pdf"),
    path("<str:code>/", views.show, name="count"),
    path("<str:code>/cancel/", views.give_up, name="cancel"),
    path("<str:code>/approve/", views.approval, name="approve"),
    path("<str:code>/found/", views.found, name="found"),
    path("<str:code>/trays/<int:sheet>/", views.sheet_page, name="sheet"),
    path("<str:code>/trays/<int:sheet>/take/", views.take, name="take"),
    path("<str:code>/trays/<int:sheet>/scans/", views.scans, name="scans"),
    path("<str:code>/trays/<int:sheet>/weigh/<int:lot>/", views.weigh_lot, name="weigh"),
    path("<str:code>/trays/<int:sheet>/finish/", views.done, name="finish"),
    path("<str:code>/trays/<int:sheet>/again/", views.again, name="again"),
]
