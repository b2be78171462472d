"""Sold bills to print, in the money and under the law of several places."""

from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pytest
from pypdf import PdfReader

from apps.core.paper import pdf
from apps.inventory.services.new_pieces import NewStone
from apps.pricing import rules
from apps.sales import pricing
from apps.sales.orders import Order
from apps.sales.pricing import Wanted
from apps.sales.receipts.read import bill_of, sale_by_code
from apps.sales.rules import Payment
from apps.sales.services.sell import sell
from apps.shops.scope import shop_scope
from tests import make

# They are the system's libraries, not Python's; a machine without them is told the command.
needs_pdf = pytest.mark.skipif(not pdf.can_draw(), reason=f"no PDFs here; as root: {pdf.COMMAND}")

DIAMOND = NewStone(
    kind="diamond",
    carats=Decimal("0.31"),
    certificate="IGI 4471",
    price_mode="per_carat",
    price_value=Decimal(6200),
)


def sold(*tags, by, given="100000", kind="cash", key="key-0001", **more):
    """A sale of these pieces, paid with more cash than it takes."""
    return sell(
        order=Order(
            lines=tuple(tag if isinstance(tag, Wanted) else Wanted(tag) for tag in tags),
            payments=(Payment(kind, Decimal(given)),),
            key=key,
            **more,
        ),
        by=by,
        at=make.NOON,
    ).sale


def bill(code="1-000001"):
    return bill_of(sale_by_code(code))


def shop_in(*, currency, tax_pack, rate, pieces=({},), **details):
    """A shop of another place with pieces in stock; gives the shop and its salesperson."""
    shop = make.shop(currency=currency, tax_pack=tax_pack, **details)
    with shop_scope(shop.pk):
        clerk = make.member(of=shop, role="salesperson")
        make.rate(of=shop, amount=rate)
        for terms in pieces:
            make.piece(by=clerk, **terms)
    return shop, clerk


def second_hand(monkeypatch, *, purchase_price):
    """Let every piece be priced under the margin scheme, bought for this much."""
    as_new = pricing.line_terms

    def line_terms(*given, **more):
        return replace(
            as_new(*given, **more), scheme=rules.Scheme.MARGIN, purchase_price=purchase_price
        )

    monkeypatch.setattr(pricing, "line_terms", line_terms)


def read_pdf(drawn):
    """The pages of a PDF."""
    return PdfReader(BytesIO(drawn)).pages


def text_of(drawn):
    """The text of a PDF in one line, with plain spaces."""
    return " ".join(" ".join(page.extract_text().split()) for page in read_pdf(drawn))
