"""Founding a shop, its number series, its tokens, and the days on its wall."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO
from threading import Barrier, Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from apps.shops.days import day_of, rates_valid_since, start_of
from apps.shops.identity import member_by_token
from apps.shops.models import Branch, Member, Register, Shop
from apps.shops.scope import shop_scope
from apps.shops.selectors import (
    MemberNotFound,
    RegisterNotFound,
    ShopNotFound,
    member_named,
    shop_named,
)
from apps.shops.services import ShopImpossible, enrol, issue_token, next_number, open_shop
from tests import make

pytestmark = pytest.mark.django_db


def test_a_shop_opens_with_a_branch_and_a_till():
    shop = open_shop(name="Zari", slug="zari", currency="AED", tax_pack="AE")

    with shop_scope(shop.pk):
        assert Branch.objects.get().name == "Zari"
        assert (Register.objects.get().code, Register.objects.get().last_number) == ("1", 0)


@pytest.mark.parametrize(
    "wrong", [{"currency": "AEDX"}, {"currency": "ZZZ"}, {"time_zone": "Asia/Atlantis"}], ids=str
)
def test_a_shop_without_a_currency_or_a_time_zone_is_refused(wrong):
    with pytest.raises(ShopImpossible):
        open_shop(**{"name": "Zari", "slug": "zari", "currency": "AED", "tax_pack": "AE"} | wrong)


def test_two_shops_cannot_have_one_slug():
    open_shop(name="Zari", slug="zari", currency="AED", tax_pack="AE")
    with pytest.raises(IntegrityError, match="shops_shop_slug_unique"), transaction.atomic():
        open_shop(name="Other", slug="zari", currency="AED", tax_pack="AE")
    assert not Shop.objects.filter(name="Other").exists()


class TestMembers:
    def test_once_in_a_shop(self, shop, owner):
        with pytest.raises(IntegrityError, match="shops_member_unique"), transaction.atomic():
            enrol(user=owner.user, shop=shop, role="cashier")

    def test_a_role_that_exists(self, shop):
        with pytest.raises(IntegrityError, match="shops_member_role_known"), transaction.atomic():
            Member.objects.create(user=make.user(), shop=shop, role="king")

    def test_named_by_user_name_in_their_shop(self, shop, owner):
        assert member_named(shop=shop, member=owner.user.username) == owner
        other = make.shop(name="Other")
        with pytest.raises(MemberNotFound, match="is no member of this shop"):
            member_named(shop=other, member=owner.user.username)


def taken_by(member, **where):
    return next_number(by=member, at=make.NOON, **where)


class TestNumbers:
    def test_one_after_the_other(self, owner, scope):
        assert [str(taken_by(owner)) for _ in range(3)] == [
            "1-000001",
            "1-000002",
            "1-000003",
        ]

    def test_a_failed_transaction_gives_its_number_back(self, owner, scope):
        @transaction.atomic
        def sell_in_vain():
            taken_by(owner)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            sell_in_vain()
        assert taken_by(owner).number == 1

    def test_each_register_has_its_own(self, owner, scope):
        Register.objects.create(branch=Branch.objects.get(), code="B", name="Till B")
        taken_by(owner, code="1")
        assert str(taken_by(owner, code="B")) == "B-000001"

    def test_of_an_unknown_register(self, owner, scope):
        with pytest.raises(RegisterNotFound, match="no register 9"):
            taken_by(owner, code="9")

    def test_of_another_shops_register(self, owner, shop):
        other = make.shop(name="Other")
        with shop_scope(other.pk):
            Register.objects.create(branch=Branch.objects.get(), code="Z", name="Till Z")
        with shop_scope(shop.pk), pytest.raises(RegisterNotFound):
            taken_by(owner, code="Z")
        with shop_scope(other.pk):
            assert not Register.objects.filter(last_number__gt=0).exists()

    @pytest.mark.django_db(transaction=True)
    def test_two_tills_at_once_leave_no_gap_and_no_double(self):
        shop = make.shop()
        owner = make.member(of=shop)
        taken, barrier = [], Barrier(2)

        def take():
            barrier.wait(timeout=10)
            for _ in range(5):
                with shop_scope(shop.pk):
                    taken.append(taken_by(owner).number)
            connection.close()

        threads = [Thread(target=take) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=20)
        assert sorted(taken) == list(range(1, 11))


class TestTokens:
    def test_a_token_leads_to_its_member(self, owner):
        token = issue_token(member=owner, at=make.NOON)
        assert member_by_token(f"Bearer {token}") == owner

    def test_two_tokens_differ(self, owner):
        assert issue_token(member=owner, at=make.NOON) != issue_token(member=owner, at=make.NOON)

    def test_a_token_is_long_enough_to_need_no_salt(self, owner):
        assert len(issue_token(member=owner, at=make.NOON)) >= 43  # 256 bits

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer é", "x y z"])
    def test_what_is_no_token_asks_no_database(self, header, django_assert_max_num_queries):
        with django_assert_max_num_queries(1):
            assert member_by_token(header) is None

    def test_the_command_prints_the_token_and_nothing_else(self, shop, owner):
        out = StringIO()
        call_command("create_api_token", shop=shop.slug, member=owner.user.username, stdout=out)
        printed = out.getvalue()
        assert printed.count("\n") == 1
        assert member_by_token(f"Bearer {printed.strip()}") == owner

    def test_the_command_refuses_in_a_sentence(self, shop, owner):
        with pytest.raises(CommandError, match="No shop is called nowhere here"):
            call_command("create_api_token", shop="nowhere", member=owner.user.username)
        with pytest.raises(CommandError, match="nobody is no member of this shop"):
            call_command("create_api_token", shop=shop.slug, member="nobody")


class TestSelectors:
    def test_a_shop_by_slug_or_number(self, shop):
        assert shop_named(shop.slug) == shop_named(str(shop.pk)) == shop

    @pytest.mark.parametrize("name", ["", "nowhere", "0", "99999999", "٣"])
    def test_a_shop_that_is_none(self, name, shop):
        with pytest.raises(ShopNotFound):
            shop_named(name)

    def test_a_shop_without_a_register(self, owner, scope):
        Register.objects.all().delete()
        with pytest.raises(RegisterNotFound, match="has no register"):
            taken_by(owner)


class TestDays:
    def test_the_day_is_the_shops(self):
        late = datetime(2026, 1, 15, 21, 30, tzinfo=UTC)
        assert day_of(Shop(time_zone="UTC"), late) == date(2026, 1, 15)
        assert day_of(Shop(time_zone="Asia/Dubai"), late) == date(2026, 1, 16)
        assert day_of(Shop(time_zone="America/New_York"), late) == date(2026, 1, 15)

    def test_a_day_begins_at_the_shops_midnight(self):
        begins = start_of(Shop(time_zone="Asia/Tehran"), date(2026, 1, 15))
        assert begins.astimezone(UTC) == datetime(2026, 1, 14, 20, 30, tzinfo=UTC)

    def test_the_day_the_clocks_change_is_shorter(self):
        shop = Shop(time_zone="Europe/Zurich")
        lasted = start_of(shop, date(2026, 3, 30)).astimezone(UTC) - start_of(
            shop, date(2026, 3, 29)
        ).astimezone(UTC)
        assert lasted == timedelta(hours=23)

    def test_for_how_long_a_rate_holds(self):
        noon = datetime(2026, 1, 15, 12, tzinfo=UTC)
        assert rates_valid_since(Shop(rate_days=1), noon) == datetime(2026, 1, 15, tzinfo=UTC)
        assert rates_valid_since(Shop(rate_days=3), noon) == datetime(2026, 1, 13, tzinfo=UTC)
