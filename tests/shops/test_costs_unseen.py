"""Whoever may not see what goods cost finds it on no page and in no file."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.shops.approvals import Rule, set_rules
from apps.shops.models import Action, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.journeys import whole_shop
from tests.lots import lots

PIECE, LOT = Decimal("98765.43"), Decimal("876543.21")
WRITTEN = ("98765.43", "98,765.43", "876543.21", "876,543.21")
FILES = (
    "/stock/export.csv",
    "/reports/stock.csv",
    "/reports/sales.csv",
    "/reports/sold-pieces.csv",
    "/reports/exceptions.csv",
    "/reports/exceptions.csv?what=write-offs",
)
BOOKS = (
    "/reports/day-book/",
    "/reports/day-book.csv",
    "/reports/day-book.xlsx",
    "/reports/trial-balance/",
    "/reports/trial-balance.csv",
    "/reports/account/?account=stock",
)


@pytest.fixture
def manager(monkeypatch, db):
    """A manager whose sight of costs was taken away, in a shop where everything happened once."""
    new_piece, filled = make.new_piece, lots.filled
    monkeypatch.setattr(make, "new_piece", lambda **terms: new_piece(**{**terms, "cost": PIECE}))
    monkeypatch.setattr(
        lots, "filled", lambda lot, **terms: filled(lot, **{**terms, "cost": str(LOT)})
    )
    shop, now = make.shop(name="Harbour Gold"), timezone.now()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop, amount="485.15", at=now)
    whole_shop.fill(shop=shop, owner=owner, at=now)
    with shop_scope(shop.pk):
        only_owners = Rule(roles=(Role.OWNER,), limit=None)
        set_rules({Action.SEE_COST: only_owners}, by=owner, at=timezone.now())
    return make.member(of=shop, role=Role.MANAGER)


def test_no_page_and_no_file_tells_it(client, manager):
    client.force_login(manager.user)
    pages = whole_shop.every_page(client)
    assert len(pages) > 80
    told = [
        path
        for path in [*pages, *FILES, "/api/v1/pieces"]
        if any(cost in client.get(path).content.decode() for cost in WRITTEN)
    ]
    assert told == []


def test_the_books_are_refused_with_a_sentence(client, manager):
    client.force_login(manager.user)
    for address in BOOKS:
        answer = client.get(address)
        assert answer.status_code == 403, address
        assert "what pieces cost" in answer.content.decode(), address
    index = client.get("/reports/").content.decode()
    assert "/reports/sales/" in index
    assert "/reports/day-book/" not in index
