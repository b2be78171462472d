"""The worked figures of the trade, sold for real: taken in, priced by the board, billed, posted.

`tests/pricing/test_vectors.py` asks the quote; here the same figures come out of the stock, the
rate board, the shop's own rules, the frozen bill and the ledger.
"""

import json
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pytest

from apps.core.units import permille
from apps.customers.services import add_customer, add_paper
from apps.inventory.selectors import piece_by_tag
from apps.inventory.services.new_pieces import NewMetal, NewStone
from apps.ledger.models import Posting
from apps.pricing import rules
from apps.pricing.policy import Charges
from apps.pricing.rules import Component, DiscountOn, DiscountTerms, Kind
from apps.pricing.schemas import QuoteIn, RoundingIn
from apps.pricing.set_policy import set_charges, set_rounding
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.quotes import quote_of_shop
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.scope import shop_scope
from tests import make

VECTORS = {
    vector["id"]: vector
    for vector in json.loads(
        (Path(__file__).parents[1] / "pricing/price-vectors.json").read_text(encoding="utf-8")
    )["vectors"]
}
D = Decimal
RUPEE = {"lines": {"step": "1"}}
EXACT_RUPEES = {"document": {"step": "0.01"}}
# Where the figures of a vector that is no plain sale come out of the services.
PLAYED_ELSEWHERE = {
    "IN-11": "tests/sales/test_claim_vectors.py",  # old gold in payment
    "US-01": "tests/sales/test_claim_vectors.py",  # a trade-in in California
    "DP-01": "tests/sales/test_claim_vectors.py",  # a deposit that locks grams
    "RT-01": "tests/returns/test_vectors.py",  # a return that keeps the making
    "SC-01": "tests/deposits/test_schemes.py",  # a savings scheme
    "MX-03": "tests/purchasing/test_melt.py",  # a goldsmith's job
}


@dataclass
class Place:
    """A shop of one country with an owner who may set its rules."""

    currency: str
    tax_pack: str
    at: datetime = datetime(2026, 7, 1, 9, tzinfo=UTC)
    number: int = 0
    shop: object = field(init=False)
    owner: object = field(init=False)

    def __post_init__(self):
        self.shop = make.shop(currency=self.currency, tax_pack=self.tax_pack)
        self.owner = make.member(of=self.shop)

    @cached_property
    def buyer(self):
        """Known, with a tax card: in India a bill above two lakh asks for both."""
        buyer = add_customer(name="Asha Rao", by=self.owner, at=self.at)
        add_paper(customer=buyer, kind="tax_card", number="ABCDE1234F", by=self.owner, at=self.at)
        return buyer

    def rate(self, amount, *, fineness, metal="gold", unit="g"):
        make.rate(
            of=self.shop, amount=amount, metal=metal, fineness=fineness, unit=unit, at=self.at
        )

    def charges(self, **said):
        set_charges(Charges(**said), by=self.owner, at=self.at)

    def rounding(self, said):
        set_rounding(RoundingIn.model_validate(said), by=self.owner, at=self.at)

    def quoted(self, *lines):
        given = QuoteIn.model_validate({"lines": list(lines)})
        return quote_of_shop(given, shop=self.shop, at=self.at)

    def sold(self, *, metals=(), discounts=(), kind="card", pay=None, **terms):
        """Take a piece in and sell it; paid to the last coin."""
        self.number += 1
        tag = f"V-{self.number}"
        parts = tuple(
            NewMetal(metal=m, fineness=permille(f), net_weight_g=D(w)) for m, f, w in metals
        )
        weight = sum((part.net_weight_g for part in parts), D(0))
        make.piece(
            by=self.owner,
            at=self.at,
            tag=tag,
            **{
                "metals": parts,
                "gross_weight_g": weight or None,
                "making_mode": "none",
                "making_value": D(0),
                **terms,
            },
        )
        due = self.quoted({"tag": tag, "discounts": [_sent(one) for one in discounts]})
        done = sell(
            order=Order(
                lines=(Wanted(tag, tuple(discounts)),),
                payments=(Payment(kind, due.cash_total if kind == "cash" else due.due),),
                key=f"vector-{self.number:04}",
                customer=self.buyer.pk,
            ),
            by=self.owner,
            at=self.at,
        )
        return Sold(done.sale, piece_by_tag(tag=tag))


