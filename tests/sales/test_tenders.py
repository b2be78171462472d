"""Every way to pay a bill: alone, mixed, refused; and what the books say of it afterwards."""

from decimal import Decimal

import pytest

from apps.credit.exchange import CashRateChanged, CashRateMissing
from apps.credit.gift_cards import GiftCardExpired, GiftCardNotFound, GiftCardShort
from apps.credit.models import GiftCard
from apps.credit.policy import CreditRules, set_credit_rules
from apps.credit.tendered import CreditLimitReached, CustomerNeeded, NoCredit, StoreCreditShort
from apps.customers.selectors import CustomerNotFound
from apps.deposits.models import Deposit
from apps.deposits.refusals import DepositNotFound, DepositNotOpen, DepositRunOut, NotRipe
from apps.inventory.models import Piece
from apps.inventory.services.sell import PieceNotForSale
from apps.ledger import chart
from apps.purchasing.models import OldGoldSlip
from apps.purchasing.selectors.slips import SlipNotFound
from apps.purchasing.services.claims import NoClaim
from apps.purchasing.services.offers import PaidBy
from apps.sales.bill_price import SchemeExcludes
from apps.sales.claim_reads import ClaimOfAnother, ClaimUsedUp
from apps.sales.demands import CashOfNoCurrency, OneDepositOnly, TenderTwice, TenderUnnamed
from apps.sales.models import Sale
from apps.sales.orders import KeyUsed, TenderImpossible, TendersDoNotMatch
from apps.sales.rules import Payment
from apps.sales.services.paying import ClaimExceeded, ClaimNotNeeded
from apps.shops.approvals import ApprovalNeeded, Approver, PinRefused, set_pin
from apps.shops.models import Approval
from apps.shops.scope import shop_scope
from apps.till.drawer import NotInDrawer
from tests import make
from tests.credit import books
from tests.deposits import made
from tests.purchasing import gold
from tests.sales.paying import bought, dollar_rate, dollars, paid_by, pay, posted

# 10 g of 916 at 100 a fine gram: metal 916.00, making 10 % 91.60, VAT 5 % 50.38.
TOTAL = make.RING_TOTAL
D = Decimal


@pytest.fixture
def owner(shop, scope):
    return make.member(of=shop)


@pytest.fixture
def ring(shop, owner):
    make.rate(of=shop)
    make.rate(of=shop, side="buy")
    return make.piece(by=owner, tag="R-1")


@pytest.fixture
def nadia(owner):
    return gold.seller(by=owner)


@pytest.fixture(autouse=True)
def _books_stay_balanced(scope):
    """After every test of this module, as at commit: each entry balances, cards agree."""
    yield
    books.demand_agreement()


def refused(refusal, *payments, by, **more):
    """What the sale says no with; nothing of it is left afterwards."""
    with pytest.raises(refusal) as caught, shop_scope(by.shop_id):
        bought(*payments, by=by, **more)
    assert not Sale.objects.exists()
    return caught.value


class TestStoreCredit:
    def test_pays_and_is_less_by_it(self, ring, owner, nadia):
        books.has_credit(nadia, 1500, by=owner)

        done = bought(pay("store_credit", TOTAL), by=owner, customer=nadia.pk)

        assert posted(done.sale)[chart.STORE_CREDIT] == TOTAL
        assert books.balance(chart.STORE_CREDIT, party=nadia) == TOTAL - 1500
        assert (done.sale.customer_id, done.sale.customer_name) == (nadia.pk, nadia.name)

    def test_never_pays_more_than_there_is(self, ring, owner, nadia):
        books.has_credit(nadia, 1000, by=owner)

        refusal = refused(StoreCreditShort, pay("store_credit", TOTAL), by=owner, customer=nadia.pk)

        assert refusal.left == 1000
        assert books.balance(chart.STORE_CREDIT, party=nadia) == -1000

    def test_is_somebodys(self, ring, owner):
        refused(CustomerNeeded, pay("store_credit", TOTAL), by=owner)
        refused(CustomerNotFound, pay("store_credit", TOTAL), by=owner, customer=987654)


