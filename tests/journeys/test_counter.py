"""The counter by scanner, by keyboard, by touch, and with a connection that fails."""

import re
import time

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from apps.sales.models import Sale
from apps.sales.services.rates import take_rates
from apps.shops.models import Register
from apps.shops.scope import shop_scope
from tests import make
from tests.journeys.conftest import PASSWORD, PHONE
from tests.waiting import PATIENCE_S


class Held:
    """The first request to each of two addresses, kept back: its answer comes when it is let in."""

    def __init__(self, page, **addresses):
        self.page, self.names, self.routes = page, addresses.keys(), {}
        for name, address in addresses.items():
            page.route(address, self._keeper(name))

    def _keeper(self, name):
        def keep(route):
            if self.routes.setdefault(name, route) is not route:
                route.continue_()

        return keep

    def let_in(self, first):
        """One answer, then the other; since they overlapped, the page asks how things stand."""
        until = time.monotonic() + PATIENCE_S
        while self.routes.keys() != self.names:
            assert time.monotonic() < until, f"only {list(self.routes)} was asked"
            self.page.evaluate("null")  # the browser tells meanwhile what it asks
        (second,) = self.names - {first}
        with self.page.expect_request_finished():
            self.routes[first].continue_()
        with self.page.expect_request_finished(
            lambda one: one.headers.get("hx-trigger") == "refresh"
        ):
            self.routes[second].continue_()


def sold(shop):
    with shop_scope(shop.pk):
        return list(Sale.objects.order_by("pk").values_list("code", flat=True))


class TestScanner:
    def test_is_heard_in_the_tag_box_in_the_amount_and_without_focus(self, till):
        till.scan("R10482")
        expect(till.lines).to_have_count(1)
        expect(till.page.locator("#tag")).to_have_value("")

        till.page.keyboard.press("F4")
        till.page.locator("#amount").fill("500.00")
        till.scan("B20917")
        expect(till.lines).to_have_count(2)
        # What the scanner typed is taken out again; the amount is the clerk's.
        expect(till.page.locator("#amount")).to_have_value("500.00")

        till.page.evaluate("document.activeElement.blur()")
        till.scan("E30776")
        expect(till.lines).to_have_count(3)

    def test_does_not_mind_the_keyboard_layout(self, till):
        till.scan("C33150", layout="persian")

        expect(till.lines).to_have_count(1)
        expect(till.lines.first).to_contain_text("Rope chain, 45 cm")

    def test_two_in_a_row_make_two_lines_in_their_order(self, till):
        till.scan("R10482", wait=False)
        till.scan("B20917", wait=False)
        till.scan("C33150")

        expect(till.lines.locator(".line__name")).to_have_text(
            ["Rope chain, 45 cm", "Plain bangle, 60 mm", "Solitaire ring “Ayla”"]
        )

    def test_a_refused_tag_stays_until_it_is_dismissed(self, till):
        till.scan("R1O482")
        till.scan("R10482")
        till.scan("R10482")

        expect(till.refused).to_have_count(2)
        expect(till.refused.first).to_contain_text("R10482 is already in this sale.")
        expect(till.refused.last).to_contain_text("R1O482 is no tag of this shop.")
        expect(till.lines).to_have_count(1)

        till.page.get_by_role("button", name="Dismiss the message about R10482").click()
        expect(till.refused).to_have_count(1)

    def test_finish_asks_once_about_tags_that_were_not_added(self, till, shop):
        till.scan("R10482")
        till.scan("R1O482")
        till.page.keyboard.press("F4")
        till.page.keyboard.press("Enter")
        expect(till.left).to_contain_text("Left to pay 0.00")

        till.finish()
        expect(till.page.locator("#ask")).to_contain_text("Tags that were not added: 1.")
        assert sold(shop) == []
        till.finish()

        expect(till.page.get_by_role("heading", name="Sale 1-000001 is finished")).to_be_visible()

    def test_slow_typing_is_left_alone(self, till):
        till.page.keyboard.press("F4")
        till.page.keyboard.type("12345", delay=90)

        expect(till.page.locator("#amount")).to_have_value(re.compile("12,?345"))
        expect(till.lines).to_have_count(0)


class TestHaste:
    def test_a_press_while_a_scan_is_under_way_is_seen(self, till):
        """The answer to a form that another answer has replaced meanwhile is not lost."""
        till.scan("C33150")
        held = []
        till.page.route("**/remove/", lambda route: held.append(route))
        till.page.get_by_role("button", name="Remove C33150 from the sale").click()
        till.scan("B20917")
        expect(till.lines).to_have_count(2)

        held[0].continue_()

        expect(till.page.get_by_text("C33150 removed.")).to_be_visible()
        expect(till.lines).to_have_count(1)


