"""The demo shops: what `make run` shows on the first day, and on the days after."""

from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db.models import Sum

from apps.consignment.models import Direction, Memo
from apps.core.operators import is_operator
from apps.counts.models import CountSheet
from apps.credit.balances import dues_of
from apps.credit.exchange import rates_in_force
from apps.credit.models import GiftCard
from apps.customers.models import Customer
from apps.deposits.models import Deposit, Membership
from apps.inventory.models import LineState, Piece, Reservation, Transfer, TransferState
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.lots.models import LotMove
from apps.pricing.board import board_rows
from apps.pricing.models import MetalRate
from apps.pricing.selectors import board_at
from apps.purchasing.models import OldGoldSlip
from apps.sales.demo import tehran
from apps.sales.demo.drawers import PIN
from apps.sales.demo.load import SLUG, load
from apps.sales.demo.people import MARYAM
from apps.sales.demo.rates import GULF
from apps.sales.models import Favourite, OpenSale, Sale, Tender
from apps.shops.models import Member, Register, Shop
from apps.shops.scope import shop_scope
from apps.till.models import Payment
from apps.users.models import User
from tests import make


@pytest.fixture
def demo(db):
    load(password="a long enough one", at=make.NOON)
    return Shop.objects.get(slug=SLUG)


def test_has_pieces_rates_and_a_morning_of_sales(demo):
    with shop_scope(demo.pk):
        assert Piece.objects.filter(state="in_stock", tag="R10482").exists()
        assert set(board_at(shop=demo, at=make.NOON).quotes) == {
            "gold",
            "silver",
            "platinum",
            "palladium",
        }
        assert Sale.objects.filter(day=make.NOON.date()).count() == 5


def test_has_a_morning_of_everything_else(demo):
    with shop_scope(demo.pk):
        till = Register.objects.get(code="1")
        drawer = Posting.objects.filter(account=chart.CASH, entry__shift=till.shift_id)
        sold_for_cash = Tender.objects.filter(kind="cash").aggregate(sum=Sum("amount"))["sum"]
        paid = Payment.objects.get(kind="cash", what="old-gold")
        maryam = Customer.objects.get(name=MARYAM)

        assert drawer.aggregate(sum=Sum("amount"))["sum"] == 3000 + sold_for_cash - paid.amount
        safe = Posting.objects.filter(account=chart.SAFE)
        assert safe.aggregate(sum=Sum("amount"))["sum"] == 20_000 - 3000
        assert 0 < dues_of(maryam, currency="AED") < maryam.credit_limit
        assert OldGoldSlip.objects.get(customer=maryam).claim_left > 0
        assert Deposit.objects.get().pieces.count() == 1
        assert GiftCard.objects.get().balance == 500
        assert Membership.objects.get().plan.code == "GOLD11"
        assert {rate.currency for rate in rates_in_force(shop=demo, at=make.NOON)} == {"EUR", "USD"}


def test_has_something_under_way_on_every_page_of_the_stock(demo):
    for slug in (SLUG, tehran.SLUG):
        with shop_scope(Shop.objects.get(slug=slug).pk):
            parcel = Transfer.objects.get()
            memo = Memo.objects.filter(direction=Direction.OUT).earliest("pk")
            sheet = CountSheet.objects.get()

            assert parcel.state == TransferState.PART
            assert parcel.lines.filter(state=LineState.SENT).exists()
            assert memo.due < make.NOON.date()
            assert 0 < sheet.scans.count() < sheet.expected.count()
            assert OpenSale.objects.get(held_at__isnull=False).lines.count() == 2
            assert Reservation.objects.filter(until__gt=make.NOON.date()).exists()
            assert LotMove.objects.filter(kind="drawn").exists()
            assert Favourite.objects.exclude(lot_code="").exists()
    with shop_scope(demo.pk):
        cared = Memo.objects.get(direction=Direction.IN).lines.all()
        assert {line.piece.tag for line in cared} == {"M20101", "M20102"}


def test_lets_the_manager_approve_with_the_pin_that_make_run_prints(demo):
    manager = Member.objects.get(shop=demo, role="manager")

    assert check_password(PIN, manager.pin)


def test_keeps_what_was_done_and_gets_rates_for_another_day(demo):
    tomorrow = make.NOON + timedelta(days=1)

    load(password="a long enough one", at=tomorrow)

    assert Shop.objects.count() == 3
    with shop_scope(demo.pk):
        assert Sale.objects.count() == 5
        assert Customer.objects.count() == 5
        assert OldGoldSlip.objects.count() == 2
        assert board_at(shop=demo, at=tomorrow).quotes
        assert len(rates_in_force(shop=demo, at=tomorrow)) == 2


def test_its_board_grows_old_and_its_monthly_prices_stay_in_the_chart(demo):
    tomorrow = make.NOON + timedelta(days=1)

    with shop_scope(demo.pk):
        rows = board_rows(shop=demo, at=tomorrow)

    assert {(row.metal, row.fineness) for row in rows} == set(GULF)
    assert not any(row.valid for row in rows)
    assert {row.unit for row in rows} == {"g"}


def test_is_loaded_again_after_people_joined_and_changed_roles(demo):
    joined = make.member(of=demo, role="owner")
    load(password="a long enough one", at=make.NOON)
    Member.objects.filter(shop=demo).exclude(pk=joined.pk).update(role="manager")
    tomorrow = make.NOON + timedelta(days=1)

    load(password="a long enough one", at=tomorrow)

    with shop_scope(demo.pk):
        assert board_at(shop=demo, at=tomorrow).quotes


def test_its_owner_belongs_to_all_three_shops(demo):
    assert Member.objects.filter(user__username="owner").count() == 3


def test_the_shop_in_tehran_keeps_rials_and_its_owner_reads_persian(demo):
    shop = Shop.objects.get(slug="demo-tehran")
    sara = User.objects.get(username="tehran")

    assert (shop.currency, shop.tax_pack, sara.language) == ("IRR", "IR", "fa")
    with shop_scope(shop.pk):
        assert Sale.objects.filter(day=make.NOON.date()).count() == 3
        assert Piece.objects.filter(state="in_stock", category="النگو").exists()
        assert OldGoldSlip.objects.get().customer.name == "مریم رضایی"
        assert {rate.unit for rate in MetalRate.objects.filter(fineness=7050)} == {"mithqal"}


def test_has_somebody_who_runs_it_and_is_in_no_shop(demo):
    operator = User.objects.get(username="operator")

    assert is_operator(operator)
    assert not Member.objects.filter(user=operator).exists()


def test_is_refused_where_no_demo_belongs(settings):
    settings.DEMO_SIGNIN = None

    with pytest.raises(CommandError, match="no demo"):
        call_command("load_demo")
