from django.urls import path

from apps.shops import views

app_name = "shops"
urlpatterns = [
    path("switch/", views.switch, name="switch"),
    path("register/", views.choose_register, name="choose-register"),
]
