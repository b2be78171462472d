"""A stock count: 5,000 tags scanned one after another, sent as the scanner's page sends them.

    python -m bench.stock_count [TAGS] [--rate 20] [--unanswered 0.05]

A reading is put in a queue at the rate of the scanner (0: as fast as it goes); what is in the
queue is sent together, over HTTP to gunicorn as in production, and leaves the queue when it was
answered. A share of the answers is thrown away, as a bad connection does, so that the same
readings are sent again. At the end the database is asked what it holds.
"""

import argparse
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from http.client import HTTPConnection
from random import Random
from statistics import quantiles
from typing import Any, Final

import django

from bench import production
from local.place import place_from
from local.postgres import started
from local.problem import told_in_one_sentence
from local.run import prepare
from local.spilo import free_port

PORT: Final = 8901
TOGETHER_S: Final = 0.12  # as static/js/count.js
MOST_AT_ONCE: Final = 100
BATCH: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Tray:
    """A tray in hand, and how its page speaks to the server."""

    sheet: int
    url: str
    headers: dict[str, str]
    tags: list[str]


@dataclass(slots=True)
class Sent:
    """What came of it: seconds of each batch, and how often each reading was acknowledged."""

    took_s: list[float] = field(default_factory=list)
    readings: int = 0  # as sent, repeats counted
    thrown_away: int = 0
    acknowledged: Counter[int] = field(default_factory=Counter)
    verdicts: Counter[str] = field(default_factory=Counter)
    all_s: float = 0


def main(arguments: list[str]) -> int:
    """Measure and print; 1 when a scan was lost or counted twice."""
    parser = argparse.ArgumentParser(prog="python -m bench.stock_count")
    parser.add_argument("tags", nargs="?", type=int, default=5000)
    parser.add_argument("--rate", type=float, default=0, help="scans a second; 0: no limit")
    parser.add_argument("--unanswered", type=float, default=0.05, help="share of answers lost")
    asked = parser.parse_args(arguments)
    place = place_from({**os.environ, "DATA_DIR": os.environ.get("DATA_DIR", ".local") + "/bench"})
    with started(place) as server:
        prepare(server)
        production.collect_static(server)
        serving = production.environment(
            server, PORT=str(PORT), HEALTH_BIND="127.0.0.1", HEALTH_PORT=str(free_port())
        )
        os.environ.clear()
        os.environ.update(serving)
        django.setup()
        tray = furnish(asked.tags)
        with production.web(serving):
            sent = scan(tray, rate=asked.rate, unanswered=asked.unanswered)
        return report(tray, sent, rate=asked.rate)


def furnish(tags: int) -> Tray:
    """A shop with one tray of so many pieces, counted by its owner, who is signed in."""
    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from apps.counts.services.sheets import begin
    from apps.counts.services.starting import start_count
    from apps.inventory.models import Place
    from apps.inventory.services.new_pieces import NewMetal, NewPiece
    from apps.inventory.services.take_in import take_in_all
    from apps.ledger.services import open_books
    from apps.shops.models import Branch, Role
    from apps.shops.scope import shop_scope
    from apps.shops.services import enrol, open_shop
    from apps.users.models import User

    now = timezone.now()
    name = f"bench-{now:%Y%m%d%H%M%S}"
    shop = open_shop(name=name, slug=name, currency="AED", tax_pack="AE")
    user = User.objects.create_user(name)
    owner = enrol(user=user, shop=shop, role=Role.OWNER)
    metal = NewMetal(metal="gold", fineness=9160, net_weight_g=Decimal(10))
    shelf = [f"{name[-6:]}-{number:05}" for number in range(tags)]
    with shop_scope(shop.pk):
        open_books()
        place = Place.objects.create(branch=Branch.objects.get(), name="Tray 1", kind="tray")
        for start in range(0, tags, BATCH):
            take_in_all(
                pieces=[
                    NewPiece(
                        tag=tag,
                        name="Ring",
                        category="ring",
                        metals=(metal,),
                        gross_weight_g=Decimal(10),
                        place=place,
                    )
                    for tag in shelf[start : start + BATCH]
                ],
                by=owner,
                at=now,
                reference="bench",
            )
        count = start_count(places=[place.pk], by=owner, at=now)
        sheet = begin(sheet=count.sheets.get(), by=owner, at=now)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    secret = "b" * 32
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.CSRF_COOKIE_NAME: secret,
    }
    return Tray(
        sheet=sheet.pk,
        url=f"/stock/counts/{count.code}/trays/{sheet.pk}/scans/",
        headers={
            "Cookie": "; ".join(f"{key}={value}" for key, value in cookies.items()),
            "X-CSRFToken": secret,
            "Content-Type": "application/json",
            "Host": "localhost",
            "Referer": "https://localhost/",
            "X-Forwarded-Proto": "https",
        },
        tags=shelf,
    )


