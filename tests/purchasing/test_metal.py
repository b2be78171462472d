"""Metal of suppliers before and after its price is agreed."""

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from apps.core.units import permille
from apps.customers.services import add_customer
from apps.purchasing.models import Bar, Fixing
from apps.purchasing.rules.fixing import provisional_part
from apps.purchasing.selectors.metal import owed_in_money, unfixed
from apps.purchasing.services.metal import (
    MetalImpossible,
    MoreThanUnfixed,
    NoSupplier,
    fix,
    receive_metal,
)
from apps.shops.scope import shop_scope
from tests import make
from tests.purchasing import gold


def new_supplier(by):
    return add_customer(name="Gold House", kind="supplier", by=by, at=make.NOON)


@pytest.fixture
def supplier(owner, scope):
    return new_supplier(owner)


def received(supplier, by, **terms):
    return receive_metal(
        **{
            "supplier": supplier.pk,
            "metal": "gold",
            "gross_g": Decimal(100),
            "fineness": permille("995"),
            "rate_per_fine_g": Decimal(100),
            "key": "in",
            "by": by,
            "at": make.NOON,
            **terms,
        }
    )


def fixed(supplier, by, grams, rate="103", *, key="fix"):
    return fix(
        supplier=supplier.pk,
        metal="gold",
        fine_g=Decimal(grams),
        rate_per_fine_g=Decimal(rate),
        key=key,
        by=by,
        at=make.NOON,
    )


def test_received_unfixed(owner, supplier):
    receipt = received(supplier, owner)
    assert (receipt.code, receipt.fine_g) == ("1-F000001", Decimal("99.500"))
    assert gold.balance("bullion", "gold") == Decimal("99.500")
    assert gold.balance("metal-payable", "gold", party=supplier.pk) == Decimal("-99.500")
    assert gold.balance("metal-payable", party=supplier.pk) == Decimal("-9950")
    assert Bar.objects.get().cost == Decimal("9950")
    assert received(supplier, owner) == receipt


def test_fixed_in_parts_until_nothing_is_owed_in_grams(owner, supplier):
    received(supplier, owner)
    first = fixed(supplier, owner, "33.333")
    assert (first.amount, first.provisional) == (Decimal("3433.30"), Decimal("3333.30"))
    [left] = unfixed()
    assert left.fine_g == -gold.balance("metal-payable", "gold", party=supplier.pk)
    assert left.provisional == -gold.balance("metal-payable", party=supplier.pk)

    fixed(supplier, owner, "66.167", "98", key="rest")
    assert unfixed() == []
    assert gold.balance("metal-payable", "gold") == gold.balance("metal-payable") == 0
    owed = Decimal("3433.30") + Decimal("6484.37")
    assert owed_in_money() == {supplier.pk: owed}
    assert gold.balance("metal-variance") == owed - Decimal("9950")
    assert gold.balance("opening", "gold") == Decimal("-99.500")


def test_fixed_twice_by_a_double_press(owner, supplier):
    received(supplier, owner)
    assert fixed(supplier, owner, "10") == fixed(supplier, owner, "10")
    assert Fixing.objects.count() == 1


def test_more_than_is_unfixed(owner, supplier):
    received(supplier, owner)
    with pytest.raises(MoreThanUnfixed, match=r"99\.500"):
        fixed(supplier, owner, "99.501")


@pytest.mark.parametrize(
    ("grams", "rate"),
    [
        ("0", "1"),
        ("-1", "1"),
        ("NaN", "1"),
        ("1", "0"),
        ("1", "-3"),
        ("1", "NaN"),
        ("1", "1e15"),
        ("0.0001", "1"),
    ],
)
def test_fixings_that_are_none(owner, supplier, grams, rate):
    received(supplier, owner)
    with pytest.raises(MetalImpossible):
        fixed(supplier, owner, grams, rate)


def test_a_customer_is_no_supplier(owner, seller):
    with pytest.raises(NoSupplier):
        received(seller, owner)


@given(
    parts=st.lists(st.integers(1, 10_000), min_size=1, max_size=8),
    provisional=st.integers(0, 10**9),
)
def test_parts_of_a_provisional_value_add_up_to_it(parts, provisional):
    left, owed = Decimal(provisional) / 100, Decimal(sum(parts))
    for part in map(Decimal, parts):
        share = provisional_part(fine_g=part, owed_g=owed, provisional=left, step=Decimal("0.01"))
        assert 0 <= share <= left
        left, owed = left - share, owed - part
    assert (left, owed) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_two_people_cannot_fix_the_same_grams():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        supplier = new_supplier(owner)
        received(supplier, owner)
    together = Barrier(2)

    def fix_most(key):
        together.wait(timeout=10)
        try:
            with shop_scope(shop.pk):
                fixed(supplier, owner, "60", key=key)
            return "fixed"
        except MoreThanUnfixed:
            return "refused"
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as people:
        assert sorted(people.map(fix_most, ["a", "b"])) == ["fixed", "refused"]
