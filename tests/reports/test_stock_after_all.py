"""After everything that a hand can do with the stock, the stock report and the books agree."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.db.models import F

from apps.consignment.services.owners import buy
from apps.counts.results import Done
from apps.counts.selectors import result_of
from apps.counts.services.approving import approve
from apps.counts.services.weighing import weigh
from apps.inventory.models import PieceMetal
from apps.inventory.selectors import piece_by_tag
from apps.inventory.services.editing import edit, terms_of, version_of
from apps.inventory.services.losing import find, lose
from apps.inventory.services.new_pieces import NewMetal
from apps.inventory.services.retag import Part, join, split
from apps.lots.models import Lot
from apps.lots.selectors import fine_of
from apps.lots.services import put_back
from tests import make
from tests.consignment import memos
from tests.counts import counts
from tests.lots import lots
from tests.lots.test_drawing import part

NOON = make.NOON
MG = Decimal("0.001")


def gold(net, fineness=7500):
    return (NewMetal(metal="gold", fineness=fineness, net_weight_g=Decimal(net)),)


def pieces_of_the_stock(by, tray):
    """Cut, joined, weighed again, written off and found, lent and lost while it was lent."""
    for tag in ("R-1", "R-2", "R-3", "R-4"):
        make.piece(by=by, tag=tag, place=tray, metals=gold("9.999"))
    halves = [
        Part(net_g=(Decimal(net),), gross_g=Decimal(net)) for net in ("3.333", "3.333", "3.331")
    ]
    split(tag="R-1", parts=halves, by=by, at=NOON, key="split")
    join(tags=["R-1-1", "R-1-2"], by=by, at=NOON, key="join", tag="PAIR")
    ring = piece_by_tag(tag="R-2")
    edit(
        tag="R-2",
        terms=replace(terms_of(ring), metals=gold("9.5"), cost=Decimal(450)),
        version=version_of(ring.piece),
        by=by,
        at=NOON,
        reason="Weighed again",
    )
    lose(tags=["R-3"], reason="Gone", by=by, at=NOON, key="lose-1")
    find(tags=["R-3"], place=tray, reason="Lay under", by=by, at=NOON, key="find-1")
    memos.lent("R-4", to=memos.party(by=by), by=by)
    lose(tags=["R-4"], reason="The customer lost it", by=by, at=NOON, key="lose-2")


def lots_of_the_stock(by, tray):
    lot = lots.filled(
        lots.chain(by=by, fineness="916", place=tray), by=by, grams="50.007", cost="2000"
    )
    for grams in ("1.117", "2.229"):
        part(lot, by=by, grams=grams)
    put_back(piece=piece_by_tag(tag="CH1-2").piece, by=by, at=NOON)
    lot.refresh_from_db()
    return lot


@pytest.mark.usefixtures("scope")
def test_the_report_finds_no_difference(client, owner):
    tray = counts.tray()
    pieces_of_the_stock(owner, tray)
    lot = lots_of_the_stock(owner, tray)
    dealer = memos.dealer(by=owner)
    memo = memos.taken(memos.goods("M-1"), memos.goods("M-2"), of=dealer, by=owner)
    buy(code=memo.code, tag="M-1", price=Decimal(650), reason="Kept", by=owner, at=NOON)
    count = counts.count(tray, by=owner)
    sheet = counts.begun(count, by=owner)
    counts.read(sheet, "PAIR", "R-1-3", "R-2", "CH1-1", by=owner)
    weigh(sheet=sheet, lot=lot, pieces=None, weight=Decimal("48.500"), by=owner, at=NOON)
    counts.finish(sheet=sheet, by=owner, at=NOON)
    missing = {line.tag: line.piece for _sheet, line in result_of(count, code="AED").lines}
    assert set(missing) == {"R-3"}

    approve(
        count=count,
        choices={missing["R-3"]: Done.WRITE_OFF},
        reason="Counted",
        by=owner,
        at=NOON,
    )

    client.force_login(owner.user)
    report = client.get("/reports/stock/").content.decode()
    assert "the books say" not in report
    assert memos.books("lots", "gold") == fine_of(Lot.objects.get())
    # The owner of M-1 is owed, whoever owns M-2 is not.
    assert memos.books("payable", party=dealer) == Decimal(-650)
    # It would say so: a milligram is enough.
    PieceMetal.objects.filter(piece__tag="PAIR").update(fine_weight_g=F("fine_weight_g") - MG)
    assert "the books say" in client.get("/reports/stock/").content.decode()
