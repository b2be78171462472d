"""What the drawer asks of apps above it."""

from decimal import Decimal

import pytest
from django.conf import settings
from django.db import transaction

from apps.shops.approvals import ApprovalNeeded, ReasonMissing
from apps.till import asks
from apps.till.snapshot import close_of
from tests import make
from tests.till import days

pytestmark = pytest.mark.django_db


def ten_grams(*, shift):
    return {"gold": Decimal(10)}


def two_and_silver(*, shift):
    return {"gold": Decimal(2), "silver": Decimal("31.5")}


@pytest.fixture
def bags(settings):
    here = "tests.till.test_asks"
    settings.TILL_ASKS = {"bags": [f"{here}.ten_grams", f"{here}.two_and_silver"]}


def test_everybody_who_is_named_answers(owner, scope):
    assert set(settings.TILL_ASKS) == {"trays", "pieces_sold", "bags"}
    shift = days.opened(by=owner)
    till = days.till()

    assert list(asks.trays(branch=till.branch_id)) == []
    assert asks.pieces_sold(shift=shift.pk) == 0
    assert asks.bags(shift=shift.pk) == {}


def test_a_question_that_nobody_answers_says_nothing(owner, scope, settings):
    settings.TILL_ASKS = {}
    assert list(asks.trays(branch=1)) == []
    assert asks.pieces_sold(shift=1) == 0
    assert asks.bags(shift=1) is None


def test_what_several_weighed_is_one_bag(bags):
    assert asks.bags(shift=1) == {"gold": 12, "silver": Decimal("31.5")}


def test_a_bag_that_agrees_is_signed(bags, owner, scope):
    days.opened(by=owner, total="0")
    days.sent(days.counted("0", bags={"gold": "12", "silver": "31.5"}), by=owner)
    close = close_of(days.signed(by=owner))

    assert [(line.name, line.agrees) for line in close.lines if line.kind == "bag"] == [
        ("gold", True),
        ("silver", True),
    ]


def test_a_bag_that_lacks_gold_wants_a_reason_and_a_second_person(bags, owner, clerk):
    days.opened(by=owner, total="0")
    days.sent(days.counted("0", bags={"gold": "11.999", "silver": "31.5"}), by=owner)
    with pytest.raises(ReasonMissing), transaction.atomic():
        days.signed(by=owner)
    with pytest.raises(ApprovalNeeded), transaction.atomic():
        days.signed(by=clerk, reason="Dust")
    days.signed(by=owner, reason="Dust", at=make.NOON)
