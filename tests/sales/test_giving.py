"""Who may lower a price: raising is free, lowering is asked, and nothing is given in secret."""

from decimal import Decimal

import pytest
from django.utils import timezone

from apps.inventory.models import Piece, PieceState
from apps.pricing import rules
from apps.sales.models import OpenSaleLine, Sale
from apps.sales.price_refusals import BelowMetalValue, GivenTooMuch, PriceUnreachable
from apps.sales.services.counter import put_back, take_off
from apps.sales.services.share_discount import discount_bill
from apps.shops.approvals import (
    ApprovalNeeded,
    Approver,
    NotAllowed,
    PinRefused,
    ReasonMissing,
    Rule,
    set_pin,
    set_rules,
)
from apps.shops.models import Action, Approval, Register, Role
from tests import make
from tests.sales.desks import Desk

PIN = "4711"


@pytest.fixture
def boss(shop, clerk):
    boss = make.member(of=shop, username="leila")
    set_pin(member=boss, pin=PIN)
    return boss


@pytest.fixture
def desk(clerk, boss):
    return Desk(Register.objects.get(), clerk)


@pytest.fixture
def ring(shop, clerk, desk):
    make.rate(of=shop)
    make.piece(by=clerk, tag="R-1")
    make.piece(by=clerk, tag="R-2")
    return desk.put_on("R-1")


@pytest.fixture
def limit_50(boss):
    """Salespeople give up to 50 alone."""
    rule = Rule(roles=(Role.OWNER, Role.MANAGER, Role.SALESPERSON), limit=Decimal(50))
    set_rules({Action.PRICE: rule}, by=boss, at=make.NOON)


def yes():
    return Approver(username="leila", pin=PIN)


class TestLowering:
    def test_needs_a_second_person(self, ring, desk):
        with pytest.raises(ApprovalNeeded):
            desk.discount(ring, amount=Decimal(20))

        assert OpenSaleLine.objects.get(pk=ring.pk).discount_on == ""

    def test_with_their_pin_goes_through_and_is_written_with_the_bill(
        self, ring, desk, clerk, boss
    ):
        desk.discount(ring, amount=Decimal(20), approver=yes())
        assert not Approval.objects.filter(action=Action.PRICE).exists()
        desk.pay()

        done = desk.finish()

        approval = Approval.objects.get(action=Action.PRICE)
        assert (approval.reference, approval.amount) == (done.sale.code, Decimal("20.0000"))
        assert (approval.asked_by, approval.approved_by) == (clerk, boss)
        assert approval.reason == "Old customer"

    def test_a_wrong_pin_gives_nothing(self, ring, desk):
        with pytest.raises(PinRefused):
            desk.discount(ring, amount=Decimal(20), approver=Approver(username="leila", pin="0000"))

        assert desk.now().total == make.RING_TOTAL

    def test_who_is_in_charge_needs_nobody(self, ring, desk, boss):
        desk.discount(ring, amount=Decimal(20), by=boss)
        desk.pay()
        desk.finish()

        approval = Approval.objects.get(action=Action.PRICE)
        assert (approval.asked_by, approval.approved_by) == (boss, None)

    def test_up_to_the_limit_needs_nobody(self, ring, desk, limit_50):
        desk.discount(ring, amount=Decimal(50))

        with pytest.raises(ApprovalNeeded):
            desk.discount(ring, amount=Decimal("50.01"))

    def test_many_small_discounts_are_one_large(self, ring, desk, limit_50):
        desk.discount(ring, amount=Decimal(30))
        other = desk.put_on("R-2")

        with pytest.raises(ApprovalNeeded):
            desk.discount(other, amount=Decimal(30))

    def test_a_line_that_was_hidden_meanwhile_is_counted_at_the_end(
        self, ring, desk, limit_50, clerk
    ):
        desk.discount(ring, amount=Decimal(30))
        take_off(line=ring.pk, register=desk.till)
        desk.discount(desk.put_on("R-2"), amount=Decimal(30))
        put_back(line=ring.pk, register=desk.till, by=clerk, at=make.NOON)
        desk.pay()

        with pytest.raises(GivenTooMuch, match=r"60\.00"):
            desk.finish()

    def test_is_for_the_roles_that_the_shop_names(self, ring, desk, boss):
        rule = Rule(roles=(Role.OWNER,), limit=Decimal(0))
        set_rules({Action.PRICE: rule}, by=boss, at=make.NOON)

        with pytest.raises(NotAllowed):
            desk.discount(ring, amount=Decimal(20), approver=yes())

    def test_of_the_whole_bill_is_asked_the_same(self, ring, desk, clerk, limit_50):
        def all_at_once(amount, approver=None):
            discount_bill(
                terms=rules.DiscountTerms(amount=Decimal(amount), reason="Wedding"),
                register=desk.till,
                by=clerk,
                at=make.NOON,
                approver=approver,
            )

        desk.put_on("R-2")
        with pytest.raises(ApprovalNeeded):
            all_at_once(60)
        all_at_once(60, yes())
        desk.pay()
        desk.finish()

        given = Approval.objects.filter(action=Action.PRICE).values_list("amount", flat=True)
        assert sum(given) == 60

    def test_below_the_metal_always_needs_somebody(self, ring, desk, boss):
        """Metal 916.00, making 91.60: 92 off is below, whatever the limit is."""
        rule = Rule(roles=tuple(Role.values), limit=None)
        set_rules({Action.PRICE: rule}, by=boss, at=make.NOON)
        desk.discount(ring, amount=Decimal("91.60"))

        with pytest.raises(BelowMetalValue, match="below its metal value"):
            desk.discount(ring, amount=Decimal("91.61"))
        desk.discount(ring, amount=Decimal(92), approver=yes())
        desk.pay()
        assert desk.finish()

    def test_of_a_tag_price_knows_the_metal_too(self, ring, desk, clerk, boss):
        rule = Rule(roles=tuple(Role.values), limit=None)
        set_rules({Action.PRICE: rule}, by=boss, at=make.NOON)
        make.piece(
            by=clerk, tag="F-1", fixed_price=Decimal(950), making_mode="none", making_value=0
        )
        line = desk.put_on("F-1")
        desk.discount(line, amount=Decimal(34))

        with pytest.raises(BelowMetalValue):
            desk.discount(line, amount=Decimal(35))


