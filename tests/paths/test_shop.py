"""The shop's own code behind the poolers: many clients on few connections, each in its shop."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connections
from django.test import Client

from apps.core.sampling import entry
from apps.inventory.models import Piece
from apps.shops.scope import shop_scope
from tests import make

CLIENTS, ROUNDS = 12, 10
READY_WITHIN_S = 20

# The shop's tables are made first, on each server.
pytestmark = pytest.mark.slow


@pytest.fixture
def shops(migrated, behind_pooler, serving):
    serving(behind_pooler, pooled=True)
    made = [make.shop(), make.shop()]
    for shop in made:
        member = make.member(of=shop)
        with shop_scope(shop.pk):
            make.rate(of=shop)
            make.piece(by=member)
    return made


def test_it_is_ready(shops):
    """By a session of the sampler's own, over the same pooler."""
    entry.close()
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while (answer := Client().get("/health/ready/")).status_code != 200:
            assert time.monotonic() < deadline, answer.content
            time.sleep(0.05)
    finally:
        entry.close()


def test_every_client_sees_its_own_shop_alone(shops):
    def work(number):
        seen, backends = set(), set()
        try:
            for turn in range(ROUNDS):
                shop = shops[(number + turn) % len(shops)]
                with shop_scope(shop.pk):
                    seen |= {(shop.pk, piece.shop_id) for piece in Piece.objects.all()}
                    with connections["default"].cursor() as cursor:
                        cursor.execute("SELECT pg_backend_pid()")
                        backends.add(cursor.fetchone())
        finally:
            connections["default"].close()
        return seen, backends

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(work, range(CLIENTS)))

    seen = set().union(*(pairs for pairs, _ in answers))
    assert seen == {(shop.pk, shop.pk) for shop in shops}
    backends = [backend for _, used in answers for backend in used]
    assert len(backends) > len(set(backends)), "no connection was shared: nothing was shown"


def test_outside_a_scope_it_is_loud_whoever_was_there_before(shops):
    for shop in shops:
        with shop_scope(shop.pk):
            assert Piece.objects.count() == 1
        with pytest.raises(DatabaseError, match="no shop in scope"):
            Piece.objects.count()


def test_rows_are_read_in_pieces_without_a_cursor_that_stays(shops):
    with shop_scope(shops[0].pk):
        assert len(list(Piece.objects.iterator(chunk_size=1))) == 1
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors")
            assert cursor.fetchone() == (0,)
