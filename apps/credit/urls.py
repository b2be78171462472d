from django.urls import path

from apps.credit.views import accounts, cash_rates, gift_cards, payments

app_name = "credit"
urlpatterns = [
    path("customers/<int:pk>/", accounts.account, name="account"),
    path("customers/<int:pk>/statement/", accounts.show_statement, name="statement"),
    path("customers/<int:pk>/statement.pdf", accounts.statement_pdf, name="statement-pdf"),
    path("customers/<int:pk>/statement.csv", accounts.statement_file, name="statement-csv"),
    path("customers/<int:pk>/pay/", payments.pay, name="pay"),
    path("payments/<str:number>/", payments.receipt, name="payment"),
    path("dues/", accounts.dues, name="dues"),
    path("dues.csv", accounts.dues_file, name="dues-csv"),
    path("gift-cards/", gift_cards.cards, name="gift-cards"),
    path("gift-cards/sell/", gift_cards.sell, name="gift-card-sell"),
    path("gift-cards/<str:number>/", gift_cards.card, name="gift-card"),
    path("gift-cards/<str:number>/paper/", gift_cards.paper, name="gift-card-paper"),
    path("cash-rates/", cash_rates.board, name="cash-rates"),
    path("policy/", gift_cards.rules, name="policy"),
]
