"""What counts as ours: lent and on the way too, what others gave us not."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.inventory.selectors import whole_pieces
from apps.inventory.services.transfers import begin, pack, send
from apps.inventory.services.ways import lend
from apps.reports.home import stock_by_metal
from tests import make
from tests.inventory import stock
from tests.inventory.owned import not_ours

pytestmark = pytest.mark.usefixtures("scope")


@pytest.fixture
def desk(client, owner):
    client.force_login(owner.user)
    return client


def test_what_is_away_is_ours_and_what_is_here_of_others_is_not(shop, owner, desk):
    now = timezone.now()
    make.rate(of=shop, at=now)
    for tag in ("R-1", "R-2", "R-3"):
        make.piece(by=owner, tag=tag, at=now)
    not_ours("M-1", by=owner)
    parcel = begin(
        source=stock.main_branch(), target=stock.second_branch(), by=owner, at=now, key="p"
    )
    pack(transfer=parcel.pk, tags=["R-1"])
    send(transfer=parcel.pk, reason="x", by=owner, at=now)
    lent = [whole.piece for whole in whole_pieces(tags=["R-2"], to_change=True)]
    lend(pieces=lent, by=owner, at=now, reference="1-H000001")

    (gold,) = stock_by_metal(shop=shop, at=now)

    assert gold.pieces == 3
    report = desk.get("/reports/stock/").content.decode()
    # The books say the same: no warning that they differ.
    assert "and the books say" not in report
    assert "1,500.00" in report


def test_a_piece_without_metal_counts_where_it_is_ours_alone(shop, owner, desk):
    make.rate(of=shop, at=timezone.now())
    bare = {
        "category": "loose",
        "metals": (),
        "gross_weight_g": None,
        "fixed_price": Decimal(900),
        "making_mode": "none",
        "making_value": Decimal(0),
    }
    make.piece(by=owner, tag="P-1", cost=Decimal(111), **bare)
    not_ours("M-1", by=owner, cost=Decimal(222), **bare)

    report = desk.get("/reports/stock/").content.decode()

    assert "111.00" in report
    assert "333.00" not in report
    assert "222.00" not in report
    assert "and the books say" not in report
