"""Rates that staff may not set alone: sent for approval, taken, refused, forgotten."""

from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.pricing.direction import RateOneWay, RateTooFar, limit_now
from apps.pricing.models import MetalRate, RateProposal
from apps.pricing.proposals import ProposalGone, ProposalNotYours, RateTerms, propose, take, waiting
from apps.pricing.services import change_rate
from apps.shops.models import Approval, Role
from apps.shops.scope import shop_scope
from tests import make

pytestmark = pytest.mark.django_db
RATES, CHANGE = "/rates/", "/rates/change/"
LOWER = {"which": "gold-10000-sell-g", "amount": "99", "reason": "The market fell"}
TERMS = RateTerms(metal="gold", fineness=10_000, side="sell", unit="g", amount=Decimal(99))


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def board(shop, now, scope):
    make.rate(of=shop, amount="100", at=now - timedelta(seconds=5))
    make.rate(of=shop, amount="97", side="buy", at=now - timedelta(seconds=5))


@pytest.fixture
def at_work(client, clerk):
    client.force_login(clerk.user)
    return client


def amounts():
    return [int(rate.amount) for rate in MetalRate.objects.order_by("pk")]


@pytest.mark.usefixtures("board")
class TestThePage:
    def test_a_clerk_raises_a_sale_rate_alone(self, at_work):
        assert at_work.post(CHANGE, LOWER | {"amount": "101"}).status_code == 302
        assert amounts() == [100, 97, 101]

    def test_the_form_that_htmx_swaps_in_says_it_too(self, at_work):
        answer = at_work.post(CHANGE, LOWER, headers={"HX-Request": "true"})

        assert answer.status_code == 422  # a 403 would not be swapped in
        assert "Send for approval" in answer.text

    def test_the_effect_is_asked_for_by_whom_it_is_shown_to(self, at_work):
        page = at_work.get("/rates/").text

        assert ("/rates/effect/" in page) == (at_work.get("/rates/effect/").status_code == 200)

    def test_and_lowers_none(self, at_work):
        answer = at_work.post(CHANGE, LOWER)
        assert answer.status_code == 403
        assert "You may raise this rate, not lower it. Ask the owner." in answer.text
        assert "Send for approval" in answer.text
        assert amounts() == [100, 97]
        buying = LOWER | {"which": "gold-10000-buy-g", "amount": "98"}
        assert "You may lower this rate, not raise it." in at_work.post(CHANGE, buying).text

    def test_it_is_sent_and_an_owner_sets_it(self, at_work, owner, clerk, now):
        assert at_work.post(CHANGE, LOWER | {"propose": "1"}).status_code == 302
        assert amounts() == [100, 97]
        proposal = waiting(at=timezone.now()).get()
        door = f"/rates/proposals/{proposal.pk}/"
        assert "Waiting for approval" in at_work.get(RATES).text
        assert door not in at_work.get(RATES).text
        assert at_work.post(door, {"outcome": "taken"}).status_code == 403

        at_work.force_login(owner.user)
        assert door in at_work.get(RATES).text
        assert at_work.post(door, {"outcome": "taken"}).status_code == 302
        assert amounts() == [100, 97, 99]
        assert at_work.post(door, {"outcome": "taken"}).status_code == 409
        assert amounts() == [100, 97, 99]
        said = Approval.objects.get()
        assert (said.asked_by, said.approved_by, said.reason) == (clerk, owner, "The market fell")

    def test_an_owner_refuses_it(self, at_work, owner):
        at_work.post(CHANGE, LOWER | {"propose": "1"})
        at_work.force_login(owner.user)
        proposal = RateProposal.objects.get()
        sent = at_work.post(f"/rates/proposals/{proposal.pk}/", {"outcome": "refused"})
        assert sent.status_code == 302
        assert amounts() == [100, 97]
        assert not waiting(at=timezone.now()).exists()

    def test_it_is_not_sent_without_a_reason(self, at_work):
        answer = at_work.post(CHANGE, LOWER | {"propose": "1", "reason": " "})
        assert answer.status_code == 422
        assert "There is no reason." in answer.text
        assert not RateProposal.objects.exists()

    def test_the_owner_says_how_far_staff_go(self, at_work, owner):
        at_work.force_login(owner.user)
        assert at_work.post("/rates/policy/rate-limit/", {"percent": "0.5"}).status_code == 302
        assert limit_now(at=timezone.now()) == Decimal("0.5")
        for wrong in ("", "-1", "101", "a lot"):
            assert at_work.post("/rates/policy/rate-limit/", {"percent": wrong}).status_code == 422


@pytest.mark.usefixtures("board")
class TestWhoDecides:
    def test_nobody_their_own(self, shop, now):
        manager = make.member(of=shop, role=Role.MANAGER)
        proposal = propose(terms=TERMS, reason="fell", by=manager, at=now)
        with pytest.raises(ProposalNotYours):
            take(proposal=proposal.pk, by=manager, at=now)
        with pytest.raises(IntegrityError, match="decided_by_another"), transaction.atomic():
            RateProposal.objects.update(outcome="taken", decided_by=manager, decided_at=now)

    def test_nobody_after_its_day(self, clerk, owner, now):
        proposal = propose(terms=TERMS, reason="fell", by=clerk, at=now)
        assert proposal.expires_at - now <= timedelta(days=1)
        with pytest.raises(ProposalGone):
            take(proposal=proposal.pk, by=owner, at=proposal.expires_at)
        assert amounts() == [100, 97]

    def test_not_another_shops(self, clerk, now):
        proposal = propose(terms=TERMS, reason="fell", by=clerk, at=now)
        stranger = make.member(of=make.shop(name="Other"))
        with shop_scope(stranger.shop_id), pytest.raises(ProposalGone):
            take(proposal=proposal.pk, by=stranger, at=now)