class TestOnAccount:
    @pytest.fixture
    def zahra(self, owner):
        return books.customer(by=owner, limit=600)

    def test_is_owed_from_then_on(self, ring, owner, zahra):
        done = bought(pay("card", TOTAL - 600), pay("on_account", 600), by=owner, customer=zahra.pk)

        assert books.balance(chart.DUES, party=zahra) == 600
        assert paid_by(done) == [("card", "457.98", ""), ("on_account", "6E+2", "")]

    def test_stops_at_the_limit(self, ring, owner, zahra):
        refusal = refused(CreditLimitReached, pay("on_account", TOTAL), by=owner, customer=zahra.pk)

        assert (refusal.owed, refusal.limit) == (0, 600)
        assert not Approval.objects.exists()

    def test_goes_above_it_with_a_second_persons_pin(self, shop, ring, owner, zahra):
        clerk = make.member(of=shop, role="salesperson")
        set_pin(member=owner, pin="8042")
        asked = {"customer": zahra.pk, "credit_reason": "Pays on Friday"}
        said = Approver(username=owner.user.username, pin="8042")
        wrong = Approver(username=owner.user.username, pin="1111")

        refused(ApprovalNeeded, pay("on_account", TOTAL), by=clerk, **asked)
        refused(PinRefused, pay("on_account", TOTAL), by=clerk, approver=wrong, **asked)
        done = bought(pay("on_account", TOTAL), by=clerk, approver=said, **asked)

        approval = Approval.objects.get()
        assert (approval.reference, approval.amount) == (done.sale.code, TOTAL - 600)
        assert books.balance(chart.DUES, party=zahra) == TOTAL

    def test_is_not_given_to_who_has_no_limit(self, ring, owner, nadia):
        refused(NoCredit, pay("on_account", TOTAL), by=owner, customer=nadia.pk)


class TestGiftCard:
    def test_pays_and_is_written_down_without_its_code(self, ring, owner):
        card, code = books.card(1200, by=owner)

        done = bought(pay("gift_card", TOTAL, code), by=owner)

        card.refresh_from_db()
        assert card.balance == 1200 - TOTAL
        assert paid_by(done) == [("gift_card", "1057.98", card.number)]
        assert posted(done.sale)[chart.GIFT_CARDS] == TOTAL

    def test_two_cards_and_cash(self, ring, owner):
        first, second = (books.card(300, by=owner) for _ in range(2))

        bought(
            pay("gift_card", 300, first[1]),
            pay("gift_card", 300, second[1]),
            pay("cash", 500),
            by=owner,
        )

        assert [card.balance for card in GiftCard.objects.all()] == [0, 0]

    def test_refuses_a_card_that_is_none_or_empty_or_named_twice(self, ring, owner):
        card, code = books.card(1000, by=owner)

        refused(GiftCardNotFound, pay("gift_card", TOTAL, "0000-0000-0000-0000"), by=owner)
        # Its document's number is on every bill it paid: it buys nothing.
        refused(GiftCardNotFound, pay("gift_card", 1000, card.number), pay("cash", 60), by=owner)
        refused(GiftCardShort, pay("gift_card", TOTAL, code), by=owner)
        refused(TenderUnnamed, pay("gift_card", TOTAL), by=owner)
        twice = refused(
            TenderTwice, pay("gift_card", 500, code), pay("gift_card", "557.98", code), by=owner
        )
        assert str(twice).endswith("pays this bill already. Take one of the two back.")
        card.refresh_from_db()
        assert card.balance == 1000

    def test_refuses_a_card_that_ran_out(self, ring, shop, owner):
        set_credit_rules(CreditRules(gift_card_days=3), by=owner, at=make.NOON)
        _card, code = books.card(1200, by=owner)
        late = make.NOON.replace(day=19)
        make.rate(of=shop, at=late)

        refused(GiftCardExpired, pay("gift_card", TOTAL, code), by=owner, at=late)


