"""Every page in Persian, without a browser: no English word that is nobody's data, one unit of
money, and nothing that only one direction of reading was thought of for.
"""

import re
from html import unescape

import pytest
from django.apps import apps
from django.db import models
from django.urls import resolve
from django.utils import timezone, translation

from apps.shops.models import ShopOwned
from apps.shops.scope import shop_scope
from tests import make
from tests.journeys import whole_shop

# Names of things that Persian writes in Latin letters too.
LATIN_BY_NATURE = (
    "aed eur usd inr gbp csv xlsx pdf zpl qr pin trn vat igi gia huid api xrf en fa english escpos"
    " esc pos json id mail jewelry shop txt png utf ip epl dpi mm"
    " enter ir"
)
# Columns of a file as other programs write them; a code made anew for each card.
OF_A_PAGE = {
    "inventory:import": "category gross name net weight shopify",
    # The file's own headings, and why a row was refused, said to whoever sent the file.
    "inventory:import-preview": "category gross net weight shelf"
    " tin is none of platinum palladium silver one",
    "pricing:making-new": "chains",
}
NO_WORDS = {"credit:gift-card-paper"}
_NOT_SHOWN = re.compile(
    r"<(script|style|svg|template|option|head|code|pre)\b.*?</\1>|<!--.*?-->|<[^>]*>", re.S
)
_SAID = re.compile(
    r'\s(?:aria-label|placeholder|title|alt|data-label|data-busy|data-ask)="([^"]*)"'
)
_WORD = re.compile(r"[A-Za-z][A-Za-z]+")


def shown_of(page):
    """Every text a reader sees or hears."""
    text = page.text
    body = re.sub(r"<(script|style|svg|template|head)\b.*?</\1>|<!--.*?-->", " ", text, flags=re.S)
    # The title of a law, said to be in another language where it stands.
    body = re.sub(r'<(\w+)\b[^>]* lang="en"[^>]*>.*?</\1>', " ", body, flags=re.S)
    return unescape(" ".join([_NOT_SHOWN.sub(" ", body), *_SAID.findall(body)]))


def words_of_data():
    """Every word that somebody typed: the texts in the tables, but those of a fixed choice."""
    words = set()
    for model in apps.get_models():
        fields = [
            field.name
            for field in model._meta.get_fields()
            if isinstance(field, models.CharField | models.TextField) and not field.choices
        ]
        if not fields or not model._meta.managed or model._meta.app_label in ("sessions",):
            continue
        if not (issubclass(model, ShopOwned) or model._meta.app_label in ("users", "shops")):
            continue
        for row in model._base_manager.values_list(*fields):
            for value in row:
                words |= {word.casefold() for word in _WORD.findall(str(value or ""))}
    return words


@pytest.fixture
def pages(db, client):
    """(path, what is shown) of every page, as its owner reads it in Persian."""
    with translation.override(None):
        shop = make.shop(name="Harbour Gold")
        owner = make.member(of=shop, username="leila")
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="485.15", at=timezone.now())
        whole_shop.fill(shop=shop, owner=owner, at=timezone.now())
        owner.user.language = "fa"
        owner.user.save(update_fields=["language"])
        client.force_login(owner.user)
        found = [
            (path, client.get(path))
            for path in [*whole_shop.every_page(client), "/users/preferences/"]
        ]
        with shop_scope(shop.pk):
            data = words_of_data()
        yield found, data


def test_no_page_has_an_english_word_of_ours(pages):
    found, data = pages
    left = {}
    for path, page in found:
        name = resolve(path.partition("?")[0]).view_name
        words = {word.casefold() for word in _WORD.findall(shown_of(page))}
        known = {*LATIN_BY_NATURE.split(), *OF_A_PAGE.get(name, "").split()}
        if (untold := words - data - known) and name not in NO_WORDS:
            left[path] = sorted(untold)

    assert len(found) > 60, "the links are no longer followed"
    assert not left, "\n".join(f"{path}: {' '.join(words)}" for path, words in left.items())


def test_every_page_is_right_to_left_and_says_so(pages):
    for path, page in pages[0]:
        assert '<html lang="fa" dir="rtl"' in page.text, path
        assert page.headers["Content-Language"] == "fa", path


def test_no_page_writes_a_number_in_two_alphabets(pages):
    """An amount is ۳٬۲۹۷٫۴۲ or it is a code; "۳,297" is a number that lost its reader."""
    mixed = re.compile(r"[۰-۹][.,]?[0-9]|[0-9][٫٬]?[۰-۹]")
    for path, page in pages[0]:
        assert not (two := mixed.search(shown_of(page))), f"{path}: {two}"
