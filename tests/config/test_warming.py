"""config.warming: what is read before the first request, and set aside for good."""

import gc

import pytest
from structlog.testing import capture_logs

from apps.core.paper import drawing, pdf
from config.warming import warm_up


@pytest.fixture(autouse=True)
def nothing_is_kept():
    yield
    gc.unfreeze()


def test_the_fonts_are_read_and_what_is_loaded_is_no_more_looked_through():
    drawing._styles.cache_clear()
    before = gc.get_freeze_count()

    warm_up()

    assert drawing._styles.cache_info().currsize == 1
    assert gc.get_freeze_count() > before + 10_000


def test_a_machine_that_cannot_draw_says_so_once_and_serves(monkeypatch):
    def missing(html, *, cut):
        raise pdf.PdfLibrariesMissing

    monkeypatch.setattr(pdf, "draw", missing)
    with capture_logs() as said:
        warm_up()

    (line,) = said
    assert line["event"] == "no_papers_yet"
    assert "apt-get install" in line["reason"]
    assert gc.get_freeze_count() > 10_000
