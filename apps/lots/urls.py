"""Pages of the lots."""

from django.urls import path

from apps.lots import views

app_name = "lots"
urlpatterns = [
    path("", views.lot_list, name="list"),
    path("new/", views.new, name="new"),
    path("put-back/<path:tag>/", views.back, name="put-back"),
    path("<str:code>/", views.show, name="lot"),
    path("<str:code>/edit/", views.edit, name="edit"),
    path("<str:code>/in/", views.more, name="in"),
    path("<str:code>/draw/", views.part, name="draw"),
    path("<str:code>/write-off/", views.off, name="write-off"),
]
