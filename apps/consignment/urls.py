from django.urls import URLPattern

app_name = "consignment"
urlpatterns: list[URLPattern] = []
