"""From a stored sale to the bill that is printed.

Only what the sale froze is read: no piece, no rate, no tax pack, no shop. A receipt that is
printed years later is the same. The number of statements does not depend on the lines.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.core import formatting
from apps.core.errors import NotFound
from apps.core.units import FULL_FINENESS
from apps.pricing import words
from apps.pricing.rules import Component, Kind
from apps.sales.models import Sale, SaleLine, Tender
from apps.sales.receipts.bill import (
    Bill,
    Head,
    Line,
    Metal,
    RateUsed,
    Stone,
    Tax,
)
from apps.sales.receipts.payments import payment_of

_ZERO: Final = Decimal(0)


@dataclass(eq=False)
class BillNotFound(NotFound):
    number: str

    def __str__(self) -> str:
        return _("This shop has no bill %(number)s. Check the number on the paper.") % {
            "number": self.number
        }


def sale_by_code(code: str) -> Sale:
    """The sale printed as `code`, "1-000042". Raises BillNotFound."""
    # PostgreSQL knows no NUL in a text, and would be loud about it.
    found = None if "\0" in code else _sales().filter(code=code).first()
    if found is None:
        raise BillNotFound(number=code.replace("\0", ""))
    return found


def sale_by_id(sale_id: int) -> Sale:
    """For jobs, which carry ids. Raises Sale.DoesNotExist: a job names no sale that is not."""
    return _sales().get(pk=sale_id)


def _sales() -> QuerySet[Sale]:
    return Sale.objects.select_related("register")


def bill_of(sale: Sale) -> Bill:
    """The bill of a sale from `sale_by_code`, in the active language; two statements."""
    return described(
        sale,
        lines=list(sale.lines.order_by("position")),
        tenders=list(sale.tenders.order_by("position")),
    )


def described(sale: Sale, *, lines: Sequence[SaleLine], tenders: Sequence[Tender]) -> Bill:
    """The bill of a sale whose rows are at hand; asks the database nothing."""
    taxes = [_Tax(**tax) for tax in sale.terms["taxes"]]
    on_top = [tax for tax in taxes if tax.shown and not tax.included]
    before_tax = sale.subtotal + sum(
        (Decimal(tax.amount) for tax in taxes if tax.shown and tax.included), _ZERO
    )
    return Bill(
        code=sale.code,
        sold_at=sale.sold_at,
        currency=sale.currency,
        head=Head(register=sale.register.name, **sale.terms["head"]),
        customer_name=sale.customer_name,
        customer_email=sale.customer_email,
        rates=_rates_of(lines),
        lines=tuple(_line(line, sale.currency) for line in lines),
        gross=before_tax - sale.discount,
        discount=sale.discount,
        before_tax=before_tax,
        taxes_on_top=tuple(_tax_rows(on_top)),
        taxes_within=tuple(_tax_rows(tax for tax in taxes if tax.shown and tax.included)),
        is_margin_scheme=not all(tax.shown for tax in taxes),
        round_off=sale.round_off,
        total=sale.total,
        cash_rounding=sale.cash_rounding,
        cash_step=Decimal(sale.terms["cash_step"]),
        payments=tuple(payment_of(tender, sale) for tender in tenders),
        change=sale.change,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tax:
    """A tax of the whole bill as `terms` stores it."""

    label: str
    percent: str
    base: str
    amount: str
    included: bool
    shown: bool
    parts: list[dict[str, str]]


def _tax_rows(taxes: Iterable[_Tax]) -> Iterator[Tax]:
    """Where a tax has named parts they are printed instead of it; they add up to it."""
    for tax in taxes:
        whole = {"label": tax.label, "percent": tax.percent, "amount": tax.amount}
        for row in tax.parts or [whole]:
            yield Tax(
                label=words.tax_name(row["label"]),
                percent=Decimal(row["percent"]),
                amount=Decimal(row["amount"]),
            )


def _components(line: SaleLine) -> list[Component]:
    return [Component.from_json(stored) for stored in line.snapshot["components"]]


def _line(line: SaleLine, currency: str) -> Line:
    snapshot = line.snapshot
    gross = snapshot["gross_weight_g"]
    return Line(
        tag=line.tag,
        name=line.name,
        category=snapshot["category"],
        # Sales of before its time have none.
        hallmark=snapshot.get("hallmark", ""),
        taken_back=not line.live,
        gross_weight_g=None if gross is None else Decimal(gross),
        metals=tuple(_metal(metal) for metal in snapshot["metals"]),
        stones=tuple(_stone(stone) for stone in snapshot["stones"]),
        # What is inside the others is told once, below the total.
        parts=words.explained(
            (component for component in _components(line) if not component.is_within), currency
        ),
        metal=line.metal,
        making=line.making,
        stones_amount=line.stones,
        other=line.extras,
        discount=line.discount,
        tax=line.tax_on_top,
        total=line.total,
    )


def _metal(stored: Mapping[str, Any]) -> Metal:
    return Metal(
        metal=stored["metal"],
        fineness=stored["fineness"],
        karat=words.karat_name(stored["metal"], stored["fineness"]),
        mark=formatting.fineness(stored["fineness"]),
        net_weight_g=Decimal(stored["net_weight_g"]),
    )


def _stone(stored: Mapping[str, Any]) -> Stone:
    return Stone(
        kind=stored["kind"],
        count=stored["count"],
        carats=Decimal(stored["carats"]),
        certificate=_certificate(stored),
    )


def _certificate(stored: Mapping[str, Any]) -> str:
    """ "IGI 4471": the laboratory, where the number does not name it already."""
    number, lab = stored["certificate"], stored.get("certificate_lab", "")
    if not number or number.casefold().startswith(lab.casefold()):
        return str(number)
    return f"{lab} {number}"


def _rates_of(lines: Iterable[SaleLine]) -> tuple[RateUsed, ...]:
    """Every rate that priced a metal of the bill, once, in the order of the lines."""
    components = (component for line in lines for component in _components(line))
    rates = (
        _rate(component)
        for component in components
        if component.kind == Kind.METAL and component.basis["formula"] == "weight"
    )
    return tuple(dict.fromkeys(rates))


def _rate(component: Component) -> RateUsed:
    """The rate as it was quoted: for pure metal, for another fineness, or for the metal's own."""
    basis = component.basis
    metal = component.label
    if "chargeable_g" in basis:
        fineness: int | None = FULL_FINENESS
    else:
        stored = basis.get("rate_fineness", basis.get("fineness"))
        fineness = None if stored is None else int(stored)
    amount, unit_g = basis["rate"], basis["unit_g"]
    assert isinstance(amount, Decimal)
    assert isinstance(unit_g, Decimal)
    return RateUsed(
        metal=metal,
        karat="" if fineness is None else words.karat_name(metal, fineness),
        mark="" if fineness is None else formatting.fineness(fineness),
        amount=amount,
        unit=words.unit_of(unit_g),
    )
