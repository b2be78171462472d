"""Erasing: refused while anything is open; then nothing that the law lets go is left anywhere."""

import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from apps.customers.models import Customer, IdentityPaper, Occasion, PaperLook, Profile
from apps.customers.profiles import Wishes, add_day, write_profile
from apps.customers.selectors import find
from apps.customers.services import add_customer, add_paper
from apps.dossiers.erasing import ErasedAlready, StillOpen, erase
from apps.dossiers.exporting import export
from apps.dossiers.merging import merge
from apps.dossiers.tasks import forget_papers_everywhere
from apps.ledger import chart
from apps.ledger.services import Amount, post
from apps.shops.approvals import NotAllowed
from apps.shops.models import Change, Role
from apps.shops.scope import shop_scope
from tests import make
from tests.make import NOON

pytestmark = pytest.mark.django_db
SIX_YEARS = timedelta(days=6 * 366)


def somebody(by, **details):
    given = {
        "name": "Zahra Karimi",
        "phone": "050 123 4567",
        "email": "zahra@home.example",
        "address": "12 Gold Street",
        "birth_date": NOON.date().replace(year=1990),
        "note": "Likes rubies",
        **details,
    }
    return add_customer(**given, by=by, at=NOON)


def wipe(by, customer, at=NOON):
    return erase(pk=customer.pk, reason="Asked in writing", by=by, at=at)


@pytest.fixture
def known(owner, scope):
    customer = somebody(owner)
    write_profile(
        pk=customer.pk,
        wishes=Wishes(likes="Rubies", phones=[("Work", "04 777 8888")]),
        by=owner,
        at=NOON,
    )
    add_day(pk=customer.pk, kind="wedding", day=NOON.date(), by=owner, at=NOON)
    add_paper(customer=customer, kind="passport", number="X9876543", by=owner, at=NOON)
    return customer


def test_nothing_of_the_person_is_left(owner, known):
    erased = wipe(owner, known, at=NOON + SIX_YEARS)

    row = Customer.objects.get(pk=known.pk)
    assert row.name == f"Erased customer {known.pk}"
    assert (row.phone, row.email, row.address, row.note, row.birth_date) == ("", "", "", "", None)
    assert erased.papers_kept == 0
    for model in (IdentityPaper, Profile, Occasion):
        assert not model.objects.exists()
    for word in ("zahra", "0501234567", "6543", "777"):
        assert find(word) == []


def test_the_history_says_it_no_more(owner, known):
    wipe(owner, known, at=NOON + SIX_YEARS)

    said = "".join(f"{row.before}{row.after}" for row in Change.objects.all())
    for word in ("Zahra", "050 123", "Rubies", "Gold Street", "6543", "777"):
        assert word not in said
    assert Change.objects.filter(table="customers_customer").exists()


def test_papers_stay_sealed_as_long_as_the_law_asks(owner, known):
    erased = wipe(owner, known)

    assert (erased.papers_kept, erased.kept_until) == (1, NOON.date().replace(year=2031))
    assert find("6543") == []


def test_the_database_removes_no_paper_of_somebody_who_is_not_erased(known):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT customers_forget_papers(%s, %s)", [known.pk, NOON + timedelta(days=9)]
        )
        assert cursor.fetchone() == (0,)
    assert IdentityPaper.objects.exists()


def test_whoever_was_merged_is_erased_too(owner, known):
    other = somebody(owner, name="Zahra K.")
    merge(keep=known.pk, gone=other.pk, reason="One person", by=owner, at=NOON)

    wipe(owner, known, at=NOON + SIX_YEARS)

    assert not Customer.objects.filter(name__startswith="Zahra").exists()


def test_with_money_in_the_account_it_is_refused(owner, known):
    for account in (chart.ADVANCES, chart.DUES):
        post(
            what="deposit",
            reference="1-D000001",
            at=NOON,
            day=NOON.date(),
            by=owner,
            amounts=[
                Amount(account=account, commodity="AED", amount=Decimal(-500), party=known.pk),
                Amount(account=chart.CASH, commodity="AED", amount=Decimal(500)),
            ],
        )

    with pytest.raises(StillOpen) as refused:
        wipe(owner, known)

    assert refused.value.matters == ("Deposits of customers", "Customers' dues")
    assert Customer.objects.get(pk=known.pk).name == "Zahra Karimi"


def test_only_the_owner_erases_and_once(owner, known, shop):
    with pytest.raises(NotAllowed):
        wipe(make.member(of=shop, role=Role.MANAGER), known)
    wipe(owner, known)
    with pytest.raises(ErasedAlready):
        wipe(owner, known)


def test_an_export_has_everything_and_is_written_down(owner, known):
    archive = zipfile.ZipFile(io.BytesIO(export(customer=known, by=owner, at=NOON)))
    data = json.loads(archive.read("customer.json"))
    page = archive.read("customer.html").decode()

    assert data["customer"][0]["name"] == "Zahra Karimi"
    assert data["papers"][0]["number"] == "X9876543"
    assert data["profile"][0]["likes"] == "Rubies"
    assert "search_text" not in data["customer"][0]
    assert "12 Gold Street" in page
    assert PaperLook.objects.get().by == owner


def test_the_worker_forgets_papers_each_night_in_every_shop(monkeypatch):
    periodic = {task.task.name: task.cron for task in app.periodic_registry.periodic_tasks.values()}
    assert periodic["dossiers.forget_papers"] == "23 2 * * *"
    shops = [make.shop(), make.shop(name="Other")]
    for shop in shops:
        with shop_scope(shop.pk):
            by = make.member(of=shop)
            gone, stays = somebody(by), somebody(by, name="Mona", phone="")
            for customer in (gone, stays):
                add_paper(customer=customer, kind="passport", number="X98765", by=by, at=NOON)
            wipe(by, gone)

    forget_papers_everywhere(timestamp=0)
    for shop in shops:
        with shop_scope(shop.pk):
            assert IdentityPaper.objects.count() == 2  # the law keeps them five years

    monkeypatch.setattr(timezone, "now", lambda: NOON + SIX_YEARS)
    for _twice in range(2):
        forget_papers_everywhere(timestamp=0)
        for shop in shops:
            with shop_scope(shop.pk):
                assert IdentityPaper.objects.get().customer.name == "Mona"