class TestAnotherPrice:
    def test_higher_is_free_and_on_the_bill_under_its_own_name(self, ring, desk):
        desk.price(ring, total="1100")

        line = desk.now().kept[0]
        assert line.total == Decimal("1100.00")
        assert [(part.label, part.amount) for part in line.components][2] == (
            "Agreed on top",
            Decimal("40.02"),
        )
        desk.pay()
        done = desk.finish()
        assert done.lines[0].extras == Decimal("40.02")
        assert not Approval.objects.filter(action=Action.PRICE).exists()

    def test_lower_is_a_discount_with_its_reason(self, ring, desk, boss):
        desk.price(ring, total="1000", reason="Last one", by=boss)

        assert desk.now().total == Decimal("1000.00")
        kept = OpenSaleLine.objects.get(pk=ring.pk)
        assert (kept.discount_on, kept.discount_reason) == ("line", "Last one")
        assert kept.discount_amount == Decimal("55.22")

    def test_lower_without_a_reason_or_a_second_person_is_refused(self, ring, desk, boss):
        with pytest.raises(ReasonMissing):
            desk.price(ring, total="1000", by=boss)
        with pytest.raises(ApprovalNeeded):
            desk.price(ring, total="1000", reason="Last one")

    def test_making_goes_up_and_down(self, ring, desk, boss):
        desk.price(ring, making="100")
        assert desk.now().quote.subtotal == Decimal("1016.00")

        desk.price(ring, making="80", reason="Regular", by=boss)

        assert desk.now().quote.subtotal == Decimal("996.00")
        assert OpenSaleLine.objects.get(pk=ring.pk).raised_amount is None

    def test_the_price_of_the_tag_takes_both_away(self, ring, desk):
        desk.price(ring, total="1100")
        desk.price(ring, total=str(make.RING_TOTAL))

        kept = OpenSaleLine.objects.get(pk=ring.pk)
        assert (kept.raised_amount, kept.discount_on) == (None, "")

    def test_what_no_amount_makes_comes_as_near_as_it_can(self, ring, desk):
        """Tax is rounded on its own, so that some totals cannot be: the nearest is taken."""
        for cents in range(20):
            wanted = Decimal("1060.00") + Decimal(cents) / 100
            desk.price(ring, total=str(wanted))
            assert abs(desk.now().total - wanted) <= Decimal("0.01")

    def test_less_than_nothing_is_refused(self, ring, desk, boss):
        with pytest.raises(PriceUnreachable):
            desk.price(ring, total="-1", reason="No", by=boss)


