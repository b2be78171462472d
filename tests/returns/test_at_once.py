"""Two tills at the same moment. Real transactions, real locks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.core.errors import Refusal
from apps.inventory.models import Piece
from apps.returns.models import Document
from apps.returns.services.buy_back import buy_back
from apps.returns.services.take_back import take_back
from apps.returns.services.void import void
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from tests import make
from tests.returns.days import LATER, asked, back, demand_balance, sold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    """A shop with two tills, and a bill of two rings made at each."""
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop)
        make.rate(of=shop, side="buy", amount="95")
        Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
        for till in ("1", "2"):
            tags = (f"R-{till}", f"S-{till}")
            for tag in tags:
                make.piece(by=owner, tag=tag)
            sold(*tags, by=owner, key=f"sale-{till}", register=till)
    shop.owner = owner
    return shop


def at_once(shop, *works):
    """Each work in its own connection, begun together; the document's number or the refusal."""
    together = Barrier(len(works))

    def run(work):
        try:
            with shop_scope(shop.pk):
                together.wait()
                return work().code
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(works)) as tills:
        outcomes = list(tills.map(run, works))
    with shop_scope(shop.pk):
        demand_balance()
    return sorted(outcomes)


def returning(shop, *tags, till, key, bill="1-000001"):
    return lambda: take_back(
        asked=asked(bill, key=key, till=till),
        backs=[back(tag) for tag in tags],
        by=shop.owner,
        at=LATER,
    )


def test_a_line_comes_back_at_one_of_two_tills(shop):
    outcomes = at_once(
        shop,
        returning(shop, "R-1", till="1", key="a"),
        returning(shop, "R-1", till="2", key="b"),
    )
    assert outcomes[1] == "CameBackAlready"
    with shop_scope(shop.pk):
        assert Document.objects.get().code == outcomes[0]


def test_two_lines_of_one_bill_at_two_tills_both_come_back(shop):
    outcomes = at_once(
        shop,
        returning(shop, "R-1", till="1", key="a"),
        returning(shop, "S-1", till="2", key="b"),
    )
    assert outcomes == ["1-R000001", "2-R000001"]


def test_pieces_in_another_order_do_not_deadlock(shop):
    outcomes = at_once(
        shop,
        returning(shop, "R-1", "S-1", till="1", key="a"),
        returning(shop, "S-1", "R-1", till="2", key="b"),
    )
    assert outcomes[1] == "CameBackAlready"


def test_the_same_request_twice_at_once_is_one_document(shop):
    work = returning(shop, "R-1", till="1", key="a")
    assert at_once(shop, work, work) == ["1-R000001", "1-R000001"]
    with shop_scope(shop.pk):
        assert Document.objects.count() == 1


def test_one_key_for_two_bills_at_once_is_one_document(shop):
    outcomes = at_once(
        shop,
        returning(shop, "R-1", till="1", key="a"),
        returning(shop, "R-2", till="2", key="a", bill="2-000001"),
    )
    assert outcomes[1] == "KeyUsed"
    with shop_scope(shop.pk):
        assert Document.objects.count() == 1
        assert Piece.objects.filter(state="in_stock").count() == 1


def test_a_void_and_a_return_at_once(shop):
    outcomes = at_once(
        shop,
        lambda: void(asked=asked("1-000001", key="a", till="1"), by=shop.owner, at=LATER),
        returning(shop, "R-1", till="2", key="b"),
    )
    assert outcomes in (
        ["1-V000001", "CameBackAlready"],
        ["2-R000001", "VoidsNoPart"],
    )


def test_a_return_and_a_buy_back_at_once(shop):
    outcomes = at_once(
        shop,
        lambda: buy_back(
            asked=asked("1-000001", key="a", till="1"), backs=[back()], by=shop.owner, at=LATER
        ),
        returning(shop, "R-1", till="2", key="b"),
    )
    assert outcomes[1] == "CameBackAlready"
