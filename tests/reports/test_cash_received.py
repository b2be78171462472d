"""Cash above the limits: whose, which limit, and the most that a window came to."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.customers.models import CashKept
from apps.customers.services import add_customer
from apps.shops.scope import shop_scope
from tests import make


def kept(customer, amount, *, days, by, way="in"):
    now = timezone.now()
    CashKept.objects.create(
        customer=customer,
        way=way,
        amount=Decimal(amount),
        what="sale",
        reference=f"1-{amount}-{days}",
        day=(now - timedelta(days=days)).date(),
        at=now,
        by=by,
    )


@pytest.fixture
def american(db):
    shop = make.shop(currency="USD", tax_pack="US")
    return shop, make.member(of=shop)


def test_a_years_cash_is_added_up_and_small_sums_are_left_out(client, american):
    shop, owner = american
    with shop_scope(shop.pk):
        large = add_customer(name="Large Payer", by=owner, at=timezone.now())
        small = add_customer(name="Small Payer", by=owner, at=timezone.now())
        kept(large, 7000, days=300, by=owner)
        kept(large, 4000, days=0, by=owner)
        kept(small, 9000, days=0, by=owner)
        kept(small, 9000, days=0, by=owner, way="out")
    client.force_login(owner.user)

    page = client.get("/reports/cash-limits/", {"period": "today"})

    assert page.status_code == 200
    assert "Large Payer" in page.text
    assert "11,000.00" in page.text
    assert "US-8300" in page.text
    assert "Small Payer" not in page.text


def test_nothing_above_a_limit_is_said_in_words(client, american):
    client.force_login(american[1].user)

    assert client.get("/reports/cash-limits/").status_code == 200
