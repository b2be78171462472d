from django.urls import path

from apps.sales.receipt_urls import urlpatterns as receipt_urlpatterns
from apps.sales.views import changes, counter, finish, paying, sale_list

app_name = "sales"
urlpatterns = [
    path("", counter.counter, name="counter"),
    path("lines/", counter.line_add, name="line-add"),
    path("lines/<int:line>/remove/", counter.line_remove, name="line-remove"),
    path("lines/<int:line>/restore/", counter.line_restore, name="line-restore"),
    path("lines/<int:line>/discount/", changes.line_discount, name="line-discount"),
    path(
        "lines/<int:line>/discount/remove/", changes.line_discount_drop, name="line-discount-drop"
    ),
    path("discount/", changes.bill_discount, name="bill-discount"),
    path("customer/", paying.customer, name="customer"),
    path("customer/<int:customer>/", paying.customer_choose, name="customer-choose"),
    path("tenders/", paying.tender_add, name="tender-add"),
    path("tenders/<int:tender>/remove/", paying.tender_remove, name="tender-remove"),
    path("deposits/<str:number>/", paying.deliver, name="deliver"),
    path("finish/", finish.finish, name="finish"),
    path("outcome/", finish.outcome, name="outcome"),
    path("finished/<str:code>/", finish.finished, name="finished"),
    path("sales/", sale_list.sale_list, name="sale-list"),
    *receipt_urlpatterns,
]
