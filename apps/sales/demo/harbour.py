"""What is under way in Harbour Gold: its lots, the branch in the souk, memos, a held sale."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from apps.consignment.models import Terms
from apps.customers.models import Customer
from apps.inventory.models import Place, PlaceKind
from apps.inventory.services.new_pieces import NewMetal, NewPiece, NewStone
from apps.inventory.services.places import entrust
from apps.lots.models import LotKind, LotMode, LotPrice
from apps.lots.quantities import Quantity
from apps.lots.services import NewLot
from apps.sales.demo import people, under_way
from apps.sales.services.favourites import add_favourite
from apps.shops.models import Branch, Member, Register

_LOTS: Final = (
    under_way.Filled(
        lot=NewLot(
            code="SPOOL1",
            name="Cable chain on a spool, 1.4 mm",
            kind=LotKind.METAL,
            mode=LotMode.MEASURE,
            category="chain",
            metal="gold",
            fineness=7500,
            making_mode="per_gram",
            making_value=Decimal(22),
        ),
        holds=Quantity(grams=Decimal("148.600")),
        cost=Decimal(52_900),
        drawn_g=Decimal("6.250"),
        favourite="Chain from the spool",
    ),
    under_way.Filled(
        lot=NewLot(
            code="MELEE13",
            name="Melee, 1.3 mm, F/VS",
            kind=LotKind.STONES,
            mode=LotMode.PIECE_AND_MEASURE,
            category="loose stones",
            stone="Diamond",
            price_mode=LotPrice.PER_CARAT,
            price_value=Decimal(1850),
        ),
        holds=Quantity(pieces=260, carats=Decimal("2.600")),
        cost=Decimal(2900),
    ),
    under_way.Filled(
        lot=NewLot(
            code="BOX4",
            name="Lobster clasps, 9 mm",
            kind=LotKind.METAL,
            mode=LotMode.PER_PIECE,
            category="findings",
            metal="gold",
            fineness=7500,
            price_mode=LotPrice.PER_PIECE,
            price_value=Decimal(240),
        ),
        holds=Quantity(pieces=40, grams=Decimal("14.400")),
        cost=Decimal(5200),
    ),
)
_PARCEL: Final = under_way.Parcel(
    branch="Gold Souk",
    address="Sikkat Al Khail Road, Deira, Dubai",
    tray="Souk tray 1",
    kind=PlaceKind.TRAY,
    tags=("C12067", "C12384", "C12701"),
    reason="Chains for the weekend",
)
_AT_THE_DEALER: Final = ("B12067", "B12384")
_AT_PRIYA: Final = ("R13018",)
_RESERVED: Final = "D10482"
_HELD: Final = ("R12384", "E10482")
_IN_CARE: Final = (
    under_way.Cared(
        piece=NewPiece(
            tag="M20101",
            name="Art deco brooch",
            category="brooch",
            metals=(NewMetal(metal="gold", fineness=7500, net_weight_g=Decimal("8.140")),),
            stones=(NewStone(kind="Sapphire", carats=Decimal("1.20")),),
            gross_weight_g=Decimal("8.380"),
            fixed_price=Decimal(9500),
        ),
        terms=Terms.PERCENT,
        value=Decimal(80),
    ),
    under_way.Cared(
        piece=NewPiece(
            tag="M20102",
            name="Signet ring, engraved",
            category="ring",
            metals=(NewMetal(metal="gold", fineness=9160, net_weight_g=Decimal("7.050")),),
            gross_weight_g=Decimal("7.050"),
            making_mode="per_gram",
            making_value=Decimal(60),
        ),
        terms=Terms.FIXED,
        value=Decimal(3000),
    ),
)


def leave_under_way(
    known: Mapping[str, Customer], *, owner: Member, clerk: Member, at: datetime
) -> None:
    """Everything that has begun and waits for somebody, at this moment of the first day."""
    tray, other_tray, safe = (
        Place.objects.get(name=name) for name in ("Tray 3", "Tray 12", "Safe")
    )
    entrust(place=tray.pk, to=clerk, by=owner, at=at)
    under_way.fill_lots(_LOTS, place=safe, by=owner, at=at)
    source = Branch.objects.get(pk=safe.branch_id)
    under_way.send_a_parcel(_PARCEL, source=source, by=owner, at=at)
    dealer, priya = known[people.DEALER].pk, known[people.PRIYA].pk
    under_way.lend_out(
        _AT_THE_DEALER, to=dealer, reason="For a buyer of theirs", by=owner, at=at, late=True
    )
    under_way.lend_out(_AT_PRIYA, to=priya, reason="To try at home", by=owner, at=at, late=False)
    under_way.take_in_care(_IN_CARE, owner=dealer, reason="From their own stock", by=owner, at=at)
    under_way.keep_for(known[people.MARYAM].pk, tag=_RESERVED, by=clerk, at=at)
    add_favourite(label="Silver bracelet", category="bracelet", metal="silver", fineness=9250)
    till = Register.objects.get(code="1")
    under_way.hold_a_sale(_HELD, customer=known[people.JONAS].pk, register=till, by=clerk, at=at)
    under_way.count_half_a_tray(other_tray, by=clerk, at=at)
