"""Buying old gold: what is paid, what is refused, what the books hold."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from apps.core.errors import Refusal
from apps.purchasing.models import OldGoldItem, OldGoldSlip, Photo, Purpose
from apps.purchasing.services.buy import NoSuchTester, PhotoMissing, ValueChanged, buy
from apps.purchasing.services.offers import ItemImpossible, NothingOffered, PaidBy, SlipKeyUsed
from apps.purchasing.services.paying import (
    CashLimitPassed,
    PaymentImpossible,
    PaymentsDoNotMatch,
    TenderNotAllowed,
)
from apps.purchasing.services.photos import PhotoUnreadable
from apps.purchasing.services.sellers import SellerNotKnown
from apps.purchasing.services.valuing import BuyingRateMissing
from apps.purchasing.services.void import void_slip
from apps.shops.approvals import ApprovalNeeded, Approver, set_pin
from apps.shops.models import Approval
from apps.shops.policies import set_policy
from apps.shops.scope import shop_scope
from apps.till.models import Payment
from tests import make
from tests.purchasing import gold
from tests.returns.days import sold


class TestForMoney:
    def test_a_bangle(self, owner, seller, rates):
        slip = gold.slip(of=seller, by=owner)

        assert slip.code == "1-G000001"
        assert slip.total == Decimal("916.00")
        assert slip.items.get().fine_weight_g == Decimal("9.160")
        assert gold.balance("old-gold") == Decimal("916")
        assert gold.balance("old-gold", "gold") == Decimal("9.160")
        assert gold.balance("cash") == Decimal("-916")
        assert gold.balance("opening", "gold") == Decimal("-9.160")
        assert Payment.objects.get().reference == slip.code

    def test_what_is_no_metal_is_deducted(self, owner, seller, rates):
        slip = gold.slip(
            gold.item(gross="12.345", stones_g="1.200", dirt_g="0.045", other_g="1.1"),
            of=seller,
            by=owner,
        )
        assert slip.items.get().net_weight_g == Decimal("10.000")
        assert slip.total == Decimal("916.00")

    def test_a_cut_lowers_the_value_and_not_the_grams(self, owner, seller, rates):
        slip = gold.slip(gold.item(cut_percent="2.5"), of=seller, by=owner)
        assert slip.total == Decimal("893.10")
        assert gold.balance("old-gold", "gold") == Decimal("9.160")

    def test_the_rate_of_its_own_fineness_is_used_as_it_is(self, shop, owner, seller, rates):
        make.rate(of=shop, amount="90", fineness="916", side="buy")
        assert gold.slip(of=seller, by=owner).total == Decimal("900.00")

    def test_the_slip_keeps_who_sold_and_what_was_signed(self, owner, seller, rates):
        slip = gold.slip(of=seller, by=owner)
        seller.name = "Somebody else"
        seller.save()

        slip.refresh_from_db()
        assert slip.seller_name == "Nadia Rahman"
        assert slip.paper == "National identity card …5671"
        assert "free of pledges" in slip.declaration
        assert slip.rules["pack"] == "AE"

    def test_paid_in_parts(self, owner, seller, rates):
        gold.slip(
            of=seller,
            by=owner,
            payments=(PaidBy(kind="cash", amount=Decimal(100)), PaidBy(kind="transfer")),
        )
        assert gold.balance("bank") == Decimal("-816")

    def test_the_stored_item_gives_its_value_again(self, shop, owner, seller, rates):
        from apps.pricing.rules.rates import quoted
        from apps.purchasing.rules.worth import worth

        gold.slip(gold.item(gross="7.777", fineness="750", cut_percent="1.3"), of=seller, by=owner)
        item = OldGoldItem.objects.get()
        again = worth(
            net_g=item.net_weight_g,
            fineness=item.offered_fineness,
            rate=quoted(item.rate_amount, item.rate_unit, item.rate_fineness),
            premium_percent=item.premium_percent,
            cut_percent=item.cut_percent,
            step=Decimal("0.01"),
        )
        assert (again.value, again.fine_g) == (item.value, item.fine_weight_g)


class TestRefusals:
    @pytest.mark.parametrize(
        ("terms", "field"),
        [
            ({"gross": "0"}, "gross_weight_g"),
            ({"gross": "-1"}, "gross_weight_g"),
            ({"gross": "NaN"}, "gross_weight_g"),
            ({"gross": "Infinity"}, "gross_weight_g"),
            ({"gross": "1000000"}, "gross_weight_g"),
            ({"gross": "1.0005"}, "gross_weight_g"),
            ({"gross": "10", "stones_g": "10"}, "gross_weight_g"),
            ({"gross": "10", "stones_g": "6", "dirt_g": "6"}, "gross_weight_g"),
            ({"stones_g": "-1"}, "stones_g"),
            ({"fineness": "1000"}, "tested_fineness"),
            ({"fineness": ""}, "tested_fineness"),
            ({"method": "by eye"}, "tested_fineness"),
            ({"offered_fineness": "1000"}, "offered_fineness"),
            ({"cut_percent": "100"}, "cut_percent"),
            ({"cut_percent": "NaN"}, "cut_percent"),
            ({"cut_percent": "-1"}, "cut_percent"),
            ({"rate_per_g": "0"}, "rate_per_g"),
            ({"rate_per_g": "-5"}, "rate_per_g"),
            ({"rate_per_g": "Infinity"}, "rate_per_g"),
            ({"metal": "tin"}, "metal"),
            ({"description": " "}, "description"),
            ({"gross": "0.001", "fineness": "1"}, "gross_weight_g"),
        ],
    )
    def test_what_no_scale_shows(self, owner, seller, rates, terms, field):
        with pytest.raises(ItemImpossible) as refused:
            gold.slip(gold.item(), gold.item(**terms), of=seller, by=owner)
        assert (refused.value.position, refused.value.field) == (2, field)
        assert not OldGoldSlip.objects.exists()

    def test_nothing_on_the_slip(self, owner, seller, rates):
        with pytest.raises(NothingOffered):
            buy(offer=replace(gold.offer(of=seller), items=()), by=owner, at=make.NOON)

    def test_no_buying_rate_today(self, shop, owner, seller):
        make.rate(of=shop, amount="110")  # selling alone
        make.rate(of=shop, amount="100", side="buy", at=make.NOON - timedelta(days=1))
        with pytest.raises(BuyingRateMissing, match="no buying rate today"):
            gold.slip(of=seller, by=owner)

    def test_the_rate_moved_after_it_was_shown(self, shop, owner, seller, rates):
        offer = gold.offer(of=seller, seen_total=Decimal("916.00"))
        make.rate(of=shop, amount="99", side="buy", at=make.NOON + timedelta(minutes=1))
        with pytest.raises(ValueChanged, match=r"906\.84 now"):
            buy(offer=offer, by=owner, at=make.NOON + timedelta(minutes=2))

    @pytest.mark.parametrize(
        ("payments", "refusal"),
        [
            ((), PaymentsDoNotMatch),
            ((PaidBy(kind="cash", amount=Decimal(900)),), PaymentsDoNotMatch),
            ((PaidBy(kind="cash", amount=Decimal(-1)), PaidBy(kind="cash")), PaymentImpossible),
            ((PaidBy(kind="cash", amount=Decimal("NaN")),), PaymentsDoNotMatch),
            ((PaidBy(kind="cash"), PaidBy(kind="cash")), PaymentsDoNotMatch),
            ((PaidBy(kind="gift_card"),), TenderNotAllowed),
            ((PaidBy(kind="gold teeth"),), PaymentImpossible),
        ],
    )
    def test_payments_that_are_none(self, owner, seller, rates, payments, refusal):
        with pytest.raises(refusal):
            gold.slip(of=seller, by=owner, payments=payments)

    def test_an_unknown_tester(self, owner, seller, rates):
        with pytest.raises(NoSuchTester):
            gold.slip(gold.item(tester="nobody"), of=seller, by=owner)

    def test_another_shops_seller(self, owner, rates):
        other = make.shop(name="Other")
        stranger = make.member(of=other)
        with shop_scope(other.pk):
            theirs = gold.seller(by=stranger)
        with pytest.raises(Refusal, match="not in this shop"):
            gold.slip(of=theirs, by=owner)

    def test_a_tag_that_we_did_not_sell(self, owner, seller, rates):
        make.piece(by=owner, tag="R-1")
        with pytest.raises(ItemImpossible, match="was not sold by this shop"):
            gold.slip(gold.item(own_tag="R-1"), of=seller, by=owner)

    def test_a_tag_that_is_bought_already(self, owner, seller, rates):
        """One paper of ours proves where one bangle came from."""
        make.piece(by=owner, tag="R-1")
        sold("R-1", by=owner, given=Decimal(2000))
        first = gold.slip(gold.item(own_tag="R-1"), of=seller, by=owner)
        with pytest.raises(ItemImpossible, match="came back already"), transaction.atomic():
            gold.slip(gold.item(own_tag="R-1"), of=seller, by=owner)

        void_slip(slip=first.code, reason="wrong ring", key="void-1", by=owner, at=make.NOON)
        gold.slip(gold.item(own_tag="R-1"), of=seller, by=owner)


class TestOneDirection:
    """A clerk may pay less than the shop's rules give, and more only with a second person."""

    @pytest.mark.parametrize(
        "terms",
        [{"rate_per_g": "91.61"}, {"offered_fineness": "917"}, {"cut_percent": "1"}],
    )
    def test_more_needs_a_second_person(self, clerk, owner, seller, rates, terms):
        set_policy("old_gold", {"cut_percent": "2"}, by=None, at=make.NOON)
        if "cut_percent" not in terms:
            terms = {**terms, "cut_percent": "2"}
        with pytest.raises(ApprovalNeeded):
            gold.slip(gold.item(**terms), of=seller, by=clerk, reason="an old customer")

        set_pin(member=owner, pin="1984")
        slip = gold.slip(
            gold.item(**terms),
            of=seller,
            by=clerk,
            reason="an old customer",
            approver=Approver(username=owner.user.username, pin="1984"),
        )
        approval = Approval.objects.get(reference=slip.code)
        assert approval.approved_by == owner

    def test_less_needs_nobody(self, clerk, seller, rates):
        assert gold.slip(gold.item(rate_per_g="90"), of=seller, by=clerk).total == 900

    def test_more_by_somebody_in_charge_needs_a_reason(self, owner, seller, rates):
        with pytest.raises(Refusal, match="no reason"):
            gold.slip(gold.item(rate_per_g="95"), of=seller, by=owner)


