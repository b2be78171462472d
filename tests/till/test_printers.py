"""Where a till's printers are: the owner says it, and nobody points the server elsewhere."""

import pytest

from apps.shops.models import Register
from apps.shops.scope import shop_scope
from apps.till.models import Printer
from tests import make

pytestmark = pytest.mark.django_db

PAGE = "/till/printers/"


@pytest.fixture
def till(shop):
    with shop_scope(shop.pk):
        return Register.objects.get()


def given(till, use="receipt", **more):
    prefix = f"{till.pk}-{use}"
    return {"of": prefix} | {f"{prefix}-{name}": value for name, value in more.items()}


def saved(shop):
    with shop_scope(shop.pk):
        return [(p.use, p.host, p.port, p.dots, p.cuts) for p in Printer.objects.order_by("use")]


def test_only_the_owner_sees_and_changes_them(client, shop, till):
    client.force_login(make.member(of=shop, role="manager").user)
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, given(till, host="10.0.0.5")).status_code == 403
    assert saved(shop) == []


def test_each_use_has_one_that_can_change_and_go(client, shop, till, owner):
    client.force_login(owner.user)
    client.post(PAGE, given(till, host="192.168.1.50", dots="384", cuts="on"))
    client.post(PAGE, given(till, use="label", host="۱۹۲.۱۶۸.۱.۵۱", port="۹۱۰۱"))
    assert saved(shop) == [
        ("label", "192.168.1.51", 9101, 576, True),
        ("receipt", "192.168.1.50", 9100, 384, True),
    ]
    client.post(PAGE, given(till, host="192.168.1.60", dots="576"))
    client.post(PAGE, given(till, use="label", host=""))
    assert saved(shop) == [("receipt", "192.168.1.60", 9100, 576, False)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"host": "8.8.8.8"}, "no address of a shop"),
        ({"host": "169.254.169.254"}, "no address of a shop"),
        ({"host": "10.0.0.5", "port": "22"}, "9100 to 9109"),
        ({"host": "10.0.0.5", "port": "x"}, "whole number"),
        ({"host": "x" * 200}, "100"),
    ],
)
def test_what_cannot_be_a_printer_is_a_sentence(client, shop, till, owner, wrong, said):
    client.force_login(owner.user)
    answer = client.post(PAGE, given(till, **wrong))
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert saved(shop) == []


def test_another_shops_till_is_no_till(client, shop, till):
    other = make.shop(name="Zar")
    client.force_login(make.member(of=other).user)
    client.post(PAGE, given(till, host="10.0.0.5"))
    assert saved(shop) == []
    assert saved(other) == []
