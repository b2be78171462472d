"""What is owed to suppliers in grams, and what stands for it in money until it is fixed."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet, Sum

from apps.customers.models import Customer
from apps.ledger import chart
from apps.ledger.models import Posting
from apps.purchasing.models import Fixing, MetalReceipt


@dataclass(frozen=True, slots=True, kw_only=True)
class Unfixed:
    """Fine grams of one metal that one supplier is owed, at a provisional value."""

    supplier: Customer
    metal: str
    fine_g: Decimal
    provisional: Decimal


def unfixed() -> list[Unfixed]:
    """Everything that is not fixed, by supplier and metal. Three queries."""
    received = MetalReceipt.objects.values_list("supplier_id", "metal").annotate(
        Sum("fine_g"), Sum("provisional")
    )
    fixed = {
        (supplier, metal): (grams, money)
        for supplier, metal, grams, money in Fixing.objects.values_list(
            "supplier_id", "metal"
        ).annotate(Sum("fine_g"), Sum("provisional"))
    }
    zero = (Decimal(0), Decimal(0))
    left = {
        (supplier, metal): (
            grams - fixed.get((supplier, metal), zero)[0],
            money - fixed.get((supplier, metal), zero)[1],
        )
        for supplier, metal, grams, money in received
    }
    people = Customer.objects.in_bulk({supplier for supplier, _metal in left})
    return sorted(
        (
            Unfixed(supplier=people[supplier], metal=metal, fine_g=grams, provisional=money)
            for (supplier, metal), (grams, money) in left.items()
            if grams
        ),
        key=lambda one: (one.supplier.name, one.metal),
    )


def unfixed_of(supplier: Customer, metal: str) -> tuple[Decimal, Decimal]:
    """Fine grams and provisional money of one supplier; lock their row first to change it."""
    zero = Decimal(0)

    def sums(documents: QuerySet[MetalReceipt] | QuerySet[Fixing]) -> tuple[Decimal, Decimal]:
        found = documents.filter(supplier=supplier, metal=metal).aggregate(
            grams=Sum("fine_g"), money=Sum("provisional")
        )
        return found["grams"] or zero, found["money"] or zero

    came, provisional = sums(MetalReceipt.objects.all())
    fixed, settled = sums(Fixing.objects.all())
    return came - fixed, provisional - settled


def owed_in_money() -> dict[int, Decimal]:
    """What suppliers and refiners are owed in the shop's money, by customer: the ledger's sums."""
    sums = (
        Posting.objects.filter(account=chart.PAYABLE, party__isnull=False)
        .values_list("party")
        .annotate(Sum("amount"))
    )
    return {party: -amount for party, amount in sums if party is not None and amount}


def newest_of_metal(most: int = 30) -> list[MetalReceipt | Fixing]:
    """The latest receipts and fixings together, the newest first."""
    found: list[MetalReceipt | Fixing] = [
        *MetalReceipt.objects.select_related("supplier").order_by("-at", "-pk")[:most],
        *Fixing.objects.select_related("supplier").order_by("-at", "-pk")[:most],
    ]
    return sorted(found, key=lambda one: (one.at, one.number), reverse=True)[:most]
