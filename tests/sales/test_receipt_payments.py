"""What a bill prints of each payment, and of pieces that came back."""

import re

import pytest
from django.db import transaction
from django.template.loader import render_to_string

from apps.sales.models import SaleLine
from apps.sales.receipts.read import bill_of
from tests import make
from tests.credit import books
from tests.deposits import made
from tests.purchasing import gold
from tests.sales.paying import bought, dollar_rate, dollars, pay


@pytest.fixture
def owner(shop, scope):
    owner = make.member(of=shop)
    make.rate(of=shop)
    make.rate(of=shop, side="buy")
    for tag in ("R-1", "R-2"):
        make.piece(by=owner, tag=tag)
    return owner


def notes(bill):
    return {payment.label: payment.notes for payment in bill.payments}


def plain(text):
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_old_gold_tells_what_was_on_the_scale(owner):
    slip = gold.slip(
        gold.item(gross="10.3", stones_g="0.3"),
        of=gold.seller(by=owner),
        purpose="exchange",
        by=owner,
    )

    bill = bill_of(bought(pay("old_gold", 0, slip.code), pay("cash", 200), by=owner).sale)

    number, item = notes(bill)["Old gold"]
    assert number == slip.code
    assert plain(item) == "Bangle: gross 10.300 g, net 10.000 g of 916, fine 9.160 g"
    paid = sum(payment.given for payment in bill.payments) - bill.change
    assert paid == bill.total + bill.cash_rounding


def test_a_deposit_tells_the_grams_it_fixed_and_their_rate(owner):
    deposit = made.deposit(by=owner, kind="grams", tags=(), paid="500", metal="gold", fineness=9160)

    bill = bill_of(bought(pay("deposit", 0, deposit.number), pay("cash", 600), by=owner).sale)

    assert [plain(note) for note in notes(bill)["Deposit"]] == [
        deposit.number,
        "5.458 g at the booked rate of 100.00 for one g",
    ]


def test_foreign_cash_and_a_gift_card(owner):
    gold.float_of(by=owner)
    dollar_rate(by=owner)
    card, code = books.card(100, by=owner)

    bill = bill_of(bought(pay("gift_card", 100, code), dollars(300), by=owner).sale)

    assert notes(bill) == {"Gift card": (card.number,), "Cash": ("300.00 USD at 3.65",)}
    for paper in ("a4", "roll"):
        drawn = render_to_string(
            f"sales/receipt/{paper}.html", {"bill": bill, "language": "en", "direction": "ltr"}
        )
        assert "300.00 USD at 3.65" in drawn
        assert code not in drawn


def test_pieces_that_came_back_are_marked_on_every_paper(owner):
    sale = bought(pay("cash", 2200), by=owner, tags=["R-1", "R-2"]).sale
    with transaction.atomic():
        SaleLine.objects.filter(sale=sale, tag="R-1").update(live=False)
        bill = bill_of(sale)
        transaction.set_rollback(True)

    assert [line.taken_back for line in bill.lines] == [True, False]
    for paper in ("a4", "roll"):
        drawn = render_to_string(
            f"sales/receipt/{paper}.html", {"bill": bill, "language": "en", "direction": "ltr"}
        )
        assert "1 PIECE TAKEN BACK" in re.sub("<[^>]+>", "", drawn)
