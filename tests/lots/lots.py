"""Ready-made lots, every default in sight. They go through our services."""

from decimal import Decimal

from apps.core.units import permille
from apps.lots.quantities import Quantity
from apps.lots.services import NewLot, open_lot, take_more
from tests import make


def quantity(*, pieces=0, grams="0", carats="0"):
    return Quantity(pieces=pieces, grams=Decimal(grams), carats=Decimal(carats))


def chain(*, by, code="CH1", mode="measure", fineness="750", **terms):
    """Chain by the gram: priced by the day's rate, making 5 a gram."""
    return open_lot(
        lot=NewLot(
            code=code,
            kind="metal",
            mode=mode,
            metal="gold",
            fineness=permille(fineness),
            **{
                "name": "Rope chain",
                "category": "chain",
                "making_mode": "per_gram",
                "making_value": Decimal(5),
                **terms,
            },
        ),
        by=by,
        at=make.NOON,
    )


def melee(*, by, code="ML1", mode="piece_and_measure", **terms):
    """A parcel of small diamonds at 400 a carat."""
    return open_lot(
        lot=NewLot(
            code=code,
            kind="stones",
            mode=mode,
            **{
                "name": "Melee 1.2 mm",
                "category": "loose stones",
                "stone": "Diamond",
                "price_mode": "per_carat",
                "price_value": Decimal(400),
                **terms,
            },
        ),
        by=by,
        at=make.NOON,
    )


def filled(lot, *, by, cost="1000", reference="", key="", **held):
    """So much into the lot; the lot as it is then."""
    take_more(
        lot=lot,
        given=quantity(**held),
        cost=Decimal(cost),
        by=by,
        at=make.NOON,
        reference=reference,
        key=key,
    )
    lot.refresh_from_db()
    return lot
