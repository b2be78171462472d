"""The paper: what stands on it, how long it is, and what it must never fetch."""

import re
from decimal import Decimal

import pytest
from django.utils import translation
from fontTools.ttLib import TTFont

from apps.core import formatting
from apps.core.paper import pdf
from apps.core.paper.qr import qr_svg
from apps.customers.services import add_customer, add_paper
from apps.pricing import rules
from apps.sales.models import Paper
from apps.sales.receipts.pdf import pdf_of
from apps.sales.receipts.prints import print_receipt
from apps.shops.scope import shop_scope
from local.tools import PDF_LIBRARIES
from tests import make
from tests.sales import bills
from tests.sales.bills import needs_pdf, read_pdf, text_of

MM = Decimal(72) / Decimal("25.4")
PAPERS = [Paper.A4, Paper.ROLL]
HOSTILE = "<img src=http://127.0.0.1:9/x.png><script>alert(1)</script> & طلای ۱۸ عیار"


def drawn(bill, paper, **more):
    return pdf_of(bill, paper=paper, **more)


@pytest.fixture
def drawing():
    """The module that needs the libraries."""
    return pdf._drawer()


def fonts_of(page):
    fonts = page["/Resources"]["/Font"].get_object().values()
    return [str(font.get_object()["/BaseFont"]) for font in fonts]


@pytest.fixture
def ring(shop, clerk):
    make.rate(of=shop)
    return make.piece(by=clerk, name="Wedding ring")


class TestLibraries:
    def test_what_is_missing_is_named_with_its_command(self, ring, clerk, monkeypatch):
        def no_pango(name):
            raise OSError("cannot load library 'libpango-1.0-0'")

        bills.sold("R-1", by=clerk)
        monkeypatch.setattr(pdf, "import_module", no_pango)

        assert not pdf.can_draw()
        with pytest.raises(pdf.PdfLibrariesMissing) as refused:
            drawn(bills.bill(), Paper.A4)
        assert pdf.COMMAND in str(refused.value)

    def test_are_the_ones_that_make_run_installs(self):
        assert PDF_LIBRARIES.command == pdf.COMMAND

    def test_a_full_printer_says_so(self, ring, clerk, monkeypatch):
        bills.sold("R-1", by=clerk)
        monkeypatch.setattr(pdf, "_LONGEST_WAIT_SECONDS", 0.01)
        if not pdf.can_draw():
            pytest.skip(f"no PDFs here; as root: {pdf.COMMAND}")
        with pdf._drawing, pytest.raises(pdf.PrinterBusy):
            drawn(bills.bill(), Paper.A4)


class TestQr:
    def test_is_no_micro_qr_and_has_its_white_margin(self):
        # Version 1 has 21 modules, with four white ones on each side 29; a Micro QR has 17.
        assert 'viewBox="0 0 29 29"' in qr_svg("1-000042")

    def test_needs_no_inline_style(self):
        assert not re.search(r"style|<script", qr_svg("1-000042"))


