"""Two people at the same moment: one paper, one sentence, nothing half-done."""

from decimal import Decimal

import pytest

from apps.consignment.models import MemoReturn, OwnerPayment
from apps.consignment.refusals import BackAlready, MoreThanOwed, PieceLent
from apps.consignment.services.coming_back import come_back
from apps.consignment.services.owners import pay_owner
from apps.credit.tendered import Tendered
from apps.inventory.services.sell import PieceNotForSale
from apps.sales.models import Sale
from apps.shops.scope import shop_scope
from apps.till.kinds import TenderKind
from tests import make
from tests.consignment import memos
from tests.inventory.stock import at_once
from tests.returns.days import sold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db):
    return make.shop()


@pytest.fixture
def standing(shop, owner):
    with shop_scope(shop.pk):
        make.rate(of=shop)
        make.shift(by=owner)
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        return memos.party(by=owner)


def test_a_piece_comes_back_once(shop, owner, standing):
    with shop_scope(shop.pk):
        memo = memos.lent("R-1", to=standing, by=owner)

    def back(key):
        return lambda: come_back(
            code=memo.code, tags=["R-1"], place=None, key=key, by=owner, at=make.NOON
        )

    told = at_once(shop, back("a"), back("b"))

    assert sorted(type(one).__name__ for one in told) == ["BackAlready", "MemoReturn"]
    assert any(isinstance(one, BackAlready) for one in told)
    with shop_scope(shop.pk):
        assert MemoReturn.objects.count() == 1


def test_the_same_form_twice_is_one_paper(shop, owner, standing):
    with shop_scope(shop.pk):
        memo = memos.lent("R-1", to=standing, by=owner)

    def back():
        return come_back(code=memo.code, tags=["R-1"], place=None, key="a", by=owner, at=make.NOON)

    told = at_once(shop, back, back)

    assert [type(one).__name__ for one in told] == ["MemoReturn", "MemoReturn"]
    assert told[0] == told[1]


def test_lending_and_selling_one_piece(shop, owner, standing):
    told = at_once(
        shop,
        lambda: memos.lent("R-1", to=standing, by=owner),
        lambda: sold("R-1", by=owner),
    )

    refused = [one for one in told if isinstance(one, Exception)]
    assert len(refused) == 1, told
    assert isinstance(refused[0], PieceLent | PieceNotForSale)


def test_an_owner_is_paid_once(shop, owner, standing):
    with shop_scope(shop.pk):
        memos.taken(memos.goods("M-1"), of=standing, by=owner)
        sold("M-1", by=owner)

    def pay(key):
        return lambda: pay_owner(
            owner=standing.pk,
            tenders=[Tendered(kind=TenderKind.TRANSFER, amount=Decimal(700))],
            reason="settled",
            key=key,
            by=owner,
            at=make.NOON,
        )

    told = at_once(shop, pay("a"), pay("b"))

    assert sorted(type(one).__name__ for one in told) == ["MoreThanOwed", "OwnerPayment"]
    assert any(isinstance(one, MoreThanOwed) for one in told)
    with shop_scope(shop.pk):
        assert OwnerPayment.objects.count() == 1
        assert Sale.objects.count() == 1