def _sent(discount):
    return {"percent": format(discount.percent, "f"), "on": discount.on, "reason": discount.reason}


class Sold:
    """A finished bill of one piece: what stands on it, and in the books."""

    def __init__(self, sale, whole):
        self.sale, self.whole = sale, whole
        self.line = sale.lines.get()
        stored = self.line.snapshot["components"]
        self.components = [Component.from_json(one) for one in stored]
        self.posted = defaultdict(Decimal)
        for posting in Posting.objects.filter(entry__reference=sale.code, entry__what="sale"):
            self.posted[posting.account, posting.commodity] += posting.amount
        self._agrees()

    def _agrees(self):
        """What every bill must hold, whatever its figures."""
        for one in self.components:
            assert rules.replay(one) == one.amount
        sums = defaultdict(Decimal)
        for (_account, commodity), amount in self.posted.items():
            sums[commodity] += amount
        assert not any(sums.values()), dict(sums)
        sale = self.sale
        tax = -sum(
            amount for (account, _c), amount in self.posted.items() if account.startswith("tax")
        )
        assert tax == self.line.tax
        assert -self.posted["round-off", sale.currency] == sale.round_off
        paid = sum(self.posted[account, sale.currency] for account in ("cash", "card", "bank"))
        assert paid == sale.total + sale.cash_rounding
        for metal in self.whole.metals:
            assert self.posted["stock", metal.metal] <= -metal.fine_weight_g

    def amounts(self, kind):
        return [one.amount for one in self.components if one.kind == kind]

    def amount(self, kind):
        (found,) = self.amounts(kind)
        return found

    def basis(self, kind, name):
        return next(one.basis[name] for one in self.components if one.kind == kind)

    def tax(self, percent):
        (found,) = (t for t in self.sale.terms["taxes"] if D(t["percent"]) == D(percent))
        return found


def percent_of(rate):
    return format((D(rate) * 100).normalize(), "f")


def in_01(given, place_in):
    place = place_in("INR", "IN")
    place.rate("2800", fineness="916")
    done = place.sold(
        metals=[("gold", "916", "10")], making_mode="per_piece", making_value=D(given["making"])
    )
    tax = done.tax(percent_of(given["gst_rate"]))
    parts = {part["label"]: part["amount"] for part in tax["parts"]}
    return {
        "metal_value": done.line.metal,
        "making": done.line.making,
        "taxable": tax["base"],
        "cgst_1.5": parts["CGST"],
        "sgst_1.5": parts["SGST"],
        "total": done.sale.total,
    }


def in_03(given, place_in):
    place = place_in("INR", "IN")
    place.rounding(RUPEE)
    place.rate(given["rate_per_g_22k"], fineness=given["fineness"])
    done = place.sold(
        metals=[("gold", given["fineness"], given["net_weight_g"])],
        making_mode="percent_of_metal",
        making_value=D(given["making_pct"]),
    )
    return {
        "metal_value": done.line.metal,
        "making": done.line.making,
        "subtotal": done.sale.subtotal,
        "gst": done.sale.tax,
        "grand_total": done.sale.total,
    }


def in_04(given, place_in):
    place = place_in("INR", "IN")
    place.rounding(RUPEE)
    place.rate(given["rate_per_g_18k"], fineness="750")
    terms = {
        "metals": [("gold", "750", given["net_weight_g"])],
        "stones": (
            NewStone(kind="heart", price_mode="fixed", price_value=D(given["stone_value"])),
        ),
        "making_mode": "per_piece",
        "making_value": D(given["making"]),
    }
    before = place.sold(**terms)
    off = DiscountTerms(
        percent=D(given["making_discount_pct"]), on=DiscountOn.MAKING, reason="making offer"
    )
    done = place.sold(discounts=(off,), **terms)
    return {
        "metal_value": done.line.metal,
        "stones": done.line.stones,
        "making_before_discount": done.line.making,
        "making_after_discount": done.line.making + done.line.discount,
        "subtotal_before_discount": before.sale.subtotal,
        "tax_before_discount": before.sale.tax,
        "subtotal": done.sale.subtotal,
        "tax": done.sale.tax,
        "grand_total": done.sale.total,
    }


