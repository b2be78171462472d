"""Contracts that are cancelled, kept, paid back or changed."""

from datetime import date

import pytest

from apps.deposits.models import Deposit, DepositKind, DepositMove, DepositState
from apps.deposits.policy import SECTION
from apps.deposits.refusals import (
    DepositNotOpen,
    DepositRunOut,
    DepositStillRuns,
    LockNeedsPieces,
    NothingLeft,
)
from apps.deposits.selectors.contracts import balance_of
from apps.deposits.selectors.terms import terms_for
from apps.deposits.services.changing import Change, LockCannotGrow, change
from apps.deposits.services.ending import Ending, cancel, forfeit, give_rest
from apps.deposits.services.use import open_for_sale, use
from apps.inventory.models import PieceState
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.sell import mark_sold
from apps.ledger import chart
from apps.shops.approvals import ApprovalNeeded, NotAllowed, ReasonMissing
from apps.shops.models import Approval
from apps.shops.policies import set_policy
from apps.till.models import Direction, Payment
from tests import make
from tests.deposits import made
from tests.deposits.made import D, later


@pytest.fixture
def ring(shop, owner, scope):
    make.rate(of=shop)
    return make.piece(by=owner)


@pytest.fixture
def strict(owner, scope):
    """A shop that keeps a tenth of what ran out, a twentieth of what is cancelled, and a fee."""
    values = {"kept_percent": "10", "cancel_kept_percent": "5", "restock_fee": "20"}
    set_policy(SECTION, values, by=owner, at=make.NOON)


def ending(by, at=None, reason="Changed their mind", **more):
    return Ending(by=by, at=at or later(hours=1), reason=reason, **more)


def test_cancelling_keeps_what_was_agreed_and_pays_the_rest_as_it_came(strict, ring, owner):
    deposit = made.deposit(by=owner, kind=DepositKind.GRAMS)
    made.pay(deposit.number, made.card("100"), by=owner)

    ended = cancel(number=deposit.number, ending=ending(owner))

    assert (ended.kept, ended.refunded) == (D(35), D(265))  # 5 % of 300, and the fee of 20
    out = Payment.objects.filter(direction=Direction.OUT).order_by("position")
    assert [(p.kind, p.amount) for p in out] == [("card", D(100)), ("cash", D(165))]
    assert made.balance(chart.FORFEITS) == -35
    assert made.balance(chart.CASH) == 35
    ring.refresh_from_db()
    assert ring.state == PieceState.IN_STOCK
    assert balance_of(deposit).fine_g == 0
    assert made.balance(chart.METAL_PROMISED, "gold") == 0
    assert made.books_agree(deposit.customer)
    approval = Approval.objects.get()
    assert (approval.action, approval.reference) == ("cash_out", ended.number)

    again = cancel(number=deposit.number, ending=ending(owner))
    assert (again.number, again.refunded) == (ended.number, ended.refunded)
    assert Payment.objects.filter(direction=Direction.OUT).count() == 2


def test_the_rules_are_those_of_the_day_it_was_made(ring, owner):
    deposit = made.deposit(by=owner)
    set_policy(SECTION, {"cancel_kept_percent": "50"}, by=owner, at=make.NOON)
    assert cancel(number=deposit.number, ending=ending(owner)).kept == 0


def test_a_deposit_is_kept_after_its_grace_alone(strict, ring, owner):
    deposit = made.deposit(by=owner, expires_on=date(2026, 1, 20))
    with pytest.raises(DepositStillRuns, match="3 February 2026"):
        forfeit(number=deposit.number, ending=ending(owner, at=later(days=19)))

    ended = forfeit(number=deposit.number, ending=ending(owner, at=later(days=20)))

    assert (ended.kept, ended.refunded) == (D(40), D(160))
    deposit.refresh_from_db()
    ring.refresh_from_db()
    assert (deposit.state, ring.state) == (DepositState.FORFEITED, PieceState.IN_STOCK)
    assert Approval.objects.get().action == "forfeit"
    assert made.books_agree(deposit.customer)


def test_no_more_is_kept_than_there_is(ring, owner):
    set_policy(SECTION, {"restock_fee": "1000"}, by=owner, at=make.NOON)
    deposit = made.deposit(by=owner)
    ended = cancel(number=deposit.number, ending=ending(owner))
    assert (ended.kept, ended.refunded) == (D(200), D(0))
    assert not Payment.objects.filter(direction=Direction.OUT).exists()
    assert made.books_agree(deposit.customer)


def test_a_clerk_needs_a_second_person_and_a_reason(ring, clerk, owner):
    deposit = made.deposit(by=clerk, expires_on=date(2026, 1, 20))
    with pytest.raises(ApprovalNeeded):
        cancel(number=deposit.number, ending=ending(clerk))
    with pytest.raises(ReasonMissing):
        cancel(number=deposit.number, ending=ending(owner, reason=" "))
    with pytest.raises(NotAllowed):
        forfeit(number=deposit.number, ending=ending(clerk, at=later(days=30)))


