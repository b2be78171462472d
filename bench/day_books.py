"""After the day: what was acknowledged, held against what is in the books."""

import http.client
import json
import ssl
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from ops.drills.books import Books, reckon
from ops.drills.cluster import Recorded
from ops.drills.load import Order

WITHIN_S: Final = 30


@dataclass(frozen=True, slots=True)
class Sold:
    """One order of a clerk: who asked for what, and the number that the shop acknowledged."""

    shop: str
    token: str
    key: str
    body: dict[str, Any]
    number: str | None
    refused: str | None

    @property
    def order(self) -> Order:
        """As the reckoning has it. A number counts in its own shop: each begins with 1."""
        number = None if self.number is None else f"{self.shop} {self.number}"
        tag = f"{self.shop} {self.body['lines'][0]['tag']}"
        return Order(key=self.key, tag=tag, number=number, refused=self.refused)


@dataclass(frozen=True, slots=True)
class Done:
    """What Locust wrote down: each answer as (action, seconds, whether it was the one wanted)."""

    answered: Sequence[tuple[str, float, bool]]
    failures: dict[str, int]
    orders: Sequence[Sold]
    empty: Sequence[str]
    seconds: float

    @classmethod
    def of(cls, written: dict[str, Any]) -> "Done":
        orders = [Sold(**order) for order in written["orders"]]
        return cls(**{**written, "orders": orders})


def in_the_database(shops: Iterable[dict[str, Any]], done: Done) -> Books:
    """Reckon with every sale, entry and posting of these shops, which were founded for the day."""
    from django.db.models import Count, Sum

    from apps.ledger.models import Entry, Posting
    from apps.sales.models import Sale, SaleLine
    from apps.shops.models import Shop
    from apps.shops.scope import shop_scope

    recorded, imbalance, twice = [], 0, 0
    for name in (shop["name"] for shop in shops):
        with shop_scope(Shop.objects.get(slug=name).pk):
            entries = dict(
                Entry.objects.filter(what="sale")
                .values_list("reference")
                .annotate(Count("pk"))
                .values_list("reference", "pk__count")
            )
            recorded += [
                Recorded(
                    key=sale.idempotency_key,
                    number=f"{name} {sale.code}",
                    tags=tuple(f"{name} {line.tag}" for line in sale.lines.all()),
                    entries=entries.get(sale.code, 0),
                )
                for sale in Sale.objects.prefetch_related("lines")
            ]
            imbalance += (
                Posting.objects.values("entry", "commodity")
                .annotate(off=Sum("amount"))
                .exclude(off=0)
                .count()
            )
            twice += (
                SaleLine.objects.values("piece").annotate(n=Count("pk")).filter(n__gt=1).count()
            )
    return reckon(
        (sold.order for sold in done.orders), recorded, imbalance=imbalance, sold_twice=twice
    )


def from_outside(day: dict[str, Any], done: Done) -> Books:
    """Reckon by asking each acknowledged sale for again, with its key.

    The shop answers the first sale, and says so. One that it has to make anew was lost. The
    ledger is not seen from outside.
    """
    recorded = []
    acknowledged = [sold for sold in done.orders if sold.number is not None]
    for sold in acknowledged:
        number = _again(day, sold)
        if number is not None:
            tags = tuple(f"{sold.shop} {line['tag']}" for line in sold.body["lines"])
            recorded.append(Recorded(sold.key, f"{sold.shop} {number}", tags, entries=1))
    return reckon((sold.order for sold in done.orders), recorded, imbalance=0)


def _again(day: dict[str, Any], sold: Sold) -> str | None:
    """The number of the first sale with this key; None when there was none."""
    address = urlsplit(day["host"])
    host, port = address.hostname or "localhost", address.port
    link = (
        http.client.HTTPSConnection(
            host, port, timeout=WITHIN_S, context=ssl.create_default_context()
        )
        if address.scheme == "https"
        else http.client.HTTPConnection(host, port, timeout=WITHIN_S)
    )
    headers = {
        **day["headers"],
        "Authorization": f"Bearer {sold.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": sold.key,
    }
    try:
        link.request("POST", "/api/v1/sales", json.dumps(sold.body), headers)
        answer = link.getresponse()
        said = answer.read()
        replayed = answer.getheader("Idempotent-Replayed") == "true"
        return str(json.loads(said)["number"]) if answer.status == 201 and replayed else None
    finally:
        link.close()


def said_of(books: Books, *, ledger_seen: bool) -> str:
    """The books in three lines."""
    ledger = (
        f"{books.imbalance} sums of an entry and commodity not zero,"
        f" {books.unbooked} sales without exactly one entry"
        if ledger_seen
        else "not seen from outside"
    )
    return (
        f"sales   {books.acknowledged} acknowledged, {books.recorded} in the books,"
        f" {books.lost} lost, {books.doubled} doubled,"
        f" {books.refused} refused, {books.unanswered} unanswered\n"
        f"ledger  {ledger}\n"
        f"books   {'right' if books.clean else 'NOT RIGHT'}"
    )
