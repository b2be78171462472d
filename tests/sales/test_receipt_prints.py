"""Which paper is the original, and who printed the others."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from apps.sales.models import Paper, ReceiptPrint
from apps.sales.receipts import prints
from apps.sales.receipts.prints import is_mailed, papers_of, print_receipt, remember_mail
from tests import make
from tests.sales import bills

LATER = make.NOON + timedelta(hours=1)


@pytest.fixture
def sale(shop, clerk):
    make.rate(of=shop)
    make.piece(by=clerk)
    return bills.sold("R-1", by=clerk)


def test_the_second_paper_is_a_duplicate_whatever_its_size(sale, shop, clerk):
    owner = make.member(of=shop, username="leila")

    first = print_receipt(sale=sale, paper=Paper.ROLL, by=clerk, at=make.NOON)
    second = print_receipt(sale=sale, paper=Paper.A4, by=owner, at=LATER)

    assert not first.is_duplicate
    assert second.is_duplicate
    assert (second.printed_by, second.printed_at) == ("leila", LATER)
    assert (second.first_by, second.first_at) == (str(clerk.user), make.NOON)
    assert papers_of(sale) == [first, second]


def test_of_two_at_the_same_moment_one_is_the_original(sale, clerk, monkeypatch):
    print_receipt(sale=sale, paper=Paper.A4, by=clerk, at=make.NOON)
    look = prints._papers
    looks = iter([lambda sale: []])  # the first look sees nothing of the other till's paper
    monkeypatch.setattr(prints, "_papers", lambda sale: next(looks, look)(sale))

    assert print_receipt(sale=sale, paper=Paper.A4, by=clerk, at=LATER).copy == 2


def test_a_mail_is_remembered_once_and_is_no_copy(sale, clerk):
    assert not is_mailed(sale)
    remember_mail(sale=sale, at=make.NOON)
    remember_mail(sale=sale, at=LATER)

    assert is_mailed(sale)
    assert ReceiptPrint.objects.get().printed_at == make.NOON
    assert not print_receipt(sale=sale, paper=Paper.A4, by=clerk, at=LATER).is_duplicate


@pytest.mark.parametrize(
    "impossible",
    [
        {"paper": Paper.A4, "copy": None},
        {"paper": Paper.A4, "copy": 0},
        {"paper": Paper.MAIL, "copy": 1},
        {"paper": "fax", "copy": 1},
    ],
)
def test_the_database_refuses_a_paper_that_cannot_be(sale, clerk, impossible):
    paper = ReceiptPrint(sale=sale, printed_by=clerk, printed_at=make.NOON, **impossible)

    with pytest.raises(IntegrityError, match="sales_receiptprint_possible"), transaction.atomic():
        paper.save()


def test_nobody_makes_a_duplicate_an_original_again(sale, clerk):
    print_receipt(sale=sale, paper=Paper.A4, by=clerk, at=make.NOON)

    for change in (
        lambda: ReceiptPrint.objects.all()._raw_delete("default"),
        lambda: ReceiptPrint.objects.update(copy=2),
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            change()
