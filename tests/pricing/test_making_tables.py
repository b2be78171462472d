"""Making tables of a shop: dated, never changed, made by hand, and what they refuse."""

import threading
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from apps.inventory.prices import prices_today
from apps.inventory.selectors import piece_by_tag
from apps.pricing import rules
from apps.pricing.making import (
    MakingKeyUsed,
    MakingTableImpossible,
    MakingTableMissing,
    MakingTableNotFound,
    set_table,
    tables_at,
    terms_of,
    versions_of,
)
from apps.pricing.models import MakingTable
from apps.pricing.selectors import board_at
from apps.shops.scope import shop_scope
from tests import make

D = Decimal
LATER = make.NOON + timedelta(hours=1)


def slab(start, value, mode=rules.MakingMode.PERCENT_OF_METAL, basis=None):
    return rules.Slab(start=D(start), mode=mode, value=D(value), basis=basis)


def made(by, *slabs, code="chains", at=make.NOON, key=None, **more):
    return set_table(
        **{
            "code": code,
            "name": "Chains",
            "by_what": "rate",
            "fineness": None,
            "slabs": slabs or (slab(0, 14), slab(5500, 11)),
            "key": key or uuid4(),
            "by": by,
            "at": at,
            **more,
        }
    )


@pytest.mark.usefixtures("scope")
class TestVersions:
    def test_the_newest_counts_from_its_moment_on(self, owner):
        made(owner, slab(0, 14))
        made(owner, slab(0, 12), at=LATER)

        def percent(at):
            (table,) = tables_at(at)
            return terms_of(table).slabs[0].value

        assert (percent(make.NOON), percent(LATER)) == (14, 12)
        assert tables_at(make.NOON - timedelta(seconds=1)) == []
        assert [table.valid_from for table in versions_of("chains")] == [LATER, make.NOON]

    def test_a_charge_without_a_basis_gets_the_usual_one(self, owner):
        table = made(
            owner,
            slab(0, 14),
            slab(10, 500, rules.MakingMode.PER_GRAM),
            slab(20, 9000, rules.MakingMode.PER_PIECE),
        )
        assert [one.basis for one in table.slabs.order_by("start")] == ["metal", "net", ""]

    def test_the_same_form_sent_twice_makes_one_version(self, owner):
        key = uuid4()
        assert made(owner, key=key) == made(owner, slab(0, 99), key=key)
        assert MakingTable.objects.count() == 1

    @pytest.mark.parametrize(
        ("slabs", "field"),
        [
            ([slab(1, 14)], "slabs.0.start"),
            ([slab(0, 14), slab(0, 11)], "slabs.1.start"),
            ([slab(0, -1)], "slabs.0.value"),
            ([slab(0, 1, basis=rules.MakingBasis.GROSS)], "slabs.0.basis"),
        ],
    )
    def test_says_what_cannot_be(self, owner, slabs, field):
        with pytest.raises(MakingTableImpossible) as refused:
            made(owner, *slabs)
        assert refused.value.field == field
        assert str(refused.value)[-1] == "."
        assert not MakingTable.objects.exists()

    def test_needs_a_name(self, owner):
        with pytest.raises(MakingTableImpossible, match="has no name"):
            made(owner, name=" ")

    @pytest.mark.parametrize("table", ["pricing_makingtable", "pricing_makingslab"])
    @pytest.mark.parametrize("what", ["UPDATE {} SET id = id", "DELETE FROM {}"])
    def test_the_database_lets_nobody_change_one(self, owner, table, what):
        made(owner)
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(what.format(table))

    def test_another_shop_has_tables_of_its_own(self, owner):
        made(owner)
        other = make.shop()
        with shop_scope(other.pk):
            assert tables_at(LATER) == []
            with pytest.raises(MakingTableNotFound):
                versions_of("chains")
            made(make.member(of=other), slab(0, 3))
        assert terms_of(*tables_at(LATER)).slabs[0].value == 14


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_make_one_version():
    shop = make.shop()
    owner, key, start = make.member(of=shop), uuid4(), threading.Barrier(2)
    outcomes = []

    def press():
        try:
            start.wait(5)
            with shop_scope(shop.pk):
                outcomes.append(made(owner, key=key).pk)
        except MakingKeyUsed:
            outcomes.append("MakingKeyUsed")
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    with shop_scope(shop.pk):
        (only,) = MakingTable.objects.values_list("pk", flat=True)
    # The second press waits for the first and is refused, or comes after it and is answered.
    assert only in outcomes
    assert set(outcomes) <= {only, "MakingKeyUsed"}


