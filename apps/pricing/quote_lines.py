"""What a quote may say of one line: a tag, or a described piece with its metals and charges."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext
from ninja import Schema
from pydantic import ConfigDict, Discriminator, Field
from pydantic import Tag as UnionTag

from apps.core.api_types import (
    Carats,
    ExactFineness,
    Fineness,
    Grams,
    Money,
    Percent,
    RateAmount,
    Share,
    Tag,
    Text,
    UnitGrams,
    Word,
)
from apps.core.units import grams_per
from apps.pricing.rules.broken import RuleBroken, gettext_noop
from apps.pricing.rules.packs import FeeKind, PackVersion
from apps.pricing.rules.rates import Rate
from apps.pricing.rules.slabs import MOST_SLABS
from apps.pricing.rules.terms import (
    DiscountOn,
    DiscountTerms,
    ExtraTerms,
    LineTerms,
    MakingBasis,
    MakingMode,
    MakingTable,
    MakingTerms,
    MetalTerms,
    Scheme,
    Slab,
    SlabBy,
    StonePrice,
    StoneTerms,
    WastageMode,
    WastageTerms,
)

MetalName = Literal["gold", "silver", "platinum", "palladium"]
Unit = Literal[
    "g", "mg", "kg", "ct", "grain", "dwt", "ozt", "tola", "masha", "mithqal", "baht", "tael"
]
RateFor = Callable[[str, "int | Decimal"], Rate]
TableFor = Callable[[str], MakingTable]
BasisWord = Literal["metal", "metal_and_wastage", "net", "gross", "chargeable"]


class Sent(Schema):
    """A part of a request: a field that is not in the schema is refused, never ignored."""

    model_config = ConfigDict(extra="forbid")


class QuotedRateIn(Sent):
    """`amount` of money for one `unit` (or for `unit_g` grams) of metal of `fineness`."""

    amount: RateAmount
    unit: Unit = "g"
    unit_g: UnitGrams | None = Field(None, description="Grams of a unit that `unit` has not.")
    fineness: ExactFineness | None = Field(
        None, description="Of the metal that is quoted; left out: of the metal it prices."
    )

    def rate(self) -> Rate:
        unit_g = grams_per(self.unit) if self.unit_g is None else self.unit_g
        return Rate(amount=self.amount, unit_g=unit_g, fineness=self.fineness)


class QuotedMetalIn(Sent):
    metal: MetalName
    fineness: ExactFineness | None = None
    net_weight_g: Grams | None = None
    rate: QuotedRateIn | None = Field(None, description="Left out: the shop's rate board.")
    amount: Money | None = Field(None, description="The metal's value where it was agreed.")
    tax_category: Word | None = None

    def terms(self, rate_for: RateFor | None) -> MetalTerms:
        rate = self.rate.rate() if self.rate else None
        if rate is None and self.amount is None and self.fineness is not None and rate_for:
            rate = rate_for(self.metal, self.fineness)
        return MetalTerms(
            metal=self.metal,
            fineness=self.fineness,
            net_weight_g=self.net_weight_g,
            rate=rate,
            amount=self.amount,
            tax_category=self.tax_category,
        )


class QuotedStoneIn(Sent):
    kind: Word
    pieces: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = 1
    carats: Carats = Decimal(0)
    price: Literal["none", "per_carat", "per_piece", "fixed"] = "none"
    value: Money = Decimal(0)
    deduct: bool = Field(True, description="Its grams are inside the gross weight.")
    tax_category: Word | None = None

    def terms(self) -> StoneTerms:
        return StoneTerms(
            kind=self.kind,
            pieces=self.pieces,
            carats=self.carats,
            price=StonePrice(self.price),
            value=self.value,
            deduct=self.deduct,
            tax_category=self.tax_category,
        )


class SlabIn(Sent):
    start: RateAmount = Field(description="Money per gram, or grams: from here to the next slab.")
    mode: Literal["percent_of_metal", "per_gram", "per_piece"]
    value: Money
    basis: BasisWord | None = None

    def slab(self) -> Slab:
        return Slab(
            start=self.start,
            mode=MakingMode(self.mode),
            value=self.value,
            basis=MakingBasis(self.basis) if self.basis else None,
        )


class MakingTableIn(Sent):
    """A making table that the quote brings along, where it names none of the shop's."""

    name: Word = "quote"
    by: Literal["rate", "weight"]
    fineness: Fineness | None = Field(
        None, description="Of the gram whose rate chooses; left out: of the piece's own metal."
    )
    slabs: Annotated[list[SlabIn], Field(min_length=1, max_length=MOST_SLABS)]

    def table(self) -> MakingTable:
        return MakingTable(
            name=self.name,
            by=SlabBy(self.by),
            fineness=self.fineness,
            slabs=tuple(slab.slab() for slab in self.slabs),
        )


