"""Two people write one piece off at the same moment."""

import pytest

from apps.inventory.models import StockDocument
from apps.inventory.services.steps import PieceElsewhere
from apps.ledger.models import Entry
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock
from tests.inventory.test_losing import lost

# The threads have scopes of their own.
pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_written_off_once():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.piece(by=owner)

    told = stock.at_once(shop, lambda: lost(owner, key="a"), lambda: lost(owner, key="b"))

    assert [type(each) for each in told if isinstance(each, Exception)] == [PieceElsewhere]
    with shop_scope(shop.pk):
        assert StockDocument.objects.count() == 1
        assert Entry.objects.filter(what="write-off").count() == 1
