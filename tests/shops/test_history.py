"""The history that triggers write: nothing passes by, nobody switches it off."""

from datetime import date, timedelta

import pytest
from django.db import DataError, ProgrammingError, connection, transaction
from django.utils import timezone
from persiantools.jdatetime import JalaliDate

from apps.customers.models import Customer
from apps.shops import history
from apps.shops.acting import acting
from apps.shops.days import day_of
from apps.shops.models import Change, Member, Register, Role
from apps.shops.scope import shop_scope
from tests import make

pytestmark = pytest.mark.django_db


def run(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)


def of(table, row):
    return list(Change.objects.filter(table=table, row=row).order_by("pk"))


def test_a_page_leaves_who_where_and_the_request(client, shop, owner, scope):
    zoe = make.member(of=shop, role=Role.CASHIER, username="zoe")
    client.force_login(owner.user)
    client.post(f"/shops/members/{zoe.pk}/role/", {"role": "manager"}, REMOTE_ADDR="192.0.2.7")
    change = of("shops_member", zoe.pk)[-1]
    assert (change.op, change.before, change.after) == (
        "U",
        {"role": "cashier"},
        {"role": "manager"},
    )
    assert change.who == owner
    assert change.source == f"page /shops/members/{zoe.pk}/role/"
    assert change.address == "192.0.2.7"
    assert change.request
    assert change.login == "jewelry_app"


def test_raw_sql_and_bulk_changes_do_not_pass_by(shop, owner, scope):
    Register.objects.all().update(name="Front")
    run("UPDATE shops_register SET name = 'Back'")
    till = Register.objects.get()
    assert [(c.before, c.after) for c in of("shops_register", till.pk)[-2:]] == [
        ({"name": "Till 1"}, {"name": "Front"}),
        ({"name": "Front"}, {"name": "Back"}),
    ]


def test_what_is_hidden_or_hot_is_not_written(shop, owner, scope):
    till = Register.objects.get()
    before = len(of("shops_register", till.pk))
    run("UPDATE shops_register SET last_number = last_number + 1")
    run("UPDATE shops_register SET name = name")
    assert len(of("shops_register", till.pk)) == before
    Member.objects.filter(pk=owner.pk).update(pin="a hash", pin_failures=3)
    change = of("shops_member", owner.pk)[-1]
    assert (change.before, change.after) == ({"pin": "…"}, {"pin": "…"})


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM shops_change",
        "UPDATE shops_change SET after = '{}'",
        'INSERT INTO shops_change (shop_id, "table", "row", op, source, address, request, login,'
        " at, before, after) VALUES (1, 'x', 1, 'U', '', '', '', '', now(), '{}', '{}')",
        "ALTER TABLE shops_register DISABLE TRIGGER ALL",
        "DROP TRIGGER shops_register_history_changed ON shops_register",
        "DROP FUNCTION shops_keep_history() CASCADE",
        "SET session_replication_role = replica",
        "TRUNCATE shops_change",
    ],
)
def test_the_serving_role_neither_writes_nor_stops_it(shop, scope, statement):
    with (
        pytest.raises(ProgrammingError, match=r"denied|must be owner"),
        transaction.atomic(),
    ):
        run(statement)


def test_another_shop_reads_none_of_it(shop, owner, scope):
    Register.objects.all().update(name="Front")
    with shop_scope(make.shop(name="Other").pk):
        assert not Change.objects.filter(after__name="Front").exists()


def test_a_stranger_or_a_till_of_others_is_not_written_down(shop, owner, scope):
    stranger = make.member(of=make.shop(name="Other"))
    with shop_scope(stranger.shop_id):
        theirs = Register.objects.get().pk
    with (
        acting(member=stranger.pk, source="page /", till=theirs, address="", request=""),
        shop_scope(shop.pk),
    ):
        Register.objects.all().update(name="Front")
    change = Change.objects.filter(table="shops_register").latest("pk")
    assert (change.who, change.till) == (None, None)


def test_what_no_door_did_names_its_program(shop, scope):
    Register.objects.all().update(name="Front")
    assert Change.objects.latest("pk").source.startswith(("command ", "program "))


def test_only_the_history_of_customers_is_redacted(shop, owner, scope):
    till = Register.objects.get()
    Register.objects.all().update(name="Front")
    with pytest.raises((ProgrammingError, DataError), match="not a person"), transaction.atomic():
        history.redact(table="shops_register", row=till.pk)
    assert history.redact(table="customers_customer", row=1) == 0


