"""The receipts' part of the counter's addresses."""

from django.urls import path

from apps.sales.receipt_views import receipt, receipt_pdf

urlpatterns = [
    path("sales/<str:code>/", receipt, name="receipt"),
    path("sales/<str:code>/receipt.pdf", receipt_pdf, name="receipt-pdf"),
]
