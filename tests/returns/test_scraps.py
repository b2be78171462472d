"""From the counter to the crucible: a piece that came back is bagged, melted and assayed."""

from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction

from apps.purchasing.models import Scrap
from apps.purchasing.selectors.bags import bags
from apps.purchasing.services.bags import (
    BagNotOpen,
    ItemGone,
    ItemNotLoose,
    NothingToBag,
    open_bag,
    put_in,
    seal_bag,
    take_out,
)
from apps.purchasing.services.melt import assay_bag, melt_bag
from apps.returns.services.buy_back import buy_back
from apps.returns.services.scraps import scraps_of
from apps.shops.scope import shop_scope
from tests import make
from tests.purchasing import gold
from tests.returns.days import LATER, asked, back, books, demand_balance, sold

pytestmark = pytest.mark.django_db
METAL = Decimal("870.20")  # 9.16 fine grams at 95 a gram


@pytest.fixture
def scrap(shop, owner, scope):
    """The ring of 10 g, bought back for its metal."""
    make.rate(of=shop)
    make.rate(of=shop, side="buy", amount="95")
    make.piece(by=owner)
    bill = sold("R-1", by=owner)
    with transaction.atomic():
        buy_back(asked=asked(bill), backs=[back()], by=owner, at=LATER)
    return Scrap.objects.get()


def bag(by, metal="gold", key="bag-1"):
    return open_bag(metal=metal, key=key, by=by, at=LATER).number


def put(number, *scraps, by, items=()):
    with transaction.atomic():
        return put_in(bag=number, items=items, scraps=[each.pk for each in scraps], by=by, at=LATER)


def melted(number, *, by, weight="10"):
    melt_bag(
        bag=number,
        before_g=Decimal(weight),
        after_g=Decimal(weight),
        reason="weekly melt",
        key="melt",
        by=by,
        at=LATER,
    )
    return assay_bag(
        bag=number,
        fineness=9160,
        method="fire_assay",
        sample_g=Decimal(0),
        reason="weekly melt",
        key="assay",
        by=by,
        at=LATER,
    )


def test_what_was_bought_back_is_melted_and_leaves_the_old_gold(scrap, owner):
    assert (scrap.reference, scrap.tag, scrap.metal) == ("1-B000001", "R-1", "gold")
    assert (scrap.gross_weight_g, scrap.net_weight_g) == (10, 10)
    assert (scrap.fine_weight_g, scrap.value) == (Decimal("9.160"), METAL)
    number = put(bag(owner), scrap, by=owner).number
    listed = bags().get()
    assert (listed.pieces, listed.gross_g, listed.cost) == (1, 10, METAL)
    seal_bag(bag=number, seal="A", by=owner, at=LATER)

    assay = melted(number, by=owner)

    assert (assay.cost, assay.gain_g, assay.gain) == (METAL, 0, 0)
    held = books()
    assert ("old-gold", "AED") not in held
    assert ("old-gold", "gold") not in held
    assert (held["bullion", "AED"], held["bullion", "gold"]) == (METAL, Decimal("9.160"))
    demand_balance()


def test_it_shares_a_bag_with_what_was_bought_of_strangers(scrap, owner):
    gold.float_of(by=owner)
    slip = gold.slip(gold.item(gross="10"), of=gold.seller(by=owner), by=owner)
    number = bag(owner)
    put(number, scrap, items=[slip.items.get().pk], by=owner)
    listed = bags().get()
    assert (listed.pieces, listed.gross_g) == (2, 20)
    assert listed.cost == METAL + slip.total
    seal_bag(bag=number, seal="A", by=owner, at=LATER)

    assert melted(number, by=owner, weight="20").assumed_fine_g == Decimal("18.320")

    assert ("old-gold", "gold") not in books()
    demand_balance()


def test_in_and_out_and_what_is_refused(scrap, owner):
    first, other = bag(owner), bag(owner, key="bag-2")
    silver = bag(owner, "silver", key="bag-3")
    with pytest.raises(ItemNotLoose, match="another metal"):
        put(silver, scrap, by=owner)
    with pytest.raises(NothingToBag):
        put(first, by=owner)
    put(first, scrap, by=owner)
    with pytest.raises(ItemNotLoose, match="another bag"):
        put(other, scrap, by=owner)
    with pytest.raises(ItemNotLoose, match="not lie in this bag"):
        take_out(bag=other, items=[], scraps=[scrap.pk])
    take_out(bag=first, items=[], scraps=[scrap.pk])
    with pytest.raises(NothingToBag):
        seal_bag(bag=first, seal="A", by=owner, at=LATER)
    with pytest.raises(ItemGone):
        put_in(bag=first, items=[], scraps=[scrap.pk + 1000], by=owner, at=LATER)
    put(other, scrap, by=owner)
    seal_bag(bag=other, seal="A", by=owner, at=LATER)
    with pytest.raises(BagNotOpen):
        take_out(bag=other, items=[], scraps=[scrap.pk])


def test_another_shops_piece_is_not_there(scrap):
    other_shop = make.shop()
    stranger = make.member(of=other_shop)
    with shop_scope(other_shop.pk):
        number = bag(stranger)
        with pytest.raises(ItemGone):
            put(number, scrap, by=stranger)


def test_never_twice_by_one_document(scrap):
    scrap.pk = None
    with pytest.raises(IntegrityError, match="purchasing_scrap_once"), transaction.atomic():
        scrap.save(force_insert=True)


def test_a_piece_of_two_metals_lies_in_two_bags():
    metals = [
        {"metal": "gold", "fineness": 7500, "net_weight_g": "4.000", "fine_weight_g": "3.000"},
        {"metal": "silver", "fineness": 9250, "net_weight_g": "2.000", "fine_weight_g": "1.850"},
    ]
    line = SimpleNamespace(tag="T-1", name="Two tone", snapshot={"metals": metals})

    first, second = scraps_of(
        line, share=Decimal("0.5"), weighed_g=Decimal("3.400"), worth=Decimal(90)
    )

    assert (first.metal, first.gross_g, first.net_g) == ("gold", Decimal("2.400"), Decimal(2))
    assert (first.fine_g, first.value) == (Decimal("1.500"), 90)
    assert (second.metal, second.gross_g, second.net_g) == ("silver", 1, 1)
    assert (second.fine_g, second.value, second.position) == (Decimal("0.925"), 0, 1)


def test_the_page_of_the_bag(scrap, owner, client):
    client.force_login(owner.user)
    page = f"/old-gold/bags/{bag(owner)}/"
    assert "Our own pieces that came back" in client.get(page).text
    client.post(f"{page}fill/", {"scrap": scrap.pk, "do": "in"})
    shown = client.get(page).text
    assert "Our own pieces in the bag" in shown
    assert "1-B000001" in shown
    client.post(f"{page}fill/", {"scrap": scrap.pk, "do": "out"})
    scrap.refresh_from_db()
    assert scrap.bag is None
