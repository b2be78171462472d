from django.urls import path

from apps.purchasing import views

app_name = "purchasing"
urlpatterns = [
    path("", views.slip_list, name="list"),
    path("new/", views.new, name="new"),
    path("policy/", views.policy, name="policy"),
    path("report.csv", views.report, name="report"),
    path("photos/<int:pk>/", views.photo, name="photo"),
    path("bags/", views.bag_list, name="bags"),
    path("bags/<int:number>/", views.bag, name="bag"),
    path("bags/<int:number>/fill/", views.fill, name="fill"),
    path("bags/<int:number>/seal/", views.seal, name="seal"),
    path("bags/<int:number>/melt/", views.melt, name="melt"),
    path("bags/<int:number>/assay/", views.assay, name="assay"),
    path("bars/", views.bar_list, name="bars"),
    path("bars/<str:code>/", views.bar, name="bar"),
    path("bars/<str:code>/send/", views.send, name="send"),
    path("bars/<str:code>/settle/", views.settle, name="settle"),
    path("metal/", views.positions, name="positions"),
    path("metal/receive/", views.receiving, name="receive"),
    path("metal/fix/", views.fixing, name="fix"),
    path("metal/fixings/<str:code>/", views.fixing_page, name="fixing"),
    path("metal/papers/<str:code>.pdf", views.metal_pdf, name="metal-pdf"),
    path("documents/<str:code>/", views.document, name="document"),
    path("<str:code>/", views.show, name="slip"),
    path("<str:code>/slip.pdf", views.slip_pdf, name="slip-pdf"),
    path("<str:code>/void/", views.void, name="void"),
    path("<str:code>/pay/", views.pay, name="pay"),
]