class TestForeignCash:
    def test_counts_at_the_rate_and_change_is_the_shops_own(self, ring, owner):
        dollar_rate(by=owner)
        refused(NotInDrawer, dollars(300), by=owner)
        gold.float_of(by=owner, amount="37.02")

        done = bought(dollars(300), by=owner)  # worth 1,095.00

        (tender,) = done.tenders
        assert (tender.currency, tender.foreign, tender.rate) == ("USD", 300, D("3.65"))
        assert (tender.given, tender.amount, done.sale.change) == (1095, TOTAL, D("37.02"))
        home = posted(done.sale)
        assert (home[chart.EXCHANGE], home[chart.CASH]) == (1095, D("-37.02"))
        assert posted(done.sale, "USD") == {chart.CASH: 300, chart.EXCHANGE: -300}

    def test_mixes_with_the_shops_own_cash_and_a_card(self, ring, owner):
        dollar_rate(by=owner)

        done = bought(dollars(100), pay("card", 400), pay("cash", 300), by=owner)

        assert sum(t.amount for t in done.tenders) == TOTAL + done.sale.cash_rounding
        assert posted(done.sale)[chart.CASH] == D("292.98")

    def test_refuses_a_currency_without_a_rate_of_today(self, ring, shop, owner):
        refused(CashRateMissing, dollars(300), by=owner)
        refused(CashRateMissing, Payment("cash", D(0), currency="XXY", foreign=D(3)), by=owner)
        dollar_rate(by=owner, at=make.NOON.replace(day=10))
        refused(CashRateMissing, dollars(300), by=owner)

    def test_refuses_a_rate_that_has_changed(self, ring, owner):
        dollar_rate(by=owner)
        old = Payment("cash", D(0), currency="USD", foreign=D(300), rate=D("3.60"))

        refused(CashRateChanged, old, by=owner)

    @pytest.mark.parametrize("amount", ["0", "-5", "0.001", "NaN", "Infinity", "1e30"])
    def test_refuses_a_sum_that_nobody_hands_over(self, ring, owner, amount):
        dollar_rate(by=owner)

        refused(TenderImpossible, dollars(amount), by=owner)

    def test_refuses_a_currency_on_a_card(self, ring, owner):
        on_card = Payment("card", TOTAL, currency="USD", foreign=D(300))

        refused(CashOfNoCurrency, on_card, by=owner)


class TestOldGold:
    def test_pays_as_a_tender_and_never_as_a_line(self, ring, owner, nadia):
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)  # worth 916.00

        done = bought(pay("old_gold", 0, slip.code), pay("card", "141.98"), by=owner)

        assert paid_by(done)[0] == ("old_gold", "916", slip.code)
        assert posted(done.sale)[chart.OLD_GOLD_DUE] == 916
        assert books.balance(chart.OLD_GOLD_DUE, party=nadia) == 0
        assert (done.sale.total, done.sale.subtotal) == (TOTAL, D("1007.60"))
        assert all(line.total > 0 for line in done.lines)
        # The bill is the seller's, and says what was on the scale.
        assert done.sale.customer_id == nadia.pk
        (told,) = done.sale.terms["trade_ins"]
        assert told["items"][0]["net_weight_g"] == "10.000"
        assert told["reduces_tax_base"] is False

    def test_of_more_than_the_bill_only_what_it_needs_is_used(self, ring, owner, nadia):
        slip = gold.slip(gold.item(gross="20"), of=nadia, purpose="exchange", by=owner)

        done = bought(pay("old_gold", 0, slip.code), by=owner)

        assert paid_by(done) == [("old_gold", "1057.98", slip.code)]
        slip.refresh_from_db()
        assert slip.claim_left == 1832 - TOTAL
        assert books.balance(chart.OLD_GOLD_DUE, party=nadia) == TOTAL - 1832

    def test_a_part_of_it_may_be_wanted(self, ring, owner, nadia):
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)

        bought(pay("old_gold", 57, slip.code), pay("card", "1000.98"), by=owner)

        slip.refresh_from_db()
        assert slip.claim_left == 859

    def test_refuses_more_than_is_left_and_what_is_no_claim(self, ring, owner, nadia):
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)
        paid = gold.slip(of=nadia, by=owner, payments=(PaidBy(kind="transfer"),))

        refused(ClaimExceeded, pay("old_gold", 917, slip.code), pay("cash", 200), by=owner)
        refused(NoClaim, pay("old_gold", 0, paid.code), pay("cash", 1100), by=owner)
        refused(SlipNotFound, pay("old_gold", 0, "1-G000099"), by=owner)
        refused(TenderUnnamed, pay("old_gold", 10), by=owner)

    def test_refuses_a_slip_that_is_used_up(self, ring, owner, nadia):
        make.piece(by=owner, tag="R-2")
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)
        bought(pay("old_gold", 0, slip.code), pay("card", "141.98"), by=owner)

        with pytest.raises(ClaimUsedUp), shop_scope(owner.shop_id):
            bought(pay("old_gold", 0, slip.code), by=owner, tags=["R-2"], key="key-0002")

    def test_refuses_a_slip_of_somebody_else(self, ring, owner, nadia):
        other = books.customer(by=owner)
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)

        refusal = refused(
            ClaimOfAnother, pay("old_gold", 0, slip.code), by=owner, customer=other.pk
        )

        assert str(refusal).startswith(f"{slip.code} belongs to Nadia Rahman")

    def test_refuses_a_slip_that_pays_nothing(self, ring, owner, nadia):
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)
        _card, code = books.card(2000, by=owner)

        refused(
            ClaimNotNeeded, pay("gift_card", TOTAL, code), pay("old_gold", 0, slip.code), by=owner
        )
        slip.refresh_from_db()
        assert slip.claim_left == 916


