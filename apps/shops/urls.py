from django.urls import path

from apps.shops import approval_views, views

app_name = "shops"
urlpatterns = [
    path("switch/", views.switch, name="switch"),
    path("register/", views.choose_register, name="choose-register"),
    path("pin/", approval_views.own_pin, name="pin"),
    path("approvals/", approval_views.approvals, name="approvals"),
    path("approvals/rules/", approval_views.approval_rules, name="approval-rules"),
    path("members/<int:member>/pin/", approval_views.pin_away, name="pin-away"),
]
