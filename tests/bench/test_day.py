"""A short day by Locust on a live server: every action works, and the books are asked for again."""

import importlib.util
import json
import os
import re
import subprocess
import sys

import pytest
from django.test import Client
from django.utils import timezone

from apps.sales.models import Sale
from apps.shops.models import Role
from apps.shops.scope import shop_scope
from bench.day_books import Done, Sold, from_outside
from bench.day_shops import seat
from local.place import CHECKOUT
from local.tools import PDF_LIBRARIES
from tests import make

pytestmark = pytest.mark.slow

# Closed by its third sale; the seconds are for a machine that is busy elsewhere.
PIECES, SALES, SECONDS, WITHIN_S = 300, 3, 240, 400


@pytest.fixture
def locust():
    if importlib.util.find_spec("locust") is None:
        why = "Locust is not installed: make .venv/load.stamp"
        pytest.fail(why) if os.environ.get("CI") == "true" else pytest.skip(why)


@pytest.fixture
def people(transactional_db, tmp_path):
    """One shop with two clerks, as the file of `--people` names them."""
    shop = make.shop(name="Harbour")
    owner = make.member(of=shop)
    with shop_scope(shop.pk):
        make.rate(of=shop, at=timezone.now())
        for number in range(PIECES):
            make.piece(by=owner, tag=f"T-{number}")
    clerks = [make.member(of=shop, role=Role.SALESPERSON) for _clerk in range(2)]
    named = {
        "name": shop.slug,
        "manager": seat(owner),
        "clerks": [{**seat(clerk), "till": "1"} for clerk in clerks],
        "tags": [f"T-{number}" for number in range(PIECES)],
    }
    file = tmp_path / "people.json"
    file.write_text(json.dumps({"shops": [named], "paper": PDF_LIBRARIES.is_here()}))
    return shop, file


def day(live_server, file):
    command = [sys.executable, "-m", "bench.day", "--host", live_server.url, "--people", str(file)]
    command += ["--seconds", str(SECONDS), "--hurry", "400", "--sales", str(SALES)]
    return subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=WITHIN_S
    )


def test_a_day_on_a_site_that_runs(locust, people, live_server):
    shop, file = people

    ended = day(live_server, file)

    assert ended.returncode == 0, (ended.stdout[-3000:], ended.stderr[-3000:])
    with shop_scope(shop.pk):
        sales = Sale.objects.count()
    assert sales >= SALES
    acknowledged = f"sales   {sales} acknowledged, {sales} in the books, 0 lost, 0 doubled"
    assert acknowledged in ended.stdout
    assert "ledger  not seen from outside" in ended.stdout
    actions = set(re.findall(r"^([a-z][a-z’', ]+?[a-zA-Z])  +\d", ended.stdout, re.MULTILINE))
    assert {"a sale", "a quote", "a piece", "search the stock", "the bill", "all"} <= actions


def test_a_day_with_nobody_signed_in_fails(locust, people, live_server):
    _shop, file = people
    named = json.loads(file.read_text())
    for one in (named["shops"][0]["manager"], *named["shops"][0]["clerks"]):
        one["session"] = "nobody"
    file.write_text(json.dumps(named))

    ended = day(live_server, file)

    assert ended.returncode == 1
    assert re.search(r"failed +\d+ times: .*: status 302", ended.stdout)
    assert Client().get("/").status_code == 302


def test_a_sale_that_the_shop_has_to_make_anew_was_lost(people, live_server):
    """The key that the clerk was answered for is not known: the audit sees it as lost."""
    shop, file = people
    named = json.loads(file.read_text())["shops"][0]
    total = str(make.RING_TOTAL)
    body = {"lines": [{"tag": "T-0"}], "tenders": [{"kind": "card", "amount": total}]}
    token = named["clerks"][0]["token"]
    sold = Sold(shop.slug, token, "day-1", body, number="1-000001", refused=None)
    done = Done(answered=[], failures={}, orders=[sold], empty=[], seconds=1)
    at = {"host": live_server.url, "headers": {}}

    lost, then = from_outside(at, done), from_outside(at, done)

    assert (lost.acknowledged, lost.recorded, lost.lost) == (1, 0, 1)
    # The first look made it, so a second one finds it.
    assert (then.recorded, then.lost) == (1, 0)