@pytest.mark.usefixtures("scope")
class TestPieces:
    TERMS = {"making_mode": "slab", "making_table": "chains", "making_value": D(0)}

    def test_are_priced_by_the_version_that_counts(self, owner, shop):
        made(owner, slab(0, 14), slab(100, 11))
        make.rate(of=shop, amount="100", fineness="916")
        make.piece(by=owner, **self.TERMS)
        made(owner, slab(0, 8), at=LATER)
        whole = piece_by_tag(tag="R-1")

        def making(at):
            (price,) = prices_today([whole], shop=shop, at=at)
            return next(c.amount for c in price.line.components if c.kind == rules.Kind.MAKING)

        assert (making(make.NOON), making(LATER)) == (D(110), D(80))

    def test_a_board_without_the_table_says_so(self, owner, shop):
        made(owner)
        make.rate(of=shop)
        make.piece(by=owner, **self.TERMS)
        before = make.NOON - timedelta(seconds=1)
        with pytest.raises(MakingTableMissing, match="no making table chains"):
            board_at(shop=shop, at=before).making_table("chains")
        (price,) = prices_today([piece_by_tag(tag="R-1")], shop=shop, at=make.NOON)
        assert price.line is not None

    def test_the_tables_are_read_once_for_many_pieces(self, owner, shop, django_assert_num_queries):
        made(owner)
        make.rate(of=shop)
        for n in range(3):
            make.piece(by=owner, tag=f"R-{n}", **self.TERMS)
        pieces = [piece_by_tag(tag=f"R-{n}") for n in range(3)]
        # The board, the shop's rules, its tables with their slabs.
        with django_assert_num_queries(4):
            prices_today(pieces, shop=shop, at=make.NOON)


@pytest.fixture
def as_(client, shop):
    def sign_in(role="owner"):
        client.force_login(make.member(of=shop, role=role).user)
        return client

    return sign_in


FORM = {
    "code": "chains-22k", "name": "Chains 22K", "by": "rate", "fineness": "22K",
    "start_1": "0", "mode_1": "percent_of_metal", "value_1": "۱۴", "basis_1": "",
    "start_2": "5,500", "mode_2": "percent_of_metal", "value_2": "11", "basis_2": "",
}  # fmt: skip


class TestPages:
    def test_makes_a_table_and_shows_it(self, as_, shop):
        key = str(uuid4())
        answer = as_().post("/rates/making/new/", {**FORM, "key": key}, follow=True)

        assert answer.redirect_chain[-1][0] == "/rates/making/table/chains-22k/"
        page = answer.content.decode()
        assert "Chains 22K" in page
        assert "counts from now on" in page
        with shop_scope(shop.pk):
            (table,) = MakingTable.objects.all()
            assert (table.fineness, [one.value for one in terms_of(table).slabs]) == (
                9160,
                [14, 11],
            )

    def test_a_new_version_begins_with_what_counts(self, as_, shop):
        client = as_()
        client.post("/rates/making/new/", {**FORM, "key": str(uuid4())})
        page = client.get("/rates/making/table/chains-22k/")
        form = page.context["form"]

        assert form["start_2"].value() == "5500"
        changed = {**FORM, "value_2": "10.5", "key": str(uuid4())}
        assert client.post("/rates/making/table/chains-22k/", changed).status_code == 302
        with shop_scope(shop.pk):
            assert [terms_of(one).slabs[1].value for one in versions_of("chains-22k")] == [
                D("10.5"),
                11,
            ]
        assert "chains-22k" in client.get("/rates/making/").content.decode()

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"code": "Chains 22K"}, "code"),
            ({"name": ""}, "name"),
            ({"by": "colour"}, "by"),
            ({"fineness": "17K"}, "fineness"),
            ({"start_1": "1"}, "start_1"),
            ({"start_2": "0"}, "start_2"),
            ({"start_2": ""}, "start_2"),
            ({"value_2": ""}, "value_2"),
            ({"value_2": "-1"}, "value_2"),
            ({"value_2": "NaN"}, "value_2"),
            ({"value_2": "1e9"}, "value_2"),
            ({"value_2": "9" * 16}, "value_2"),
            ({"start_2": "1.0000001"}, "start_2"),
            ({"basis_2": "net"}, "basis_2"),
            ({"mode_2": "slab"}, "mode_2"),
            (
                {"start_4": "6000", "value_4": "9", "mode_4": "per_gram", "basis_4": "metal"},
                "basis_4",
            ),
        ],
        ids=str,
    )
    def test_says_at_the_field_what_cannot_be(self, as_, shop, change, field):
        answer = as_().post("/rates/making/new/", {**FORM, "key": str(uuid4()), **change})

        assert answer.status_code == 422
        assert list(answer.context["form"].errors) == [field]
        with shop_scope(shop.pk):
            assert not MakingTable.objects.exists()

    def test_is_not_found_under_a_code_nobody_made(self, as_):
        assert as_().get("/rates/making/table/rings/").status_code == 404

    @pytest.mark.parametrize("role", ["salesperson", "cashier"])
    def test_is_for_owners_and_managers(self, as_, role):
        client = as_(role)
        assert client.get("/rates/making/").status_code == 403
        assert client.post("/rates/making/new/", FORM).status_code == 403
