"""Is there a free hand for the next request? A reading: being busy is no illness."""

import ipaddress
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from apps.core.sampling.check import Check, Observation, Reading, State
from apps.core.sampling.requests import Load

_LOOKS_TO_WARN: Final = 2
_IPV4, _IPV6 = Path("/proc/net/tcp"), Path("/proc/net/tcp6")
_LISTEN: Final = "0A"

Site = tuple[str, int]


class Busy:
    """Remembers whether the last look found no room: one full moment is nothing."""

    def __init__(
        self,
        load: Callable[[], Sequence[Load]],
        *,
        port: int | None,
        tables: Sequence[Path] = (_IPV4, _IPV6),
    ) -> None:
        self._load = load
        self._port = port
        self._tables = tables
        self._full_looks = 0

    def look(self) -> Reading:
        """One look. Observes slots and busy ones, and who waits to be let in."""
        loads = self._load()
        busy, slots = sum(one.busy for one in loads), sum(one.slots for one in loads)
        queue = None if self._port is None else accept_queue(self._port, tables=self._tables)
        full = (slots > 0 and busy >= slots) or bool(queue)
        self._full_looks = self._full_looks + 1 if full else 0
        warns = self._full_looks >= _LOOKS_TO_WARN
        observed = _observed(busy, slots, queue, warns=warns)
        if not warns:
            return Reading(observed=observed)
        said = f"{busy} of {slots} slots are busy, {queue or 0} connections wait"
        return Reading(state=State.WARN, word="full", said=said, observed=observed)


def build(load: Callable[[], Sequence[Load]], *, site: Site | None) -> Check:
    """`site` is where this server's pages are answered; unknown, the kernel cannot be asked."""
    host, port = site or ("", None)
    return Check(
        name="requests",
        look=Busy(load, port=port, tables=_tables_of(host)).look,
        every_s=5.0,
        within_s=1.0,
        component_type="system",
        meaning=_("Free hands for the next request"),
    )


def _tables_of(host: str) -> tuple[Path, ...]:
    """Looking through the other one takes the kernel milliseconds."""
    try:
        return (_IPV6,) if ipaddress.ip_address(host).version == 6 else (_IPV4,)
    except ValueError:
        return (_IPV4, _IPV6)  # a name, or every address


def accept_queue(port: int, *, tables: Sequence[Path] = (_IPV4, _IPV6)) -> int | None:
    """How many connections to this port the kernel holds until somebody accepts them.

    None where the kernel does not tell: elsewhere than on Linux, or when nobody listens.
    Source: Linux, Documentation/networking/proc_net_tcp.rst; of a listening socket rx_queue is
    its sk_ack_backlog.
    """
    waiting: int | None = None
    for table in tables:
        try:
            with table.open() as lines:
                next(lines, "")  # the heading
                for fields in map(str.split, lines):
                    if fields[3] != _LISTEN:
                        break  # those that listen come first; of the others there are thousands
                    if int(fields[1].rpartition(":")[2], 16) == port:
                        waiting = (waiting or 0) + int(fields[4].partition(":")[2], 16)
        except OSError:
            continue
    return waiting


def _observed(busy: int, slots: int, queue: int | None, *, warns: bool) -> tuple[Observation, ...]:
    state, word = (State.WARN, "full") if warns else (State.PASS, "")
    whole: dict[str, Any] = {"busy": busy, "slots": slots}
    if queue is not None:
        whole["acceptQueue"] = queue
    seen = [Observation(measurement="http:connections", value=whole, state=state, word=word)]
    if queue is not None:
        seen.append(
            Observation(
                measurement="http:acceptQueue",
                value=queue,
                unit="connections",
                state=state,
                word=word,
            )
        )
    return tuple(seen)
