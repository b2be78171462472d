"""A drawer is counted for its close. What it should hold is asked by nobody here."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from apps.shops.models import Member, Shift
from apps.shops.shifts import locked_register
from apps.till import asks
from apps.till.counted import Counted, CountedTray
from apps.till.models import CountKind, TillCount
from apps.till.report import entries_of
from apps.till.selectors import TillIsClosed, closing_counts
from apps.till.services.demands import demand_sense


def send_count(
    *,
    register: int,
    counted: Counted,
    trays: Mapping[int, int | None],
    by: Member,
    at: datetime,
    key: str,
) -> TillCount:
    """Keep what somebody counted in the open drawer: the shift's 1st count, 2nd …

    `trays`: pieces seen by place; a tray that is not among them was not counted. What lies in
    each by the books is kept with it, since other tills sell out of the same trays. The register
    is locked, so that no document is half in the count. The form sent twice counts once.

    Raises TillIsClosed, CountImpossible.
    """
    with transaction.atomic():
        till = locked_register(pk=register)
        first = TillCount.objects.filter(key=key).first()
        if first is not None:
            return first
        if till.shift_id is None:
            raise TillIsClosed(till=till.name)
        shift = Shift.objects.get(pk=till.shift_id)
        whole = replace(
            counted,
            trays=tuple(
                CountedTray(
                    place=tray.place,
                    name=tray.name,
                    pieces=tray.pieces,
                    counted=trays.get(tray.place),
                )
                for tray in asks.trays(branch=till.branch_id)
            ),
        )
        demand_sense(whole)
        return TillCount.objects.create(
            shift=shift,
            kind=CountKind.CLOSING,
            number=closing_counts(shift).count() + 1,
            counted=whole.as_json(),
            entries=entries_of(shift),
            at=at,
            by=by,
            key=key,
        )