class TestKeyboard:
    def test_a_whole_sale_without_a_mouse(self, till, shop):
        keys = till.page.keyboard
        expect(till.page.locator("#tag")).to_be_focused()
        keys.type("c33150", delay=90)
        keys.press("Enter")
        expect(till.lines).to_have_count(1)
        expect(till.page.locator("#tag")).to_be_focused()

        keys.press("F4")
        expect(till.page.locator("#amount")).to_be_focused()
        keys.type("3500", delay=90)
        keys.press("Enter")
        expect(till.left).to_contain_text("Change")
        expect(till.left).to_contain_text("7.75")

        keys.press("Enter")  # a scanner's, or one too many: it finishes nothing
        till.page.locator("#finish").focus()
        keys.press("Enter")
        assert sold(shop) == []
        keys.press("F9")

        expect(till.page.get_by_role("heading", name="Sale 1-000001 is finished")).to_be_visible()
        expect(till.page.locator(".done__change")).to_contain_text("7.75")
        expect(till.page.locator("#tag")).to_be_focused()
        assert sold(shop) == ["1-000001"]

    def test_ctrl_z_brings_the_removed_piece_back(self, till):
        till.scan("C33150")
        till.page.get_by_role("button", name="Remove C33150 from the sale").click()
        expect(till.page.get_by_text("C33150 removed.")).to_be_visible()

        till.page.keyboard.press("Control+z")

        expect(till.lines).to_have_count(1)

    def test_an_amount_that_is_being_typed_is_left_alone_by_a_scan(self, till):
        till.scan("C33150")
        till.page.locator("#amount").fill("12")

        till.scan("B20917")

        expect(till.lines).to_have_count(2)
        expect(till.page.locator("#amount")).to_have_value("12")
        expect(till.page.locator("#amount")).to_be_focused()

    def test_a_payment_typed_before_the_line_came_can_be_taken(self, till):
        """The button was told that nothing is left to pay, and is told better."""
        held = []
        till.page.route("**/counter/lines/", lambda route: held.append(route))
        with till.page.expect_request("**/counter/lines/"):
            till.scan("C33150", wait=False)
        till.page.locator("#amount").fill("12")

        held[0].continue_()

        expect(till.page.locator("#lines [data-pending]")).to_have_count(0)
        expect(till.page.locator("#amount")).to_have_value("12")
        expect(till.page.locator("#amount")).to_be_focused()
        till.page.keyboard.press("Enter")
        expect(till.page.locator(".tender")).to_contain_text("12.00")

    @pytest.mark.parametrize("first", ["line", "card"])
    def test_a_kind_of_payment_is_not_taken_back_by_an_answer_under_way(self, till, first):
        """The line's answer shows cash, whichever of the two comes first."""
        answers = Held(till.page, line="**/counter/lines/", card="**/counter/?pay=card")
        till.scan("C33150", wait=False)
        till.page.get_by_role("link", name="Card", exact=True).click()

        answers.let_in(first)

        expect(till.page.locator("#lines [data-pending]")).to_have_count(0)
        expect(till.page.get_by_label("By card")).to_be_visible()
        till.take("100")
        expect(till.page.locator(".tender")).to_contain_text("100.00")

    @pytest.mark.parametrize("first", ["line", "discount"])
    def test_a_form_that_was_opened_meanwhile_is_open(self, till, first):
        till.scan("C33150")
        answers = Held(till.page, line="**/counter/lines/", discount="**/discount/")
        till.scan("B20917", wait=False)
        till.page.get_by_role("link", name="Discount on C33150").click()

        answers.let_in(first)

        expect(till.lines).to_have_count(2)
        expect(till.page.get_by_label("Take off")).to_be_focused()

    def test_the_discount_form_takes_the_focus_and_gives_it_back(self, till):
        till.scan("C33150")
        till.page.get_by_role("link", name="Discount on C33150").press("Enter")
        expect(till.page.get_by_label("Take off")).to_be_focused()

        till.page.keyboard.type("10", delay=90)
        till.page.get_by_label("Off what").select_option("making")
        till.page.get_by_label("Reason").press("Enter")
        expect(till.page.get_by_text("Write why the price is reduced.")).to_be_visible()
        expect(till.page.get_by_label("Reason")).to_be_focused()
        till.page.keyboard.type("regular", delay=90)
        till.page.keyboard.press("Enter")

        expect(till.lines.first).to_contain_text("Discount on making")
        expect(till.lines.first).to_contain_text("−20.58")