class TestThePage:
    @pytest.fixture
    def at_work(self, client, owner):
        client.force_login(owner.user)
        return client

    def test_it_says_it_in_words_and_is_narrowed_down(self, at_work, shop, owner):
        zoe = make.member(of=shop, role=Role.CASHIER, username="zoe")
        at_work.post(f"/shops/members/{zoe.pk}/role/", {"role": "manager"})
        page = at_work.get("/shops/changes/").content.decode()
        assert "<del><bdi>Cashier</bdi></del>" in page
        assert "<ins><bdi>Manager</bdi></ins>" in page
        for query, shown in (
            ({"table": "shops_member", "row": zoe.pk}, True),
            ({"table": "shops_register"}, False),
            ({"who": zoe.pk}, False),
            ({"op": "D"}, False),
            ({"op": "U", "who": owner.pk}, True),
            ({"row": "x", "who": "\x00", "table": "x", "op": "x", "before": "x"}, True),
        ):
            found = at_work.get("/shops/changes/", query)
            assert found.status_code == 200
            assert ("<ins><bdi>Manager</bdi></ins>" in found.content.decode()) is shown, query

    def test_older_ones_follow(self, at_work, shop, scope):
        for number in range(60):
            Register.objects.all().update(name=f"Till {number}")
        page = at_work.get("/shops/changes/", {"table": "shops_register"})
        assert "<ins><bdi>Till 59</bdi></ins>" in page.content.decode()
        older = at_work.get(f"/shops/changes/{page.context['older']}").content.decode()
        assert "<ins><bdi>Till 59</bdi></ins>" not in older
        assert "<ins><bdi>Till 5</bdi></ins>" in older

    @pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
    def test_days_are_those_of_the_shop_and_read_in_both_calendars(self, client, zone):
        """25 hours lie between the two zones: at least one has another day than the server."""
        shop = make.shop(time_zone=zone)
        client.force_login(make.member(of=shop).user)
        with shop_scope(shop.pk):
            Register.objects.all().update(name="Front")
        today = day_of(shop, timezone.now())
        before, after = today - timedelta(days=1), today + timedelta(days=1)
        jalali = JalaliDate.to_jalali(today).strftime("%Y/%m/%d", locale="fa")
        for query, shown in (
            ({"since": today, "until": today}, True),
            ({"since": jalali, "until": jalali}, True),
            ({"since": before}, True),
            ({"until": after}, True),
            ({"until": before}, False),
            ({"since": after}, False),
            ({"since": date.min, "until": date.max}, True),
        ):
            found = client.get("/shops/changes/", {"table": "shops_register", **query})
            assert found.status_code == 200
            assert ("<ins><bdi>Front</bdi></ins>" in found.content.decode()) is shown, query

    def test_the_days_stay_in_the_form_and_go_with_the_links(self, at_work, shop, scope):
        for number in range(60):
            Register.objects.all().update(name=f"Till {number}")
        day = day_of(shop, timezone.now()).isoformat()
        query = {"table": "shops_register", "since": day, "until": day}

        page = at_work.get("/shops/changes/", query)

        assert page.content.decode().count(f'value="{day}"') == 2
        older = at_work.get(f"/shops/changes/{page.context['older']}")
        assert older.content.decode().count(f'value="{day}"') == 2
        assert "<ins><bdi>Till 5</bdi></ins>" in older.content.decode()
        assert "before=" in page.context["older"]

    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ({"since": "gestern"}, "“gestern” is no day."),
            ({"until": "2026-02-30"}, "“2026-02-30” is no day."),
            ({"since": "2026-03-02", "until": "2026-03-01"}, "Turn the two days round."),
            ({"since": "\x00"}, "is no day"),
        ],
    )
    @pytest.mark.parametrize("headers", [{}, {"hx-request": "true"}])
    def test_days_that_are_none_are_said(self, at_work, scope, query, said, headers):
        Register.objects.all().update(name="Front")

        found = at_work.get("/shops/changes/", query, headers=headers)

        assert found.status_code == 422
        assert said in found.content.decode()
        assert "<ins>" not in found.content.decode()

    def test_clerks_read_none(self, client, clerk):
        client.force_login(clerk.user)
        assert client.get("/shops/changes/").status_code == 403


class TestOtherApps:
    def test_a_weight_leaves_its_trace_and_a_state_does_not(self, shop, owner, scope):
        piece = make.piece(by=owner)
        run("UPDATE inventory_piece SET state = 'reserved' WHERE id = %s", piece.pk)
        assert of("inventory_piece", piece.pk) == []
        run("UPDATE inventory_piece SET cost = cost + 1, state = 'in_stock'")
        (change,) = of("inventory_piece", piece.pk)
        assert set(change.after) == {"cost"}

    def test_an_erased_customer_is_erased_here_too(self, shop, owner, scope):
        customer = Customer.objects.create(name="Nadia Rahman", created_at=make.NOON)
        Customer.objects.filter(pk=customer.pk).update(name="–", phone="")
        assert history.redact(table="customers_customer", row=customer.pk) == 1
        (change,) = of("customers_customer", customer.pk)
        assert (change.before, change.after) == ({"name": "…"}, {"name": "…"})
        with shop_scope(make.shop(name="Other").pk):
            assert history.redact(table="customers_customer", row=customer.pk) == 0
