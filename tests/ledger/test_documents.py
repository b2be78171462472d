"""From an entry to its document: every page that is named takes a document's number."""

import ast

import pytest
from django.urls import reverse

from apps.ledger.documents import DOCUMENTS, document_name, document_url
from tests.architecture.sources import ROOT


def pages():
    for what, (_name, page) in DOCUMENTS.items():
        if isinstance(page, dict):
            yield from ((what, f"1-{letters}000042", name) for letters, name in page.items())
        elif page:
            yield what, "1-X000042", page


@pytest.mark.parametrize(("what", "reference", "page"), list(pages()))
def test_the_page_of_a_document_exists(what, reference, page):
    assert document_url(what, reference) == reverse(page, args=[reference])


@pytest.mark.parametrize(
    ("what", "reference"),
    [
        ("intake", "opening"),
        ("intake", "stock.csv"),
        ("unheard-of", "1"),
        ("sale", "a/b"),
        ("deposit", "1-X000042"),
        ("deposit", ""),
    ],
)
def test_what_has_no_page_has_no_link(what, reference):
    assert document_url(what, reference) == ""


def test_every_document_has_a_page():
    assert all(page for _name, page in DOCUMENTS.values())
    assert document_url("intake", "R-1") == reverse("inventory:piece", args=["R-1"])


def test_a_stranger_is_called_by_its_own_word():
    assert document_name("unheard-of") == "unheard-of"
    assert document_name("sale") == "Sale"


def written_kinds():
    """Every `what="…"` and WHAT of the services, as they stand in the sources."""
    for file in (ROOT / "apps").rglob("*.py"):
        if "migrations" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "post":
                for given in node.keywords:
                    if given.arg == "what" and isinstance(given.value, ast.Constant):
                        yield given.value.value
            if (
                isinstance(node, ast.AnnAssign)
                and getattr(node.target, "id", "") == "WHAT"
                and isinstance(node.value, ast.Constant)
            ):
                yield node.value.value


def test_every_kind_of_entry_has_a_name():
    kinds = set(written_kinds())
    assert {"sale", "intake"} <= kinds
    assert kinds <= set(DOCUMENTS), f"add to apps/ledger/documents.py: {kinds - set(DOCUMENTS)}"
