"""The lots in the stock report: held at average cost, and the books agree."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.lots.models import Lot
from tests import make
from tests.lots import lots


@pytest.mark.usefixtures("scope")
def test_lots_stand_in_the_stock_report_and_agree_with_the_books(client, shop, owner):
    make.rate(of=shop, at=timezone.now(), amount="100")
    lots.filled(lots.chain(by=owner), by=owner, grams="100.007", cost="3000")
    lots.filled(lots.chain(by=owner, code="CH2"), by=owner, grams="0.333", cost="10")
    lots.filled(lots.melee(by=owner), by=owner, pieces=10, carats="1.515", cost="600")
    client.force_login(owner.user)

    page = client.get("/reports/stock/").content.decode()
    Lot.objects.filter(code="CH1").update(cost=Decimal(2999))
    wrong = client.get("/reports/stock/").content.decode()

    assert "Lots, at average cost" in page
    assert "3,010.00" in page
    assert "1.515" in page
    assert "the books say" not in page
    assert "The lots cost" in wrong
