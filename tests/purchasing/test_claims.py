"""The claim of an exchange: used, given back, paid out, and never more than is left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import Sum

from apps.core.errors import Refusal
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.purchasing.models import ClaimMove, ClaimPayout, OldGoldSlip, Purpose, SlipState
from apps.purchasing.selectors.claims import open_claims
from apps.purchasing.selectors.slips import SlipNotFound
from apps.purchasing.services.claims import (
    ClaimAmountImpossible,
    ClaimTooSmall,
    NoClaim,
    NothingUsed,
    UsedHere,
    pay_claim,
    release_claim,
    trade_in_terms,
    use_claim,
)
from apps.purchasing.services.offers import PaidBy
from apps.purchasing.services.void import SlipStays, void_slip
from apps.shops.approvals import ApprovalNeeded
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.shops.services import next_number
from tests import make
from tests.purchasing import gold


@pytest.fixture
def claim(owner, seller, rates):
    """A claim of 916.00."""
    return gold.slip(of=seller, by=owner, purpose=Purpose.EXCHANGE)


def sold_for(slip, amount, *, by, reference="1-000001"):
    """What a sale does with a claim: its debit against what was sold."""
    debits = use_claim(
        slip=slip.code, amount=Decimal(amount), sale_reference=reference, by=by, at=make.NOON
    )
    sold = Amount(account=chart.SALES_METAL, commodity="AED", amount=-Decimal(amount))
    post(
        what="sale",
        reference=reference,
        at=make.NOON,
        day=make.NOON.date(),
        by=by,
        amounts=[*debits, sold],
    )


def agrees(seller):
    """What the slips say is left is what the ledger owes."""
    left = OldGoldSlip.objects.filter(customer=seller).aggregate(left=Sum("claim_left"))["left"]
    return left == -gold.balance("old-gold-due", party=seller.pk)


class TestUsing:
    def test_in_two_sales(self, owner, seller, claim):
        sold_for(claim, "900", by=owner)
        sold_for(claim, "16", by=owner, reference="1-000002")

        claim.refresh_from_db()
        assert claim.claim_left == 0
        assert gold.balance("old-gold-due", party=seller.pk) == 0
        assert not open_claims(customer=seller.pk).exists()
        assert agrees(seller)

    def test_more_than_is_left(self, owner, seller, claim):
        sold_for(claim, "900", by=owner)
        with pytest.raises(ClaimTooSmall, match=r"16\.00 is left, and 16\.01"):
            sold_for(claim, "16.01", by=owner, reference="1-000002")
        assert agrees(seller)

    def test_twice_in_one_sale(self, owner, seller, claim):
        sold_for(claim, "1", by=owner)
        with pytest.raises(UsedHere, match="already"):
            sold_for(claim, "1", by=owner)
        assert agrees(seller)

    @pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "0.001"])
    def test_what_is_no_amount(self, owner, claim, amount):
        with pytest.raises(ClaimAmountImpossible):
            sold_for(claim, amount, by=owner)

    def test_a_slip_that_was_paid_for(self, owner, seller, rates):
        with pytest.raises(NoClaim):
            sold_for(gold.slip(of=seller, by=owner), "1", by=owner)

    def test_a_slip_of_another_shop(self, owner, seller, rates):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        with shop_scope(other.pk):
            make.rate(of=other, amount="100", side="buy")
            theirs = gold.slip(of=gold.seller(by=stranger), by=stranger, purpose=Purpose.EXCHANGE)
        assert theirs.code == "1-G000001"
        with pytest.raises(SlipNotFound):
            sold_for(theirs, "1", by=owner)

    def test_given_back_by_a_void(self, owner, seller, claim):
        sold_for(claim, "900", by=owner)
        back = release_claim(slip=claim.code, sale_reference="1-000001", by=owner, at=make.NOON)
        assert [(each.account, each.amount, each.party) for each in back] == [
            ("old-gold-due", Decimal("-900"), seller.pk)
        ]
        claim.refresh_from_db()
        assert claim.claim_left == claim.total
        with pytest.raises(NothingUsed):
            release_claim(slip=claim.code, sale_reference="1-000001", by=owner, at=make.NOON)

    def test_the_terms_for_the_price(self, claim):
        terms = trade_in_terms(claim.code)
        assert (terms.amount, terms.metal, terms.like_kind) == (Decimal("916"), "gold", True)
        assert terms.reduces_tax_base is None  # as the tax pack says
        assert trade_in_terms(claim.code, amount=Decimal(5)).amount == 5


class TestPayingOut:
    def paid(self, claim, by, **terms):
        return pay_claim(
            **{
                "slip": claim.code,
                "payments": (PaidBy(kind="cash"),),
                "reason": "bought nothing",
                "key": "out",
                "by": by,
                "at": make.NOON,
                **terms,
            }
        )

    def test_what_is_left(self, owner, seller, claim):
        sold_for(claim, "900", by=owner)
        payout = self.paid(claim, owner)
        assert (payout.code, payout.amount) == ("1-O000001", Decimal("16"))
        assert gold.balance("cash") == Decimal("-16")
        assert self.paid(claim, owner) == payout
        assert ClaimPayout.objects.count() == 1
        with pytest.raises(ClaimTooSmall):
            self.paid(claim, owner, key="again")
        assert agrees(seller)

    def test_the_premium_is_not_had_in_cash_alone(self, clerk, seller, rates):
        set_policy("old_gold", {"premium_percent": "2"}, by=None, at=make.NOON)
        raised = gold.slip(of=seller, by=clerk, purpose=Purpose.EXCHANGE)
        with pytest.raises(ApprovalNeeded):
            self.paid(raised, clerk)

    def test_a_reason_is_wanted(self, owner, claim):
        with pytest.raises(Refusal, match="no reason"):
            self.paid(claim, owner, reason=" ")


class TestVoid:
    def void(self, slip, by, *, at=make.NOON, key="void"):
        return void_slip(slip=slip.code, reason="wrong item", key=key, by=by, at=at)

    def test_everything_goes_back(self, owner, seller, rates):
        slip = gold.slip(of=seller, by=owner)
        void = self.void(slip, owner)
        assert void.code == "1-V000001"
        for account in ("old-gold", "cash"):
            assert gold.balance(account) == 0
        assert gold.balance("old-gold", "gold") == gold.balance("opening", "gold") == 0
        assert self.void(slip, owner) == void
        with pytest.raises(SlipStays, match="void already"):
            self.void(slip, owner, key="again")

    def test_a_claim_ends(self, owner, seller, claim):
        self.void(claim, owner)
        claim.refresh_from_db()
        assert (claim.state, claim.claim_left) == (SlipState.VOIDED, 0)
        with pytest.raises(NoClaim):
            sold_for(claim, "1", by=owner)
        assert agrees(seller)

    def test_after_something_was_used(self, owner, claim):
        sold_for(claim, "1", by=owner)
        with pytest.raises(SlipStays, match="used already"):
            self.void(claim, owner)

    def test_on_another_day(self, owner, seller, rates):
        slip = gold.slip(of=seller, by=owner)
        with pytest.raises(SlipStays, match="another day"):
            self.void(slip, owner, at=make.NOON + timedelta(days=1))

    def test_after_the_drawer_was_closed(self, owner, seller, rates):
        from apps.shops.shifts import end, locked_register

        slip = gold.slip(of=seller, by=owner)
        end(register=locked_register(code="1"), by=owner, at=make.NOON)
        with pytest.raises(SlipStays, match="closed"):
            self.void(slip, owner)
        next_number(by=owner, at=make.NOON)  # another shift is open now
        with pytest.raises(SlipStays, match="closed"):
            self.void(slip, owner, key="later")

    def test_a_clerk_needs_a_second_person(self, clerk, seller, rates):
        with pytest.raises(ApprovalNeeded):
            self.void(gold.slip(of=seller, by=clerk), clerk)


@pytest.mark.django_db(transaction=True)
def test_two_tills_cannot_use_the_same_claim():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop, amount="100", side="buy")
        seller = gold.seller(by=owner)
        claim = gold.slip(of=seller, by=owner, purpose=Purpose.EXCHANGE)
    together = Barrier(2)

    def use(reference):
        together.wait(timeout=10)
        try:
            with shop_scope(shop.pk):
                sold_for(claim, "600", by=owner, reference=reference)
            return "used"
        except ClaimTooSmall:
            return "too small"
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as tills:
        outcomes = sorted(tills.map(use, ["1-000001", "2-000001"]))

    assert outcomes == ["too small", "used"]
    with shop_scope(shop.pk):
        assert ClaimMove.objects.get().amount == 600
        assert agrees(seller)


@pytest.mark.django_db(transaction=True)
def test_the_same_slip_sent_twice_at_once_is_bought_once():
    shop = make.shop()
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop, amount="100", side="buy")
        seller = gold.seller(by=owner)
        gold.float_of(by=owner)
    together = Barrier(2)

    def send(_):
        together.wait(timeout=10)
        try:
            with shop_scope(shop.pk):
                return gold.slip(of=seller, by=owner, key="one").code
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=2) as tills:
        assert list(tills.map(send, range(2))) == ["1-G000001", "1-G000001"]
    with shop_scope(shop.pk):
        assert gold.balance("cash") == Decimal("-916")
