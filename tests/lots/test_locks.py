"""A lot that is being changed does not keep those waiting who only name it."""

import pytest

from apps.counts.models import CountWeighing
from apps.lots.services.writing import locked
from apps.shops.scope import shop_scope
from tests import make
from tests.counts import counts
from tests.inventory import stock
from tests.lots import lots


@pytest.mark.django_db(transaction=True)
def test_two_who_change_a_lot_and_name_the_others_do_not_lock_each_other_out():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        tray = counts.tray()
        first, second = (lots.chain(by=owner, code=code, place=tray) for code in ("CH1", "CH2"))
        sheet = counts.begun(counts.count(tray, by=owner), by=owner)

    def weigh(lot):
        held = dict.fromkeys(("held_grams", "held_carats", "found_grams", "found_carats"), 0)
        CountWeighing.objects.create(
            sheet=sheet, lot=lot, held_pieces=0, found_pieces=0, at=make.NOON, by=owner, **held
        )

    told = stock.crossing(
        shop,
        (lambda: locked(first), lambda: weigh(second)),
        (lambda: locked(second), lambda: weigh(first)),
    )

    assert told == [None, None]
