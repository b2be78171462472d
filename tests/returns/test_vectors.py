"""RT-01 of the price vectors, through the services: taken in, sold, taken back."""

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from apps.returns.services.take_back import take_back
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from tests import make
from tests.returns.days import LATER, asked, back, books, demand_balance, sold

pytestmark = pytest.mark.django_db
VECTORS = Path(__file__).parents[1] / "pricing" / "price-vectors.json"


def vector(name):
    read = json.loads(VECTORS.read_text())
    found = read["vectors"] if isinstance(read, dict) else read
    return next(each for each in found if each["id"] == name)


def test_rt_01_metal_and_its_tax_back_and_the_making_kept(db):
    given = vector("IN-03")["inputs"]
    expected = {each["line"]: each["amount"] for each in vector("RT-01")["expected"]}
    grams = Decimal(given["net_weight_g"])
    shop = make.shop(currency="INR", tax_pack="IN", rounding={"lines": {"step": "1"}})
    owner = make.member(of=shop)
    yesterday = make.NOON - timedelta(days=1)
    with shop_scope(shop.pk):
        set_policy("returns", {"default": {"refunded": ["metal"]}}, by=owner, at=yesterday)
        make.rate(of=shop, amount=given["rate_per_g_22k"], fineness=given["fineness"])
        make.piece(
            by=owner,
            metals=(make.gold(net_weight_g=given["net_weight_g"], fineness=given["fineness"]),),
            gross_weight_g=grams,
            making_value=Decimal(given["making_pct"]),
        )
        bill = sold("R-1", by=owner, given=Decimal(100_000))
        before = books()

        document = take_back(
            asked=asked(bill), backs=[back(weighed=str(grams))], by=owner, at=LATER
        )

        parts = document.lines.get().result["parts"]
        assert {
            "metal_refund": of(parts, "metal", "refunded"),
            "gst_refund_on_metal": of(parts, "tax", "refunded"),
            "making_kept": of(parts, "making", "kept"),
            "gst_kept": of(parts, "tax", "kept"),
            "refund": f"{document.total:.2f}",
        } == expected
        demand_balance()
        now = books()
        assert now["sales-making", "INR"] == before["sales-making", "INR"]
        assert ("sales-metal", "INR") not in now
        # The tax leaves the accounts that the sale owed it in, in the same proportion.
        owed = [account for account, unit in before if account.startswith("tax")]
        back_to = {account: now[account, "INR"] - before[account, "INR"] for account in owed}
        assert sum(back_to.values()) == document.tax
        assert len(set(back_to.values())) == 1, back_to


def of(parts, kind, column):
    """The sum of a column over the parts of a kind, as the vectors write it."""
    return f"{sum(Decimal(part[column]) for part in parts if part['kind'] == kind):.2f}"
