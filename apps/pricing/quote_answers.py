"""The answer to a quote: every amount a string in the currency's digits, every line explained."""

from datetime import date
from decimal import Decimal
from typing import Any

from ninja import Schema

from apps.core.units import format_permille, karat_label, plain
from apps.pricing.labels import label_of
from apps.pricing.rules.component import Component, basis_as_json
from apps.pricing.rules.quotes import Quote, QuoteLine, TradeIn
from apps.pricing.rules.tax import TaxTotal
from apps.pricing.rules.weights import MetalWeight


def _money(amount: Decimal, exponent: int) -> str:
    return f"{amount:.{exponent}f}"


def _grams(weight_g: Decimal | None) -> str | None:
    return None if weight_g is None else f"{weight_g:.3f}"


class ComponentOut(Schema):
    kind: str
    label: str
    basis: dict[str, str]
    amount: str
    tax_category: str

    @classmethod
    def of(cls, component: Component, exponent: int) -> "ComponentOut":
        basis = basis_as_json(component.basis)
        for name in ("fineness", "rate_fineness"):
            if name in basis:  # the API speaks of parts per thousand everywhere
                basis[name] = format_permille(Decimal(basis[name]))
        return cls(
            kind=component.kind.value,
            label=label_of(component),
            basis=basis,
            amount=_money(component.amount, exponent),
            tax_category=component.tax_category,
        )


class QuotedMetalOut(Schema):
    metal: str
    fineness: str | None
    karat: str
    net_weight_g: str | None
    wastage_g: str
    fine_g: str | None

    @classmethod
    def of(cls, weight: MetalWeight) -> "QuotedMetalOut":
        fineness = weight.fineness
        return cls(
            metal=weight.metal,
            fineness=None if fineness is None else format_permille(fineness),
            karat="" if fineness is None else karat_label(weight.metal, int(fineness)),
            net_weight_g=_grams(weight.net_g),
            wastage_g=f"{weight.wastage_g:.3f}",
            fine_g=_grams(weight.fine_g),
        )


class QuotedLineOut(Schema):
    tag: str | None
    name: str
    category: str
    tax_category: str
    metals: list[QuotedMetalOut]
    gross_weight_g: str | None
    stone_weight_g: str
    net_weight_g: str | None
    chargeable_weight_g: str | None
    fine_grams: dict[str, str]
    components: list[ComponentOut]
    before_discount: str
    discount: str
    subtotal: str
    tax: str
    total: str

    @classmethod
    def of(cls, line: QuoteLine, exponent: int) -> "QuotedLineOut":
        weights = line.weights
        return cls(
            tag=line.tag,
            name=line.name,
            category=line.terms.category,
            tax_category=line.tax_category,
            metals=[QuotedMetalOut.of(weight) for weight in weights.metals],
            gross_weight_g=_grams(weights.gross_g),
            stone_weight_g=f"{weights.stone_g:.3f}",
            net_weight_g=_grams(weights.net_g),
            chargeable_weight_g=_grams(weights.chargeable_g),
            fine_grams={metal: f"{grams:.3f}" for metal, grams in line.fine_grams.items()},
            components=[ComponentOut.of(item, exponent) for item in line.components],
            before_discount=_money(line.before_discount, exponent),
            discount=_money(line.discount, exponent),
            subtotal=_money(line.subtotal, exponent),
            tax=_money(line.tax, exponent),
            total=_money(line.total, exponent),
        )


class TaxPartOut(Schema):
    label: str
    percent: str
    amount: str


class TaxOut(Schema):
    """`included`: inside the prices. `shown` false: it must not stand on the customer's bill."""

    category: str
    label: str
    percent: str
    base: str
    amount: str
    included: bool
    shown: bool
    parts: list[TaxPartOut]

    @classmethod
    def of(cls, tax: TaxTotal, exponent: int) -> "TaxOut":
        return cls(
            category=tax.category,
            label=tax.label,
            percent=plain(tax.percent),
            base=_money(tax.base, exponent),
            amount=_money(tax.amount, exponent),
            included=tax.included,
            shown=tax.shown,
            parts=[
                TaxPartOut(
                    label=part.label,
                    percent=plain(part.percent),
                    amount=_money(part.amount, exponent),
                )
                for part in tax.parts
            ],
        )


class TradeInOut(Schema):
    description: str
    metal: str
    fine_g: str | None
    amount: str
    reduces_tax_base: bool

    @classmethod
    def of(cls, item: TradeIn, exponent: int) -> "TradeInOut":
        return cls(
            description=item.description,
            metal=item.metal,
            fine_g=_grams(item.fine_g),
            amount=_money(item.amount, exponent),
            reduces_tax_base=item.reduces_tax_base,
        )


class DepositOut(Schema):
    kind: str
    amount: str
    grams_locked: str
    locked_value: str
    open_grams: str
    open_value: str


class QuoteOut(Schema):
    currency: str
    date: date
    tax_pack: str
    lines: list[QuotedLineOut]
    subtotal: str
    discount: str
    taxes: list[TaxOut]
    tax: str
    round_off: str
    total: str
    trade_ins: list[TradeInOut]
    trade_in: str
    deposit_use: DepositOut | None
    deposit: str
    due: str
    cash_total: str
    cash_rounding: str
    fine_grams: dict[str, str]

    @classmethod
    def from_quote(cls, quote: Quote) -> "QuoteOut":
        """The public form of a priced bill."""
        digits = quote.exponent
        amounts: dict[str, Any] = {
            name: _money(getattr(quote, name), digits)
            for name in (
                "subtotal",
                "discount",
                "tax",
                "round_off",
                "total",
                "trade_in",
                "deposit",
                "due",
                "cash_total",
                "cash_rounding",
            )
        }
        return cls(
            currency=quote.currency,
            date=quote.date,
            tax_pack=quote.pack.id,
            lines=[QuotedLineOut.of(line, digits) for line in quote.lines],
            taxes=[TaxOut.of(tax, digits) for tax in quote.taxes],
            trade_ins=[TradeInOut.of(item, digits) for item in quote.trade_ins],
            deposit_use=_deposit(quote),
            fine_grams={metal: f"{grams:.3f}" for metal, grams in quote.fine_grams.items()},
            **amounts,
        )


def _deposit(quote: Quote) -> DepositOut | None:
    use = quote.deposit_use
    if use is None:
        return None
    return DepositOut(
        kind=use.kind.value,
        amount=_money(use.amount, quote.exponent),
        grams_locked=f"{use.grams_locked:.3f}",
        locked_value=_money(use.locked_value, quote.exponent),
        open_grams=f"{use.open_grams:.3f}",
        open_value=_money(use.open_value, quote.exponent),
    )
