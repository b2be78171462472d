"""From loose items to a bar: bags, holds, the crucible, the assay, the refiner."""

from datetime import timedelta
from decimal import Decimal

import pytest

from apps.core.errors import Refusal
from apps.core.units import permille
from apps.customers.services import add_customer
from apps.inventory.models import Piece, PieceState
from apps.inventory.selectors import whole_pieces
from apps.inventory.services.sell import mark_sold
from apps.purchasing.models import Assay, Bar, BarState, OldGoldItem
from apps.purchasing.rules.melting import Part, assayed, smith_account
from apps.purchasing.services.bags import (
    BagNotOpen,
    ItemGone,
    ItemNotLoose,
    NothingToBag,
    OnHold,
    open_bag,
    put_in,
    seal_bag,
    take_out,
)
from apps.purchasing.services.melt import BagNotReady, WeightImpossible, assay_bag, melt_bag
from apps.purchasing.services.refining import (
    BarElsewhere,
    Given,
    NoRefiner,
    SettlementImpossible,
    send_bar,
    settle_bar,
)
from apps.purchasing.services.void import SlipStays, void_slip
from apps.shops.approvals import NotAllowed
from apps.shops.policies import set_policy
from tests import make
from tests.purchasing import gold

TOMORROW = make.NOON + timedelta(days=1)


def bag(by, *, metal="gold", key="bag"):
    return open_bag(metal=metal, key=key, by=by, at=make.NOON)


def ids():
    return list(OldGoldItem.objects.order_by("pk").values_list("pk", flat=True))


@pytest.fixture
def sealed(owner, seller, rates):
    """Two bangles in a sealed bag: 20 g, 18.320 fine, 1,832.00."""
    gold.slip(gold.item(), gold.item(), of=seller, by=owner)
    put_in(bag=bag(owner).number, items=ids(), by=owner, at=make.NOON)
    return seal_bag(bag=1, seal="A-17", by=owner, at=make.NOON)


def melt(by, **terms):
    return melt_bag(
        **{
            "bag": 1,
            "before_g": Decimal("20"),
            "after_g": Decimal("19.9"),
            "reason": "weekly melt",
            "key": "melt",
            "by": by,
            "at": make.NOON,
            **terms,
        }
    )


def assay(by, **terms):
    return assay_bag(
        **{
            "bag": 1,
            "fineness": permille("910"),
            "method": "fire_assay",
            "sample_g": Decimal("0.1"),
            "reason": "report 77",
            "key": "assay",
            "by": by,
            "at": make.NOON,
            **terms,
        }
    )


class TestBags:
    def test_a_second_press_opens_no_second_bag(self, owner, scope):
        assert bag(owner) == bag(owner)
        assert bag(owner, key="other").number == 2

    def test_in_and_out(self, owner, seller, rates):
        gold.slip(of=seller, by=owner)
        bag(owner)
        put_in(bag=1, items=ids(), by=owner, at=make.NOON)
        put_in(bag=1, items=ids(), by=owner, at=make.NOON)  # pressed twice
        take_out(bag=1, items=ids())
        assert OldGoldItem.objects.get().bag is None
        with pytest.raises(ItemNotLoose, match="does not lie in this bag"):
            take_out(bag=1, items=ids())

    def test_what_is_on_hold_stays_loose(self, owner, seller, rates):
        set_policy("old_gold", {"hold_days": 7}, by=None, at=make.NOON)
        gold.slip(of=seller, by=owner)
        bag(owner)
        with pytest.raises(OnHold, match="22 January 2026"):
            put_in(bag=1, items=ids(), by=owner, at=make.NOON + timedelta(days=6))
        put_in(bag=1, items=ids(), by=owner, at=make.NOON + timedelta(days=7))

    def test_melting_with_the_clock_set_back(self, owner, seller, rates):
        set_policy("old_gold", {"hold_days": 7}, by=None, at=make.NOON)
        gold.slip(of=seller, by=owner)
        later = make.NOON + timedelta(days=7)
        bag(owner)
        put_in(bag=1, items=ids(), by=owner, at=later)
        seal_bag(bag=1, seal="", by=owner, at=later)
        with pytest.raises(OnHold):
            melt(owner, before_g=Decimal(10), after_g=Decimal(10))

    def test_another_metal(self, shop, owner, seller, rates):
        make.rate(of=shop, amount="2", metal="silver", side="buy")
        gold.slip(gold.item(metal="silver", fineness="925"), of=seller, by=owner)
        bag(owner)
        with pytest.raises(ItemNotLoose, match="another metal"):
            put_in(bag=1, items=ids(), by=owner, at=make.NOON)

    def test_another_bag(self, owner, seller, rates):
        gold.slip(of=seller, by=owner)
        put_in(bag=bag(owner).number, items=ids(), by=owner, at=make.NOON)
        with pytest.raises(ItemNotLoose, match="another bag"):
            put_in(bag=bag(owner, key="b").number, items=ids(), by=owner, at=make.NOON)

    def test_of_a_void_slip(self, owner, seller, rates):
        slip = gold.slip(of=seller, by=owner)
        void_slip(slip=slip.code, reason="wrong", key="v", by=owner, at=make.NOON)
        with pytest.raises(ItemNotLoose, match="is void"):
            put_in(bag=bag(owner).number, items=ids(), by=owner, at=make.NOON)

    def test_a_bagged_slip_is_not_voided(self, owner, seller, rates):
        slip = gold.slip(of=seller, by=owner)
        put_in(bag=bag(owner).number, items=ids(), by=owner, at=make.NOON)
        with pytest.raises(SlipStays, match="lies in a bag"):
            void_slip(slip=slip.code, reason="wrong", key="v", by=owner, at=make.NOON)

    def test_nothing_and_nobodys(self, owner, scope):
        bag(owner)
        with pytest.raises(NothingToBag):
            put_in(bag=1, items=[], by=owner, at=make.NOON)
        with pytest.raises(ItemGone):
            put_in(bag=1, items=[987654321], by=owner, at=make.NOON)
        with pytest.raises(NothingToBag):
            seal_bag(bag=1, seal="A", by=owner, at=make.NOON)

    def test_a_sealed_bag_is_closed(self, owner, sealed):
        with pytest.raises(BagNotOpen, match="is sealed"):
            take_out(bag=1, items=ids())
        with pytest.raises(BagNotOpen):
            put_in(bag=1, items=ids(), by=owner, at=make.NOON)
        assert seal_bag(bag=1, seal="A-17", by=owner, at=TOMORROW).sealed_at == make.NOON


