"""The documents say what the program does: their examples are run, their figures compared."""

import json
import re
from pathlib import Path

import pytest

from apps.pricing.quote_answers import QuoteOut
from apps.pricing.quote_lines import Unit
from apps.pricing.rules import Kind, codes, price_document, versions_of
from apps.pricing.schemas import QuoteIn, RoundingIn, terms_from
from tests.pricing.ask import TODAY

DOCS = Path(__file__).resolve().parents[2] / "docs"
QUOTE = (DOCS / "reference/quote.md").read_text(encoding="utf-8")
PACKS = (DOCS / "reference/tax-packs.md").read_text(encoding="utf-8")
PRICING = (DOCS / "explanation/pricing.md").read_text(encoding="utf-8")


def blocks(text, kind):
    return re.findall(rf"```json {kind}\n(.*?)```", text, flags=re.DOTALL)


def answer_to(body):
    quote = QuoteIn.model_validate_json(body)
    terms = terms_from(quote, tax_pack="IN", currency_code="INR", today=TODAY)
    return json.loads(QuoteOut.from_quote(price_document(terms)).model_dump_json())


def test_the_documented_request_gives_the_documented_answer():
    (request,), (answer,) = blocks(QUOTE, "request"), blocks(QUOTE, "answer")
    assert answer_to(request) == json.loads(answer)


def test_each_worked_table_is_what_its_request_comes_to():
    parts = re.findall(r"```json request\n(.*?)```\n\n(\|.*?)\n\n", PRICING, flags=re.DOTALL)
    assert len(parts) >= 4
    for request, table in parts:
        answer = answer_to(request)
        (line,) = answer["lines"]
        found = {c["label"]: c["amount"] for c in line["components"]}
        found |= {name: answer[name] for name in ("subtotal", "round_off", "total", "due")}
        rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()[2:]]
        assert rows
        for name, _, figure in rows:
            assert found[name] == figure, (name, request)


def _fields(model):
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {name for part in parts for name in part.get("properties", {})}


@pytest.mark.parametrize("model", [QuoteIn, RoundingIn])
def test_every_field_of_the_request_is_described(model):
    missing = {name for name in _fields(model) if f"`{name}`" not in QUOTE}
    assert not missing, f"docs/reference/quote.md does not name {sorted(missing)}"


def test_every_field_of_the_answer_is_in_the_document():
    names = _fields(QuoteOut)
    missing = {name for name in names if not re.search(rf"\b{name}\b", QUOTE)}
    assert not missing, f"docs/reference/quote.md does not name {sorted(missing)}"


def test_every_unit_and_kind_is_named():
    for word in (*Unit.__args__, *(kind.value for kind in Kind)):
        assert f"`{word}`" in QUOTE, word


@pytest.mark.parametrize("code", codes())
def test_every_pack_and_its_categories_are_named(code):
    assert f"`{code}`" in QUOTE
    assert f"`{code}`" in PACKS
    for version in versions_of(code):
        assert version.valid_from.isoformat() in PACKS
        for name in version.categories:
            assert f"`{name}`" in PACKS, (code, name)