def in_06(given, place_in):
    place = place_in("INR", "IN")
    place.rate(given["rate_per_g"], fineness="750")
    terms = {
        "metals": [("gold", "750", given["net_weight_g"])],
        "gross_weight_g": D("0.471"),
        "stones": (
            NewStone(
                kind="diamond",
                carats=D(given["stone_ct"]),
                price_mode="per_carat",
                price_value=D(given["stone_rate_per_ct"]),
            ),
        ),
        "making_mode": "per_gram",
        "making_value": D(given["making_per_g"]),
    }
    done = place.sold(**terms)
    place.rounding(EXACT_RUPEES)
    exact = place.sold(**terms)
    place.rounding({"tax": {"step": "1", "mode": "up"}})
    billed = place.sold(**terms)
    return {
        "metal_value": done.line.metal,
        "stones": done.line.stones,
        "making": done.line.making,
        "subtotal": done.sale.subtotal,
        "gst_exact": exact.sale.tax,
        "gst_as_billed": billed.sale.tax,
        "total_as_billed": done.sale.total,
        "total_exact": exact.sale.total,
        "round_off": done.sale.round_off,
    }


def in_09(given, place_in):
    place = place_in("INR", "IN")
    place.rate(given["rate_per_g"], fineness="916")
    done = place.sold(
        metals=[("gold", "916", given["net_weight_g"])],
        wastage_mode="percent_of_value",
        wastage_value=D(given["wastage_pct"]),
        making_mode="per_gram",
        making_value=D(given["making_per_g"]),
    )
    return {
        "metal_value": done.line.metal,
        "making": done.amount(Kind.MAKING),
        "wastage": done.amount(Kind.WASTAGE),
        "subtotal": done.sale.subtotal,
    }


def in_10(given, place_in):
    place = place_in("INR", "IN")
    place.charges(hallmark_fees={"gold": D(given["hallmark_fee"])})
    place.rate(given["rate_per_g_22k"], fineness=given["fineness"])
    terms = {
        "metals": [("gold", given["fineness"], given["net_weight_g"])],
        "wastage_mode": "percent_of_weight",
        "wastage_value": D(given["wastage_pct"]),
        "making_mode": "per_gram",
        "making_value": D(given["making_per_g"]),
        "making_basis": given["making_weight_basis"],
        "hallmark": "AB12CD",
    }
    done = place.sold(**terms)
    goods = done.tax(percent_of(given["gst_rate"]))
    place.rounding(EXACT_RUPEES)
    exact = place.sold(**terms)
    return {
        "wastage_g": done.basis(Kind.METAL, "wastage_g"),
        "chargeable_g": done.basis(Kind.METAL, "grams"),
        "metal_value": done.line.metal,
        "making": done.line.making,
        "taxable_goods": goods["base"],
        "gst_goods": goods["amount"],
        "hallmark_fee": done.amount(Kind.EXTRA),
        "gst_hallmark": done.tax(percent_of(given["hallmark_gst"]))["amount"],
        "total_exact": exact.sale.total,
        "round_off": done.sale.round_off,
        "total_payable": done.sale.total,
    }


def in_13(given, place_in):
    done = place_in("INR", "IN").sold(
        fixed_price=D(given["selling_price"]),
        margin_purchase_price=D(given["purchase_price"]),
    )
    tax = done.tax(percent_of(given["gst_rate"]))
    return {"margin": tax["base"], "gst_on_margin": done.sale.tax, "total": done.sale.total}


def ir_01(given, place_in):
    place = place_in("IRT", "IR")
    place.charges(profit_percent=D(given["profit_pct"]))
    place.rate("3431800", fineness="750")
    done = place.sold(
        metals=[("gold", "750", given["net_weight_g"])],
        making_mode="percent_of_metal",
        making_value=D(given["wage_pct"]),
        stones=(
            NewStone(kind="attachments", price_mode="fixed", price_value=D(given["attachments"])),
        ),
    )
    assert done.line.extras == done.amount(Kind.PROFIT)
    return {
        "metal_value": done.line.metal,
        "wage": done.line.making,
        "profit": done.amount(Kind.PROFIT),
        "vat": done.sale.tax,
        "attachments": done.line.stones,
        "sum_of_lines": done.line.total,
        "final_rounded_to_1000": done.sale.total,
    }