def scan(tray: Tray, *, rate: float, unanswered: float) -> Sent:
    """Read every tag once, in an order of its own, and send until all is answered."""
    random = Random(7)
    waiting: list[dict[str, Any]] = []
    order = random.sample(tray.tags, len(tray.tags))
    link = HTTPConnection("127.0.0.1", PORT, timeout=30)
    sent, begun, read = Sent(), time.perf_counter(), 0
    while read < len(order) or waiting:
        due = len(order) if not rate else int((time.perf_counter() - begun) * rate) + 1
        if not rate:
            due = min(due, read + MOST_AT_ONCE)
        while read < min(due, len(order)):
            waiting.append({"client": "bench", "seq": read, "tag": order[read]})
            read += 1
        if waiting:
            waiting = _send(link, tray, waiting, sent, lose=random.random() < unanswered)
        if rate and read < len(order):
            time.sleep(TOGETHER_S)
    sent.all_s = time.perf_counter() - begun
    link.close()
    return sent


def _send(
    link: HTTPConnection, tray: Tray, waiting: list[dict[str, Any]], sent: Sent, *, lose: bool
) -> list[dict[str, Any]]:
    """Send the oldest of what waits; what still waits afterwards."""
    batch = waiting[:MOST_AT_ONCE]
    begun = time.perf_counter()
    link.request("POST", tray.url, json.dumps({"scans": batch}), tray.headers)
    answer = link.getresponse()
    said = answer.read()
    sent.took_s.append(time.perf_counter() - begun)
    sent.readings += len(batch)
    assert answer.status == 200, (answer.status, said[:500])
    if lose:
        sent.thrown_away += 1
        return waiting
    told = {each["seq"]: each["verdict"] for each in json.loads(said)["acknowledged"]}
    sent.acknowledged.update(told.keys())
    sent.verdicts.update(told.values())
    return [each for each in waiting if each["seq"] not in told]


def report(tray: Tray, sent: Sent, *, rate: float) -> int:
    """Print the table."""
    from apps.counts.models import CountScan, CountSheet
    from apps.shops.models import Shop
    from apps.shops.scope import shop_scope

    with shop_scope(Shop.objects.latest("pk").pk):
        sheet = CountSheet.objects.get(pk=tray.sheet)
        held = Counter(CountScan.objects.filter(sheet=sheet).values_list("tag", flat=True))
    lost = sum(tag not in held for tag in tray.tags)
    doubled = sum(times - 1 for times in held.values()) + sent.verdicts["again"]
    cuts = [1000 * cut for cut in quantiles(sent.took_s, n=100)]
    pace = f"{rate:g} a second" if rate else "no limit"
    print(f"\nStock count, {len(tray.tags):,} tags, {pace}, {sent.all_s:.1f} s")
    for name, value in (
        ("scans read", len(tray.tags)),
        ("scans sent, repeats counted", sent.readings),
        ("answers thrown away", sent.thrown_away),
        ("scans acknowledged", len(sent.acknowledged)),
        ("scans in the database", sum(held.values())),
        ("lost", lost),
        ("counted twice", doubled),
    ):
        print(f"{name:<32}{value:>10,}")
    print(f"{'scans a second':<32}{len(tray.tags) / sent.all_s:>10.0f}")
    print(f"{'ms per batch, p50 · p95 · p99':<32}{cuts[49]:>10.1f}{cuts[94]:>9.1f}{cuts[98]:>9.1f}")
    return int(bool(lost or doubled or len(sent.acknowledged) != len(tray.tags)))


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