class TestOfThePlace:
    def test_who_the_seller_is(self, owner, rates):
        nobody = gold.seller(by=owner, phone="", paper="")
        with pytest.raises(SellerNotKnown, match="the phone number"):
            gold.slip(of=nobody, by=owner)

    def test_more_is_asked_above_an_amount(self, owner, rates):
        without_paper = gold.seller(by=owner, paper="")
        gold.slip(of=without_paper, by=owner)
        with pytest.raises(SellerNotKnown, match="an identity paper"):
            gold.slip(gold.item(gross="700"), of=without_paper, by=owner)

    def test_cash_up_to_the_limit_of_the_day(self, owner, seller, rates):
        set_policy("old_gold", {"cash": {"amount": "1000", "days": 1}}, by=None, at=make.NOON)
        gold.slip(of=seller, by=owner)
        with pytest.raises(CashLimitPassed, match=r"84\.00 of it is left"):
            gold.slip(of=seller, by=owner)
        gold.slip(of=seller, by=owner, payments=(PaidBy(kind="transfer"),))
        gold.slip(of=gold.seller(by=owner, name="Another"), by=owner)

    def test_no_cash_at_all(self, owner, seller, rates):
        set_policy("old_gold", {"tenders": ["transfer"]}, by=None, at=make.NOON)
        with pytest.raises(TenderNotAllowed, match="may not be paid for by cash"):
            gold.slip(of=seller, by=owner)

    def test_photos_where_they_are_asked_for(self, owner, seller, rates):
        set_policy("old_gold", {"photo": True}, by=None, at=make.NOON)
        with pytest.raises(PhotoMissing):
            gold.slip(of=seller, by=owner)
        gold.slip(gold.item(photos=(gold.picture(),)), of=seller, by=owner)
        assert Photo.objects.get().content[:2] == b"\xff\xd8"

    def test_the_rules_of_a_day_stay_those_of_the_day(self, owner, seller, rates):
        set_policy("old_gold", {"hold_days": 5}, by=None, at=make.NOON + timedelta(minutes=5))
        assert gold.slip(of=seller, by=owner).hold_until is None
        later = gold.slip(of=seller, by=owner, at=make.NOON + timedelta(minutes=6))
        assert later.hold_until == later.day + timedelta(days=5)


