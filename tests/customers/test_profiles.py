"""Profiles: sizes in four standards, tastes, consent, days of the year, and whole numbers."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from apps.customers import coming
from apps.customers.coming import coming_days
from apps.customers.models import Occasion, PaperLook, Profile
from apps.customers.profiles import (
    LookNotYours,
    LookUnexplained,
    Wishes,
    add_day,
    look_at_number,
    remove_day,
    write_profile,
)
from apps.customers.rules.sizes import NoRingSize, RingStandard, ring_mm, ring_sizes
from apps.customers.selectors import find
from apps.customers.services import CustomerImpossible, add_customer, add_paper, change_customer
from apps.shops.models import Role
from apps.shops.scope import shop_scope
from tests import make
from tests.make import NOON

KEY = "5a7f3c2e-8d63-4a30-9a5e-0b9f4f0f3a11"


def add(by, name="Zahra Karimi", **details):
    return add_customer(name=name, by=by, at=NOON, **details)


class TestSizes:
    @pytest.mark.parametrize(
        ("standard", "size", "mm"),
        [
            ("iso", "54", "54.0"),
            ("us", "7", "54.4"),
            ("us", "6½", "53.1"),
            ("uk", "N", "53.8"),
            ("uk", "l½", "51.9"),
            ("uk", "Z+2", "71.3"),
            ("jp", "13", "53.4"),
        ],
    )
    def test_are_one_circumference(self, standard, size, mm):
        assert ring_mm(RingStandard(standard), size) == Decimal(mm)

    @pytest.mark.parametrize("size", ["", "N", "200", "-3", "abc", "7 8", "1e3", "٥٤x"])
    def test_what_is_no_size_is_refused(self, size):
        with pytest.raises(NoRingSize):
            ring_mm(RingStandard.ISO, size)

    def test_go_there_and_back(self):
        for us in range(3, 14):
            assert ring_sizes(ring_mm(RingStandard.US, str(us))).us == str(us)
        for letter in "FGHIJKLMNOPQRSTUVWXYZ":
            assert ring_sizes(ring_mm(RingStandard.UK, letter)).uk == letter


@pytest.mark.django_db
class TestProfile:
    def test_is_written_and_found_by_its_phones(self, clerk):
        customer = add(clerk, phone="050 111")
        wishes = Wishes(
            ring_mm=Decimal("54.4"),
            metals=["platinum", "gold", "lead"],
            phones=[("کار", "۰۴ ۷۷۷ ۸۸۸۸")],
            consents=True,
            consent_how="On paper",
        )

        write_profile(pk=customer.pk, wishes=wishes, by=clerk, at=NOON)
        write_profile(pk=customer.pk, wishes=wishes, by=clerk, at=NOON + timedelta(days=1))

        profile = Profile.objects.get()
        assert (profile.ring_mm, profile.metals) == (Decimal("54.4"), ["gold", "platinum"])
        assert (profile.consent_at, profile.consent_by) == (NOON, clerk)
        assert find("7778888") == [customer]
        assert find("050111") == [customer]

    def test_consent_is_taken_back(self, clerk):
        customer = add(clerk)
        given = Wishes(consents=True, consent_how="By mail")
        write_profile(pk=customer.pk, wishes=given, by=clerk, at=NOON)

        write_profile(pk=customer.pk, wishes=Wishes(), by=clerk, at=NOON)

        assert Profile.objects.get().consent_at is None

    @pytest.mark.parametrize(
        ("field", "wishes"),
        [
            ("ring_mm", {"ring_mm": Decimal(10)}),
            ("ring_mm", {"ring_mm": Decimal("NaN")}),
            ("chain_cm", {"chain_cm": Decimal("45.55")}),
            ("wrist_cm", {"wrist_cm": Decimal(-1)}),
            ("likes", {"likes": "x" * 301}),
            ("phones", {"phones": [("", "no number")]}),
            ("consent_how", {"consents": True}),
        ],
    )
    def test_what_cannot_be_is_refused_by_its_field(self, clerk, field, wishes):
        customer = add(clerk)
        with pytest.raises(CustomerImpossible) as refused:
            write_profile(pk=customer.pk, wishes=Wishes(**wishes), by=clerk, at=NOON)
        assert refused.value.field == field
        assert not Profile.objects.exists()


@pytest.mark.django_db
class TestDays:
    def test_the_birthday_follows_the_date_of_birth(self, clerk):
        customer = add(clerk, birth_date=date(1990, 2, 3))
        assert Occasion.objects.get().month_day == 203
        details = {"phone": "", "email": "", "address": "", "note": "", "credit_limit": None}

        change_customer(
            pk=customer.pk, name="Z", birth_date=date(1990, 3, 4), **details, by=clerk, at=NOON
        )
        assert Occasion.objects.get().month_day == 304
        change_customer(pk=customer.pk, name="Z", birth_date=None, **details, by=clerk, at=NOON)
        assert not Occasion.objects.exists()

    def test_days_of_the_month_come_in_order(self, clerk):
        one = add(clerk, "Ali", birth_date=date(1980, 1, 31))
        other = add(clerk, birth_date=date(1990, 6, 1))
        add_day(pk=other.pk, kind="wedding", day=date(2015, 1, 2), by=clerk, at=NOON)
        gone = add_day(
            pk=one.pk, kind="other", label="First child", day=date(2020, 1, 9), by=clerk, at=NOON
        )
        remove_day(pk=one.pk, occasion=gone.pk)

        coming = coming_days(today=NOON.date())

        assert [(day.customer, day.on, day.years) for day in coming] == [
            (other, date(2026, 1, 2), 11),
            (one, date(2026, 1, 31), 46),
        ]
        assert [day.is_past for day in coming] == [True, False]

    def test_a_leap_day_comes_every_year(self, clerk):
        add(clerk, birth_date=date(1992, 2, 29))
        assert [day.on for day in coming_days(today=date(2026, 2, 10))] == [date(2026, 2, 28)]

    @pytest.mark.parametrize(
        ("field", "details"),
        [
            ("label", {"kind": "other", "day": NOON.date()}),
            ("day", {"kind": "wedding", "day": NOON.date() + timedelta(days=1)}),
        ],
    )
    def test_a_day_that_cannot_be_is_refused(self, clerk, field, details):
        customer = add(clerk)
        with pytest.raises(CustomerImpossible) as refused:
            add_day(pk=customer.pk, **details, by=clerk, at=NOON)
        assert refused.value.field == field


@pytest.mark.django_db
class TestWholeNumber:
    def test_is_shown_for_a_reason_that_is_kept(self, owner, scope):
        customer = add(owner)
        paper = add_paper(customer=customer, kind="passport", number="A1234567", by=owner, at=NOON)
        asked = {"customer": customer, "paper": paper.pk, "at": NOON}

        with pytest.raises(LookUnexplained):
            look_at_number(**asked, reason=" ", by=owner)
        assert look_at_number(**asked, reason="Police asked", by=owner) == "A1234567"

        assert (PaperLook.objects.get().reason, PaperLook.objects.get().by) == (
            "Police asked",
            owner,
        )

    def test_is_not_for_clerks(self, owner, scope, shop):
        customer = add(owner)
        paper = add_paper(customer=customer, kind="passport", number="A1234567", by=owner, at=NOON)
        clerk = make.member(of=shop, role=Role.SALESPERSON)

        with pytest.raises(LookNotYours):
            look_at_number(customer=customer, paper=paper.pk, reason="x", by=clerk, at=NOON)
        assert not PaperLook.objects.exists()


@pytest.mark.django_db
class TestPages:
    @pytest.fixture
    def customer(self, shop, owner):
        with shop_scope(shop.pk):
            made = add(owner, "زهرا " + "ک" * 110, birth_date=date(1990, 1, 20))
            add_paper(customer=made, kind="passport", number="A1234567", by=owner, at=NOON)
        return made

    @pytest.fixture
    def signed_in(self, client, owner):
        client.force_login(owner.user)
        return client

    def test_a_profile_is_written_in_persian_digits(self, signed_in, shop, customer):
        page = reverse("customers:profile", args=[customer.pk])
        answer = signed_in.post(
            page,
            {
                "ring": "۷",
                "ring_standard": "us",
                "chain_cm": "۴۵٫۵",
                "metals": ["gold"],
                "phones": "۰۴ ۷۷۷ ۸۸۸۸ کار",
            },
        )

        assert answer.status_code == 302, answer.text
        with shop_scope(shop.pk):
            profile = Profile.objects.get()
        assert (profile.ring_mm, profile.chain_cm) == (Decimal("54.4"), Decimal("45.5"))
        assert profile.phones == [{"label": "کار", "number": "۰۴ ۷۷۷ ۸۸۸۸"}]
        shown = signed_in.get(reverse("customers:show", args=[customer.pk])).text
        assert "US" in shown
        assert signed_in.get(page).status_code == 200

    def test_what_is_wrong_comes_back(self, signed_in, customer):
        page = reverse("customers:profile", args=[customer.pk])
        wrong = signed_in.post(page, {"ring": "huge", "ring_standard": "us"})
        day = signed_in.post(
            reverse("customers:day", args=[customer.pk]), {"kind": "other", "day": "2020-01-01"}
        )

        assert (wrong.status_code, day.status_code) == (422, 422)
        assert "This is no ring size there." in wrong.text
        assert "Write what is remembered on it." in day.text

    def test_days_are_listed_and_taken_away(self, signed_in, shop, customer):
        signed_in.post(
            reverse("customers:day", args=[customer.pk]), {"kind": "wedding", "day": "2019-05-05"}
        )
        with shop_scope(shop.pk):
            wedding = Occasion.objects.get(kind="wedding")
        gone = reverse("customers:forget-day", args=[customer.pk, wedding.pk])

        assert signed_in.get(reverse("customers:days")).status_code == 200
        assert signed_in.post(gone).status_code == 302
        assert signed_in.post(gone).status_code == 404

    def test_a_number_is_looked_at(self, signed_in, client, shop, customer):
        with shop_scope(shop.pk):
            paper = customer.papers.get()
        page = reverse("customers:look", args=[customer.pk, paper.pk])
        asked = signed_in.get(page)
        refused = signed_in.post(page, {"reason": ""})
        shown = signed_in.post(page, {"reason": "The bank asked"})

        assert "A1234567" not in asked.text + refused.text
        assert "A1234567" in shown.text
        assert "no-store" in shown["Cache-Control"]
        client.force_login(make.member(of=shop, role=Role.CASHIER).user)
        assert client.post(page, {"reason": "x"}).status_code == 403

    def test_limits_of_cash_are_set(self, signed_in, shop):
        page = reverse("customers:cash-limits")
        limit = reverse("customers:cash-limit", args=["in"])
        law = signed_in.get(page).text
        low = signed_in.post(
            limit, {"in-key": KEY, "in-threshold": "100", "in-days": "7", "in-effect": "block"}
        )
        done = signed_in.post(
            limit, {"in-key": KEY, "in-threshold": "۱۰٬۰۰۰", "in-days": "7", "in-effect": "block"}
        )

        assert "55,000.00" in law
        assert (low.status_code, done.status_code) == (422, 302)
        assert "The lowest limit here is 5,500.00" in low.text
        assert 'value="10,000.00"' in signed_in.get(page).text
        assert signed_in.post(reverse("customers:cash-limit", args=["x"])).status_code == 404


def test_a_jalali_reader_sees_the_jalali_month(monkeypatch):
    monkeypatch.setattr(coming, "counts_jalali", lambda: True)
    born = Occasion(day=date(1990, 3, 21), kind="birth", month_day=321)  # 1 Farvardin 1369
    first, last = coming._month_of(date(2026, 3, 25))

    assert (first, last) == (date(2026, 3, 21), date(2026, 4, 20))
    assert coming._this_year(born, first) == date(2026, 3, 21)
    assert coming._years(born.day, date(2026, 3, 21)) == 36