class TestMelting:
    def test_an_assay_that_lost(self, owner, sealed):
        melt(owner)
        result = assay(owner)

        # 19.8 g of 910 = 18.018 fine, 18.320 was paid for: at 100.00 a fine gram.
        assert (result.fine_g, result.gain_g) == (Decimal("18.018"), Decimal("-0.302"))
        assert result.gain == Decimal("-30.20")
        assert gold.balance("old-gold") == gold.balance("old-gold", "gold") == 0
        assert gold.balance("bullion") == Decimal("1801.80")
        assert gold.balance("bullion", "gold") == Decimal("18.018")
        assert gold.balance("assay") == Decimal("30.20")
        assert gold.balance("assay", "gold") == Decimal("0.302")
        bar = Bar.objects.get()
        assert (bar.code, bar.fine_g, bar.cost) == (
            result.code,
            Decimal("18.018"),
            Decimal("1801.80"),
        )

    def test_an_assay_that_gained(self, owner, sealed):
        melt(owner, after_g=Decimal(20))
        result = assay(owner, fineness=permille("920"), sample_g=Decimal(0))
        assert (result.gain_g, result.gain) == (Decimal("0.080"), Decimal("8.00"))
        assert gold.balance("assay") == Decimal("-8")

    def test_twice(self, owner, sealed):
        first = melt(owner)
        assert melt(owner) == first
        with pytest.raises(BagNotReady, match="melted already"):
            melt(owner, key="again")
        done = assay(owner)
        assert assay(owner) == done
        with pytest.raises(BagNotReady, match="assayed already"):
            assay(owner, key="again")
        assert Assay.objects.count() == 1

    def test_out_of_order(self, owner, seller, rates):
        gold.slip(of=seller, by=owner)
        put_in(bag=bag(owner).number, items=ids(), by=owner, at=make.NOON)
        with pytest.raises(BagNotReady, match="Seal it"):
            melt(owner)
        seal_bag(bag=1, seal="", by=owner, at=make.NOON)
        with pytest.raises(BagNotReady, match="Melt it"):
            assay(owner)

    @pytest.mark.parametrize(
        ("terms", "field"),
        [
            ({"before_g": Decimal("20.001")}, "before_g"),
            ({"before_g": Decimal(0)}, "before_g"),
            ({"after_g": Decimal("NaN")}, "after_g"),
            ({"after_g": Decimal("-1")}, "after_g"),
            ({"before_g": Decimal("19"), "after_g": Decimal("19.5")}, "after_g"),
        ],
    )
    def test_weights_that_no_crucible_gives(self, owner, sealed, terms, field):
        with pytest.raises(WeightImpossible) as refused:
            melt(owner, **terms)
        assert refused.value.field == field

    @pytest.mark.parametrize(
        "terms",
        [
            {"fineness": 10_000},
            {"fineness": 0},
            {"sample_g": Decimal("19.9")},
            {"sample_g": Decimal("-0.1")},
            {"sample_g": Decimal("NaN")},
        ],
    )
    def test_assays_that_are_none(self, owner, sealed, terms):
        melt(owner)
        with pytest.raises(WeightImpossible):
            assay(owner, **terms)
        assert not Bar.objects.exists()

    def test_a_clerk_does_not_melt(self, clerk, owner, seller, rates):
        gold.slip(of=seller, by=owner)
        put_in(bag=bag(owner).number, items=ids(), by=owner, at=make.NOON)
        seal_bag(bag=1, seal="", by=owner, at=make.NOON)
        with pytest.raises(NotAllowed):
            melt(clerk, before_g=Decimal(10), after_g=Decimal(10))

    def test_our_own_piece_ends_as_old_gold(self, owner, seller, rates):
        make.piece(by=owner, tag="R-1")
        whole = whole_pieces(tags=["R-1"], to_change=True)
        mark_sold(pieces=[one.piece for one in whole], by=owner, at=make.NOON, reference="1-000001")
        gold.slip(gold.item(own_tag="R-1"), of=seller, by=owner)
        put_in(bag=bag(owner).number, items=ids(), by=owner, at=make.NOON)
        seal_bag(bag=1, seal="", by=owner, at=make.NOON)
        assert Piece.objects.get().state == PieceState.SOLD
        melt(owner, before_g=Decimal(10), after_g=Decimal(10))
        assert Piece.objects.get().state == PieceState.SCRAPPED