class TestMoney:
    def test_finishing_too_early_says_what_is_missing(self, till, shop):
        why = till.page.locator("#ask")

        till.page.keyboard.press("F9")
        expect(why).to_have_text("The sale has no piece yet.")
        till.scan("C33150")
        expect(why).to_be_empty()
        till.page.keyboard.press("F9")

        expect(why).to_have_text("3,492.17 is left to pay.")
        assert sold(shop) == []

    def test_cash_keys_card_and_taking_a_payment_back(self, till):
        till.scan("C33150")  # 3,492.17
        expect(till.left).to_contain_text("3,492.17")
        expect(till.page.get_by_text("Rounded to 0.25 for cash")).to_be_visible()
        expect(till.page.locator(".quick button")).to_have_text(
            ["Exact", "3,495", "3,600", "4,000"]
        )

        till.page.get_by_role("link", name="Card", exact=True).click()
        expect(till.page.get_by_label("By card")).to_be_focused()
        till.take("3,600")
        expect(till.page.get_by_role("alert")).to_contain_text("only cash gives change")
        expect(till.page.locator("#amount")).to_have_value("3,600.00")
        till.take("3,000")
        expect(till.left).to_contain_text("492.17")

        till.page.get_by_role("button", name="Exact").click()
        till.take()
        expect(till.left).to_contain_text("Left to pay 0.00")
        till.page.get_by_role("button", name="Take back: Cash 492.25").click()
        expect(till.left).to_contain_text("492.17")

    def test_a_rate_that_changes_meanwhile_is_kept_for_this_customer(self, till, shop):
        till.scan("C33150")
        till.page.keyboard.press("F4")
        till.page.keyboard.press("Enter")
        expect(till.left).to_contain_text("Left to pay 0.00")
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="430", fineness="875", at=timezone.now())

        till.finish()

        expect(till.page.get_by_role("heading", name="Sale 1-000001 is finished")).to_be_visible()
        expect(till.page.locator(".done")).to_contain_text("3,492.17")

    def test_a_rate_that_was_taken_on_another_screen_is_told_first(self, till, shop):
        till.scan("C33150")
        till.page.keyboard.press("F4")
        till.page.keyboard.press("Enter")
        expect(till.left).to_contain_text("Left to pay 0.00")
        with shop_scope(shop.pk):
            make.rate(of=shop, amount="430", fineness="875", at=timezone.now())
            take_rates(register=Register.objects.get(), at=timezone.now())

        till.finish()

        expect(till.page.get_by_role("alert")).to_contain_text(
            "The total was 3,492.17 and is now 3,534.62 AED. Nothing was sold."
        )
        expect(till.left).to_contain_text("42.25")
        assert sold(shop) == []


class TestConnection:
    def test_scans_wait_for_the_connection_and_come_in_order(self, till):
        till.scan("C33150")
        till.page.context.set_offline(True)
        till.scan("B20917", wait=False)
        expect(till.page.get_by_text("No connection since")).to_be_visible()
        till.scan("R10482", wait=False)

        till.page.context.set_offline(False)

        expect(till.lines).to_have_count(3, timeout=15_000)
        expect(till.page.get_by_text("No connection since")).to_have_count(0)
        expect(till.refused).to_have_count(0)

    def test_an_answer_that_never_came_is_found_out_and_not_sold_twice(self, till, shop):
        till.scan("C33150")
        till.page.keyboard.press("F4")
        till.page.keyboard.press("Enter")
        expect(till.left).to_contain_text("Left to pay 0.00")

        def swallow(route):
            route.fetch()  # the server hears it
            route.abort("connectionreset")  # and the till does not hear the answer

        till.page.route("**/counter/finish/", swallow)
        till.page.route("**/counter/outcome/*", lambda route: route.abort())
        till.finish()

        expect(till.page.get_by_text("Do not take payment again.")).to_be_visible()
        till.page.unroute("**/counter/outcome/*")
        expect(till.page.get_by_role("heading", name="Sale 1-000001 is finished")).to_be_visible(
            timeout=15_000
        )
        assert sold(shop) == ["1-000001"]

    def test_a_finish_that_never_arrived_is_said_so_and_done_again(self, till, shop):
        till.scan("C33150")
        till.page.keyboard.press("F4")
        till.page.keyboard.press("Enter")
        expect(till.left).to_contain_text("Left to pay 0.00")
        till.page.route("**/counter/finish/", lambda route: route.abort("connectionreset"))
        till.finish()
        expect(till.page.get_by_text("The sale was not recorded.")).to_be_visible(timeout=15_000)
        assert sold(shop) == []

        till.page.unroute("**/counter/finish/")
        till.finish()

        expect(till.page.get_by_role("heading", name="Sale 1-000001 is finished")).to_be_visible()


class TestPhone:
    def test_the_bar_leads_to_the_money_and_goes_away(self, till):
        till.page.set_viewport_size(PHONE)
        till.scan("C33150")
        bar = till.page.locator("#paybar")
        expect(bar).to_be_visible()
        expect(bar).to_contain_text("3,492.17")

        till.page.get_by_role("link", name="Take payment").click()

        expect(bar).to_be_hidden()
        expect(till.page.locator("#amount")).to_be_in_viewport()

    def test_a_piece_is_removed_inside_its_opened_line(self, till):
        till.page.set_viewport_size(PHONE)
        till.scan("C33150")

        till.lines.first.get_by_role("button", name="Remove C33150 from the sale").click()

        expect(till.lines).to_have_count(0)


def test_a_sale_goes_on_after_the_session_ended(till, context):
    till.scan("C33150")
    context.clear_cookies(name="sessionid")

    till.type_tag("B20917")

    expect(till.page).to_have_url(re.compile(r"/accounts/login/\?next=/counter/$"))
    till.page.get_by_label("User name").fill("leila")
    till.page.get_by_label("Password").fill(PASSWORD)
    till.page.keyboard.press("Enter")
    expect(till.lines).to_have_count(1)
    expect(till.lines.first).to_contain_text("C33150")
