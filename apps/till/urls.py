from django.urls import URLPattern

app_name = "till"
urlpatterns: list[URLPattern] = []
