"""Pages of the tags."""

from django.urls import path

from apps.labels.views import printing, templates

app_name = "labels"
urlpatterns = [
    path("", printing.print_page, name="print"),
    path("picture.png", printing.picture, name="picture"),
    path("templates/", templates.template_list, name="templates"),
    path("templates/new/<str:stock>/", templates.new, name="template-new"),
    path("templates/<int:pk>/", templates.edit, name="template"),
    path("templates/<int:pk>/remove/", templates.remove_one, name="template-remove"),
]
