"""Reads of open sales: the one a till works on, the held ones, and the pieces that these keep."""

from collections.abc import Collection

from django.db.models import Prefetch, QuerySet

from apps.sales.held_refusals import PieceHeld
from apps.sales.models import OpenSale, OpenSaleLine
from apps.shops.models import Branch, Register


def working_sale(register: Register) -> QuerySet[OpenSale]:
    """The sale that lies on the counter of this till: one or none."""
    return OpenSale.objects.filter(register=register, held_at=None)


def held_sales(*, branch: Branch) -> list[OpenSale]:
    """The held sales of a branch with their lines and payments, oldest first. Three queries."""
    lines = OpenSaleLine.objects.filter(removed=False).select_related("piece")
    return list(
        OpenSale.objects.filter(register__branch=branch, held_at__isnull=False)
        .select_related("register", "held_by__user")
        .prefetch_related(
            Prefetch("lines", queryset=lines.order_by("added_at", "pk")),
            "tenders",
        )
        .order_by("held_at", "pk")
    )


def held_count(*, branch: Branch) -> int:
    """How many sales of a branch are held."""
    return OpenSale.objects.filter(register__branch=branch, held_at__isnull=False).count()


def name_of(sale: OpenSale, first_tag: str = "") -> str:
    """What a held sale is called: its customer, else its first piece."""
    return sale.customer_name or sale.customer_email or first_tag


def held_elsewhere(pieces: Collection[int], *, but: OpenSale | None = None) -> dict[int, PieceHeld]:
    """By piece: the refusal that names the held sale that keeps it. Two queries at most."""
    lines = OpenSaleLine.objects.filter(
        piece__in=pieces, removed=False, open_sale__held_at__isnull=False
    ).select_related("open_sale__register", "piece")
    if but is not None:
        lines = lines.exclude(open_sale=but)
    found = list(lines)
    unnamed = [line.open_sale_id for line in found if not name_of(line.open_sale)]
    first: dict[int, str] = {}
    if unnamed:
        rows = OpenSaleLine.objects.filter(open_sale__in=unnamed, removed=False)
        for sale, tag in rows.order_by("added_at", "pk").values_list("open_sale", "piece__tag"):
            first.setdefault(sale, tag)
    return {
        line.piece_id: PieceHeld(
            tag=line.piece.tag,
            sale=name_of(line.open_sale, first.get(line.open_sale_id, line.piece.tag)),
            till=line.open_sale.register.name,
            since=line.open_sale.held_at or line.open_sale.opened_at,
        )
        for line in found
    }
