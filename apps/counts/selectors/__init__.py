"""Reads of the counts: the list, one with its sheets, what a sheet stands at, what was found."""

from apps.counts.selectors.found import result_of
from apps.counts.selectors.listed import (
    count_by_code,
    counts_listed,
    free_places,
    newest_sheets,
    places_wanted,
    sheet_being_counted,
    sheet_of,
)
from apps.counts.selectors.standing import (
    SheetStanding,
    last_scans,
    lots_to_weigh,
    put_aside,
    standing_of,
)

__all__ = [
    "SheetStanding",
    "count_by_code",
    "counts_listed",
    "free_places",
    "last_scans",
    "lots_to_weigh",
    "newest_sheets",
    "places_wanted",
    "put_aside",
    "result_of",
    "sheet_being_counted",
    "sheet_of",
    "standing_of",
]