def ir_04(given, place_in):
    place = place_in("IRT", "IR", at=datetime(2023, 6, 1, 9, tzinfo=UTC))
    place.rounding({"lines": {"mode": "half_up"}, "document": {"step": "1"}})
    place.rate(given["rate_per_g_18k"], fineness="750")
    done = place.sold(
        metals=[("gold", "750", given["net_weight_g"])],
        making_mode="percent_of_metal",
        making_value=D(given["wage_pct"]),
        profit_percent=D(given["profit_pct"]),
    )
    assert done.tax(percent_of(given["vat_rate"]))
    return {
        "metal_value": done.line.metal,
        "wage": done.line.making,
        "profit": done.amount(Kind.PROFIT),
        "vat": done.sale.tax,
        "total": done.sale.total,
    }


def ir_05(given, place_in):
    place = place_in("IRT", "IR")
    place.rate(given["mazanneh"], fineness=given["mithqal_fineness"], unit="mithqal")
    gram = [("gold", given["target_fineness"], "1")]
    exact = place.sold(metals=gram)
    place.rounding({"metal": {"step": "1000", "mode": "down"}})
    published = place.sold(metals=gram)
    place.rounding({})
    shortcut = place.quoted(
        {
            "metals": [
                {
                    "metal": "gold",
                    "fineness": given["target_fineness"],
                    "net_weight_g": "1.000",
                    "rate": {"amount": given["mazanneh"], "unit_g": given["shortcut_divisor"]},
                }
            ]
        }
    )
    return {
        "per_gram_18k_shortcut": shortcut.lines[0].components[0].amount,
        "per_gram_18k_exact": exact.line.metal,
        "published_truncated_to_1000": published.line.metal,
    }


def ae_01(given, place_in):
    place = place_in("AED", "AE")
    place.rate("500", fineness="916")
    done = place.sold(
        metals=[("gold", "916", "10")], making_mode="per_piece", making_value=D(given["making"])
    )
    tax = done.tax(percent_of(given["vat_rate"]))
    return {"taxable": tax["base"], "vat": done.sale.tax, "total": done.sale.total}


def kw_01(given, place_in):
    place = place_in("KWD", "KW")
    place.rate(given["rate_per_g_21k"], fineness=given["fineness"])
    done = place.sold(
        metals=[("gold", given["fineness"], given["net_weight_g"])],
        making_mode="per_gram",
        making_value=D(given["making_per_g"]),
        kind="cash",
    )
    return {
        "metal_value": done.line.metal,
        "making": done.line.making,
        "total": done.sale.total,
        "cash_total": done.posted["cash", "KWD"],
        "cash_rounding": -done.posted["cash-rounding", "KWD"],
    }


def uk_01(given, place_in):
    done = place_in("GBP", "GB").sold(
        fixed_price=D(given["selling_price"]),
        margin_purchase_price=D(given["purchase_price"]),
    )
    assert done.sale.tax == 0, "the tax of a margin scheme is not told on the bill"
    (tax,) = done.sale.terms["taxes"]
    assert tax["shown"] is False
    return {"margin": tax["base"], "vat": done.line.tax, "total": done.sale.total}


def uk_03(given, place_in):
    done = place_in("GBP", "GB").sold(fixed_price=D(given["gross_price"]))
    return {"vat": done.sale.tax, "net": done.sale.subtotal, "gross": done.sale.total}


def tr_01(given, place_in):
    place = place_in("TRY", "TR")
    place.rate(given["has_rate_per_g"], fineness="1000")
    metal = ("gold", given["milyem"], given["net_weight_g"])
    done = place.sold(metals=[metal], fixed_price=D(given["price_before_vat"]))
    bullion = place.sold(metals=[metal])
    described = {"metal": "gold", "fineness": metal[1], "net_weight_g": metal[2]}
    inside = place.quoted(
        {"metals": [described], "fixed_price": given["price_before_vat"], "includes_tax": True}
    )
    return {
        "has_g": -done.posted["stock", "gold"],
        "bullion_value": bullion.line.metal,
        "workmanship_base": done.tax(percent_of(given["vat_rate"]))["base"],
        "vat": done.sale.tax,
        "total": done.sale.total,
        "vat_if_price_was_vat_inclusive": inside.tax,
    }


def ch_01(given, place_in):
    done = place_in("CHF", "CH").sold(fixed_price=D(given["total"]), kind="cash")
    assert done.sale.total == D(given["total"])
    return {
        "cash_total": done.posted["cash", "CHF"],
        "cash_rounding": -done.posted["cash-rounding", "CHF"],
    }


