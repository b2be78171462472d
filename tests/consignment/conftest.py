"""What memos stand on: a rate, three pieces of ours, and somebody who looks at them."""

import pytest

from tests import make
from tests.consignment import memos


@pytest.fixture
def stock(shop, owner, scope):
    make.rate(of=shop)
    return [make.piece(by=owner, tag=tag) for tag in ("R-1", "R-2", "R-3")]


@pytest.fixture
def nadia(owner, stock):
    return memos.party(by=owner)


@pytest.fixture
def khalid(owner, stock):
    return memos.dealer(by=owner)
