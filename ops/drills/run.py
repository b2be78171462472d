"""One drill from beginning to end: whole, sales, broken, mended, the books."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from ops.drills.books import Books, reckon
from ops.drills.cluster import Cannot, Cluster, demand
from ops.drills.load import Load, Order
from ops.drills.watch import LIVE, READY, Watch

PIECES: Final = 1200
# What goes on before it is broken, and after it is mended.
STEADY_SALES: Final = 30
STEADY_WITHIN_S: Final = 60
LOOK_EVERY_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was done, or that happened by itself."""

    at: float
    what: str
    ours: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One part of a claim: what was to be, what was."""

    what: str
    wanted: str
    measured: str
    holds: bool


@dataclass(slots=True)
class Run:
    """What a drill sees of itself while it runs, and what is measured of it afterwards."""

    cluster: Cluster
    load: Load
    watch: Watch
    events: list[Event] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    broken_at: float = 0.0
    mended_at: float | None = None
    restarts_before: int = 0
    forgiven: tuple[float, float] | None = None

    def forgive_from(self, at: float) -> None:
        """Sales acknowledged from here on are known to be gone: they are after the moment."""
        self.forgiven = (at, float("inf"))

    def forgive_until(self, at: float) -> None:
        """Sales acknowledged after here count again."""
        assert self.forgiven is not None
        self.forgiven = (self.forgiven[0], at)

    def counted(self) -> list[Order]:
        """The orders that the books are held against."""
        if self.forgiven is None:
            return self.load.orders
        first, last = self.forgiven
        return [
            order
            for order in self.load.orders
            if order.acknowledged_at is None or not first <= order.acknowledged_at <= last
        ]

    def until(self, fact: Callable[[], bool], *, within_s: float) -> float | None:
        """When `fact` held; None when not in that time. Looks twice a second."""
        deadline = self.now() + within_s
        while self.now() < deadline:
            with suppress(OSError, RuntimeError):
                if fact():
                    return self.now()
            time.sleep(LOOK_EVERY_S)
        return None

    def now(self) -> float:
        """Seconds of this run."""
        return self.load.now()

    def did(self, what: str) -> None:
        """Note a step of the drill."""
        self.events.append(Event(self.now(), what, ours=True))

    def happened(self, what: str) -> None:
        """Note what happened by itself."""
        self.events.append(Event(self.now(), what, ours=False))

    def check(self, what: str, *, wanted: str, measured: str, holds: bool) -> None:
        """Hold a part of the claim against what was measured."""
        self.checks.append(Check(what, wanted, measured, holds))

    def at_most(self, what: str, limit: float, measured: float | None, *, unit: str = "s") -> None:
        """A number that may not be larger, nor missing."""
        self.check(
            what,
            wanted=f"≤ {limit:g} {unit}".strip(),
            measured="never" if measured is None else f"{measured:.1f} {unit}".strip(),
            holds=measured is not None and measured <= limit,
        )

    def none_of(self, what: str, count: int) -> None:
        """Something of which there may be nothing."""
        self.check(what, wanted="0", measured=str(count), holds=count == 0)

    def sales_again(self, *, within_s: float) -> float | None:
        """Seconds from now to the first sale that was also asked for from now on."""
        since = self.now()
        try:
            return self.load.wait_sales(1, after=since, within_s=within_s) - since
        except TimeoutError:
            return None

    def gap(self) -> float:
        """The longest time without a sale acknowledged, since it was broken."""
        done = sorted(a.at + a.took_s for a in self.load.attempts if a.ok)
        moments = [self.broken_at, *(at for at in done if at >= self.broken_at)]
        return max((b - a for a, b in pairwise(moments)), default=0.0)

    def failed(self) -> Counter[str]:
        """Requests since it was broken that were not acknowledged, by what came instead."""
        return Counter(
            a.outcome for a in self.load.attempts if not a.ok and a.at + a.took_s >= self.broken_at
        )

    def restarted(self) -> int:
        """Containers of web that were restarted since it was broken."""
        return self.cluster.restarts() - self.restarts_before

    def probes_in_time(self, path: str) -> tuple[int, int]:
        """Probes without an answer in time since it was broken, and all of them."""
        seen = [p for p in self.watch.probes if p.path == path and p.at >= self.broken_at]
        return sum(p.status is None for p in seen), len(seen)

    def live_failures(self) -> int:
        """Liveness probes that were anything but 200 since it was broken."""
        return sum(
            p.status != 200 for p in self.watch.probes if p.path == LIVE and p.at >= self.broken_at
        )


@dataclass(frozen=True, slots=True)
class Drill:
    """A failure with its claim. `page` is what the documents say of it."""

    name: str
    claim: str
    page: str
    needs: tuple[str, ...]
    body: Callable[[Cluster, Run], None]
    mend: str | None  # the verb that mends, also when it was mended before


@dataclass(slots=True)
class Result:
    """What came of one drill."""

    name: str
    claim: str
    began_at: datetime
    lasted_s: float = 0.0
    outcome: str = "passed"  # or missed, broken, not here
    why: str = ""
    checks: list[Check] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    books: Books | None = None
    gap_s: float | None = None
    failed: dict[str, int] = field(default_factory=dict)
    requests: int = 0
    probes: dict[str, tuple[int, int]] = field(default_factory=dict)
    restarts: int = 0
    broken_at: float = 0.0
    mended_at: float | None = None
    run: Run | None = field(default=None, repr=False)


def perform(drill: Drill, cluster: Cluster, *, say: Callable[[str], None]) -> Result:
    """Run one drill and hold it against its claim. It always mends."""
    result = Result(drill.name, drill.claim, datetime.now(UTC))
    begun = time.monotonic()
    try:
        demand(cluster, drill.needs)
        cluster.stock_up(PIECES)
        cluster.wait_whole()
        _perform(drill, cluster, result, say=say)
        if not all(check.holds for check in result.checks):
            result.outcome = "missed"
    except Cannot as cannot:
        # Nothing was broken, so nothing was measured.
        result = Result(drill.name, drill.claim, result.began_at)
        result.outcome, result.why = "not here", str(cannot)
    except Exception as failure:
        # A drill that could not be carried out is not one that passed: named, and it goes on.
        result.outcome, result.why = "broken", f"{type(failure).__name__}: {failure}"
    result.lasted_s = time.monotonic() - begun
    return result


def _perform(drill: Drill, cluster: Cluster, result: Result, *, say: Callable[[str], None]) -> None:
    load = Load(cluster.goods(), cluster.take_tag)
    run = Run(cluster, load, Watch(cluster, load.began))
    result.run = run

    def heard(what: str) -> None:
        run.happened(what)
        say(f"  {run.now():6.1f} {what}")

    cluster.listen(heard)
    load.start()
    run.watch.start()
    try:
        try:
            load.wait_sales(STEADY_SALES, after=0, within_s=STEADY_WITHIN_S)
            run.restarts_before = cluster.restarts()
            run.broken_at = run.now()
            drill.body(cluster, run)
        finally:
            if drill.mend is not None:
                getattr(cluster, drill.mend)()
            run.mended_at = run.now()
        cluster.wait_whole()
        load.wait_sales(STEADY_SALES, after=run.now(), within_s=STEADY_WITHIN_S)
    finally:
        load.finish()
        run.watch.stop()
        cluster.listen(lambda what: None)
        _measure(run, result)
    result.books = books = reckon(
        run.counted(),
        cluster.recorded(since=load.prefix),
        imbalance=cluster.imbalance(),
        sold_twice=cluster.sold_twice(),
    )
    run.none_of("sales lost", books.lost)
    run.none_of("sales doubled", books.doubled)
    run.none_of("sales refused or never answered", books.refused + books.unanswered)
    run.none_of("entries out of balance, or sales without one", books.imbalance + books.unbooked)
    result.checks = run.checks


def _measure(run: Run, result: Result) -> None:
    result.events = run.events
    result.checks = run.checks
    result.broken_at, result.mended_at = run.broken_at, run.mended_at
    result.gap_s = run.gap()
    result.failed = dict(run.failed())
    result.requests = len(run.load.attempts)
    result.probes = {path: run.probes_in_time(path) for path in (LIVE, READY)}
    with suppress(Cannot, OSError):
        result.restarts = run.restarted()


def chosen(names: Sequence[str], known: Sequence[Drill]) -> list[Drill]:
    """The drills of these names, in the order given. Raises KeyError."""
    by_name = {drill.name: drill for drill in known}
    return [by_name[name] for name in names]
