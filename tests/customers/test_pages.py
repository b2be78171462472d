"""The customers' pages and their API."""

import pytest
from django.urls import reverse

from apps.customers.models import Customer, IdentityPaper
from apps.customers.selectors import PAGE_SIZE
from apps.customers.services import add_customer, add_paper
from apps.shops.scope import shop_scope
from tests import make
from tests.make import NOON

KEY = "5a7f3c2e-8d63-4a30-9a5e-0b9f4f0f3a11"
NUMBER = "A98765432"


@pytest.fixture
def signed_in(client, owner):
    client.force_login(owner.user)
    return client


@pytest.fixture
def customer(shop, owner):
    with shop_scope(shop.pk):
        made = add_customer(name="Zahra Karimi", phone="050 123 4567", by=owner, at=NOON)
        add_paper(customer=made, kind="passport", number=NUMBER, by=owner, at=NOON)
    return made


def send(client, to, /, *args, **fields):
    return client.post(reverse(f"customers:{to}", args=args), fields)


def test_the_list_finds_somebody(signed_in, customer):
    page = signed_in.get(reverse("customers:list"), {"search": "4567 zahra"})
    part = signed_in.get(
        reverse("customers:list"), {"search": "nobody"}, headers={"HX-Request": "true"}
    )

    assert "Zahra Karimi" in page.text
    assert "Nobody matches “nobody”." in part.text
    assert "<html" not in part.text
    assert part["HX-Push-Url"].endswith("?search=nobody")


def test_pages_link_to_their_neighbours(signed_in, shop, owner):
    with shop_scope(shop.pk):
        Customer.objects.bulk_create(
            Customer(name=f"Name {n:03}", created_at=NOON) for n in range(PAGE_SIZE + 1)
        )
    first = signed_in.get(reverse("customers:list"))
    second = signed_in.get(reverse("customers:list") + first.context["next_url"])

    assert "Name 050" in second.text
    assert (
        "Name 000" in signed_in.get(reverse("customers:list") + second.context["previous_url"]).text
    )
    assert signed_in.get(reverse("customers:list"), {"after": "x" * 40}).status_code == 200


@pytest.mark.parametrize("page", ["show", "edit", "paper"])
def test_no_page_shows_a_whole_number(signed_in, customer, page):
    shown = signed_in.get(reverse(f"customers:{page}", args=[customer.pk])).text

    assert NUMBER not in shown
    assert ("5432" in shown) == (page == "show")


def test_a_form_sent_twice_adds_one(signed_in, shop):
    answers = [send(signed_in, "new", name="Ali", credit_limit="1,500", key=KEY) for _ in range(2)]

    with shop_scope(shop.pk):
        added = Customer.objects.get()
    assert [answer.url for answer in answers] == [reverse("customers:show", args=[added.pk])] * 2
    assert added.credit_limit == 1500


def test_a_form_that_cannot_be_comes_back_with_its_sentences(signed_in, shop):
    answer = send(signed_in, "new", name=" ", birth_date="3000-01-01", credit_limit="x", key=KEY)

    assert answer.status_code == 422
    assert "x is no number" in answer.text
    again = send(signed_in, "new", name="Ali", email="no", key=KEY)
    assert "This is no e-mail address." in again.text
    with shop_scope(shop.pk):
        assert not Customer.objects.exists()


def test_a_clerk_changes_details_and_not_the_limit(client, shop, customer):
    clerk = make.member(of=shop, role="cashier")
    client.force_login(clerk.user)
    with shop_scope(shop.pk):
        Customer.objects.update(credit_limit=700)

    page = client.get(reverse("customers:edit", args=[customer.pk]))
    send(client, "edit", customer.pk, name="Zahra Nouri", credit_limit="9", key=KEY)

    assert "May owe up to" not in page.text
    with shop_scope(shop.pk):
        changed = Customer.objects.get()
    assert (changed.name, changed.credit_limit) == ("Zahra Nouri", 700)


def test_a_paper_is_written_down(signed_in, shop, customer):
    answer = send(signed_in, "paper", customer.pk, kind="national_id", number="784 1990 5555 1")
    refused = send(signed_in, "paper", customer.pk, kind="national_id", number="12")

    assert answer.url == reverse("customers:show", args=[customer.pk])
    assert refused.status_code == 422
    assert "4 to 30 letters and digits" in refused.text
    with shop_scope(shop.pk):
        assert IdentityPaper.objects.count() == 2


def test_another_shops_customer_is_not_found(client, customer):
    stranger = make.member(of=make.shop())
    client.force_login(stranger.user)

    for name in ("show", "edit", "paper"):
        assert client.get(reverse(f"customers:{name}", args=[customer.pk])).status_code == 404


# The API


def ask(client, method, path, of, **more):
    headers = {"Authorization": f"Bearer {make.token(of=of)}", **more.pop("headers", {})}
    call = getattr(client, method)
    return call(f"/api/v1{path}", headers=headers, content_type="application/json", **more)


def test_a_program_adds_and_reads_customers(client, owner):
    headers = {"Idempotency-Key": "first"}
    made = [
        ask(
            client,
            "post",
            "/customers",
            owner,
            headers=headers,
            data={"name": "Ali", "credit_limit": "250.00"},
        )
        for _ in range(2)
    ]
    whole = ask(client, "get", f"/customers/{made[0].json()['id']}", owner).json()
    found = ask(client, "get", "/customers?search=ali", owner).json()

    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json() == made[1].json()
    assert (whole["credit_limit"], whole["papers"]) == ("250.00", [])
    assert (len(found["customers"]), found["after"]) == (1, None)


def test_a_program_sees_four_signs_of_a_paper(client, owner, customer):
    answer = ask(client, "get", f"/customers/{customer.pk}", owner)

    assert NUMBER not in answer.text
    assert answer.json()["papers"][0]["last4"] == "5432"


@pytest.mark.parametrize(
    ("data", "status", "error"),
    [
        ({"name": " "}, 422, "CustomerImpossible"),
        ({"name": "Ali", "nothing": 1}, 422, None),
        ({"name": "Ali", "credit_limit": "10"}, 403, "CreditLimitNotYours"),
    ],
)
def test_a_program_is_refused_in_sentences(client, shop, data, status, error):
    clerk = make.member(of=shop, role="salesperson")
    answer = ask(client, "post", "/customers", clerk, headers={"Idempotency-Key": "k"}, data=data)

    assert answer.status_code == status
    assert error in (None, answer.json()["error"])


def test_a_program_asks_for_nobody(client, owner):
    assert ask(client, "get", "/customers/999999", owner).json()["error"] == "CustomerNotFound"
    for none in ("x", "0", "-1", "9" * 30):
        assert ask(client, "get", f"/customers/{none}", owner).status_code == 422
    assert ask(client, "get", "/customers?serch=x", owner).json()["error"] == "ParameterUnknown"


def test_a_program_writes_a_profile(client, owner, customer):
    path = f"/customers/{customer.pk}/profile"
    given = {"ring_mm": "54.4", "metals": ["gold"], "phones": [{"number": "04 777 8888"}]}

    written = ask(client, "put", path, owner, data=given)
    wrong = ask(client, "put", path, owner, data={"ring_mm": "big"})
    whole = ask(client, "get", f"/customers/{customer.pk}", owner).json()

    assert written.json()["ring_us"] == "7"
    assert (wrong.status_code, wrong.json()["error"]) == (422, "CustomerImpossible")
    assert whole["profile"]["phones"] == [{"label": "", "number": "04 777 8888"}]
    assert ask(client, "put", "/customers/999999/profile", owner, data={}).status_code == 404
