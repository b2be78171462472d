"""The packs on disk are whole, sourced and dated; the reader refuses a wrong one by its key."""

import copy
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from persiantools.jdatetime import JalaliDate

from apps.core.units import currency
from apps.pricing.rules import RuleBroken, codes, version_by_id, version_for
from apps.pricing.rules.pack_files import FOLDER, PackBroken, read_pack, versions_of

VERSIONS = [version for code in codes() for version in versions_of(code)]


def test_every_promised_place_has_a_pack():
    promised = {"IN", "IR", "AE", "SA", "KW", "GB", "US", "US-CA", "US-CT", "TR", "JP", "CH"}
    assert promised <= set(codes())


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
def test_a_version_names_its_sources_and_can_price_in_its_money(version):
    assert all(len(source) > 20 for source in version.sources)
    assert version.default_category in version.categories
    for code in version.currencies:
        policy = version.rounding(code)
        assert policy.document.step % currency(code).step == 0
        # Rounding to the nearer step moves at most half of it: the bound never refuses that.
        assert policy.bound >= policy.document.step / 2


@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.id)
def test_a_stored_id_gives_the_same_version_back(version):
    assert version_by_id(version.id) is version


@pytest.mark.parametrize("code", codes())
def test_a_version_holds_from_its_first_day_to_the_eve_of_the_next(code):
    versions = versions_of(code)
    for version, following in zip(versions, (*versions[1:], None), strict=True):
        assert version_for(code, version.valid_from) is version
        last = following.valid_from - timedelta(days=1) if following else date(2100, 1, 1)
        assert version_for(code, last) is version


@pytest.mark.parametrize("code", codes())
def test_a_day_before_the_first_version_is_refused(code):
    eve = versions_of(code)[0].valid_from - timedelta(days=1)
    with pytest.raises(RuleBroken, match="is before it") as refused:
        version_for(code, eve)
    assert refused.value.field == "date"


@pytest.mark.parametrize("code", ["XX", "", "in", "../tax_packs/IN", "IN.json", "IN\x00", "IN\n"])
def test_an_unknown_place_is_refused_and_reads_no_file(code):
    with pytest.raises(RuleBroken, match="There is no tax pack") as refused:
        version_for(code, date(2026, 1, 1))
    assert refused.value.field == "tax_pack"


def test_an_unknown_version_is_refused():
    with pytest.raises(RuleBroken):
        version_by_id("IN@2017-07-02")


def test_the_iranian_rates_change_on_the_jalali_day():
    first, second = versions_of("IR")
    assert first.valid_from == JalaliDate(1400, 10, 1).to_gregorian()
    assert second.valid_from == JalaliDate(1403, 1, 1).to_gregorian()
    assert (first.categories["jewellery"].percent, second.categories["jewellery"].percent) == (
        9,
        10,
    )


@pytest.mark.parametrize(
    ("code", "included", "per", "percent", "trade_in", "margin", "investment"),
    [
        ("IN", False, "line", "3", "never", "on top, shown", None),
        ("IR", False, "line", "10", "never", None, None),
        ("AE", False, "line", "5", "never", None, 9900),
        ("SA", False, "line", "15", "never", None, 9900),
        ("KW", False, "line", "0", "never", None, None),
        ("GB", True, "line", "20", "never", "inside, not shown", None),
        ("US", False, "document", "0", "never", None, None),
        ("US-CA", False, "document", "7.25", "never", None, None),
        ("US-CT", False, "document", "6.35", "like_kind", None, None),
        ("TR", False, "line", "20", "never", None, None),
        ("CH", True, "line", "8.1", "never", None, None),
        ("JP", True, "document", "10", "never", None, None),
    ],
)
def test_each_place_taxes_as_its_sources_say(
    code, included, per, percent, trade_in, margin, investment
):
    """The facts of each law in one row, so that a slip of the hand in a pack is seen."""
    version = version_for(code, date(2026, 7, 1))
    scheme = version.margin and (
        f"{'inside' if version.margin.includes_tax else 'on top'},"
        f" {'shown' if version.margin.shown else 'not shown'}"
    )
    assert (
        version.prices_include_tax,
        version.tax_per,
        version.categories[version.default_category].percent,
        version.trade_in,
        scheme,
        version.investment and version.investment.fineness_from,
    ) == (included, per, Decimal(percent), trade_in, margin, investment)


def test_what_of_a_line_is_taxed_and_where_a_rate_rises():
    def jewellery(code):
        return version_for(code, date(2026, 7, 1)).categories["jewellery"]

    assert jewellery("IR").base == "wage_profit_extras"
    assert jewellery("TR").base == "above_bullion"
    assert [jewellery("US-CT").percent_for(Decimal(price)) for price in (5000, 5001)] == [
        Decimal("6.35"),
        Decimal("7.75"),
    ]
    assert dict(version_for("IN", date(2026, 7, 1)).fees) == {"hallmark": "service"}


def _india():
    return json.loads((FOLDER / "IN.json").read_text(encoding="utf-8"))


def _set(path, value):
    def change(pack):
        *way, last = path
        for key in way:
            pack = pack[key]
        if value is None:
            del pack[last]
        else:
            pack[last] = value

    return change


VERSION = ("versions", 0)
GST = (*VERSION, "categories", "jewellery")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_set(("code",), "XX"), "IN"),
        (_set((*VERSION, "tax_per"), None), "tax_per"),
        (_set((*VERSION, "taxper"), "line"), "taxper"),
        (_set((*GST, "percent"), 3), "percent"),
        (_set((*GST, "percent"), "NaN"), "percent"),
        (_set((*GST, "percent"), "three"), "percent"),
        (_set((*GST, "percent"), "5"), "parts"),
        (_set((*VERSION, "default_category"), "gold"), "gold"),
        (_set((*VERSION, "margin", "category"), "old"), "old"),
        (_set((*VERSION, "fees", "hallmark"), "mark"), "mark"),
        (_set((*VERSION, "sources"), []), "sources"),
        (_set((*VERSION, "sources"), "one"), "sources"),
        (_set(("versions",), []), "versions"),
        (_set((*VERSION, "valid_from"), "2030-01-01"), "oldest first"),
        (_set(VERSION, "2017"), "object"),
    ],
)
def test_a_mistake_in_a_pack_is_named(change, named):
    pack = copy.deepcopy(_india())
    change(pack)
    with pytest.raises(PackBroken, match=named):
        read_pack(pack, code="IN")


def test_a_pack_cannot_be_changed_once_read():
    version = version_for("IN", date(2026, 1, 1))
    with pytest.raises(TypeError):
        version.categories["jewellery"] = None
    with pytest.raises(AttributeError):
        version.code = "XX"