class TestDeposit:
    def test_the_piece_that_lies_aside_is_sold_with_it(self, ring, owner):
        deposit = made.deposit(by=owner)  # 200 for R-1

        done = bought(pay("deposit", 0, deposit.number), pay("card", TOTAL - 200), by=owner)

        assert paid_by(done)[0] == ("deposit", "2E+2", deposit.number)
        assert Piece.objects.get().state == "sold"
        assert Deposit.objects.get().state == "delivered"
        assert posted(done.sale)[chart.ADVANCES] == 200
        assert made.books_agree(deposit.customer)
        assert done.sale.customer_id == deposit.customer_id

    def test_without_it_the_piece_stays_aside(self, ring, owner):
        made.deposit(by=owner)

        refused(PieceNotForSale, pay("card", TOTAL), by=owner)

    def test_grams_that_were_fixed_keep_their_rate(self, shop, ring, owner):
        deposit = made.deposit(
            by=owner, kind="grams", tags=(), paid="500", metal="gold", fineness=9160
        )
        tomorrow = make.NOON.replace(day=16)
        make.rate(of=shop, amount="110", at=tomorrow)

        done = bought(pay("deposit", 0, deposit.number), pay("cash", 2000), by=owner, at=tomorrow)

        # 500 / 91.60 a gram = 5.458 g, fine 5.000 at 100; 4.542 g, fine 4.160 at 110.
        told = done.sale.terms["deposit"]
        assert (told["grams_locked"], told["locked_value"]) == ("5.458", "500.00")
        assert (told["open_grams"], told["open_value"]) == ("4.542", "457.60")
        assert made.books_agree(deposit.customer)

    def test_of_more_than_the_bill_the_rest_stays_the_customers(self, ring, owner):
        deposit = made.deposit(by=owner, paid="1100")

        done = bought(pay("deposit", 0, deposit.number), by=owner)

        assert paid_by(done) == [("deposit", "1057.98", deposit.number)]
        assert made.balance(chart.ADVANCES, party=deposit.customer) == TOTAL - 1100

    def test_refusals(self, ring, shop, owner):
        other = books.customer(by=owner)
        deposit = made.deposit(by=owner)
        rest = pay("card", TOTAL - 200)
        much_later = make.NOON.replace(year=2031)
        make.rate(of=shop, at=much_later)

        number = deposit.number
        refused(DepositNotFound, pay("deposit", 0, "1-D000099"), rest, by=owner)
        refused(ClaimOfAnother, pay("deposit", 0, number), rest, by=owner, customer=other.pk)
        refused(ClaimExceeded, pay("deposit", "200.01", number), rest, by=owner)
        refused(OneDepositOnly, pay("deposit", 0, number), pay("deposit", 0, "1-D2"), by=owner)
        refused(DepositRunOut, pay("deposit", 0, number), rest, by=owner, at=much_later)
        assert Piece.objects.get().state == "reserved"

    def test_is_not_used_twice(self, ring, owner):
        make.piece(by=owner, tag="R-2")
        deposit = made.deposit(by=owner)
        bought(pay("deposit", 0, deposit.number), pay("card", TOTAL - 200), by=owner)

        with pytest.raises(DepositNotOpen), shop_scope(owner.shop_id):
            bought(pay("deposit", 0, deposit.number), by=owner, tags=["R-2"], key="key-0002")


