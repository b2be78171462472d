from django.urls import path

from apps.deposits.views import contracts, endings, rules, schemes

app_name = "deposits"
urlpatterns = [
    path("", contracts.deposit_list, name="list"),
    path("new/", contracts.new, name="new"),
    path("policy/", rules.policy, name="policy"),
    path("receipts/<str:number>.pdf", contracts.receipt, name="receipt"),
    path("documents/<str:number>/", contracts.document, name="document"),
    path("schemes/", schemes.scheme_list, name="schemes"),
    path("schemes/plans/", schemes.plan_new, name="plan-new"),
    path("schemes/join/", schemes.join_plan, name="join"),
    path("schemes/<str:number>/", schemes.passbook, name="passbook"),
    path("schemes/<str:number>/pay/", schemes.instalment, name="instalment"),
    path("schemes/<str:number>/close/", schemes.close, name="close"),
    path("schemes/<str:number>/passbook.pdf", schemes.passbook_pdf, name="passbook-pdf"),
    path("<str:number>/", contracts.show, name="show"),
    path("<str:number>/pay/", contracts.pay, name="pay"),
    path("<str:number>/change/", endings.edit, name="change"),
    path("<str:number>/end/<str:how>/", endings.end, name="end"),
    path("<str:number>/contract.pdf", contracts.paper, name="paper"),
]
