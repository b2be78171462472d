"""A receipt on the till's printer: the picture that arrives is the paper, and the drawer opens."""

import re

import pytest
from django.urls import reverse
from PIL import ImageChops

from apps.core.paper import pdf, raster
from apps.sales.models import Paper, ReceiptPrint
from apps.sales.receipts.pdf import pdf_of
from apps.sales.receipts.prints import print_receipt
from apps.shops.models import Action, Register
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.till.models import Printer, PrinterUse
from tests import make
from tests.core.test_paper_escpos import printed
from tests.labels.printers import printer_at
from tests.sales import bills
from tests.sales.bills import needs_pdf, text_of

pytestmark = [pytest.mark.django_db, needs_pdf]

PDF = ("sales:receipt-pdf", ["1-000001"])


@pytest.fixture
def sale(shop, owner):
    with shop_scope(shop.pk):
        make.rate(of=shop)
        make.piece(by=owner, name="انگشتر یاقوت", hallmark="AB12CD")
        return bills.sold("R-1", by=owner, customer_name="نادیا")


@pytest.fixture
def printer(shop, sale):
    with printer_at() as listening:
        with shop_scope(shop.pk):
            Printer.objects.create(
                register=Register.objects.get(),
                use=PrinterUse.RECEIPT,
                host=listening.host,
                port=listening.port,
                opens_drawer=True,
            )
        yield listening


@pytest.fixture
def cashier(client, shop):
    client.force_login(make.member(of=shop, role="cashier").user)
    return client


def post(client, **given):
    return client.post(reverse(PDF[0], args=PDF[1]), {"back": "/counter/", **given})


class TestPrinting:
    def test_the_picture_that_arrives_is_the_paper(self, cashier, printer, shop, sale):
        answer = post(cashier)
        assert (answer.status_code, answer["Location"]) == (302, "/counter/")
        paper, said = printed(printer.received())
        assert said == ["reset", "kick", "feed", "cut"]
        with shop_scope(shop.pk):
            drawn = pdf_of(bills.bill(), paper=Paper.ROLL)
        (expected,) = raster.pictures_of(drawn, dots=576, live_mm=72)
        assert paper.size == expected.size
        assert ImageChops.invert(paper.convert("L")).getbbox() is not None
        assert ImageChops.difference(paper.convert("L"), expected.convert("L")).getbbox() is None

    def test_nothing_is_cut_off_at_the_sides(self, cashier, printer):
        """Both margins of the roll are white: the picture is not wider than the head."""
        post(cashier)
        paper, _said = printed(printer.received())
        left, _top, right, bottom = ImageChops.invert(paper.convert("L")).getbbox()
        assert left <= 8
        assert right >= 568
        assert bottom >= paper.height - 96

    def test_a_narrow_printer_gets_a_narrow_paper(self, cashier, printer, shop):
        with shop_scope(shop.pk):
            Printer.objects.update(dots=384, cuts=False)
        post(cashier)
        paper, said = printed(printer.received())
        assert paper.width == 384
        assert "cut" not in said

    def test_the_second_paper_says_duplicate_and_leaves_the_drawer_shut(
        self, cashier, printer, shop
    ):
        post(cashier)
        first, _said = printed(printer.received())
        post(cashier)
        second, said = printed(printer.received())
        assert "kick" not in said
        assert second.height > first.height
        with shop_scope(shop.pk):
            assert list(ReceiptPrint.objects.order_by("copy").values_list("copy", "paper")) == [
                (1, "80"),
                (2, "80"),
            ]

    def test_a_card_sale_does_not_open_the_drawer(self, cashier, printer, shop, owner):
        with shop_scope(shop.pk):
            make.piece(by=owner, tag="R-2")
            bills.sold("R-2", by=owner, given=str(make.RING_TOTAL), kind="card", key="key-0002")
        cashier.post(reverse(PDF[0], args=["1-000002"]))
        assert "kick" not in printed(printer.received())[1]

    def test_persian_is_chosen_at_the_printing(self, cashier, printer):
        post(cashier, lang="en")
        english, _said = printed(printer.received())
        post(cashier, lang="fa")
        persian, _said = printed(printer.received())
        assert english.tobytes() != persian.tobytes()

    def test_what_did_not_come_out_was_not_printed(self, cashier, printer, shop):
        with shop_scope(shop.pk):
            Printer.objects.update(host="127.0.0.76", port=9109)
        answer = post(cashier)
        assert answer.status_code == 503
        assert "127.0.0.76:9109" in answer.content.decode()
        with shop_scope(shop.pk):
            assert not ReceiptPrint.objects.exists()

    def test_without_a_printer_the_owner_is_named(self, cashier, sale, shop):
        answer = post(cashier)
        assert answer.status_code == 409
        assert "Till 1" in answer.content.decode()
        with shop_scope(shop.pk):
            assert not ReceiptPrint.objects.exists()

    def test_a_language_that_is_none_is_refused(self, cashier, printer, shop):
        assert post(cashier, lang="xx").status_code == 422
        with shop_scope(shop.pk):
            assert not ReceiptPrint.objects.exists()

    def test_back_leads_nowhere_else(self, cashier, printer):
        assert post(cashier, back="https://evil.example/")["Location"] == "/"
        printer.received()

    def test_of_another_shop_is_no_bill(self, client, printer):
        client.force_login(make.member(of=make.shop(name="Zar")).user)
        assert post(client).status_code == 404


