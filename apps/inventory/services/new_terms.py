"""A new piece as it is described before anybody has looked whether it can be."""

from dataclasses import dataclass
from decimal import Decimal

from apps.inventory.models import MakingBasis, MakingMode, Place, StonePriceMode, WastageMode


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMetal:
    metal: str
    fineness: int  # parts per ten thousand
    net_weight_g: Decimal
    fine_weight_g: Decimal | None = None  # None: net weight × fineness


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStone:
    kind: str
    count: int = 1
    carats: Decimal = Decimal(0)
    certificate: str = ""
    price_mode: str = StonePriceMode.NONE
    price_value: Decimal = Decimal(0)
    certificate_lab: str = ""
    certificate_fee: Decimal | None = None  # None: as the shop's policy says


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPiece:
    """A piece as its tag, its scale and its invoice describe it."""

    tag: str
    name: str
    category: str
    metals: tuple[NewMetal, ...] = ()
    stones: tuple[NewStone, ...] = ()
    gross_weight_g: Decimal | None = None
    making_mode: str = MakingMode.NONE
    making_value: Decimal = Decimal(0)
    making_basis: str = MakingBasis.NET
    making_table: str = ""  # of mode slab: the code of a making table of the shop
    wastage_mode: str = WastageMode.NONE
    wastage_value: Decimal = Decimal(0)
    fixed_price: Decimal | None = None
    profit_percent: Decimal | None = None  # None: as the shop's policy says
    tax_category: str = ""  # "": as the tax pack says
    hallmark: str = ""  # HUID or the number of the mark
    hallmark_fee: Decimal | None = None  # None: as the shop's policy says
    margin_purchase_price: Decimal | None = None  # given: sold under the margin scheme
    cost: Decimal = Decimal(0)
    place: Place | None = None
