"""What is under way in a demo shop: lots, a parcel, a count, memos, a reservation, a held sale.

Written through the services, so that every page of the stock has something to show.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from apps.consignment.models import Terms
from apps.consignment.services.agreeing import Agreed
from apps.consignment.services.taking_in import Goods, begin
from apps.counts.services.scanning import Read, scan
from apps.counts.services.sheets import begin as begin_sheet
from apps.counts.services.starting import start_count
from apps.inventory.models import Piece, Place
from apps.inventory.selectors import IN_THE_SHOP
from apps.inventory.services import transfers
from apps.inventory.services.new_pieces import NewPiece
from apps.inventory.services.places import add_place
from apps.inventory.services.reservations import reserve_for
from apps.lots.quantities import Quantity
from apps.lots.services import NewLot, draw, open_lot, take_more
from apps.sales.services.approval import lend
from apps.sales.services.counter import put_on
from apps.sales.services.customer import choose_customer
from apps.sales.services.favourites import add_favourite
from apps.sales.services.hold import hold
from apps.shops.branches import open_branch
from apps.shops.models import Branch, Member, Register

_LENT_DAYS_AGO = 12  # what a dealer has, for a week: overdue since five days
_LENT_FOR = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A second branch with its tray and till, and what is on its way there."""

    branch: str
    address: str
    tray: str
    kind: str
    tags: tuple[str, ...]  # the first of them was received
    reason: str
    till: str = ""  # its name, where it is no English one


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A lot, what came into it for how much, and the grams that were drawn as a piece."""

    lot: NewLot
    holds: Quantity
    cost: Decimal
    drawn_g: Decimal = Decimal(0)
    favourite: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cared:
    """A piece of somebody else in our care, and what they get for it."""

    piece: NewPiece
    terms: Terms
    value: Decimal


def fill_lots(lots: Sequence[Filled], *, place: Place, by: Member, at: datetime) -> None:
    """Open each lot in this place, take in what it holds, draw what was drawn."""
    for number, each in enumerate(lots):
        lot = open_lot(lot=replace(each.lot, place=place), by=by, at=at)
        take_more(lot=lot, given=each.holds, cost=each.cost, by=by, at=at, key=f"demo-lot-{number}")
        if each.drawn_g:
            draw(lot=lot, grams=each.drawn_g, pieces=0, carats=Decimal(0), by=by, at=at)
        if each.favourite:
            add_favourite(label=each.favourite, lot_code=lot.code)


def send_a_parcel(parcel: Parcel, *, source: Branch, by: Member, at: datetime) -> None:
    """Open the second branch, send the parcel, and receive the first piece of it there."""
    till = open_branch(name=parcel.branch, address=parcel.address)
    if parcel.till:
        till.name = parcel.till
        till.save(update_fields=["name"])
    target = till.branch
    tray = add_place(name=parcel.tray, kind=parcel.kind, branch=target)
    packed = transfers.begin(source=source, target=target, by=by, at=at, key="demo-parcel")
    transfers.pack(transfer=packed.pk, tags=parcel.tags)
    transfers.send(transfer=packed.pk, reason=parcel.reason, by=by, at=at)
    transfers.receive(
        transfer=packed.pk, tags=parcel.tags[:1], place=tray, by=by, at=at, key="demo-received"
    )


def lend_out(
    tags: tuple[str, ...], *, to: int, reason: str, by: Member, at: datetime, late: bool
) -> None:
    """Pieces at somebody's at the price of the day; `late`: their day is past."""
    then = at - timedelta(days=_LENT_DAYS_AGO) if late else at
    lend(
        party=to,
        due=(then + timedelta(days=_LENT_FOR)).date(),
        agreed=[Agreed(tag=tag) for tag in tags],
        reason=reason,
        key=f"demo-lent-{to}",
        by=by,
        at=then,
    )


def take_in_care(
    goods: Sequence[Cared], *, owner: int, reason: str, by: Member, at: datetime
) -> None:
    """Somebody's pieces in our care for a month."""
    begin(
        owner=owner,
        due=(at + timedelta(days=30)).date(),
        goods=[Goods(piece=each.piece, terms=each.terms, value=each.value) for each in goods],
        reason=reason,
        key="demo-in-care",
        by=by,
        at=at,
    )


def count_half_a_tray(place: Place, *, by: Member, at: datetime) -> None:
    """A count of one tray that somebody is at: half of what should lie there was seen."""
    count = start_count(places=[place.pk], by=by, at=at, key="demo-count")
    sheet = begin_sheet(sheet=count.sheets.get(), by=by, at=at)
    tags = list(
        Piece.objects.filter(place=place, state__in=IN_THE_SHOP)
        .order_by("tag")
        .values_list("tag", flat=True)
    )
    scan(sheet=sheet, reads=[Read(tag=tag) for tag in tags[: len(tags) // 2]], by=by, at=at)


def keep_for(customer: int, *, tag: str, by: Member, at: datetime) -> None:
    """The piece is reserved for ten days."""
    reserve_for(tag=tag, customer=customer, until=(at + timedelta(days=10)).date(), by=by, at=at)


def hold_a_sale(
    tags: tuple[str, ...], *, customer: int, register: Register, by: Member, at: datetime
) -> None:
    """A sale that was put aside at this till."""
    for tag in tags:
        put_on(tag=tag, register=register, by=by, at=at)
    sale = choose_customer(pk=customer, register=register, by=by, at=at)
    hold(key=sale.key, register=register, by=by, at=at)