class TestFinishedPage:
    """The page after a sale: the receipt comes out of the till's printer by one press."""

    ADDRESS = "/counter/finished/1-000001/"

    def button(self, client, **headers):
        """The form of the button, as its fields; None where there is no such button."""
        page = client.get(self.ADDRESS, headers=headers).content.decode()
        forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
        found = [form for form in forms if "Print at the till" in form]
        if not found:
            return None
        action = re.search(r'action="([^"]+)"', found[0])[1]
        assert 'type="submit"' in found[0]
        return action, dict(re.findall(r'name="(back|lang)" value="([^"]*)"', found[0]))

    @pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
    def test_one_press_prints_and_comes_back(self, cashier, printer, headers):
        action, fields = self.button(cashier, **headers)

        answer = cashier.post(action, fields, follow=True)

        assert answer.request["PATH_INFO"] == self.ADDRESS
        assert "1-000001 was printed on Till 1." in answer.content.decode()
        assert printed(printer.received())[1] == ["reset", "kick", "feed", "cut"]

    def test_without_a_printer_there_is_no_button(self, cashier, sale):
        assert self.button(cashier) is None

    def test_without_the_libraries_there_is_no_button(self, cashier, printer, monkeypatch):
        monkeypatch.setattr(pdf, "can_draw", lambda: False)
        assert self.button(cashier) is None


class TestFile:
    def test_the_bytes_can_be_saved(self, cashier, sale):
        answer = cashier.get(reverse(PDF[0], args=PDF[1]), {"as": "escpos"})
        assert answer["Content-Disposition"].startswith("attachment")
        paper, said = printed(answer.content)
        assert paper.width == 576
        assert "kick" not in said

    def test_english_and_persian_of_one_bill(self, cashier, sale):
        address = reverse(PDF[0], args=PDF[1])
        english = text_of(cashier.get(address, {"paper": "a4", "lang": "en"}).content)
        persian = text_of(cashier.get(address, {"paper": "a4", "lang": "fa"}).content)
        assert "Bill" in english
        assert "۱-۰۰۰۰۰۱" in persian or "۱۰۰۰۰۰-۱" in persian

    def test_a5_has_what_a4_has(self, cashier, sale):
        address = reverse(PDF[0], args=PDF[1])
        text = text_of(cashier.get(address, {"paper": "a5"}).content)
        for said in ("R-1", "AB12CD", "VAT", "One thousand fifty-seven and 98/100 AED"):
            assert said in text, said


class TestReprint:
    def test_is_refused_to_whom_the_shop_does_not_let(self, cashier, sale, shop, owner):
        address = reverse(PDF[0], args=PDF[1])
        with shop_scope(shop.pk):
            only_owners = {Action.REPRINT.value: {"roles": ["owner"]}}
            set_policy("approvals", only_owners, by=owner, at=make.NOON)
        assert cashier.get(address).status_code == 200
        answer = cashier.get(address)
        assert answer.status_code == 403
        with shop_scope(shop.pk):
            assert ReceiptPrint.objects.count() == 1
            print_receipt(sale=sale, paper=Paper.A5, by=owner, at=make.NOON)
            assert ReceiptPrint.objects.count() == 2