class TestRefiner:
    @pytest.fixture
    def refiner(self, owner, scope):
        return add_customer(name="Emirates Refining", kind="refiner", by=owner, at=make.NOON)

    @pytest.fixture
    def sent(self, owner, sealed, refiner):
        """A bar of 18.018 fine that cost 1,801.80, at the refiner."""
        melt(owner)
        return send_bar(bar=assay(owner).code, refiner=refiner.pk, by=owner, at=make.NOON)

    def settled(self, bar, by, *, key="settle", **given):
        return settle_bar(
            bar=bar.code,
            given=Given(**{"weight_g": Decimal("18.000"), "fineness": 9999, **given}),
            reason="their note 5",
            key=key,
            by=by,
            at=make.NOON,
        )

    def test_in_metal(self, owner, sent, refiner):
        done = self.settled(sent, owner, kind="metal", charges=Decimal(40))
        assert (done.credited_g, done.gain_g) == (Decimal("17.998"), Decimal("-0.020"))
        assert gold.balance("bullion", "gold") == Decimal("17.998")
        assert gold.balance("bullion") == Decimal("1799.80")
        assert gold.balance("payable", party=refiner.pk) == Decimal("-40")
        assert Bar.objects.get(state=BarState.HERE).cost == Decimal("1799.80")

    def test_in_money(self, owner, sent):
        done = self.settled(
            sent, owner, kind="money", rate_per_fine_g=Decimal("105"), charges=Decimal(50)
        )
        assert done.amount == Decimal("1839.79")  # 17.998 x 105 - 50
        assert done.gain == Decimal("37.99")
        assert gold.balance("bullion") == gold.balance("bullion", "gold") == 0
        assert gold.balance("bank") == Decimal("1839.79")

    def test_once(self, owner, sent):
        done = self.settled(sent, owner, kind="metal")
        assert self.settled(sent, owner, kind="metal") == done
        with pytest.raises(BarElsewhere, match="settled"):
            self.settled(sent, owner, kind="metal", key="again")

    @pytest.mark.parametrize(
        "given",
        [
            {"kind": "money"},
            {"kind": "money", "rate_per_fine_g": Decimal(0)},
            {"kind": "money", "rate_per_fine_g": Decimal("NaN")},
            {"kind": "money", "rate_per_fine_g": Decimal(1), "charges": Decimal(5000)},
            {"kind": "money", "rate_per_fine_g": Decimal(1), "paid_by": "gift_card"},
            {"kind": "metal", "charges": Decimal(-1)},
        ],
    )
    def test_settlements_that_are_none(self, owner, sent, given):
        with pytest.raises(SettlementImpossible):
            self.settled(sent, owner, **given)

    def test_to_somebody_who_is_no_refiner(self, owner, sealed, seller):
        melt(owner)
        with pytest.raises(NoRefiner):
            send_bar(bar=assay(owner).code, refiner=seller.pk, by=owner, at=make.NOON)

    def test_before_it_was_sent(self, owner, sealed):
        melt(owner)
        with pytest.raises(Refusal, match="Send it to a refiner first"):
            self.settled(assay(owner), owner, kind="metal")


class TestRules:
    def test_the_goldsmiths_job(self):
        """MX-03 of the price vectors."""
        job = smith_account(
            issued=[Part(weight_g=Decimal("100.000"), fineness=permille("995"))],
            received=[Part(weight_g=Decimal("105.000"), fineness=permille("916"))],
            scrap=[Part(weight_g=Decimal("1.200"), fineness=permille("916"))],
            loss_percent=Decimal("2.5"),
        )
        assert (job.issued_g, job.received_g, job.scrap_g, job.allowance_g, job.owes_g) == tuple(
            map(Decimal, ("99.500", "96.180", "1.099", "2.405", "-0.184"))
        )

    def test_an_assay_that_agrees_moves_nothing(self):
        result = assayed(
            after_g=Decimal(10),
            sample_g=Decimal(0),
            fineness=9160,
            assumed_fine_g=Decimal("9.160"),
            cost=Decimal("900"),
            step=Decimal("0.01"),
        )
        assert (result.gain_g, result.gain) == (0, 0)
