"""For whom a page is written, and what is written for nobody in particular."""

from decimal import Decimal

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import translation

from apps.core import formatting
from apps.core.reading import AS_KEPT, reading
from apps.users.middleware import ReadingMiddleware
from apps.users.models import User


@pytest.fixture(autouse=True)
def _english():
    with translation.override("en"):
        yield


def answered(path, user, *, home="IRR"):
    """What a view at `path` writes of 1,250 rials."""
    request = RequestFactory().get(path)
    if user is not None:
        request._cached_user = user
    answer = ReadingMiddleware(
        lambda _: HttpResponse(formatting.money(Decimal(1250), home, unit=True))
    )(request)
    return answer.content.decode().replace("\u00a0", " ")


def test_a_page_is_written_for_its_reader():
    assert answered("/counter/", User(language="fa")) == "۱۲۵ تومان"
    assert answered("/counter/", User(language="fa", money_unit="rial")) == "۱٬۲۵۰ ریال"
    assert answered("/counter/", User(money_unit="toman", digits="persian")) == "۱۲۵ toman"


@pytest.mark.parametrize(
    "path", ["/a/receipt.pdf", "/a/report.csv", "/a/report.xlsx", "/a/tags.zpl"]
)
def test_a_paper_and_a_file_are_in_the_currency_of_the_books(path):
    assert answered(path, User(language="fa")) == "۱٬۲۵۰ ریال"


def test_the_api_is_for_programs():
    assert answered("/api/v1/sales", User(language="fa", money_unit="toman")) == "1,250 rial"


def test_a_stranger_reads_by_the_language_of_the_browser():
    assert answered("/accounts/login/", None) == "1,250 rial"


def test_who_is_signed_in_is_not_asked_of_the_database():
    """Pages that answer without a database come through here; no fixture of one is asked for."""
    assert answered("/status/", None) == "1,250 rial"


def test_nothing_is_left_behind_in_the_thread():
    answered("/counter/", User(language="fa", digits="persian"))

    assert reading() == AS_KEPT
    assert translation.get_language() == "en"


def test_nothing_is_left_behind_by_a_view_that_fails():
    request = RequestFactory().get("/counter/")
    request._cached_user = User(language="fa", digits="persian")

    def fails(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ReadingMiddleware(fails)(request)

    assert reading() == AS_KEPT
    assert translation.get_language() == "en"