@needs_pdf
class TestPaper:
    @pytest.mark.parametrize("paper", PAPERS)
    def test_tells_the_whole_bill(self, ring, clerk, paper):
        bills.sold("R-1", by=clerk, given="1100", customer_name="Nadia Rahman")
        text = text_of(drawn(bills.bill(), paper))

        for word in (
            "Noor",
            "1-000001",
            "Till 1",
            str(clerk.user),
            "Nadia Rahman",
            "Wedding ring",
            "10.000",
            "9.160 g fine × 100.00",
            "10% × 916.00",
            "5% × 1,007.60",
            "Before tax 1,007.60",
            "VAT 5% 50.38",
            "Total AED 1,057.98",
            "Cash 1,100.00",
            "Change 42.02",
        ):
            assert word in text, word
        assert "DUPLICATE" not in text

    @pytest.mark.parametrize("paper", PAPERS)
    def test_a_second_printing_says_duplicate_and_who(self, ring, shop, clerk, paper):
        sale = bills.sold("R-1", by=clerk)
        leila = make.member(of=shop, username="leila")
        print_receipt(sale=sale, paper=Paper.ROLL, by=clerk, at=make.NOON)
        printing = print_receipt(sale=sale, paper=paper, by=leila, at=make.NOON)
        text = text_of(drawn(bills.bill(), paper, printing=printing))

        assert "DUPLICATE printed 15 January 2026, 12:00 by leila" in text
        assert f"first printed 15 January 2026, 12:00 by {clerk.user}" in text

    def test_shows_the_hours_of_the_shop(self, db):
        shop, clerk = bills.shop_in(
            currency="AED", tax_pack="AE", rate="100", time_zone="Asia/Dubai"
        )
        with shop_scope(shop.pk):
            bills.sold("R-1", by=clerk)
            assert "15 January 2026, 16:00" in text_of(drawn(bills.bill(), Paper.A4))

    @pytest.mark.parametrize("paper", PAPERS)
    def test_kuwait_counts_in_thousandths(self, db, paper):
        shop, clerk = bills.shop_in(currency="KWD", tax_pack="KW", rate="38.125")
        with shop_scope(shop.pk):
            bills.sold("R-1", by=clerk, given="500")
            text = text_of(drawn(bills.bill(), paper))
        assert "Total KWD 384.148" in text
        assert "Cash rounded to 0.005 0.002" in text

    @pytest.mark.parametrize("paper", PAPERS)
    def test_india_prints_both_halves_of_the_tax(self, db, paper):
        shop, clerk = bills.shop_in(
            currency="INR", tax_pack="IN", rate="11873.40", tax_number="27AAPFU0939F1ZV"
        )
        with shop_scope(shop.pk):
            bills.sold("R-1", by=clerk, given="200000")
            bill = bills.bill()
            text = text_of(drawn(bill, paper))
        assert "Tax invoice" in text
        for tax in bill.taxes_on_top:
            assert f"{tax.label} 1.5% {tax.amount:,.2f}" in text
        assert f"Rounding {bill.round_off:,.2f}".replace("-", "−") in text

    @pytest.mark.parametrize("paper", PAPERS)
    def test_britain_prints_what_tax_is_inside_and_nothing_of_a_margin(
        self, db, paper, monkeypatch
    ):
        shop, clerk = bills.shop_in(
            currency="GBP", tax_pack="GB", rate="61.37", pieces=({}, {"tag": "R-2"})
        )
        with shop_scope(shop.pk):
            bills.sold("R-1", by=clerk)
            within = text_of(drawn(bills.bill(), paper))
            bills.second_hand(monkeypatch, purchase_price=Decimal(100))
            second = bills.sold("R-2", by=clerk, key="key-0002")
            unseen = text_of(drawn(bills.bill(second.code), paper))
        assert re.search(r"of which VAT 20% [\d.]+", within)
        assert "VAT" not in unseen
        assert second.terms["unshown_tax"] not in unseen
        assert "Margin scheme: second-hand goods." in unseen

    @pytest.mark.parametrize("paper", PAPERS)
    def test_persian_paper_is_joined_and_in_persian_digits(self, db, paper):
        shop, clerk = bills.shop_in(
            currency="IRT",
            tax_pack="IR",
            rate="15226666",
            name="گالری مهرگان",
            time_zone="Asia/Tehran",
            pieces=({"name": "انگشتر سولیتر «آیلا»"},),
        )
        with shop_scope(shop.pk), translation.override("fa"):
            bills.sold("R-1", by=clerk, given="900000000")
            paper_of = drawn(bills.bill(), paper)
            total = bills.bill().total
        text = text_of(paper_of)
        written = formatting.money(total, "IRT", language="fa")
        # The reader of PDFs gives some runs as they are seen, from the left.
        assert written in text or written[::-1] in text
        assert "گالری مهرگان" in text
        (page,) = read_pdf(paper_of)
        assert all("Receipt" in font for font in fonts_of(page)), fonts_of(page)

    @pytest.mark.parametrize("paper", PAPERS)
    def test_what_a_customer_writes_stays_text(self, shop, clerk, paper, drawing, monkeypatch):
        fetched = []
        fetch = drawing.OwnFilesOnly.fetch
        monkeypatch.setattr(
            drawing.OwnFilesOnly,
            "fetch",
            lambda self, url, headers=None: fetched.append(url) or fetch(self, url, headers),
        )
        make.rate(of=shop)
        make.piece(by=clerk, name=HOSTILE)
        bills.sold("R-1", by=clerk, customer_name=HOSTILE)
        paper_of = drawn(bills.bill(), paper)

        # The name breaks over lines where it must.
        assert "".join(HOSTILE[:60].split()) in "".join(text_of(paper_of).split())
        assert not [url for url in fetched if not url.endswith(".woff2")]

    @pytest.mark.parametrize("paper", PAPERS)
    def test_a_letter_that_no_font_has_costs_nothing_but_itself(self, shop, clerk, paper):
        make.rate(of=shop)
        make.piece(by=clerk, name="Ring 💍 for ever")
        bills.sold("R-1", by=clerk)
        (page,) = read_pdf(drawn(bills.bill(), paper))
        assert any("Receipt-Latin" in font for font in fonts_of(page))

    @pytest.mark.parametrize("paper", PAPERS)
    def test_a_name_of_one_endless_word_stays_on_the_paper(self, shop, clerk, paper):
        make.rate(of=shop)
        make.piece(by=clerk, name="W" * 120, tag="T" * 30)
        bills.sold("T" * 30, by=clerk, customer_name="M" * 120)
        (page,) = read_pdf(drawn(bills.bill(), paper))

        right = []
        page.extract_text(
            visitor_text=lambda text, cm, tm, font, size: right.append(
                (float(cm[0] * tm[4] + cm[4]), text.strip())
            )
        )
        assert max(at for at, text in right if text) < float(page.mediabox.width)
        assert page.extract_text().count("W") == 120


