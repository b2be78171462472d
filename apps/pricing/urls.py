from django.urls import path

from apps.pricing import views

app_name = "pricing"
urlpatterns = [
    path("", views.rates, name="rates"),
    path("change/", views.change, name="change-rate"),
    path("wall/", views.wall, name="wall"),
]
