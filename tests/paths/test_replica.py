"""reports → replica: verified, for reading alone, and in the shop's scope like everything else."""

import time

import psycopg
import pytest
from django.db import DatabaseError, connections

from apps.inventory.models import Piece
from apps.shops.scope import shop_scope
from local.roles import APP
from tests import make

ARRIVES_WITHIN_S = 20

# The shop's tables are made first, on each server.
pytestmark = pytest.mark.slow


def arrived(replica, at):
    """Wait until the replica has all that the primary had written at `at`."""
    deadline = time.monotonic() + ARRIVES_WITHIN_S
    with psycopg.connect(**replica.link(APP, autocommit=True)) as connection:
        while True:
            (there,) = connection.execute("SELECT pg_last_wal_replay_lsn() >= %s", [at]).fetchone()
            if there:
                return
            assert time.monotonic() < deadline, "the replica does not follow"
            time.sleep(0.01)


@pytest.fixture
def shops(migrated, replica, serving):
    """Two shops with a ring each, on the primary and, by now, on the replica."""
    serving(migrated)
    made = [make.shop(), make.shop()]
    for shop in made:
        member = make.member(of=shop)
        with shop_scope(shop.pk):
            make.rate(of=shop)
            make.piece(by=member)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()::text")
        (at,) = cursor.fetchone()
    arrived(replica, at)
    serving(replica, alias="replica", read_only=True)
    return made


def test_it_is_a_replica_and_the_link_is_encrypted(shops):
    with connections["replica"].cursor() as cursor:
        cursor.execute(
            "SELECT pg_is_in_recovery(), ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (True, True)


def test_it_shows_the_shop_in_scope_and_no_other(shops):
    for shop in shops:
        with shop_scope(shop.pk, using="replica"):
            assert {piece.shop_id for piece in Piece.objects.using("replica")} == {shop.pk}


def test_without_a_scope_it_is_as_loud_as_the_primary(shops):
    with shop_scope(shops[0].pk), pytest.raises(DatabaseError, match="no shop in scope"):
        Piece.objects.using("replica").count()


def test_it_takes_no_change(shops):
    with shop_scope(shops[0].pk, using="replica"):
        piece = Piece.objects.using("replica").get()
        with pytest.raises(DatabaseError, match="read-only transaction"):
            piece.save(using="replica")


def test_a_name_that_leads_to_the_primary_is_for_reading_too(shops, migrated, serving):
    """As during a failover, or where one server is all there is."""
    serving(migrated, alias="replica", read_only=True)
    with shop_scope(shops[0].pk, using="replica"):
        piece = Piece.objects.using("replica").get()
        with pytest.raises(DatabaseError, match="read-only transaction"):
            piece.save(using="replica")
