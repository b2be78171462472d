"""The reports' addresses, under /reports/."""

from django.urls import path

from apps.reports import report_views

app_name = "reports"
urlpatterns = [
    path("", report_views.index, name="index"),
    path("close/", report_views.close, name="close"),
    path("<slug:name>/", report_views.report, name="report"),
    path("<slug:name>.csv", report_views.report_file, {"kind": "csv"}, name="csv"),
    path("<slug:name>.xlsx", report_views.report_file, {"kind": "xlsx"}, name="xlsx"),
]
