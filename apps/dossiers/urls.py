from django.urls import path

from apps.dossiers import views

app_name = "dossiers"
urlpatterns = [
    path("duplicates/", views.duplicates, name="duplicates"),
    path("merged/<str:code>/", views.merge_document, name="merge-document"),
    path("<int:pk>/", views.customer, name="customer"),
    path("<int:pk>/merge/<int:other>/", views.merge_two, name="merge"),
    path("<int:pk>/export/", views.export_customer, name="export"),
    path("<int:pk>/erase/", views.erase_customer, name="erase"),
]
