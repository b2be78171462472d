from django.urls import path

from apps.customers import limit_views, profile_views, views

app_name = "customers"
urlpatterns = [
    path("", views.customer_list, name="list"),
    path("new/", views.new, name="new"),
    path("<int:pk>/", views.show, name="show"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/papers/", views.paper, name="paper"),
    path("<int:pk>/papers/<int:paper>/number/", profile_views.look, name="look"),
    path("<int:pk>/profile/", profile_views.profile, name="profile"),
    path("<int:pk>/days/", profile_views.day, name="day"),
    path("<int:pk>/days/<int:occasion>/forget/", profile_views.forget_day, name="forget-day"),
    path("cash-limits/", limit_views.limits, name="cash-limits"),
    path("cash-limits/<str:way>/", limit_views.limit, name="cash-limit"),
    path("days/", profile_views.days, name="days"),
]
