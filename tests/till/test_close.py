"""The close: what is counted, compared and signed, and what the books hold after it."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from apps.ledger import chart
from apps.ledger.models import Entry
from apps.shops.approvals import ApprovalNeeded, Approver, NotAllowed, ReasonMissing, set_pin
from apps.shops.models import Approval, Register, Shift
from apps.shops.scope import shop_scope
from apps.till.counted import Cash, Counted
from apps.till.models import TillCount, ZCorrection, ZReport
from apps.till.policy import set_till_rules
from apps.till.report import report_of
from apps.till.selectors import NothingCounted, TillIsClosed, corrections_of, open_shift, z_by_code
from apps.till.services.closing import ClosedAlready, CountedAgain, CountStale
from apps.till.services.correcting import NotInThisClose, correct
from apps.till.services.demands import AmountImpossible, CountImpossible
from apps.till.snapshot import close_of
from tests import make
from tests.till import days
from tests.till.days import balance, counted, moved, opened, paid, sent, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def day(owner, scope):
    """500 of float, 257.75 taken in cash, 120 by card, 20 to the bank's bag."""
    shift = opened(by=owner)
    paid("300", by=owner)
    paid("-42.25", by=owner, what="return", kind="R")
    paid("120", by=owner, account=chart.CARD)
    moved("20", by=owner, out=True)
    return shift