class TestExchange:
    def test_the_premium_of_an_exchange(self, owner, seller, rates):
        set_policy("old_gold", {"premium_percent": "2"}, by=None, at=make.NOON)
        slip = gold.slip(of=seller, by=owner, purpose=Purpose.EXCHANGE)
        assert slip.total == slip.claim_left == Decimal("934.32")
        assert gold.balance("old-gold-due", party=seller.pk) == Decimal("-934.32")
        assert gold.balance("cash") == 0
        assert gold.slip(of=seller, by=owner).total == Decimal("916.00")


class TestTwice:
    def test_the_same_form_is_one_slip(self, owner, seller, rates):
        offer = gold.offer(of=seller, key="one")
        first = buy(offer=offer, by=owner, at=make.NOON)
        again = buy(offer=offer, by=owner, at=make.NOON + timedelta(minutes=1))
        assert again == first
        assert Payment.objects.count() == 1

    def test_the_same_key_with_other_gold(self, owner, seller, rates):
        gold.slip(of=seller, by=owner, key="one")
        with pytest.raises(SlipKeyUsed, match="1-G000001"):
            gold.slip(gold.item(gross="11"), of=seller, by=owner, key="one")


class TestPhotos:
    def test_what_the_camera_wrote_is_left_behind(self, owner, seller, rates):
        from PIL import Image

        exif = Image.Exif()
        exif[0x010F] = "Secret camera"
        taken = gold.picture(exif=exif)
        assert b"Secret camera" in taken
        gold.slip(gold.item(photos=(taken,)), of=seller, by=owner)
        assert b"Secret camera" not in bytes(Photo.objects.get().content)

    def test_a_large_one_is_made_small(self, owner, seller, rates):
        gold.slip(gold.item(photos=(gold.picture("PNG", (3000, 2000)),)), of=seller, by=owner)
        photo = Photo.objects.get()
        assert (photo.width, photo.height) == (1280, 853)

    @pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg onload=alert(1)>", b"\xff\xd8\xff"])
    def test_what_is_no_picture(self, owner, seller, rates, content):
        with pytest.raises(PhotoUnreadable):
            gold.slip(gold.item(photos=(content,)), of=seller, by=owner)


class TestFinished:
    """What was signed cannot be changed, taken away or added to: the database refuses."""

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE purchasing_oldgoldslip SET total = total + 1",
            "UPDATE purchasing_oldgolditem SET value = value + 1",
            "UPDATE purchasing_photo SET width = 1",
            "DELETE FROM purchasing_oldgolditem",
            "DELETE FROM purchasing_oldgoldslip",
            "DELETE FROM purchasing_photo",
        ],
    )
    def test_nothing_is_edited(self, owner, seller, rates, statement):
        gold.slip(gold.item(photos=(gold.picture(),)), of=seller, by=owner)
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)

    def test_nothing_is_added(self, owner, seller, rates):
        gold.slip(of=seller, by=owner)
        item = OldGoldItem.objects.get()
        item.pk, item.position = None, 7
        with transaction.atomic():
            item.save(force_insert=True)
            with (
                pytest.raises(IntegrityError, match="not the 1 it was written with"),
                connection.cursor() as cursor,
            ):
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            transaction.set_rollback(True)
