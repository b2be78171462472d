"""A seller, a buying rate, and slips of them."""

import pytest

from tests import make
from tests.purchasing import gold


@pytest.fixture
def seller(owner, scope):
    return gold.seller(by=owner)


@pytest.fixture
def rates(shop, owner, scope):
    """We buy at 100 a gram of pure gold, and sell at 110; a million lies in the drawer."""
    gold.float_of(by=owner)
    make.rate(of=shop, amount="110")
    make.rate(of=shop, amount="100", side="buy")
