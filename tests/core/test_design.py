"""The component sheet renders every part in both languages; curves are where they should be."""

import re
from decimal import Decimal

import pytest
from django.http import Http404
from hypothesis import given
from hypothesis import strategies as st

from apps.core import charts, design


@pytest.mark.parametrize("query", ["", "lang=fa&dir=rtl&theme=dark", "density=desk&theme=light"])
def test_every_component_renders(rf, settings, query):
    settings.DEBUG = True
    page = design.sheet(rf.get(f"/design/?{query}")).content.decode()
    assert page.count("<section") == page.count("</section>")
    assert "{#" not in page
    assert "{%" not in page
    assert not re.search(r"\sstyle=", page)
    named = re.findall(r'\sid="([^"]+)"', page)
    assert len(named) == len(set(named)), sorted({name for name in named if named.count(name) > 1})


def test_persian_pages_have_persian_digits_and_tags_stay_latin(rf, settings):
    settings.DEBUG = True
    page = design.sheet(rf.get("/design/?lang=fa&dir=rtl")).content.decode()
    assert "۳٬۲۹۷" in page
    assert "۱۴۰۵/۰۴/۲۳" in page
    assert "C33150" in page
    assert '<html lang="fa" dir="rtl"' in page


def test_the_sheet_is_not_shown_in_a_real_shop(rf, settings):
    settings.DEBUG = False
    with pytest.raises(Http404):
        design.sheet(rf.get("/design/"))


def points(path):
    return [tuple(map(float, pair.split(","))) for pair in path.removeprefix("M").split("L")]


@given(
    st.lists(st.decimals(min_value=0, max_value=10**9, places=3), min_size=1, max_size=400),
)
def test_a_curve_stays_inside_its_drawing(values):
    chart = charts.line_chart(values, labels=["a", "b", "c"], label_value=str)
    for drawing in chart.drawings:
        drawn = points(drawing.path)
        assert len(drawn) == len(values)
        assert all(drawing.left <= x <= drawing.right for x, _ in drawn)
        assert all(0 <= y <= drawing.height for _, y in drawn)
        assert [x for x, _ in drawn] == sorted(x for x, _ in drawn)


def test_a_higher_value_is_drawn_higher():
    wide = charts.line_chart(
        [Decimal(460), Decimal(512)], labels=["April", "July"], label_value=str
    ).drawings[0]
    (_, first), (_, last) = points(wide.path)
    assert last < first
    assert wide.last_y == last


@pytest.mark.parametrize(
    ("low", "high", "steps"),
    [(447, 518, [460, 480, 500]), (0, 1, [0, 0.25, 0.5, 0.75, 1]), (4.51, 4.87, [4.6, 4.7, 4.8])],
)
def test_the_scale_has_round_values(low, high, steps):
    assert charts.round_steps(low, high) == pytest.approx(steps)


def test_sparks():
    assert charts.spark([]) == ""
    assert charts.spark([Decimal(5)]) == "M0.0,14.0L88.0,14.0"
    assert charts.spark([Decimal(1), Decimal(2)]) == "M0.0,26.0L88.0,2.0"
