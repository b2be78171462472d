"""Two presses, two browsers, two tills at the same moment: one sale."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest
from django.db import connection
from django.utils import timezone

from apps.core.errors import Refusal
from apps.inventory.services.transfers import begin, pack
from apps.sales.counter import at_the_counter
from apps.sales.models import OpenSale, OpenSaleTender, Sale, TenderKind
from apps.sales.selectors import outcome_of
from apps.sales.services.counter import put_on
from apps.sales.services.finish import Seen, finish
from apps.sales.services.hold import hold, resume
from apps.sales.services.tenders import give_back, take
from apps.shops.models import Branch, Register
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db):
    return make.shop()


@pytest.fixture
def by(shop):
    return make.member(of=shop)


@pytest.fixture
def tills(shop):
    with shop_scope(shop.pk):
        Register.objects.create(branch=Branch.objects.get(), code="2", name="Till 2")
        return list(Register.objects.order_by("code"))


def ready(till, by, tag):
    """A paid sale on the till; what its page would post with Finish."""
    now = timezone.now()
    put_on(tag=tag, register=till, by=by, at=now)
    counter = at_the_counter(shop=by.shop, register=till, at=now)
    take(kind=TenderKind.CASH, amount=counter.total, register=till, by=by, at=now)
    counter = at_the_counter(shop=by.shop, register=till, at=now)
    return {
        "key": counter.open_sale.key,
        "shown": Seen(pieces=counter.pieces_seen, total=counter.total),
        "register": till,
    }


def at_once(shop, by, requests):
    """What each request got when all were pressed together: a bill's number, or a refusal."""
    start = Barrier(len(requests), timeout=10)

    def press(request):
        try:
            start.wait()
            with shop_scope(shop.pk):
                return finish(by=by, at=timezone.now(), **request).sale.code
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(press, requests))


def test_pressing_finish_many_times_at_once_makes_one_sale(shop, by, tills):
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        make.piece(by=by, tag="R-1", at=timezone.now())
        request = ready(tills[0], by, "R-1")

    assert at_once(shop, by, [request] * 4) == ["1-000001"] * 4
    with shop_scope(shop.pk):
        assert Sale.objects.count() == 1


def test_two_tills_that_finish_one_piece_at_once(shop, by, tills):
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        make.piece(by=by, tag="R-1", at=timezone.now())
        requests = [ready(till, by, "R-1") for till in tills]

    answers = at_once(shop, by, requests)

    assert sorted(answers)[1] == "PieceNotForSale"
    assert sorted(answers)[0] in {"1-000001", "2-000001"}
    with shop_scope(shop.pk):
        assert Sale.objects.count() == 1
        loser = next(till for till in tills if till.sales.count() == 0)
        assert at_the_counter(shop=shop, register=loser, at=timezone.now()).unsold


def test_a_sale_that_is_being_finished_is_neither_made_nor_lost(shop, by, tills):
    """What a page asks whose answer never came. It does not wait for the sale itself."""
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        make.piece(by=by, tag="R-1", at=timezone.now())
        key = ready(tills[0], by, "R-1")["key"]
    held, asked = Event(), Event()

    def hold():
        try:
            with shop_scope(shop.pk):
                OpenSale.objects.select_for_update(of=("self",)).get(key=key)
                held.set()
                assert asked.wait(10), "the question waited for the lock"
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        holding = pool.submit(hold)
        assert held.wait(10)
        with shop_scope(shop.pk):
            meanwhile = outcome_of(key=key, register=tills[0])
        asked.set()
        holding.result()
    with shop_scope(shop.pk):
        afterwards = outcome_of(key=key, register=tills[0])

    assert (meanwhile.sale, meanwhile.running) == (None, True)
    assert (afterwards.sale, afterwards.running) == (None, False)


