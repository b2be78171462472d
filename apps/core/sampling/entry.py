"""The station of this process: opened by whoever starts it, found by whoever asks.

gunicorn's hooks open a web worker's, `manage.py worker` its own. Under any
other server the first probe or request opens one, without a probe port.
"""

import math
import threading
from collections.abc import Callable, Sequence
from typing import Final

from django.conf import settings

from apps.core.sampling import station as stations
from apps.core.sampling.board import Seat
from apps.core.sampling.catalogue import Facts, Site, for_web, for_worker
from apps.core.sampling.check import Check, State
from apps.core.sampling.history import History
from apps.core.sampling.port import ProbePort, open_port, refuse_taken
from apps.core.sampling.requests import SLOTS_UNKNOWN
from apps.core.sampling.station import Options, Station
from apps.core.sampling.wedge import ending, of_pages

_changing: Final = threading.RLock()
_port: ProbePort | None = None
_history: History | None = None


def open_web(
    *,
    seat: Seat | None = None,
    slots: int,
    stuck_after_s: float,
    with_port: bool = True,
    site: Site | None = None,
) -> Station:
    """Open the station of a process that serves pages, and its probe port. Once, after forking.

    `site` is where its server answers pages, to be asked from here. Raises PortRefused.
    """
    station = stations.opened(lambda: _web(seat, slots, stuck_after_s, site))
    if with_port:
        _open_port(station)
    return station


def open_worker(
    *more: Check, seat: Seat | None = None, slots: int = 1, with_port: bool = True
) -> Station:
    """Open the station of a process that runs jobs, and its probe port.

    `more` are checks that only the process can make. Raises PortRefused.
    """
    if with_port:
        # No master did: another server's port would be shared without a word.
        refuse_taken(settings.HEALTH["BIND"], settings.HEALTH["PORT"])
    station = stations.opened(lambda: _worker(more, seat, slots))
    if with_port:
        _open_port(station)
    return station


def current() -> Station:
    """This process's station; opened now if nobody did."""
    return stations.opened(lambda: _web(None, SLOTS_UNKNOWN, math.inf, None))


def close() -> None:
    """Close the probe port, the memory and the station, as far as they are open."""
    global _port, _history
    with _changing:
        if _port is not None:
            _port.close()
        if _history is not None:
            _history.close()
        _port = _history = None
    stations.closed()


def _open_port(station: Station) -> None:
    global _port
    with _changing:
        _port = open_port(station, host=settings.HEALTH["BIND"], port=settings.HEALTH["PORT"])


def _web(seat: Seat | None, slots: int, stuck_after_s: float, site: Site | None) -> Station:
    after_s = settings.HEALTH["WEDGED_AFTER_MINUTES"] * 60

    def checks(facts: Facts) -> Sequence[Check]:
        return [
            ending(of_pages, one) if after_s and one.name == "database" else one
            for one in for_web(facts)
        ]

    station = _remembering(checks, site, _options("web", stuck_after_s), seat, slots)
    if after_s:
        station.vitals.append(("wedged", lambda: _word_of_wedge(station, after_s)))
    return station


def _worker(more: Sequence[Check], seat: Seat | None, slots: int) -> Station:
    # A job may take as long as it takes.
    options = _options("worker", stuck_after_s=math.inf)
    return _remembering(lambda facts: for_worker(facts, *more), None, options, seat, slots)


def _options(kind: str, stuck_after_s: float) -> Options:
    return Options(
        kind=kind,
        stuck_after_s=stuck_after_s,
        spread_s=settings.HEALTH["RETURN_SPREAD_SECONDS"],
    )


def _remembering(
    checks: Callable[[Facts], Sequence[Check]],
    site: Site | None,
    options: Options,
    seat: Seat | None,
    slots: int,
) -> Station:
    """A station with its memory. Its checks ask the station of which they are part."""
    global _history
    station = Station(
        checks(
            Facts(
                site=site,
                load=lambda: station.load(),
                database_gates=settings.HEALTH["DATABASE_GATE"] == "fail",
                off=settings.HEALTH["CHECKS_OFF"],
            )
        ),
        options=options,
        seat=seat,
        slots=slots,
        on_change=lambda change: history.note(change),
    )
    history = History(station)
    with _changing:
        _history = history
    history.open()
    return station


def _word_of_wedge(station: Station, after_s: float) -> str:
    database = [one for one in station.sampler.standings() if one.name == "database"]
    is_there = all(one.state is State.PASS for one in database)
    return "wedged" if is_there and of_pages.is_stuck(for_s=after_s) else ""
