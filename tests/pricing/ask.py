"""Ask for a price the way a program does: JSON in, JSON out."""

import json
from datetime import date

from apps.pricing.rules import price_document
from apps.pricing.schemas import QuoteIn, QuoteOut, terms_from

TODAY = date(2026, 7, 1)


def ask(lines, *, pack="IN", currency="INR", **more):
    """The answer to a quote as a parsed JSON body."""
    body = json.dumps({"lines": lines, "tax_pack": pack, "currency": currency, **more})
    quote = QuoteIn.model_validate_json(body)
    priced = price_document(terms_from(quote, tax_pack="IN", currency_code="INR", today=TODAY))
    return json.loads(QuoteOut.from_quote(priced).model_dump_json())


def gold(net, rate, *, fineness="916", metal="gold", **more):
    """A metal at a rate of its own fineness per gram."""
    return {
        "metal": metal,
        "fineness": fineness,
        "net_weight_g": net,
        "rate": {"amount": rate, "unit": "g"},
        **more,
    }


def per_gram(value, **more):
    return {"mode": "per_gram", "value": value, **more}


def per_piece(value):
    return {"mode": "per_piece", "value": value}


def percent(value):
    return {"mode": "percent_of_metal", "value": value}


def amount(answer, kind, line=0):
    """The one component of a kind on a line."""
    (found,) = (c["amount"] for c in answer["lines"][line]["components"] if c["kind"] == kind)
    return found


def amounts(answer, kind, line=0):
    return [c["amount"] for c in answer["lines"][line]["components"] if c["kind"] == kind]


def tax(answer, category="jewellery"):
    """The one tax of a category."""
    (found,) = (t for t in answer["taxes"] if t["category"] == category)
    return found