def mx_01(given, place_in):
    """Gross as it is weighed, net as it is: the scale's sum holds, and is on the bill."""
    place = place_in("INR", "IN")
    place.rate("6000", fineness="750")
    done = place.sold(
        metals=[("gold", "750", "10.080")],
        gross_weight_g=D(given["gross_g"]),
        stones=(
            NewStone(kind="diamond", carats=D(given["diamond_ct"])),
            NewStone(kind="ruby", carats=D(given["ruby_ct"])),
        ),
    )
    shown = done.line.snapshot
    described = place.quoted(
        {
            "gross_weight_g": given["gross_g"],
            "metals": [{"metal": "gold", "fineness": "750"}],
            "stones": [
                {"kind": "diamond", "carats": given["diamond_ct"]},
                {"kind": "ruby", "carats": given["ruby_ct"]},
            ],
        }
    ).lines[0]
    assert described.weights.net_g == D(shown["net_weight_g"])
    return {
        "stone_g": D(shown["gross_weight_g"]) - D(shown["net_weight_g"]),
        "net_g": done.basis(Kind.METAL, "grams"),
    }


def mx_02(given, place_in):
    """A piece carries a mark, so what leaves the stock is at 916; 22/24 is a quote's alone."""
    place = place_in("INR", "IN")
    place.rate("6000", fineness="916")
    done = place.sold(metals=[("gold", "916", given["weight_g"])])
    described = {"metal": "gold", "fineness": "916.6667", "net_weight_g": given["weight_g"]}
    fraction = place.quoted({"metals": [{**described, "rate": {"amount": "6000"}}]})
    return {
        "fine_at_916_g": -done.posted["stock", "gold"],
        "fine_at_22/24_g": fraction.fine_grams["gold"],
    }


def mm_01(given, place_in):
    place = place_in("INR", "IN")
    for metal in given["metals"]:
        place.rate(metal["rate_per_g"], fineness=metal["fineness"], metal=metal["metal"])
    done = place.sold(
        metals=[(m["metal"], m["fineness"], m["net_g"]) for m in given["metals"]],
        making_mode="per_piece",
        making_value=D(given["making_per_piece"]),
    )
    gold, platinum = done.amounts(Kind.METAL)
    return {
        "gold_value": gold,
        "platinum_value": platinum,
        "making": done.line.making,
        "subtotal": done.sale.subtotal,
        "gst": done.sale.tax,
        "total": done.sale.total,
    }


PLAYED = {
    "IN-01": in_01,
    "IN-03": in_03,
    "IN-04": in_04,
    "IN-06": in_06,
    "IN-09": in_09,
    "IN-10": in_10,
    "IN-13": in_13,
    "IR-01": ir_01,
    "IR-04": ir_04,
    "IR-05": ir_05,
    "AE-01": ae_01,
    "KW-01": kw_01,
    "UK-01": uk_01,
    "UK-03": uk_03,
    "TR-01": tr_01,
    "CH-01": ch_01,
    "MX-01": mx_01,
    "MX-02": mx_02,
    "MM-01": mm_01,
}


@pytest.fixture
def place_in(db):
    """Opens a shop of a place, and stays inside it until the test is over."""
    with ExitStack() as scopes:

        def opened(currency, tax_pack, **more):
            place = Place(currency, tax_pack, **more)
            scopes.enter_context(shop_scope(place.shop.pk))
            return place

        yield opened


@pytest.mark.parametrize("vector_id", PLAYED)
def test_every_figure_of_the_vector_comes_out_of_the_services(place_in, vector_id):
    vector = VECTORS[vector_id]
    said = PLAYED[vector_id](vector["inputs"], place_in)
    expected = {item["line"]: D(item["amount"]) for item in vector["expected"]}
    assert {line: D(figure) for line, figure in said.items()} == expected


def test_no_vector_is_played_nowhere():
    """A vector that is new to the file is a sale to be played here, or has its place named."""
    assert set(VECTORS) == set(PLAYED) | set(PLAYED_ELSEWHERE)
    assert not set(PLAYED) & set(PLAYED_ELSEWHERE)
    for vector, file in PLAYED_ELSEWHERE.items():
        played = (Path(__file__).parents[2] / file).read_text(encoding="utf-8")
        assert vector in played, f"{file} does not name {vector}"
