"""The doors to a receipt: who may see it, what a printing leaves behind."""

import re
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.core.paper import pdf
from apps.sales.models import ReceiptPrint
from apps.shops.models import Role
from apps.shops.scope import shop_scope
from tests import make
from tests.sales import bills
from tests.sales.bills import needs_pdf, text_of


def page_of(code="1-000001"):
    return reverse("sales:receipt", args=[code])


def pdf_at(code="1-000001", paper="a4"):
    return f"{reverse('sales:receipt-pdf', args=[code])}?paper={paper}"


@pytest.fixture
def sale(shop, owner):
    with shop_scope(shop.pk):
        make.rate(of=shop)
        make.piece(by=owner, name="<b>Ring</b>", gross_weight_g=Decimal(11))
        return bills.sold("R-1", by=owner, customer_name="Nadia <i>Rahman</i>")


@pytest.fixture
def member(client, shop):
    client.force_login(make.member(of=shop, role=Role.CASHIER).user)
    return client


class TestPage:
    def test_shows_the_bill(self, sale, member):
        answer = member.get(page_of())
        text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))

        assert answer.status_code == 200
        for word in ("R-1", "10% × 916.00", "Nadia &lt;i&gt;Rahman&lt;/i&gt;", "VAT", "Change"):
            assert word in text.replace("\u00a0", " "), word
        assert "private" in answer["Cache-Control"]

    def test_has_nothing_inline_that_the_policy_forbids(self, sale, member):
        page = member.get(page_of()).content.decode()

        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]* src=)", page)
        assert 'class="qr"' in page

    def test_asks_the_database_the_same_for_every_length(self, sale, member, owner, shop):
        tags = [f"M-{number}" for number in range(12)]
        with shop_scope(shop.pk):
            for tag in tags:
                make.piece(by=owner, tag=tag)
            long = bills.sold(*tags, by=owner, key="key-0002")

        with CaptureQueriesContext(connection) as for_one:
            member.get(page_of())
        with CaptureQueriesContext(connection) as for_twelve:
            assert "M-11" in member.get(page_of(long.code)).content.decode()
        assert len(for_one) == len(for_twelve)

    def test_is_no_printing(self, sale, member, shop):
        member.get(page_of())
        with shop_scope(shop.pk):
            assert not ReceiptPrint.objects.exists()

    def test_works_without_the_libraries_and_says_what_to_install(self, sale, member, monkeypatch):
        monkeypatch.setattr(pdf, "import_module", _no_pango)
        page = member.get(page_of()).content.decode()

        assert pdf.COMMAND in page
        assert "receipt.pdf" not in page

    def test_speaks_persian(self, sale, member):
        page = member.get(page_of(), headers={"accept-language": "fa"}).content.decode()
        assert 'dir="rtl"' in page
        assert "۱-۰۰۰۰۰۱" in page


class TestWho:
    @pytest.mark.parametrize("address", [page_of, pdf_at])
    def test_strangers_sign_in_first(self, sale, client, address):
        answer = client.get(address())
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("account_login"))

    @pytest.mark.parametrize("address", [page_of, pdf_at])
    def test_another_shops_bill_is_no_bill(self, sale, client, address):
        client.force_login(make.member(of=make.shop()).user)
        answer = client.get(address())
        assert answer.status_code == 404
        assert "no bill 1-000001" in answer.content.decode()

    def test_nothing_is_changed_by_a_form(self, sale, member):
        assert member.post(page_of()).status_code == 405


class TestPdf:
    def test_without_the_libraries_is_refused_in_one_sentence(
        self, sale, member, monkeypatch, shop
    ):
        monkeypatch.setattr(pdf, "import_module", _no_pango)
        answer = member.get(pdf_at())

        assert answer.status_code == 503
        assert pdf.COMMAND in answer.content.decode()
        with shop_scope(shop.pk):
            assert not ReceiptPrint.objects.exists()

    def test_knows_two_papers(self, sale, member):
        answer = member.get(pdf_at(paper="letter"))
        assert answer.status_code == 404
        assert "80 mm roll" in answer.content.decode()

    @needs_pdf
    @pytest.mark.parametrize(("paper", "width_pt"), [("a4", 595), ("80", 226)])
    def test_is_a_paper_of_its_size(self, sale, member, paper, width_pt):
        answer = member.get(pdf_at(paper=paper))

        assert answer.status_code == 200
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == 'inline; filename="1-000001.pdf"'
        assert {"private", "no-store"} <= set(re.split(r",\s*", answer["Cache-Control"]))
        (page,) = bills.read_pdf(answer.content)
        assert int(page.mediabox.width) == width_pt

    @needs_pdf
    def test_the_second_is_a_duplicate_and_the_page_tells_both(self, sale, member):
        first, second = (text_of(member.get(pdf_at()).content) for _ in range(2))

        assert "DUPLICATE" not in first
        assert "DUPLICATE" in second
        page = member.get(page_of()).content.decode()
        assert page.count("Original") == page.count("Duplicate ·") == 1

    @needs_pdf
    def test_a_head_prints_nothing(self, sale, member, shop):
        answer = member.head(pdf_at())

        assert (answer.status_code, answer.content) == (200, b"")
        assert answer["Content-Type"] == "application/pdf"
        with shop_scope(shop.pk):
            assert not ReceiptPrint.objects.exists()

    @needs_pdf
    def test_a_paper_that_was_not_drawn_was_not_printed(self, sale, member, shop, monkeypatch):
        monkeypatch.setattr(pdf, "_LONGEST_WAIT_SECONDS", 0.01)
        with pdf._drawing:
            assert member.get(pdf_at()).status_code == 503
        with shop_scope(shop.pk):
            assert not ReceiptPrint.objects.exists()


def _no_pango(name):
    raise OSError("cannot load library 'libpango-1.0-0'")
