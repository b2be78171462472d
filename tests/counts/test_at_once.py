"""Two people at one moment: on one tray, and beginning a count."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from apps.counts.models import CountHand, CountSheet, StockCount
from apps.counts.selectors import standing_of
from apps.counts.services.scanning import Verdict
from apps.counts.services.sheets import Way, begin, locked_sheet
from apps.counts.services.starting import locked_count
from apps.shops.scope import shop_scope
from tests import make
from tests.counts import counts
from tests.inventory import stock


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_two_people_read_the_same_tags_and_each_tag_is_seen_once(self):
        shop = make.shop()
        people = [make.member(of=shop), make.member(of=shop)]
        tags = [f"T-{n:03}" for n in range(60)]
        with shop_scope(shop.pk):
            tray = counts.tray()
            counts.pieces(*tags, by=people[0], place=tray)
            sheet = counts.begun(counts.count(tray, by=people[0]), by=people[0])
            begin(sheet=sheet, by=people[1], at=make.NOON, way=Way.JOIN)

        def work(turn):
            mine = tags if turn == 0 else tags[::-1]
            heard = []
            try:
                for n in range(0, 60, 6):
                    with shop_scope(shop.pk):
                        heard += counts.read(
                            sheet, *mine[n : n + 6], by=people[turn], client=str(turn), start=n
                        )
            finally:
                connection.close()
            return [each.verdict for each in heard]

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(work, range(2))

        both = first + second
        assert both.count(Verdict.SEEN) == 60
        assert both.count(Verdict.AGAIN) == 60
        with shop_scope(shop.pk):
            assert standing_of(sheet).seen == 60

    def test_two_counts_begun_at_once_have_two_numbers(self):
        shop = make.shop()
        owner = make.member(of=shop)
        with shop_scope(shop.pk):
            trays = [counts.tray(name=f"Tray {n}") for n in range(4)]

        def start(tray):
            try:
                with shop_scope(shop.pk):
                    return counts.count(tray, by=owner).number
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as pool:
            numbers = sorted(pool.map(start, trays))

        assert numbers == [1, 2, 3, 4]
        with shop_scope(shop.pk):
            assert StockCount.objects.count() == 4

    def test_two_who_change_a_tray_and_name_the_others_do_not_lock_each_other_out(self):
        shop = make.shop()
        owner, clerk = make.member(of=shop), make.member(of=shop)
        with shop_scope(shop.pk):
            trays = [counts.tray(name=f"Tray {n}") for n in range(2)]
            made = [counts.count(tray, by=owner) for tray in trays]
            sheets = [counts.begun(one, by=owner) for one in made]

        def crossed(mine, others):
            def name():
                CountHand.objects.create(sheet=sheets[others], member=clerk, since=make.NOON)
                CountSheet.objects.create(count=made[others], place=trays[others], round=2)

            return lambda: (locked_count(made[mine]), locked_sheet(sheets[mine])), name

        assert stock.crossing(shop, crossed(0, 1), crossed(1, 0)) == [None, None]
