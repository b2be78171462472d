"""A customer whose account is being used does not keep those waiting who only name them."""

from datetime import timedelta

import pytest

from apps.customers.selectors import customer_by_id
from apps.customers.services import add_customer
from apps.inventory.services.reservations import reserve_for
from apps.shops.scope import shop_scope
from tests import make
from tests.inventory import stock


@pytest.mark.django_db(transaction=True)
def test_two_who_use_an_account_and_name_the_others_do_not_lock_each_other_out():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        for tag in ("R-1", "R-2"):
            make.piece(by=owner, tag=tag)
        first, second = (
            add_customer(name=name, by=owner, at=make.NOON).pk for name in ("Amal", "Badr")
        )

    def keep(tag, customer):
        until = (make.NOON + timedelta(days=3)).date()
        reserve_for(tag=tag, customer=customer, until=until, by=owner, at=make.NOON)

    told = stock.crossing(
        shop,
        (lambda: customer_by_id(first, to_change=True), lambda: keep("R-1", second)),
        (lambda: customer_by_id(second, to_change=True), lambda: keep("R-2", first)),
    )

    assert told == [None, None]
