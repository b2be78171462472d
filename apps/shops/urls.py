from django.urls import path

from apps.shops import approval_views, change_views, people_views, views

app_name = "shops"
urlpatterns = [
    path("switch/", views.switch, name="switch"),
    path("register/", views.choose_register, name="choose-register"),
    path("pin/", approval_views.own_pin, name="pin"),
    path("approvals/", approval_views.approvals, name="approvals"),
    path("permissions/", people_views.permissions, name="permissions"),
    path("permissions/hours/", people_views.hours, name="hours"),
    path("people/", people_views.people, name="people"),
    path("people/new/", people_views.person_new, name="person-new"),
    path("members/<int:member>/role/", people_views.person_role, name="person-role"),
    path("members/<int:member>/go/", people_views.person_go, name="person-go"),
    path("members/<int:member>/pin/", people_views.pin_away, name="pin-away"),
    path("tokens/<int:token>/revoke/", people_views.token_away, name="token-away"),
    path("changes/", change_views.changes, name="changes"),
]