class TestSign:
    def test_a_close_that_agrees_moves_the_cash_to_the_safe(self, day, owner):
        sent(counted("737.75", card="120"), by=owner)
        z = signed(by=owner)

        assert z.code == "1-Z000001"
        assert balance(chart.CASH, shift=day) == balance(chart.CASH) == 0
        assert balance(chart.SAFE) == Decimal("257.75")
        assert balance(chart.OVER_SHORT) == 0
        assert balance(chart.CARD) == 120  # it waits for the bank
        assert days.books_balance()
        day.refresh_from_db()
        assert (day.closed_at, day.closed_by) == (make.NOON, owner)
        assert days.till().shift_id is None
        assert not Approval.objects.filter(action="close").exists()

    @pytest.mark.parametrize(
        ("found", "difference"), [("725.50", "-12.25"), ("740", "2.25"), ("0", "-737.75")]
    )
    def test_what_is_short_and_over_is_posted(self, day, owner, found, difference):
        sent(counted(found, card="120"), by=owner)
        z = signed(by=owner, reason="Recounted twice")

        assert balance(chart.OVER_SHORT) == -Decimal(difference)
        assert balance(chart.SAFE) == Decimal(found) - 500 + 20
        assert balance(chart.CASH) == 0
        approval = Approval.objects.get(reference=z.code)
        assert approval.amount == abs(Decimal(difference))
        close = close_of(z)
        assert [line.difference for line in close.differing] == [Decimal(difference)]
        assert close.reason == "Recounted twice"

    def test_each_currency_has_its_own_difference(self, owner, scope):
        set_till_rules(currencies=["USD"], open_first=False, by=owner, at=make.NOON)
        opened(by=owner, USD="100")
        paid("40", by=owner, commodity="USD")
        sent(counted("501", USD="139"), by=owner)
        signed(by=owner, reason="A dollar was taken for a dirham")

        assert balance(chart.OVER_SHORT) == -1
        assert balance(chart.OVER_SHORT, "USD") == 1
        assert balance(chart.SAFE, "USD") == 39
        assert balance(chart.CASH, "USD") == 0

    def test_cash_of_a_currency_that_is_taken_no_more_is_closed_too(self, owner, scope):
        set_till_rules(currencies=["USD"], open_first=False, by=owner, at=make.NOON)
        opened(by=owner, USD="100")
        set_till_rules(currencies=[], open_first=False, by=owner, at=make.NOON)
        sent(counted("500"), by=owner)
        signed(by=owner, reason="Nobody counted the dollars")

        assert balance(chart.CASH, "USD") == 0
        assert balance(chart.OVER_SHORT, "USD") == 100

    def test_a_drawer_that_paid_more_than_it_took_is_closed(self, owner, scope):
        paid("-80", by=owner, what="old-gold", kind="G")  # nobody opened it: no float
        sent(counted("0"), by=owner)
        signed(by=owner, reason="Paid out of a purse")

        assert balance(chart.CASH) == 0
        assert balance(chart.OVER_SHORT) == -80

    def test_an_idle_drawer_is_closed_without_an_entry(self, owner, scope):
        opened(by=owner, total="0")
        sent(counted("0"), by=owner)
        z = signed(by=owner)

        assert not Entry.objects.exists()
        assert close_of(z).report.count_of("sale") == 0

    def test_a_difference_wants_its_reason(self, day, owner):
        sent(counted("700", card="120"), by=owner)
        with days.nothing_done(ZReport, Entry, Approval), pytest.raises(ReasonMissing):
            signed(by=owner)
        assert open_shift(days.till()) == day

    def test_card_slips_that_do_not_agree_want_it_too_and_post_nothing(self, day, owner):
        sent(counted("737.75", card="100"), by=owner)
        with pytest.raises(ReasonMissing), transaction.atomic():
            signed(by=owner)
        signed(by=owner, reason="A slip is missing")

        assert balance(chart.CARD) == 120
        assert balance(chart.OVER_SHORT) == 0

    def test_over_the_limit_a_second_person_signs(self, day, owner, shop):
        clerk = make.member(of=shop, role="cashier")
        set_pin(member=owner, pin="4812")
        sent(counted("725.50", card="120"), by=clerk)
        with pytest.raises(ApprovalNeeded), transaction.atomic():
            signed(by=clerk, reason="Gone")
        z = signed(by=clerk, reason="Gone", approver=Approver(username=str(owner.user), pin="4812"))

        assert close_of(z).approved_by == str(owner.user)
        assert z.signed_by == clerk

    def test_the_form_sent_twice_signs_once(self, day, owner):
        latest = sent(counted("737.75", card="120"), by=owner)
        first = signed(by=owner, send="the key")
        again = signed(by=owner, send="the key", count=latest.pk)

        assert first == again
        assert ZReport.objects.count() == 1
        assert balance(chart.CASH) == 0

    def test_who_comes_second_is_told_who_closed(self, day, owner):
        latest = sent(counted("737.75", card="120"), by=owner)
        signed(by=owner)
        with pytest.raises(ClosedAlready, match="1-Z000001"):
            signed(by=owner, count=latest.pk)

    def test_a_till_nobody_opened_is_not_closed(self, owner, scope):
        with pytest.raises(TillIsClosed):
            sent(counted("0"), by=owner)
        with pytest.raises(TillIsClosed):
            signed(by=owner)

    def test_nothing_is_signed_uncounted(self, day, owner):
        with pytest.raises(NothingCounted):
            signed(by=owner)

    def test_a_newer_count_must_be_looked_at(self, day, owner):
        old = sent(counted("1", card="120"), by=owner)
        sent(counted("737.75", card="120"), by=owner)
        with pytest.raises(CountedAgain, match="count 2"):
            signed(by=owner, count=old.pk)

    def test_a_document_after_the_count_makes_it_stale(self, day, owner):
        sent(counted("737.75", card="120"), by=owner)
        paid("10", by=owner)
        with days.nothing_done(ZReport), pytest.raises(CountStale, match="1 document came"):
            signed(by=owner)

        sent(counted("747.75", card="120"), by=owner)
        z = signed(by=owner)
        assert [count.number for count in close_of(z).counts] == [1, 2]

    def test_the_next_shift_begins_empty_and_is_numbered_on(self, day, owner):
        sent(counted("737.75", card="120"), by=owner)
        signed(by=owner)
        again = opened(by=owner, total="100", at=days.later(hours=3))
        paid("7", by=owner, at=days.later(hours=4))

        assert again.number == 2
        assert report_of(again, currency="AED").cash[0].expected == 107
        sent(counted("107"), by=owner, at=days.later(hours=5))
        assert signed(by=owner, at=days.later(hours=5)).code == "1-Z000002"

    def test_a_shift_over_midnight_belongs_to_the_day_it_is_signed(self, owner, scope):
        opened(by=owner)
        paid("5", by=owner, at=days.later(hours=11))
        paid("6", by=owner, at=days.later(hours=13))
        sent(counted("511"), by=owner, at=days.later(hours=14))
        z = signed(by=owner, at=days.later(hours=14))

        assert z.day.isoformat() == "2026-01-16"
        assert [str(day) for day in Entry.objects.order_by("pk").values_list("day", flat=True)] == [
            "2026-01-15",
            "2026-01-15",
            "2026-01-16",
            "2026-01-16",
        ]

    def test_two_drawers_are_closed_apart(self, day, owner, shop):
        Register.objects.create(branch=days.till().branch, code="2", name="Till 2")
        other = opened(by=owner, code="2", total="50")
        paid("5", by=owner, code="2")
        sent(counted("737.75", card="120"), by=owner)
        signed(by=owner)

        assert balance(chart.CASH, shift=other) == 55
        sent(counted("55"), by=owner, code="2")
        assert signed(by=owner, code="2").code == "2-Z000001"
        assert balance(chart.CASH) == 0

    def test_a_z_is_never_changed(self, day, owner):
        sent(counted("737.75", card="120"), by=owner)
        signed(by=owner)
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            ZReport.objects.update(code="1-Z000009")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            TillCount.objects.update(counted={})


