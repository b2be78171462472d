"""The stock list: what is found, in which order, by which plan, and in whose shop."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection

from apps.inventory.models import Movement, Piece, PieceState, Place
from apps.inventory.search import search_words
from apps.inventory.selectors import (
    PAGE_SIZE,
    Mark,
    PlaceInListUnknown,
    Wanted,
    categories,
    history_of,
    page_by_number,
    page_from,
    sums,
)
from apps.inventory.services.new_pieces import NewStone
from apps.inventory.services.take_in import take_in_all
from apps.shops.models import Branch
from apps.shops.scope import shop_scope
from tests import make
from tests.conftest import OWNER, log_in


def tags(page):
    return [whole.piece.tag for whole in page.pieces]


def found(search="", **filters):
    return tags(page_from(Wanted(search=search, **filters)))


def stock(clerk, *names, **terms):
    """Pieces R-1, R-2, …, each a day younger than the one before."""
    for number, name in enumerate(names, start=1):
        make.piece(
            by=clerk,
            tag=f"R-{number}",
            name=name,
            at=make.NOON + timedelta(days=number),
            **terms,
        )


class TestSearch:
    @pytest.mark.parametrize(
        ("search", "hits"),
        [
            ("", ["R-3", "R-2", "R-1"]),
            ("halo", ["R-1"]),
            ("ALO", ["R-1"]),
            ("r-2", ["R-2"]),
            ("ring plain", ["R-3"]),
            ("gia 77", ["R-2"]),
            ("گردنبند كوچک", ["R-2"]),
            ("%", []),
            ("_", []),
            ("\\", []),
            ("'; DROP TABLE inventory_piece; --", []),
            ("\x00halo", ["R-1"]),
            ("۲", ["R-2"]),
            ("😀", []),
        ],
    )
    def test_finds_every_word_anywhere(self, clerk, search, hits):
        make.piece(by=clerk, tag="R-1", name="Halo ring")
        make.piece(
            by=clerk,
            tag="R-2",
            name="گردنبند کوچك",
            stones=(NewStone(kind="diamond", certificate="GIA 6177"),),
        )
        make.piece(by=clerk, tag="R-3", name="Plain ring")

        assert found(search) == hits

    def test_bounds_what_is_searched_for(self):
        assert search_words("a " * 50) == ["a"]
        assert len(search_words(" ".join(str(n) for n in range(1000, 1100)))) == 8

    def test_filters_by_state_metal_category_and_place(self, clerk):
        tray = Place.objects.create(branch=Branch.objects.get(), name="Tray 3", kind="tray")
        silver = make.NewMetal(metal="silver", fineness=9250, net_weight_g=make.Decimal(3))
        make.piece(by=clerk, tag="R-1", category="Ring", place=tray)
        make.piece(by=clerk, tag="C-1", category="Chain", metals=(silver,))
        make.piece(by=clerk, tag="B-1", category="Ring")
        Piece.objects.filter(tag="B-1").update(state=PieceState.SOLD)

        assert found() == ["C-1", "R-1"]
        assert found(states=("sold",)) == ["B-1"]
        assert found(metal="silver") == ["C-1"]
        assert found(category="Ring") == ["R-1"]
        assert found(place_id=tray.pk) == ["R-1"]
        assert categories() == ["Chain", "Ring"]

    def test_keeps_other_shops_out_of_pages_counts_and_sums(self, clerk):
        stock(clerk, "ours")
        other = make.shop()
        with shop_scope(other.pk):
            stock(make.member(of=other), "theirs", "theirs")
            assert found("theirs") == ["R-2", "R-1"]

        assert found("theirs") == []
        assert tags(page_by_number(Wanted(), page=1)) == ["R-1"]
        assert sums(Wanted()).pieces == 1

    @pytest.mark.parametrize(
        "look", [page_from, lambda wanted: page_by_number(wanted, page=1), sums]
    )
    def test_is_loud_without_a_shop(self, db, look):
        with pytest.raises(ProgrammingError, match="no shop in scope"):
            look(Wanted())

    def test_is_a_function_that_nobody_but_the_serving_role_may_call(self, clerk):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT proname, prosecdef, proconfig::text, proacl::text FROM pg_proc"
                " WHERE proname IN ('inventory_find_pieces', 'inventory_sum_pieces')"
            )
            functions = cursor.fetchall()

        assert len(functions) == 2
        for name, definer, settings, granted in functions:
            assert definer, name
            assert "search_path" in settings, name
            assert "{=" not in granted, f"PUBLIC may call {name}: {granted}"
            assert ",=" not in granted, f"PUBLIC may call {name}: {granted}"


class TestPages:
    def test_walks_forth_and_back_over_every_piece_once(self, clerk):
        pieces = [make.new_piece(tag=f"R-{n:03}") for n in range(PAGE_SIZE * 2 + 1)]
        take_in_all(pieces=pieces, by=clerk, at=make.NOON, reference="many")

        first = page_from(Wanted())
        second = page_from(Wanted(), after=first.after)
        third = page_from(Wanted(), after=second.after)
        back = page_from(Wanted(), before=third.before)

        assert [len(page.pieces) for page in (first, second, third)] == [50, 50, 1]
        assert len({*tags(first), *tags(second), *tags(third)}) == 101
        assert tags(back) == tags(second)
        assert (first.before, third.after) == (None, None)
        assert back.before
        assert back.after
        assert tags(page_by_number(Wanted(), page=2)) == tags(second)
        assert tags(page_by_number(Wanted(), page=4)) == []

    def test_goes_oldest_first_too(self, clerk):
        stock(clerk, "a", "b", "c")

        assert tags(page_from(Wanted(), newest_first=False)) == ["R-1", "R-2", "R-3"]
        assert tags(page_by_number(Wanted(), page=1, newest_first=False))[0] == "R-1"

    def test_mark_survives_an_address(self, clerk):
        stock(clerk, "a")
        mark = Mark.of(Piece.objects.get())

        assert Mark.read(str(mark)) == mark

    @pytest.mark.parametrize(
        "text", ["", "-", "1", "1-", "-1", "a-1", "1-1-1", "9" * 30 + "-1", "٣-١"]
    )
    def test_refuses_a_mark_that_nobody_made(self, text):
        with pytest.raises(PlaceInListUnknown, match="Open the stock list again"):
            Mark.read(text)

    def test_asks_two_queries_however_many_pieces(self, clerk, django_assert_num_queries):
        stock(clerk, *"abcdefgh")

        with django_assert_num_queries(2):
            page_from(Wanted())


class TestSums:
    def test_adds_up_the_whole_result_and_not_the_page(self, clerk):
        stones = (NewStone(kind="ruby", carats=make.Decimal("0.5")),)
        pieces = [
            make.new_piece(tag=f"R-{n}", stones=stones, gross_weight_g=make.Decimal("10.1"))
            for n in range(60)
        ]
        take_in_all(pieces=pieces, by=clerk, at=make.NOON, reference="many")

        whole = sums(Wanted(search="ring"))

        assert (whole.pieces, whole.carats, whole.net_g) == (60, 30, 600)
        assert [(metal.metal, metal.fine_g) for metal in whole.metals] == [
            ("gold", make.Decimal("549.600"))
        ]

    def test_of_nothing_is_nothing(self, clerk):
        assert (sums(Wanted()).pieces, sums(Wanted()).metals) == (0, ())


class TestPlan:
    """What keeps the list fast: both ways through it are ways through an index."""

    @pytest.fixture
    def populated(self, transactional_db):
        shop = make.shop()
        member = make.member(of=shop)
        pieces = [make.new_piece(tag=f"R{n}", name=f"Ring {n * 7919}") for n in range(5000)]
        with shop_scope(shop.pk):
            take_in_all(pieces=pieces, by=member, at=make.NOON, reference="many")
        served = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
        log_in(OWNER)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE inventory_piece")
        yield shop
        log_in(served)

    def _plan(self, shop, words, tail):
        """Of the query that the function builds, as the owner that it runs as."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT inventory_pieces_sql(%s, %s::text[], '{in_stock,reserved}',"
                " NULL, NULL, NULL, %s)",
                [shop.pk, words, tail],
            )
            sql = cursor.fetchone()[0]
            cursor.execute(
                f"EXPLAIN SELECT id FROM ({sql}) f"  # noqa: S608  # made by our function
                " ORDER BY arrived_at DESC, id DESC LIMIT 51"
            )
            return "\n".join(row[0] for row in cursor.fetchall())

    def test_neither_list_nor_search_reads_the_whole_table(self, populated):
        tail = " ORDER BY p.arrived_at DESC, p.id DESC LIMIT 51"

        a_page, a_search = self._plan(populated, [], tail), self._plan(populated, ["39595"], tail)

        assert "inventory_piece_listed" in a_page
        assert "inventory_piece_search" in a_search
        for plan in (a_page, a_search):
            assert "Seq Scan" not in plan, plan


class TestHistory:
    def test_is_the_pieces_own(self, clerk):
        stock(clerk, "a", "b")
        piece = Piece.objects.get(tag="R-1")

        (step,) = history_of(piece)

        assert step == Movement.objects.get(piece=piece)
        assert step.moved_by == clerk
