from django.urls import path

from apps.returns.views import bills, coming_back, documents, policy

app_name = "returns"
urlpatterns = [
    path("", documents.document_list, name="document-list"),
    path("find/", bills.find, name="find"),
    path("policy/", policy.policy, name="policy"),
    path("bills/<str:code>/", bills.bill, name="bill"),
    path("bills/<str:code>/void/", bills.void_bill, name="void"),
    path("bills/<str:code>/return/", coming_back.return_pieces, name="return"),
    path("bills/<str:code>/exchange/", coming_back.exchange_pieces, name="exchange"),
    path("bills/<str:code>/buy-back/", coming_back.buy_pieces_back, name="buy-back"),
    path("documents/<str:code>/", documents.document, name="document"),
    path("documents/<str:code>/document.pdf", documents.document_pdf, name="document-pdf"),
]