class TestCount:
    def test_the_form_sent_twice_counts_once(self, day, owner):
        first, second = (sent(counted("1"), by=owner, send="the key") for _ in range(2))
        assert first == second
        assert TillCount.objects.filter(kind="closing").count() == 1

    @pytest.mark.parametrize(
        "impossible",
        [
            counted("-1"),
            counted("NaN"),
            counted("1", card="-1"),
            counted("1", card="Infinity"),
            counted("1", bags={"gold": "-0.001"}),
            counted("1", bags={"gold": "NaN"}),
            Counted(cash={"AED": Cash(pieces={Decimal(500): -1})}),
            Counted(cash={"AED": Cash(pieces={Decimal(500): 10**9})}),
            counted("0.001"),
        ],
    )
    def test_what_cannot_lie_there_is_refused(self, day, owner, impossible):
        with days.nothing_done(TillCount), pytest.raises(CountImpossible):
            sent(impossible, by=owner)

    def test_another_shops_till_is_not_counted(self, day, owner):
        ours = days.till().pk
        stranger = make.member(of=make.shop())
        with (
            shop_scope(stranger.shop_id),
            pytest.raises(Register.DoesNotExist),
        ):
            days.send_count(
                register=ours, counted=counted("1"), trays={}, by=stranger, at=make.NOON, key="k"
            )


class TestSnapshot:
    def test_says_what_the_report_said(self, day, owner):
        report = report_of(day, currency="AED")
        sent(counted("737.75", card="120"), by=owner)
        close = close_of(z_by_code(signed(by=owner).code))

        assert close.report == report
        assert close.report.documents == [("sale", 2), ("return", 1)]
        assert [(t.kind, t.taken, t.given) for t in close.report.tenders] == [
            ("cash", 300, Decimal("42.25")),
            ("card", 120, 0),
        ]
        assert [move.code for move in close.report.moves] == ["1-M000002"]

    def test_does_not_change_when_the_shop_does(self, day, owner, shop):
        sent(counted("737.75", card="120"), by=owner)
        z = signed(by=owner)
        Register.objects.update(name="The old till")

        assert close_of(z).till == "Till 1"


class TestCorrect:
    @pytest.fixture
    def z(self, day, owner):
        sent(counted("725.50", card="120"), by=owner)
        return signed(by=owner, reason="Short")

    def right(self, z, amount, *, by, reason="It lay under the tray", currency="AED", key=None):
        return correct(
            z=z,
            currency=currency,
            amount=Decimal(amount),
            reason=reason,
            by=by,
            at=days.later(days=1),
            key=key or days.key(),
        )

    def test_what_was_found_goes_from_over_and_short_to_the_safe(self, z, owner):
        correction = self.right(z, "12.25", by=owner)

        assert correction.code == "1-K000001"
        assert balance(chart.OVER_SHORT) == 0
        assert balance(chart.SAFE) == Decimal("257.75")
        assert list(corrections_of(z)) == [correction]
        assert days.books_balance()

    def test_what_was_not_there_goes_back(self, z, owner):
        self.right(z, "-5.50", by=owner)
        assert balance(chart.OVER_SHORT) == Decimal("17.75")

    def test_opens_no_drawer_and_belongs_to_no_shift(self, z, owner):
        set_till_rules(currencies=[], open_first=True, by=owner, at=make.NOON)
        correction = self.right(z, "1", by=owner)

        assert days.till().shift_id is None
        assert Entry.objects.get(reference=correction.code).shift is None
        assert Shift.objects.count() == 1

    def test_the_form_sent_twice_corrects_once(self, z, owner):
        first, second = (self.right(z, "1", by=owner, key="the key") for _ in range(2))
        assert first == second
        assert ZCorrection.objects.count() == 1

    def test_a_clerk_does_not(self, z, shop):
        clerk = make.member(of=shop, role="cashier")
        with days.nothing_done(ZCorrection, Entry), pytest.raises(NotAllowed):
            self.right(z, "1", by=clerk)

    def test_a_reason_is_wanted(self, z, owner):
        with days.nothing_done(ZCorrection, Entry), pytest.raises(ReasonMissing):
            self.right(z, "1", by=owner, reason=" ")

    @pytest.mark.parametrize("amount", ["0", "NaN", "0.001", "1e20", "-1e20"])
    def test_an_amount_that_is_none_is_refused(self, z, owner, amount):
        with days.nothing_done(ZCorrection, Entry), pytest.raises(AmountImpossible):
            self.right(z, amount, by=owner)

    def test_a_currency_that_was_not_counted_is_refused(self, z, owner):
        with pytest.raises(NotInThisClose):
            self.right(z, "1", by=owner, currency="USD")
