"""A tray with pieces, and counts of it. They go through our services."""

from decimal import Decimal

from apps.counts.services.scanning import Read, scan
from apps.counts.services.sheets import begin, finish
from apps.counts.services.starting import start_count
from apps.inventory.services.places import add_place
from apps.shops.models import Branch
from tests import make


def tray(*, name="Tray 1", kind="tray", branch=None):
    return add_place(name=name, kind=kind, branch=branch or Branch.objects.get())


def pieces(*tags, by, place):
    return [make.piece(by=by, tag=tag, place=place) for tag in tags]


def count(*places, by, **terms):
    return start_count(places=[place.pk for place in places], by=by, at=make.NOON, **terms)


def begun(made, *, by, place=None, at=make.NOON):
    """The sheet of a count's place, in hand."""
    sheets = made.sheets.order_by("-round")
    sheet = sheets.filter(place=place).first() if place else sheets.first()
    return begin(sheet=sheet, by=by, at=at)


def read(sheet, *tags, by, client="", start=1):
    reads = [Read(tag=tag, client=client, seq=start + n) for n, tag in enumerate(tags)]
    return scan(sheet=sheet, reads=reads, by=by, at=make.NOON)


def counted(made, place, *tags, by):
    """The place counted with these tags."""
    sheet = begun(made, by=by, place=place)
    read(sheet, *tags, by=by)
    return finish(sheet=sheet, by=by, at=make.NOON)


ZERO = Decimal(0)
