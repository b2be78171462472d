"""What is lent is sold to who has it, at the agreed price, and to nobody else."""

from decimal import Decimal

import pytest
from django.db import transaction

from apps.consignment.models import LineState
from apps.consignment.refusals import NotOnMemo, PieceLent
from apps.customers.models import Customer
from apps.sales.models import OpenSaleLine
from apps.sales.services.approval import bring_memo_to_counter
from apps.shops.models import Approval, Register
from tests import make
from tests.consignment import memos
from tests.inventory.stock import kinds, where
from tests.returns.days import demand_balance, sold
from tests.sales.desks import Desk


@pytest.fixture
def desk(owner):
    return Desk(Register.objects.get(), owner)


def brought(memo, *tags, desk):
    return bring_memo_to_counter(
        code=memo.code, tags=tags, register=desk.till, by=desk.clerk, at=make.NOON
    )


class TestSellingToAnother:
    def test_says_who_has_it(self, nadia, owner, desk):
        memos.lent("R-1", to=nadia, by=owner)

        with pytest.raises(PieceLent) as refusal:
            desk.put_on("R-1")

        assert str(refusal.value) == (
            "R-1 is with Nadia Rahman until 29 January 2026, memo 1-MO000001."
            " Let it come back first, or sell it to them."
        )

    def test_by_the_api_too(self, nadia, owner):
        memos.lent("R-1", to=nadia, by=owner)
        other = memos.party("Sara", by=owner)

        for buyer in (None, other.pk):
            with pytest.raises(PieceLent), transaction.atomic():
                sold("R-1", by=owner, customer=buyer)

    def test_a_piece_that_was_lent_while_it_lay_on_the_counter_is_not_finished(
        self, nadia, owner, desk
    ):
        desk.put_on("R-1")
        desk.pay()
        line = OpenSaleLine.objects.get()
        OpenSaleLine.objects.filter(pk=line.pk).update(removed=True)
        memos.lent("R-1", to=nadia, by=owner)
        OpenSaleLine.objects.filter(pk=line.pk).update(removed=False)

        with pytest.raises(PieceLent):
            desk.finish()

        assert where("R-1")[0] == "on_memo"


class TestKeeping:
    def test_sells_to_who_has_it_and_ends_the_line(self, nadia, owner, desk):
        memo = memos.lent("R-1", "R-2", to=nadia, by=owner)

        sale = brought(memo, "R-1", desk=desk)

        assert (sale.customer, where("R-1")[0]) == (nadia, "on_memo")
        desk.pay()
        bill = desk.finish().sale
        first, second = memo.lines.order_by("pk")
        assert (first.state, first.reference, second.state) == (
            LineState.SOLD, bill.code, LineState.OPEN,
        )  # fmt: skip
        assert where("R-1")[0] == "sold"
        assert kinds(first.piece) == ["taken_in", "lent", "sold"]
        assert bill.total == make.RING_TOTAL
        assert memos.books("stock") == Decimal(1000)
        demand_balance()

    def test_brings_everything_that_is_out_and_done_again_nothing(self, nadia, owner, desk):
        memo = memos.lent("R-1", "R-2", to=nadia, by=owner)

        brought(memo, desk=desk)
        brought(memo, desk=desk)

        assert OpenSaleLine.objects.count() == 2

    @pytest.mark.parametrize("total", ["950.00", "1200.00"])
    def test_the_agreed_price_is_the_price(self, nadia, owner, desk, total):
        memo = memos.lent(memos.agreed("R-1", "total", total), to=nadia, by=owner)

        brought(memo, desk=desk)

        assert desk.now().total == Decimal(total)
        desk.pay()
        assert desk.finish().sale.total == Decimal(total)

    def test_an_agreed_making_goes_with_the_metal_of_the_day(self, shop, nadia, owner, desk):
        memo = memos.lent(memos.agreed("R-1", "making", "50"), to=nadia, by=owner)
        make.rate(of=shop, amount="110")

        brought(memo, desk=desk)

        # 9.16 g × 110 = 1,007.60, making 50, VAT 5 %
        assert desk.now().total == Decimal("1110.48")

    def test_a_clerk_finishes_at_the_price_that_the_owner_agreed_to(self, shop, nadia, owner):
        memo = memos.lent(memos.agreed("R-1", "total", "950"), to=nadia, by=owner)
        desk = Desk(Register.objects.get(), make.member(of=shop, role="salesperson"))

        brought(memo, desk=desk)
        desk.pay()

        assert desk.finish().sale.total == Decimal(950)
        approval = Approval.objects.get(action="price")
        assert (approval.asked_by, approval.reason) == (owner, memo.code)

    def test_what_is_not_out_is_not_brought(self, nadia, owner, desk):
        memo = memos.lent("R-1", to=nadia, by=owner)

        with pytest.raises(NotOnMemo):
            brought(memo, "R-2", desk=desk)

    def test_who_was_merged_is_who_they_turned_out_to_be(self, nadia, owner, desk):
        memo = memos.lent("R-1", to=nadia, by=owner)
        real = memos.party("Nadia R. Rahman", by=owner)
        Customer.objects.filter(pk=nadia.pk).update(merged_into=real, merged_at=make.NOON)

        sale = brought(memo, desk=desk)
        desk.pay()
        desk.finish()

        assert sale.customer == real
        assert memo.lines.get().state == LineState.SOLD
