"""What a price is made from: frozen terms, as the shop and its customer agreed them.

Everything a price depends on is in here, rates and tax pack included, so that the rules read no
database, no clock and no setting. Weights are grams, percents are written 7.5 and not 0.075,
fineness is parts per ten thousand (an int; a Decimal only for a described 22/24).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from apps.pricing.rules.packs import FeeKind, PackVersion, RoundingPolicy
from apps.pricing.rules.rates import Rate


class MakingMode(StrEnum):
    PERCENT_OF_METAL = "percent_of_metal"
    PER_GRAM = "per_gram"
    PER_PIECE = "per_piece"
    SLAB = "slab"  # one of the others, read from a table of the shop


class MakingBasis(StrEnum):
    """What a making charge is worked out on: values for a percent, weights for a gram charge."""

    METAL = "metal"
    METAL_AND_WASTAGE = "metal_and_wastage"
    NET = "net"
    GROSS = "gross"
    CHARGEABLE = "chargeable"  # net plus the wastage grams


class WastageMode(StrEnum):
    PERCENT_OF_VALUE = "percent_of_value"
    PERCENT_OF_WEIGHT = "percent_of_weight"
    GRAMS = "grams"


class StonePrice(StrEnum):
    PER_CARAT = "per_carat"
    PER_PIECE = "per_piece"
    FIXED = "fixed"
    NONE = "none"  # no charge of its own; the stone only weighs


class SlabBy(StrEnum):
    """What chooses the slab of a making table."""

    RATE = "rate"  # money per gram of metal
    WEIGHT = "weight"  # net grams


class DiscountOn(StrEnum):
    LINE = "line"
    METAL = "metal"
    WASTAGE = "wastage"
    MAKING = "making"
    STONES = "stones"


class Scheme(StrEnum):
    STANDARD = "standard"
    MARGIN = "margin"  # second-hand goods: tax on what the shop earned


class DepositKind(StrEnum):
    VALUE = "value"  # money only; the rate is that of the delivery day
    GRAMS = "grams"  # buys grams at the rate of the booking day
    FULL_LOCK = "full_lock"  # the rate of the booking day for every gram


@dataclass(frozen=True, slots=True, kw_only=True)
class MetalTerms:
    """One metal of the piece: its weight at a rate, or an amount that was agreed."""

    metal: str
    fineness: int | Decimal | None = None
    net_weight_g: Decimal | None = None
    rate: Rate | None = None
    amount: Decimal | None = None
    tax_category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """The making charge from `start` on, up to where the next slab begins."""

    start: Decimal  # money per gram, or grams: as the table's `by` says
    mode: MakingMode
    value: Decimal
    basis: MakingBasis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakingTable:
    """A shop's making charges by slab. The first slab begins at nothing, so every piece has one.

    `fineness`: of the gram whose rate chooses the slab; None: of the piece's own metal.
    """

    name: str  # with its version, as a bill says it: "chains@2026-07-01"
    by: SlabBy
    slabs: tuple[Slab, ...]
    fineness: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakingTerms:
    """A making charge. Of mode `slab` it is read from `table`, and keeps it when it was read."""

    mode: MakingMode
    value: Decimal = Decimal(0)
    basis: MakingBasis | None = None  # metal for a percent, net for a gram charge
    tax_category: str | None = None
    table: MakingTable | None = None
    slab_start: Decimal | None = None  # of the slab it was read from


@dataclass(frozen=True, slots=True, kw_only=True)
class WastageTerms:
    mode: WastageMode
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class StoneTerms:
    """Stones of one kind. `deduct`: their grams are inside the gross weight."""

    kind: str
    pieces: int = 1
    carats: Decimal = Decimal(0)
    price: StonePrice = StonePrice.NONE
    value: Decimal = Decimal(0)
    deduct: bool = True
    tax_category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraTerms:
    """A charge beside the piece: hallmark, certificate, rhodium, setting, postage."""

    label: str
    amount: Decimal
    quantity: int = 1
    kind: FeeKind = FeeKind.OTHER
    tax_category: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountTerms:
    """Either a percent or an amount off. On a whole bill `on` is LINE and means every line."""

    percent: Decimal | None = None
    amount: Decimal | None = None
    on: DiscountOn = DiscountOn.LINE
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTerms:
    tag: str | None = None
    name: str = ""
    category: str = ""
    metals: tuple[MetalTerms, ...] = ()
    gross_weight_g: Decimal | None = None
    stones: tuple[StoneTerms, ...] = ()
    making: MakingTerms | None = None
    wastage: WastageTerms | None = None
    profit_percent: Decimal | None = None  # of metal, wastage and making
    extras: tuple[ExtraTerms, ...] = ()
    fixed_price: Decimal | None = None
    includes_tax: bool | None = None  # None: as the tax pack says
    discounts: tuple[DiscountTerms, ...] = ()
    tax_category: str | None = None
    scheme: Scheme = Scheme.STANDARD
    purchase_price: Decimal | None = None

    def with_discounts(self, discounts: tuple[DiscountTerms, ...]) -> "LineTerms":
        """The same line with these discounts after its own."""
        return replace(self, discounts=self.discounts + discounts) if discounts else self


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeInTerms:
    """Old gold taken in payment: an agreed amount, or its fine grams at the buying rate.

    amount = net × rate × (1 − cut%). It is money's worth given, never a negative line of sale;
    whether it lowers the tax base is a rule of the place (`like_kind`).
    """

    description: str = ""
    metal: str = ""
    net_weight_g: Decimal | None = None
    fineness: int | Decimal | None = None
    rate: Rate | None = None
    cut_percent: Decimal = Decimal(0)
    amount: Decimal | None = None
    like_kind: bool = False
    reduces_tax_base: bool | None = None  # None: as the tax pack says


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositTerms:
    kind: DepositKind
    amount: Decimal
    metal: str = ""
    rate: Rate | None = None  # of the booking day


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteTerms:
    """A whole bill to be priced."""

    currency: str
    date: date
    pack: PackVersion
    lines: tuple[LineTerms, ...]
    discount: DiscountTerms | None = None
    trade_ins: tuple[TradeInTerms, ...] = ()
    deposit: DepositTerms | None = None
    rounding: RoundingPolicy | None = None  # None: as the tax pack says
    cash_step: Decimal | None = None  # None: as the tax pack or the currency says
    tax_rates: Mapping[str, Decimal] = field(default_factory=dict)  # percent by tax category
