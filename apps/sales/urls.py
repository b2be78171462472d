from django.urls import path

from apps.sales.receipt_urls import urlpatterns as receipt_urlpatterns
from apps.sales.views import (
    changes,
    counter,
    display,
    favourites,
    finish,
    from_lot,
    holding,
    on_memo,
    paying,
    sale_list,
)

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
    path("lines/<int:line>/price/", changes.line_price, name="line-price"),
    path("rates/keep/", changes.rates_keep, name="rates-keep"),
    path("rates/take/", changes.rates_take, name="rates-take"),
    path("hold/", holding.hold_sale, name="hold"),
    path("held/", holding.held, name="held"),
    path("held/<int:sale>/resume/", holding.held_resume, name="held-resume"),
    path("held/<int:sale>/discard/", holding.held_discard, name="held-discard"),
    path("from-lot/", from_lot.from_lot, name="from-lot"),
    path("news/", display.news, name="news"),
    path("display/", display.display, name="display"),
    path("display/language/", display.language, name="display-language"),
    path("favourites/", favourites.favourite_list, name="favourites"),
    path("favourites/hold-time/", favourites.hold_minutes, name="hold-minutes"),
    path("favourites/<int:favourite>/", favourites.favourite_press, name="favourite-press"),
    path(
        "favourites/<int:favourite>/remove/", favourites.favourite_remove, name="favourite-remove"
    ),
    path("favourites/<int:favourite>/move/", favourites.favourite_move, name="favourite-move"),
    path("discount/", changes.bill_discount, name="bill-discount"),
    path("customer/", paying.customer, name="customer"),
    path("customer/new/", paying.customer_new, name="customer-new"),
    path("customer/<int:customer>/", paying.customer_choose, name="customer-choose"),
    path("tenders/", paying.tender_add, name="tender-add"),
    path("tenders/<int:tender>/remove/", paying.tender_remove, name="tender-remove"),
    path("deposits/<str:number>/", paying.deliver, name="deliver"),
    path("lend/", on_memo.lending, name="lend"),
    path("memo/<str:code>/", on_memo.memo_bring, name="memo-bring"),
    path("finish/", finish.finish, name="finish"),
    path("outcome/", finish.outcome, name="outcome"),
    path("finished/<str:code>/", finish.finished, name="finished"),
    path("sales/", sale_list.sale_list, name="sale-list"),
    *receipt_urlpatterns,
]