@needs_pdf
class TestLength:
    def test_the_roll_ends_below_its_last_ink(self, ring, shop, clerk):
        make.piece(by=clerk, tag="R-2")
        make.piece(by=clerk, tag="R-3")
        bills.sold("R-1", by=clerk)
        bills.sold("R-2", "R-3", by=clerk, key="key-0002")
        (short,) = read_pdf(drawn(bills.bill("1-000001"), Paper.ROLL))
        (long,) = read_pdf(drawn(bills.bill("1-000002"), Paper.ROLL))

        assert abs(Decimal(short.mediabox.width) - 80 * MM) < 1
        assert 80 * MM < Decimal(short.mediabox.height) < 140 * MM
        assert 15 * MM < Decimal(long.mediabox.height) - Decimal(short.mediabox.height) < 30 * MM

    def test_the_head_of_the_table_is_on_every_page(self, shop, clerk):
        make.rate(of=shop)
        tags = [f"R-{number:03}" for number in range(100)]
        for tag in tags:
            make.piece(by=clerk, tag=tag)
        known = add_customer(name="Nadia Rahman", by=clerk, at=make.NOON)
        add_paper(customer=known, kind="passport", number="A1234567", by=clerk, at=make.NOON)
        bills.sold(*tags, by=clerk, given="200000", customer=known.pk)
        pages = [
            " ".join(p.extract_text().split()) for p in read_pdf(drawn(bills.bill(), Paper.A4))
        ]

        assert len(pages) > 3
        with_pieces = [page for page in pages if "R-0" in page]
        assert len(with_pieces) > 3
        assert all("Tag Piece Fineness Net g Metal Making Tax Amount" in p for p in with_pieces)
        assert all(f"{i} / {len(pages)}" in page for i, page in enumerate(pages, 1))
        assert [tag for page in pages for tag in re.findall(r"R-\d{3}", page)] == tags


@needs_pdf
class TestFetching:
    @pytest.mark.parametrize(
        "address", ["http://127.0.0.1:9/x.png", "file:///etc/passwd", "data:image/png;base64,AAAA"]
    )
    def test_a_template_that_names_an_address_prints_nothing(self, drawing, address):
        # A BaseException of WeasyPrint's: nothing on the way swallows it.
        with pytest.raises(BaseException, match="Error fetching") as refused:
            drawing.draw(f'<img src="{address}">', cut=False)
        assert "no file of a paper" in str(refused.value.__cause__)

    def test_its_fonts_are_cut_out_of_nothing(self, drawing):
        """A variable font makes a receipt take five times as long."""
        for name in drawing._FONTS:
            with TTFont(drawing.path_of(name)) as font:
                assert "fvar" not in font, name

    def test_it_is_drawn_with_our_own_fonts(self, ring, clerk):
        off = rules.DiscountTerms(percent=Decimal(1), reason="Eid")
        bills.sold("R-1", by=clerk, discount=off)
        (page,) = read_pdf(drawn(bills.bill(), Paper.A4))
        assert fonts_of(page)
        assert all("Receipt-Latin" in font for font in fonts_of(page)), fonts_of(page)