class QuotedMakingIn(Sent):
    mode: Literal["none", "percent_of_metal", "per_gram", "per_piece", "slab"]
    value: Money = Decimal(0)
    basis: BasisWord | None = None
    tax_category: Word | None = None
    table: Word | MakingTableIn | None = Field(
        None, description="Of mode `slab`: the code of a making table of the shop, or a table."
    )

    def terms(self, table_for: TableFor | None) -> MakingTerms | None:
        if self.mode == "none":
            return None
        if self.mode == "slab":
            return MakingTerms(
                mode=MakingMode.SLAB,
                tax_category=self.tax_category,
                table=self._table(table_for),
            )
        return MakingTerms(
            mode=MakingMode(self.mode),
            value=self.value,
            basis=MakingBasis(self.basis) if self.basis else None,
            tax_category=self.tax_category,
        )

    def _table(self, table_for: TableFor | None) -> MakingTable | None:
        if not isinstance(self.table, str):
            return self.table.table() if self.table else None
        if table_for is None:
            raise RuleBroken(
                "making.table",
                gettext_noop("Only a shop has making tables by name. Write the slabs here."),
            )
        return table_for(self.table)


class QuotedWastageIn(Sent):
    mode: Literal["none", "percent_of_value", "percent_of_weight", "grams"]
    value: Percent = Decimal(0)

    def terms(self) -> WastageTerms | None:
        if self.mode == "none":
            return None
        return WastageTerms(mode=WastageMode(self.mode), value=self.value)


class ExtraIn(Sent):
    label: Word
    kind: Literal["other", "hallmark", "certificate"] = Field(
        "other", description="A fee that is passed on has the tax category of the pack's `fees`."
    )
    amount: Money
    quantity: Annotated[int, Field(strict=True, ge=1, le=10_000)] = 1
    tax_category: Word | None = None

    def terms(self) -> ExtraTerms:
        return ExtraTerms(
            label=self.label,
            kind=FeeKind(self.kind),
            amount=self.amount,
            quantity=self.quantity,
            tax_category=self.tax_category,
        )


class DiscountIn(Sent):
    percent: Share | None = None
    amount: Money | None = None
    on: Literal["line", "metal", "wastage", "making", "stones"] = "line"
    reason: Text = ""

    def terms(self) -> DiscountTerms:
        return DiscountTerms(
            percent=self.percent,
            amount=self.amount,
            on=DiscountOn(self.on),
            reason=self.reason,
        )


class TagLineIn(Sent):
    """A piece of the shop, by its tag: weights and terms come from the stock."""

    tag: Tag
    discounts: Annotated[list[DiscountIn], Field(max_length=10)] = []
    on_top: Money | None = Field(
        None, description="Agreed on top of its price, before tax: added under its own name."
    )

    def terms(self, piece: LineTerms) -> LineTerms:
        """The piece as this line wants it priced."""
        reduced = piece.with_discounts(tuple(discount.terms() for discount in self.discounts))
        return raised_by(reduced, self.on_top or None)


def raised_by(terms: LineTerms, on_top: Decimal | None) -> LineTerms:
    """The same with what was agreed on top of its price, before tax."""
    if on_top is None:
        return terms
    agreed = ExtraTerms(label=gettext("Agreed on top"), amount=on_top)
    return replace(terms, extras=(*terms.extras, agreed))


class PieceLineIn(Sent):
    """A piece that is described, in stock or not."""

    name: Text = ""
    category: Text = ""
    metals: Annotated[list[QuotedMetalIn], Field(max_length=8)] = []
    gross_weight_g: Grams | None = None
    stones: Annotated[list[QuotedStoneIn], Field(max_length=50)] = []
    making: QuotedMakingIn | None = None
    wastage: QuotedWastageIn | None = None
    profit_percent: Percent | None = None
    extras: Annotated[list[ExtraIn], Field(max_length=20)] = []
    fixed_price: Money | None = Field(
        None, description="The tag price, instead of metal and making."
    )
    includes_tax: bool | None = Field(None, description="Left out: as the tax pack says.")
    discounts: Annotated[list[DiscountIn], Field(max_length=10)] = []
    tax_category: Word | None = None
    scheme: Literal["standard", "margin"] = "standard"
    purchase_price: Money | None = None

    def terms(
        self, rate_for: RateFor | None, pack: PackVersion, table_for: TableFor | None
    ) -> LineTerms:
        # A tag price needs the rate of its metal only where the metal's value is not taxed.
        if self.fixed_price is not None and not pack.spares_metal:
            rate_for = None
        return LineTerms(
            name=self.name,
            category=self.category,
            metals=tuple(metal.terms(rate_for) for metal in self.metals),
            gross_weight_g=self.gross_weight_g,
            stones=tuple(stone.terms() for stone in self.stones),
            making=self.making.terms(table_for) if self.making else None,
            wastage=self.wastage.terms() if self.wastage else None,
            profit_percent=self.profit_percent,
            extras=tuple(extra.terms() for extra in self.extras),
            fixed_price=self.fixed_price,
            includes_tax=self.includes_tax,
            discounts=tuple(discount.terms() for discount in self.discounts),
            tax_category=self.tax_category,
            scheme=Scheme(self.scheme),
            purchase_price=self.purchase_price,
        )


def _line_kind(value: Any) -> str:
    given = (
        value if isinstance(value, Mapping) else vars(value) if hasattr(value, "__dict__") else {}
    )
    return "tag" if "tag" in given else "piece"


LineIn = Annotated[
    Annotated[TagLineIn, UnionTag("tag")] | Annotated[PieceLineIn, UnionTag("piece")],
    Discriminator(_line_kind),
]