class TestScheme:
    def test_is_not_ripe_yet(self, ring, owner):
        made.plan(by=owner, amount=D(500))
        passbook = made.passbook(by=owner, paid="500")

        refused(NotRipe, pay("scheme", 0, passbook.number), pay("card", 558), by=owner)

    def test_a_ripe_one_pays_with_its_bonus(self, shop, ring, owner):
        made.plan(by=owner, amount=D(500), instalments=1)
        passbook = made.passbook(by=owner, paid="500")
        ripe = make.NOON.replace(month=passbook.ripe_on.month, day=passbook.ripe_on.day)
        ripe = ripe.replace(year=passbook.ripe_on.year)
        make.rate(of=shop, at=ripe)

        done = bought(pay("scheme", 0, passbook.number), pay("card", "182.98"), by=owner, at=ripe)

        assert paid_by(done)[0] == ("scheme", "875", passbook.number)  # 500 and three quarters
        booked = posted(done.sale)
        assert (booked[chart.SCHEMES], booked[chart.SCHEME_BONUS]) == (500, 375)

    def test_pays_for_no_piece_of_the_kind_that_its_plan_leaves_out(self, shop, ring, owner):
        made.plan(by=owner, amount=D(500), instalments=1, excluded_category=ring.category.upper())
        passbook = made.passbook(by=owner, paid="500")
        ripe = make.NOON.replace(
            year=passbook.ripe_on.year, month=passbook.ripe_on.month, day=passbook.ripe_on.day
        )
        make.rate(of=shop, at=ripe)
        paid = (pay("scheme", 0, passbook.number), pay("card", "182.98"))

        refused(SchemeExcludes, *paid, by=owner, at=ripe)

        Piece.objects.filter(pk=ring.pk).update(category="other")
        assert bought(*paid, by=owner, at=ripe).sale.total == TOTAL


class TestTogether:
    def test_everything_at_once_adds_up(self, ring, owner, nadia):
        dollar_rate(by=owner)
        nadia.credit_limit = D(100)
        nadia.save()
        books.has_credit(nadia, 100, by=owner)
        _card, code = books.card(100, by=owner)
        deposit = made.deposit(by=owner, of=nadia, paid="110")
        slip = gold.slip(gold.item(gross="1"), of=nadia, purpose="exchange", by=owner)  # 91.60

        done = bought(
            pay("old_gold", 0, slip.code),
            pay("deposit", 0, deposit.number),
            pay("gift_card", 100, code),
            pay("store_credit", 100),
            pay("on_account", 100),
            pay("transfer", 100, "TRF-1"),
            pay("card", 100, "SLIP-7"),
            dollars(50),
            pay("cash", 300),
            by=owner,
            customer=nadia.pk,
        )

        sale = done.sale
        assert sum(t.amount for t in done.tenders) == sale.total + sale.cash_rounding
        assert sum(t.given - t.amount for t in done.tenders) == sale.change
        assert [t.instrument for t in done.tenders if t.kind in ("card", "transfer")] == [
            "TRF-1",
            "SLIP-7",
        ]

    def test_one_refusal_leaves_every_other_balance_as_it_was(self, ring, owner, nadia):
        books.has_credit(nadia, 100, by=owner)
        card, code = books.card(100, by=owner)
        deposit = made.deposit(by=owner, of=nadia, paid="110")
        slip = gold.slip(gold.item(gross="1"), of=nadia, purpose="exchange", by=owner)
        mine = (
            pay("old_gold", 0, slip.code),
            pay("deposit", 0, deposit.number),
            pay("gift_card", 100, code),
            pay("store_credit", 100),
        )

        refused(TendersDoNotMatch, *mine, pay("cash", 1), by=owner, customer=nadia.pk)
        refused(NoCredit, *mine, pay("on_account", "656.38"), by=owner, customer=nadia.pk)

        card.refresh_from_db()
        assert card.balance == 100
        assert OldGoldSlip.objects.get().claim_left == D("91.60")
        assert made.balance(chart.ADVANCES, party=nadia) == -110
        assert books.balance(chart.STORE_CREDIT, party=nadia) == -100
        assert Piece.objects.get().state == "reserved"

    def test_sent_again_it_is_the_same_sale(self, ring, owner, nadia):
        card, code = books.card(100, by=owner)
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)
        wanted = (
            pay("old_gold", 0, slip.code),
            pay("gift_card", 100, code),
            pay("cash", 50),
        )

        first = bought(*wanted, by=owner)
        again = bought(*wanted, by=owner)

        assert again.sale.pk == first.sale.pk
        card.refresh_from_db()
        assert card.balance == 0
        with pytest.raises(KeyUsed), shop_scope(owner.shop_id):
            bought(*wanted[:2], pay("cash", 60), by=owner)

    def test_another_shops_claims_are_none(self, ring, owner, nadia):
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)
        _card, code = books.card(100, by=owner)
        there = make.shop(name="Elsewhere")
        with shop_scope(there.pk):
            stranger = make.member(of=there)
            make.rate(of=there)
            make.piece(by=stranger, tag="R-1")

            refused(SlipNotFound, pay("old_gold", 0, slip.code), by=stranger)
            refused(GiftCardNotFound, pay("gift_card", 100, code), pay("cash", 999), by=stranger)
            refused(CustomerNotFound, pay("card", TOTAL), by=stranger, customer=nadia.pk)
