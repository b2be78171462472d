"""Whatever paid a bill gets its own back: by a void exactly, by a return as far as it can."""

from decimal import Decimal

import pytest

from apps.credit.balances import dues_of, store_credit_of
from apps.deposits.models import Deposit
from apps.inventory.models import Piece
from apps.returns.refusals import BoughtAsOldGold, CustomerMissing
from apps.returns.services.take_back import take_back
from apps.returns.services.void import void
from apps.till.models import Payment as Paid
from tests import make
from tests.credit import books as credit
from tests.deposits import made
from tests.purchasing import gold
from tests.returns.days import LATER, TOTAL, asked, back, books, demand_balance
from tests.sales.paying import bought, dollar_rate, dollars, pay

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ring(shop, owner, scope):
    """A ring, the rates, and a till with a float."""
    make.rate(of=shop)
    make.rate(of=shop, side="buy")
    make.piece(by=owner)
    gold.float_of(by=owner)


@pytest.fixture
def nadia(owner):
    return gold.seller(by=owner)


def voided(sale, *, by):
    document = void(asked=asked(sale), by=by, at=LATER)
    credit.demand_agreement()
    return document


def returned(sale, *, by, **more):
    document = take_back(asked=asked(sale), backs=[back()], by=by, at=LATER, **more)
    credit.demand_agreement()
    demand_balance()
    return document


def paid_out(document):
    return dict(
        Paid.objects.filter(reference=document.code, direction="out").values_list("kind", "amount")
    )


class TestVoid:
    """The books, the cards, the slips and the contracts are what they were before the bill."""

    def test_a_gift_card_holds_its_money_again(self, owner):
        card, code = credit.card(1200, by=owner)
        before = books()
        sale = bought(pay("gift_card", TOTAL, code), by=owner).sale
        voided(sale, by=owner)
        card.refresh_from_db()
        assert (card.balance, books()) == (1200, before)

    def test_store_credit_and_dues(self, owner):
        zahra = credit.customer(by=owner, limit=600)
        credit.has_credit(zahra, 700, by=owner)
        before = books()
        sale = bought(
            pay("store_credit", 700), pay("on_account", TOTAL - 700), by=owner, customer=zahra.pk
        ).sale
        voided(sale, by=owner)
        assert books() == before
        assert store_credit_of(zahra, currency="AED") == 700
        assert dues_of(zahra, currency="AED") == 0

    def test_old_gold_is_a_claim_again(self, owner, nadia):
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)
        before = books()
        sale = bought(pay("old_gold", 0, slip.code), pay("card", "141.98"), by=owner).sale
        voided(sale, by=owner)
        slip.refresh_from_db()
        assert (slip.claim_left, books()) == (916, before)
        again = bought(
            pay("old_gold", 0, slip.code), pay("card", "141.98"), by=owner, key="2", at=LATER
        )
        assert again.sale.total == TOTAL

    def test_a_contract_is_open_again_and_its_piece_lies_aside(self, owner):
        deposit = made.deposit(by=owner)
        before = books()
        sale = bought(pay("deposit", 0, deposit.number), pay("card", TOTAL - 200), by=owner).sale
        voided(sale, by=owner)
        assert books() == before
        assert Deposit.objects.get().state == "open"
        assert Piece.objects.get().state == "reserved"
        assert made.books_agree(deposit.customer)

    def test_dollars_leave_as_dollars_and_the_change_comes_back(self, owner):
        dollar_rate(by=owner)
        before = books()
        sale = bought(dollars(300), by=owner).sale
        voided(sale, by=owner)
        assert books() == before


class TestReturn:
    def test_to_the_gift_card(self, owner):
        card, code = credit.card(1200, by=owner)
        sale = bought(pay("gift_card", TOTAL, code), by=owner).sale
        document = returned(sale, by=owner)
        card.refresh_from_db()
        assert card.balance == 1200
        assert paid_out(document) == {"gift_card": TOTAL}

    def test_old_gold_comes_back_as_store_credit(self, owner, nadia):
        slip = gold.slip(of=nadia, purpose="exchange", by=owner)
        sale = bought(pay("old_gold", 0, slip.code), pay("card", "141.98"), by=owner).sale
        document = returned(sale, by=owner)
        assert paid_out(document) == {"card": Decimal("141.98"), "store_credit": 916}
        assert store_credit_of(nadia, currency="AED") == 916
        slip.refresh_from_db()
        assert slip.claim_left == 0

    def test_a_deposit_comes_back_as_store_credit(self, owner):
        deposit = made.deposit(by=owner)
        sale = bought(pay("deposit", 0, deposit.number), pay("card", TOTAL - 200), by=owner).sale
        assert paid_out(returned(sale, by=owner)) == {"card": TOTAL - 200, "store_credit": 200}

    def test_of_dues_that_were_paid_meanwhile_comes_credit(self, owner):
        zahra = credit.customer(by=owner, limit=2000)
        sale = bought(pay("on_account", TOTAL), by=owner, customer=zahra.pk).sale
        credit.owes(zahra, -1000, by=owner, reference="1-P000001")
        document = returned(sale, by=owner)
        assert paid_out(document) == {
            "on_account": Decimal("57.98"),
            "store_credit": Decimal(1000),
        }
        assert dues_of(zahra, currency="AED") == 0

    def test_dollars_come_back_in_the_shops_own_money(self, owner):
        dollar_rate(by=owner)
        sale = bought(dollars(300), by=owner).sale
        assert paid_out(returned(sale, by=owner)) == {"cash": TOTAL}

    def test_credit_without_a_name_is_nobodys(self, owner):
        sale = bought(pay("cash", TOTAL), by=owner).sale
        with pytest.raises(CustomerMissing):
            returned(sale, by=owner, to_credit=True)

    def test_a_piece_that_was_bought_as_old_gold_does_not_come_back_again(self, owner, nadia):
        sale = bought(pay("cash", TOTAL), by=owner).sale
        slip = gold.slip(gold.item(own_tag="R-1"), of=nadia, by=owner)
        with pytest.raises(BoughtAsOldGold, match=slip.code):
            returned(sale, by=owner)
        with pytest.raises(BoughtAsOldGold):
            voided(sale, by=owner)