def test_two_tills_that_resume_one_held_sale_at_once(shop, by, tills):
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        make.piece(by=by, tag="R-1", at=timezone.now())
        key = ready(tills[0], by, "R-1")["key"]
        give_back(tender=OpenSaleTender.objects.get().pk, register=tills[0])
        held = hold(key=key, register=tills[0], by=by, at=timezone.now())
    start = Barrier(2, timeout=10)

    def press(till):
        try:
            start.wait()
            with shop_scope(shop.pk):
                return resume(pk=held.pk, register=till, by=by, at=timezone.now()).register.name
        except Refusal as refusal:
            return str(refusal)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(press, tills), key=len)

    winner = answers[0]
    assert winner in {"Till 1", "Till 2"}
    assert answers[1] == (
        f"This sale was resumed on {winner} meanwhile. Look at the held sales again."
    )
    with shop_scope(shop.pk):
        assert OpenSale.objects.get().register.name == winner


def test_two_held_sales_that_are_resumed_on_one_till_at_once(shop, by, tills, monkeypatch):
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        sales = []
        for tag in ("R-1", "R-2"):
            make.piece(by=by, tag=tag, at=timezone.now())
            key = ready(tills[0], by, tag)["key"]
            give_back(tender=OpenSaleTender.objects.get().pk, register=tills[0])
            sales.append(hold(key=key, register=tills[0], by=by, at=timezone.now()).pk)
    start, save = Barrier(2, timeout=10), OpenSale.save

    def together(sale, **terms):
        start.wait()  # each has seen that nothing lies on the counter
        save(sale, **terms)

    monkeypatch.setattr(OpenSale, "save", together)

    def press(pk):
        try:
            with shop_scope(shop.pk):
                resume(pk=pk, register=tills[0], by=by, at=timezone.now())
                return "resumed"
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(press, sales))

    assert answers == ["CounterTaken", "resumed"]
    with shop_scope(shop.pk):
        assert OpenSale.objects.filter(held_at=None).count() == 1


def test_holding_and_selling_one_piece_at_once_keeps_one_of_them(shop, by, tills):
    """Two tills have one piece on the counter: one finishes it while the other holds it."""
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        make.piece(by=by, tag="R-1", at=timezone.now())
        selling, holding = (ready(till, by, "R-1") for till in tills)
    start = Barrier(2, timeout=10)

    def press(act):
        try:
            start.wait()
            with shop_scope(shop.pk):
                act()
                return "done"
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()

    acts = [
        lambda: finish(by=by, at=timezone.now(), **selling),
        lambda: hold(key=holding["key"], register=tills[1], by=by, at=timezone.now()),
    ]
    with ThreadPoolExecutor(2) as pool:
        sold, held = pool.map(press, acts)

    with shop_scope(shop.pk):
        assert Sale.objects.count() == (sold == "done")
        if sold == "done":
            return
        assert (sold, held) == ("PieceHeld", "done")
        assert OpenSale.objects.filter(held_at__isnull=False).count() == 1


def test_two_who_hold_their_sale_and_look_up_the_others_piece_do_not_lock_each_other_out(
    shop, by, tills
):
    """A deadlock, were the pieces of a sale that is held kept from those who only name them."""
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, at=now)
        keys = {}
        for till, tag in zip(tills, ("R-1", "R-2"), strict=True):
            make.piece(by=by, tag=tag, at=now)
            keys[tag] = put_on(tag=tag, register=till, by=by, at=now).open_sale.key
        branches = stock.main_branch(), stock.second_branch(code="3")
        parcels = [
            begin(source=branches[0], target=branches[1], by=by, at=now, key=key).pk
            for key in ("p-1", "p-2")
        ]

    told = stock.crossing(
        shop,
        (
            lambda: hold(key=keys["R-1"], register=tills[0], by=by, at=now),
            lambda: pack(transfer=parcels[0], tags=["R-2"]),
        ),
        (
            lambda: hold(key=keys["R-2"], register=tills[1], by=by, at=now),
            lambda: pack(transfer=parcels[1], tags=["R-1"]),
        ),
    )

    assert told == [None, None]