class TestTheApi:
    """The same doors for programs: who sees, sends, sets and refuses."""

    BODY = {"metal": "gold", "fineness": "1000", "side": "sell", "unit": "g", "amount": "99"}

    @pytest.fixture
    def call(self, client, board):
        def run(by, path="", body=None, method="post"):
            headers = {"Authorization": f"Bearer {make.token(of=by)}"}
            address = f"/api/v1/rates/proposals{path}"
            if method == "get":
                return client.get(address, headers=headers)
            return client.post(address, body, content_type="application/json", headers=headers)

        return run

    def sent(self, call, by):
        answer = call(by, body=self.BODY | {"reason": "The market fell"})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def test_a_clerk_sends_and_everybody_sees_it_wait(self, call, clerk, owner):
        sent = self.sent(call, clerk)
        assert sent == sent | {
            "fineness": "1000",
            "amount": "99.00",
            "currency": "AED",
            "reason": "The market fell",
            "asked_by": clerk.user.username,
            "outcome": "",
        }
        for member in (clerk, owner):
            assert call(member, method="get").json() == [sent]
        assert amounts() == [100, 97]

    def test_an_owner_sets_it_once(self, call, clerk, owner):
        door = f"/{self.sent(call, clerk)['id']}/take"
        refused = call(clerk, door)
        assert (refused.status_code, refused.json()["error"]) == (403, "ProposalNotYours")
        taken = call(owner, door)
        assert (taken.status_code, taken.json()["amount"]) == (201, "99.00")
        again = call(owner, door)
        assert (again.status_code, again.json()["error"]) == (409, "ProposalGone")
        assert amounts() == [100, 97, 99]
        said = Approval.objects.get()
        assert (said.asked_by, said.approved_by, said.reason) == (clerk, owner, "The market fell")

    def test_an_owner_refuses_it_once(self, call, clerk, owner):
        door = f"/{self.sent(call, clerk)['id']}/refuse"
        assert call(clerk, door).status_code == 403
        assert call(owner, door).json()["outcome"] == "refused"
        assert call(owner, door).status_code == 409
        assert call(owner, method="get").json() == []
        assert amounts() == [100, 97]

    def test_nobody_sets_their_own(self, call, owner):
        door = f"/{self.sent(call, owner)['id']}/take"
        refused = call(owner, door)
        assert (refused.status_code, refused.json()["error"]) == (403, "ProposalNotYours")

    def test_who_sets_no_rates_sends_none(self, call, shop):
        cashier = make.member(of=shop, role=Role.CASHIER)
        refused = call(cashier, body=self.BODY | {"reason": "fell"})
        assert (refused.status_code, refused.json()["error"]) == (403, "NotAllowed")
        assert not RateProposal.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "error"),
        [
            ({"reason": " "}, "ProposalReasonMissing"),
            ({"amount": "0"}, "RateImpossible"),
            ({"metal": "copper"}, "WrongShape"),
            ({"surprise": 1}, "WrongShape"),
            ({"approver": {"username": "mona", "pin": "8042"}}, "WrongShape"),
        ],
    )
    def test_what_is_no_rate_is_not_sent(self, call, clerk, wrong, error):
        refused = call(clerk, body=self.BODY | {"reason": "fell"} | wrong)
        assert (refused.status_code, refused.json()["error"]) == (422, error)
        assert not RateProposal.objects.exists()

    def test_of_another_shop_it_is_gone(self, call, clerk):
        door = f"/{self.sent(call, clerk)['id']}/take"
        stranger = make.member(of=make.shop(name="Other"))
        assert call(stranger, door).status_code == 409
        assert call(stranger, method="get").json() == []
        assert amounts() == [100, 97]


def change(shop, by, amount, at):
    return change_rate(
        shop=shop,
        metal="gold",
        fineness=10_000,
        side="sell",
        unit="g",
        amount=Decimal(amount),
        at=at,
        by=by,
        confirmed=True,
    )


@pytest.mark.usefixtures("board")
def test_a_chain_of_small_steps_is_judged_one_by_one(shop, clerk, now):
    change(shop, clerk, "105", now)
    with pytest.raises(RateTooFar):
        change(shop, clerk, "111", now)
    with pytest.raises(RateOneWay):
        change(shop, clerk, "104.99", now)
    with pytest.raises(RateOneWay):  # 1 kg is not the way around
        change_rate(
            shop=shop,
            metal="gold",
            fineness=10_000,
            side="sell",
            unit="ozt",
            amount=Decimal(106),
            at=now,
            by=clerk,
            confirmed=True,
        )


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_are_judged_one_after_the_other():
    """Both raise 100, to 104 and to 102: whichever comes second as the lower one is refused."""
    shop = make.shop()
    clerk = make.member(of=shop, role=Role.SALESPERSON)
    now = timezone.now()
    with shop_scope(shop.pk):
        make.rate(of=shop, amount="100", at=now - timedelta(minutes=1))
    ready, ended = Barrier(2), []

    def run(amount):
        try:
            ready.wait(timeout=20)
            with shop_scope(shop.pk):
                change(shop, clerk, amount, timezone.now())
            ended.append(amount)
        except RateOneWay:
            ended.append("refused")
        finally:
            connection.close()

    threads = [Thread(target=run, args=[amount]) for amount in ("104", "102")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=40)

    with shop_scope(shop.pk):
        written = amounts()
    assert len(ended) == 2
    assert written == sorted(written), "a clerk lowered a rate"
    assert written[-1] == 104