class TestByTheApi:
    """A discount or an addition that a program sends asks what the counter asks."""

    LESS = {"percent": "1", "reason": "Old customer"}

    @pytest.fixture
    def call(self, client, shop, clerk, boss):
        now = timezone.now()
        make.rate(of=shop, at=now)
        make.piece(by=clerk, tag="R-1", at=now)

        def send(path="/sales", *, by=clerk, key="one", **body):
            headers = {"Authorization": f"Bearer {make.token(of=by)}", "Idempotency-Key": key}
            return client.post(
                f"/api/v1{path}", body, content_type="application/json", headers=headers
            )

        return send

    def sell(self, call, line, *, paid="1100", **more):
        tenders = [{"kind": "cash", "amount": paid}]
        answer = call(lines=[{"tag": "R-1", **line}], tenders=tenders, **more)
        return answer.status_code, answer.json()

    def yes(self, pin=PIN):
        return {"reason": "Agreed", "approver": "leila", "pin": pin}

    def test_a_clerk_gives_nothing_alone(self, call, clerk):
        status, body = self.sell(call, {"discounts": [self.LESS]})
        assert (status, body["error"]) == (409, "ApprovalNeeded")
        status, body = self.sell(call, {}, discount=self.LESS)
        assert (status, body["error"]) == (409, "ApprovalNeeded")
        assert not Sale.objects.exists()
        assert Piece.objects.get().state == PieceState.IN_STOCK

    def test_a_wrong_pin_sells_nothing(self, call):
        line = {"discounts": [self.LESS]}
        status, body = self.sell(call, line, discounts=self.yes("0000"))
        assert (status, body["error"]) == (403, "PinRefused")
        assert not Sale.objects.exists()

    def test_with_a_second_person_it_is_sold_once_and_written_down(self, call, clerk, boss):
        line = {"discounts": [self.LESS]}
        for _again in range(2):
            status, body = self.sell(call, line, discounts=self.yes())
            assert status == 201, body
        said = Approval.objects.get()
        assert (said.action, said.asked_by, said.approved_by) == (Action.PRICE, clerk, boss)
        assert (said.reference, said.reason) == (body["number"], "Old customer")
        assert body["total"] == "1047.40"

    def test_below_the_metal_somebody_in_charge_is_asked_whatever_the_limit(self, call, boss):
        rule = Rule(roles=tuple(Role), limit=None)
        set_rules({Action.PRICE: rule}, by=boss, at=make.NOON)
        line = {"discounts": [{"amount": "92", "reason": "Festival"}]}
        status, body = self.sell(call, line)
        assert (status, body["error"]) == (409, "BelowMetalValue")
        assert self.sell(call, line, discounts=self.yes())[0] == 201

    def test_below_the_metal_of_a_tag_price_too(self, call, boss, clerk, shop):
        rule = Rule(roles=tuple(Role), limit=None)
        set_rules({Action.PRICE: rule}, by=boss, at=make.NOON)
        make.piece(
            by=clerk,
            tag="F-1",
            at=timezone.now(),
            fixed_price=Decimal(1000),
            making_mode="none",
            making_value=Decimal(0),
        )
        metal = [{"amount": "85", "reason": "Festival"}]  # leaves 915.00 of 916.00
        paid = {"tenders": [{"kind": "cash", "amount": "1100"}]}
        refused = call(lines=[{"tag": "F-1", "discounts": metal}], **paid)
        assert (refused.status_code, refused.json()["error"]) == (409, "BelowMetalValue")
        assert not Sale.objects.exists()
        metal[0]["amount"] = "83"
        assert call(lines=[{"tag": "F-1", "discounts": metal}], **paid).status_code == 201

    def test_more_than_the_price_asks_nobody(self, call):
        status, body = self.sell(call, {"on_top": "20.00"})
        assert (status, body["total"]) == (201, "1078.98")
        assert body["lines"][0]["extras"] == "20.00"
        assert not Approval.objects.exists()
        assert self.sell(call, {"on_top": "20.00"})[1] == body
        status, body = self.sell(call, {"on_top": "21.00"})
        assert (status, body["error"]) == (409, "KeyUsed")

    def test_a_quote_says_what_it_will_come_to(self, call):
        answer = call("/quotes", lines=[{"tag": "R-1", "on_top": "20.00"}])
        assert answer.json()["total"] == "1078.98"

    @pytest.mark.parametrize("wrong", ["-1", 20, "a lot"])
    def test_what_is_no_money_is_refused(self, call, wrong):
        status, _body = self.sell(call, {"on_top": wrong})
        assert status == 422
        assert not Sale.objects.exists()
