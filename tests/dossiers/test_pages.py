"""The dossier's pages: all of a customer, who is listed twice, merging and erasing."""

import pytest
from django.urls import reverse

from apps.customers.models import Customer
from apps.customers.services import add_customer
from apps.dossiers.merging import merge
from apps.shops.models import Role
from apps.shops.scope import shop_scope
from tests import make
from tests.make import NOON

pytestmark = pytest.mark.django_db
KEY = "5a7f3c2e-8d63-4a30-9a5e-0b9f4f0f3a11"
RTL = "زهرا کریمی"


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def two(shop, owner):
    with shop_scope(shop.pk):
        return (
            add_customer(name=RTL, phone="۰۵۰ ۱۲۳ ۴۵۶۷", by=owner, at=NOON),
            add_customer(name="Zahra " + "K" * 110, phone="+971 50 123 4567", by=owner, at=NOON),
        )


def at(name, *args):
    return reverse(f"dossiers:{name}", args=args)


def test_everything_of_a_customer_is_on_one_page(signed_in, two):
    page = signed_in.get(at("customer", two[0].pk))

    assert page.status_code == 200
    assert f"<bdi>{RTL}</bdi>" in page.text
    assert "Nothing was bought yet." in page.text
    assert signed_in.get(at("customer", two[0].pk), {"before": "x"}).status_code == 200


def test_bills_cost_the_same_number_of_queries(signed_in, two, shop, django_assert_max_num_queries):
    with django_assert_max_num_queries(32):
        signed_in.get(at("customer", two[0].pk))


def test_who_is_listed_twice_is_found_by_the_phone_in_any_digits(signed_in, two):
    page = signed_in.get(at("duplicates"))

    assert "The same phone" in page.text
    assert at("merge", two[0].pk, two[1].pk) in page.text


def test_two_are_made_one(signed_in, shop, two):
    keep, gone = two
    look = signed_in.get(at("merge", keep.pk, gone.pk))
    refused = signed_in.post(at("merge", keep.pk, gone.pk), {"key": KEY, "reason": ""})
    done = signed_in.post(at("merge", keep.pk, gone.pk), {"key": KEY, "reason": "One person"})

    assert "There is no way back" in look.text
    assert refused.status_code == 422
    assert done.url == at("customer", keep.pk)
    with shop_scope(shop.pk):
        assert Customer.objects.get(merged_into=keep).pk == gone.pk
    for name in ("customers:show", "dossiers:customer"):
        answer = signed_in.get(reverse(name, args=[gone.pk]))
        assert answer.url == reverse(name, args=[keep.pk])
    assert signed_in.get(at("merge-document", f"{gone.pk}-{keep.pk}")).url == at(
        "customer", keep.pk
    )
    again = signed_in.post(at("merge", keep.pk, gone.pk), {"key": KEY, "reason": "Again"})
    assert again.status_code == 409


def test_a_clerk_merges_nobody_and_erases_nobody(client, shop, two):
    clerk = make.member(of=shop, role=Role.CASHIER)
    client.force_login(clerk.user)

    answer = client.post(at("merge", two[0].pk, two[1].pk), {"key": KEY, "reason": "x"})

    assert answer.status_code in (403, 409, 422)
    assert client.post(at("export", two[0].pk)).status_code == 403
    assert client.get(at("erase", two[0].pk)).status_code == 403
    assert "Look at both" not in client.get(at("duplicates")).text
    with shop_scope(shop.pk):
        assert not Customer.objects.exclude(merged_into=None).exists()


def test_a_role_that_was_taken_away_ends_it(signed_in, shop, owner, two):
    make.member(of=shop)
    with shop_scope(shop.pk):
        type(owner).objects.filter(pk=owner.pk).update(role=Role.CASHIER)

    answer = signed_in.post(at("erase", two[0].pk), {"key": KEY, "reason": "x"})

    assert answer.status_code == 403
    with shop_scope(shop.pk):
        assert not Customer.objects.exclude(erased_at=None).exists()


def test_a_person_is_exported_and_erased(signed_in, shop, two):
    file = signed_in.post(at("export", two[1].pk))
    page = signed_in.get(at("erase", two[1].pk))
    done = signed_in.post(at("erase", two[1].pk), {"key": KEY, "reason": "Asked by letter"})

    assert file["Content-Type"] == "application/zip"
    assert "no way back" in page.text
    assert done.url == reverse("customers:show", args=[two[1].pk])
    with shop_scope(shop.pk):
        assert Customer.objects.get(pk=two[1].pk).name.startswith("Erased customer")


def test_another_shops_customer_is_not_found(client, two):
    stranger = make.member(of=make.shop())
    client.force_login(stranger.user)

    for name in ("customer", "erase"):
        assert client.get(at(name, two[0].pk)).status_code == 404
    assert client.get(at("merge", two[0].pk, two[1].pk)).status_code == 404
    assert client.post(at("export", two[0].pk)).status_code == 404


def test_a_merged_customer_is_not_merged_from_the_page(shop, owner, two):
    with shop_scope(shop.pk):
        survivor = merge(keep=two[0].pk, gone=two[1].pk, reason="One", by=owner, at=NOON)
        assert survivor.name == RTL
