"""Limits of cash at the doors of programs: a warning passes with a reason and a second person."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from apps.customers.services import add_paper
from apps.shops.models import Approval
from tests import make
from tests.customers.test_cash_pages import (
    PIN,
    at_work,
    bought,
    inside,
    limited,
    rows,
)
from tests.deposits import made

pytestmark = pytest.mark.django_db
CASH = [{"kind": "cash", "amount": "2000.00"}]


# What is taken: each door prepares what it needs and answers the address and the body.


def new_deposit(here):
    return "/deposits", {"customer": here.who.pk, "kind": "value", "paid": CASH}


def deposit(here):
    paid = made.card("10")
    opened = inside(
        here, lambda: made.deposit(by=here.owner, of=here.who, tags=(), paid=paid, at=here.now)
    )
    return f"/deposits/{opened.number}/payments", {"paid": CASH}


def instalment(here):
    def begun():
        made.plan(by=here.owner, at=here.now, amount=Decimal(2000))
        return made.passbook(by=here.owner, of=here.who, paid="2000", at=here.now)

    return f"/schemes/{inside(here, begun).number}/instalments", {"paid": CASH}


# What is paid out.


def back(here, **more):
    return {
        "reason": "Asked for it",
        "pieces": [{"tag": "R-1", "weighed_g": "10.000"}],
        "approver": {"username": "leila", "pin": PIN},
        **more,
    }


def returned(here):
    return f"/sales/{bought(here)}/returns", back(here)


def bought_back(here):
    return f"/sales/{bought(here)}/buy-backs", back(here)


def exchanged(here):
    bill = bought(here)
    small = {"metals": (make.gold(net_weight_g="1"),), "gross_weight_g": Decimal(1)}
    inside(here, lambda: make.piece(by=here.owner, tag="R-2", at=here.now, **small))
    return f"/sales/{bill}/exchanges", back(here, taken=["R-2"])


def old_gold(here):
    inside(
        here,
        lambda: add_paper(
            customer=here.who, kind="national_id", number="784-1", by=here.owner, at=here.now
        ),
    )
    item = {
        "description": "Bangle",
        "metal": "gold",
        "gross_weight_g": "10.000",
        "tested_fineness": "916",
        "method": "xrf",
    }
    bought = {"customer": here.who.pk, "purpose": "cash", "items": [item]}
    return "/old-gold", {**bought, "payments": [{"kind": "cash"}]}


DOORS = [
    ("in", new_deposit),
    ("in", deposit),
    ("in", instalment),
    ("out", returned),
    ("out", bought_back),
    ("out", exchanged),
    ("out", old_gold),
]


def caller(here, member):
    token = inside(here, lambda: make.token(of=member))
    key = str(uuid4())

    def send(address, body, **cash):
        return Client().post(
            f"/api/v1{address}",
            {**body, **({"cash": cash} if cash else {})},
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    return send


@pytest.mark.parametrize(("way", "door"), DOORS)
def test_a_warning_passes_with_a_reason_and_a_second_person(way, door):
    here = at_work()
    address, body = door(here)
    limited(here, way, "500")
    send, before = caller(here, here.clerk), rows(here)

    def answer(**cash):
        got = send(address, body, **cash)
        return got.status_code, got.json().get("error")

    def with_pin(pin):
        second = {"username": "leila", "pin": pin}
        return answer(reason="The report is filed", approver=second)

    assert answer() == (409, "CashLimitWarning")
    assert answer(reason="The report is filed") == (409, "ApprovalNeeded")
    assert answer(reason="", approver={"username": "leila", "pin": PIN}) == (
        409,
        "CashLimitWarning",
    )
    assert with_pin("1111") == (403, "PinRefused")
    assert rows(here) == before
    assert with_pin(PIN) == (201, None)
    approval = inside(here, lambda: Approval.objects.get(action="cash_limit"))
    assert (approval.asked_by_id, approval.approved_by_id) == (here.clerk.pk, here.owner.pk)
    assert approval.reason == "The report is filed"
    after = rows(here)
    assert with_pin(PIN) == (201, None)
    assert rows(here) == after


@pytest.mark.parametrize(("way", "door"), DOORS)
def test_a_block_stops_whatever_is_written(way, door):
    here = at_work()
    address, body = door(here)
    limited(here, way, "500", effect="block")
    before = rows(here)

    refused = caller(here, here.clerk)(address, body, reason="Wants it so")

    assert (refused.status_code, refused.json()["error"]) == (409, "CashLimitReached")
    assert rows(here) == before


def test_the_published_description_names_it():
    shapes = Client().get("/api/v1/openapi.json").json()["components"]["schemas"]

    assert set(shapes["CashReasonIn"]["properties"]) == {"reason", "approver"}
    takers = {name for name, shape in shapes.items() if "cash" in shape.get("properties", {})}
    passing = {"ContractIn", "ContractPaymentIn", "SlipIn", "ReturnIn", "BuyBackIn", "ExchangeIn"}
    assert passing <= takers