def test_the_rest_of_a_delivered_contract_is_paid_back(ring, owner):
    deposit = made.deposit(by=owner, paid="1500", kind=DepositKind.GRAMS)
    with pytest.raises(DepositNotOpen):
        give_rest(number=deposit.number, ending=ending(owner))
    open_for_sale(number=deposit.number, tags=["R-1"], by=owner, at=make.NOON)
    pieces = [whole.piece for whole in whole_pieces(tags=["R-1"])]
    mark_sold(pieces=pieces, by=owner, at=make.NOON, reference="1-000001")
    amounts = use(
        number=deposit.number,
        amount=make.RING_TOTAL,
        sale_reference="1-000001",
        by=owner,
        at=make.NOON,
    )
    made.bill(amounts, make.RING_TOTAL, by=owner)

    ended = give_rest(number=deposit.number, ending=ending(owner, reason="Paid too much"))

    assert ended.refunded == D("442.02")
    assert balance_of(deposit).fine_g == 0
    assert made.balance(chart.ADVANCES, party=deposit.customer) == 0
    assert made.books_agree(deposit.customer)
    with pytest.raises(NothingLeft):
        give_rest(number=deposit.number, ending=ending(owner))


def to(*tags, **more):
    return Change(
        tags=tags,
        expires_on=more.pop("expires_on", date(2026, 6, 1)),
        schedule=(),
        note="",
        key=more.pop("key", None) or made.key(),
    )


def test_a_changed_contract_is_a_new_version_with_everything_carried(shop, ring, owner):
    make.piece(by=owner, tag="R-2")
    deposit = made.deposit(by=owner, kind=DepositKind.GRAMS)
    before = balance_of(deposit)

    new = change(number=deposit.number, to=to("R-2", key="same"), by=owner, at=later(hours=1))
    again = change(number=deposit.number, to=to("R-2", key="same"), by=owner, at=later(hours=1))

    assert again.pk == new.pk
    assert (new.version, new.number, new.replaces_id) == (2, "1-D000002", deposit.pk)
    deposit.refresh_from_db()
    assert deposit.state == DepositState.REPLACED
    assert balance_of(new) == before
    assert balance_of(deposit).amount == 0
    states = {w.piece.tag: w.piece.state for w in whole_pieces(tags=["R-1", "R-2"])}
    assert states == {"R-1": PieceState.IN_STOCK, "R-2": PieceState.RESERVED}
    assert terms_for(new, shop=shop, at=later(hours=1)).rate.amount == D("91.6")
    assert made.books_agree(deposit.customer)
    with pytest.raises(DepositNotOpen):
        made.pay(deposit.number, "10", by=owner, at=later(hours=2))


def test_a_refund_after_a_change_still_finds_the_first_payment(ring, owner):
    deposit = made.deposit(by=owner, paid=made.card("200"))
    new = change(number=deposit.number, to=to("R-1"), by=owner, at=later(hours=1))
    cancel(number=new.number, ending=ending(owner, at=later(hours=2)))
    assert Payment.objects.get(direction=Direction.OUT).kind == "card"
    assert made.books_agree(deposit.customer)


def test_a_contract_that_ran_out_goes_on_with_a_new_last_day(ring, owner):
    deposit = made.deposit(by=owner, expires_on=date(2026, 1, 20))
    make.rate(of=owner.shop, at=later(days=40))
    with pytest.raises(DepositRunOut):
        made.pay(deposit.number, "10", by=owner, at=later(days=40))
    new = change(number=deposit.number, to=to("R-1"), by=owner, at=later(days=40))
    made.pay(new.number, "10", by=owner, at=later(days=40))
    assert balance_of(new).amount == 210


def test_a_full_lock_shrinks_and_does_not_grow(ring, owner):
    make.piece(by=owner, tag="R-2")
    make.piece(by=owner, tag="R-3", metals=(make.gold(net_weight_g="4"),), gross_weight_g=D(4))
    deposit = made.deposit(by=owner, kind=DepositKind.FULL_LOCK)
    with pytest.raises(LockCannotGrow, match=r"18\.320"):
        change(number=deposit.number, to=to("R-1", "R-2"), by=owner, at=later(hours=1))
    with pytest.raises(LockNeedsPieces):
        change(number=deposit.number, to=to(), by=owner, at=later(hours=1))
    assert Deposit.objects.count() == 1

    new = change(number=deposit.number, to=to("R-3"), by=owner, at=later(hours=1))

    assert balance_of(new).fine_g == D("3.664")
    assert made.balance(chart.METAL_PROMISED, "gold") == D("3.664")
    assert DepositMove.objects.filter(deposit=new, kind="locked").get().fine_g < 0
    assert made.books_agree(deposit.customer)
