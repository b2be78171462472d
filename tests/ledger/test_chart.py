"""The chart: every account in every country, every tax of the packs in an account."""

import json
from pathlib import Path

import pytest
from django.db import connection

from apps.ledger import countries
from apps.ledger.chart import CHART, TAX, account_name, tax_account
from apps.ledger.countries import country_of
from apps.ledger.models import Account
from apps.ledger.opening import _open
from apps.ledger.services import open_books
from apps.pricing.rules import packs
from apps.shops.scope import shop_scope
from tests import make
from tests.conftest import OWNER, log_in

PACKS = sorted(file.stem for file in (Path(packs.__file__).parents[1] / "tax_packs").glob("*.json"))


@pytest.mark.parametrize("pack", [*PACKS, "default"])
def test_a_country_places_every_account(pack):
    country = country_of(pack)
    assert set(country.accounts) == set(CHART), "write the account into apps/ledger/charts"
    assert country.law
    assert country.source
    for code, given in country.accounts.items():
        assert given["heading"], (pack, code)
        assert set(given) <= {"heading", "number"}
        if "number" in given:
            assert given["number"].isdigit()


def test_only_plans_of_a_law_or_a_custom_have_numbers():
    assert {pack for pack in PACKS if country_of(pack).has_numbers} == {"CH", "TR"}
    assert country_of("TR").number("cash") == "100"
    assert country_of("TR").heading("cash") == "Kasa"
    assert country_of("GB").number("cash") == ""


def test_a_state_has_the_chart_of_its_country_and_strangers_the_default():
    assert country_of("US-CA").pack == "US"
    assert country_of("XX").pack == country_of("").pack == "default"
    assert country_of("../../settings").pack == "default"


def test_every_file_is_a_country_or_the_default():
    files = {file.stem for file in Path(countries.__file__).with_name("charts").glob("*.json")}
    assert files == {pack for pack in PACKS if "-" not in pack} | {"default"}


def _labels(pack):
    file = Path(packs.__file__).parents[1] / "tax_packs" / f"{pack}.json"
    for version in json.loads(file.read_text())["versions"]:
        for category in version["categories"].values():
            parts = category.get("parts") or [category]
            yield from (part["label"] for part in parts)


@pytest.mark.parametrize("pack", PACKS)
def test_every_tax_of_a_pack_is_owed_in_an_account_of_its_own_or_the_common_one(pack):
    accounts = {label: tax_account(label) for label in _labels(pack)}
    assert set(accounts.values()) <= set(CHART)
    if pack == "IN":
        assert accounts["CGST"] != accounts["SGST"] != accounts["IGST"]
    else:
        assert set(accounts.values()) == {TAX}


def test_codes_fit_their_column():
    limit = Account._meta.get_field("code").max_length
    assert max(map(len, CHART)) <= limit
    assert max(len(name) for name, _kind in CHART.values()) <= 60


def test_an_account_is_called_by_its_name():
    assert account_name("cash") == "Cash in the drawers"
    assert account_name("unheard-of") == "unheard-of"


@pytest.mark.django_db
def test_books_are_opened_again_without_harm(scope):
    Account.objects.filter(code="safe").update(name="Strongroom")
    before = Account.objects.count()
    open_books()
    assert Account.objects.count() == before == len(CHART)
    assert Account.objects.get(code="safe").name == "Strongroom"


@pytest.mark.django_db(transaction=True)
def test_shops_of_before_get_the_accounts_they_lack():
    """What a migration does for every shop at once, as the owner of the tables."""
    one, other, without = make.shop(), make.shop(), make.shop()
    with shop_scope(one.pk):
        Account.objects.exclude(code__in=("cash", "stock")).delete()
    with shop_scope(without.pk):
        Account.objects.all().delete()
    app = {key: connection.settings_dict[key] for key in ("USER", "PASSWORD")}
    log_in(OWNER)
    try:
        with connection.schema_editor() as editor:
            _open(None, editor)
            _open(None, editor)
    finally:
        log_in(app)
    for shop, count in ((one, len(CHART)), (other, len(CHART)), (without, 0)):
        with shop_scope(shop.pk):
            assert Account.objects.count() == count
