"""What the tables of the matrix demand of a web, under a fault and after it."""

import itertools
import json
import re
import time
from contextlib import contextmanager
from pathlib import Path

from apps.core.sampling.names import WEB, WORKER
from local.place import CHECKOUT
from local.roles import APP, DATABASE, OWNER
from tests.health.links import wait_for
from tests.health.processes import listeners_at, threads_of
from tests.health.watch import DETAILED, LIVE, READY, SLOWEST_S, STARTUP

# Times of the matrix, with room for a machine that does much else.
ROOM = 2.5
# All that an anonymous body may name.
NAMES = frozenset({*WEB, *WORKER, "draining", "sampled", "sampler", "startup", "workers"})
CANARIES = (APP, OWNER, DATABASE, "localhost", "postgres", "psycopg", "Traceback", str(CHECKOUT))


def passes(seen):
    return seen.status == 200 and seen.json() == {"status": "pass"}


def serves(seen):
    """Takes requests. What was asked more seldom than the database may still be a warning."""
    return seen.status == 200 and "database" not in seen.json().get("warnings", [])


def warns(*names):
    """Takes requests, and warns of these; on a busy machine perhaps of others, too."""

    def is_so(seen):
        return seen.status == 200 and set(names) <= set(seen.json().get("warnings", []))

    return is_so


def fails(*names):
    """Takes no requests because of these and nothing else; what warns is another row's."""

    def is_so(seen):
        told = seen.json()
        return (
            seen.status == 503
            and told["status"] == "fail"
            and sorted(told["failing"]) == sorted(names)
        )

    return is_so


def details(component, *words, state="fail", status=503):
    """The detailed answer gives one of these words for the component, and its status."""

    def is_so(seen):
        return seen.status == status and bool(seen.outputs(component, state) & set(words))

    return is_so


@contextmanager
def fault(web, doing, *, within_s, back_within_s=6.0, ready, detailed, returns=serves, told=()):
    """Let something go wrong for the length of the block, and hold the web to the matrix.

    `doing` is entered once the web has become what it `returns` to. Then `ready` and `detailed`
    have to come true within `within_s`, and after the block what was before,
    within `back_within_s`. `told` are the checks whose change each worker logs
    once each way. All the time it is alive and started, answers fast and tells nothing.
    """
    # One that still starts would be born into the fault, and never turn away from anything.
    wait_for(
        lambda: listeners_at(web.probe_port, seen_by=web.process.pid) == len(web.workers),
        "the probe port of each worker",
    )
    web.watcher.steady(time.monotonic(), within_s=60, ready=returns)
    workers, lines, began = web.workers, len(web.events()), time.monotonic()
    threads = {pid: threads_of(pid) for pid in workers}
    restarts = web.kubelet.restarts
    with doing:
        at = time.monotonic()
        shown = web.watcher.steady(at, within_s=within_s * ROOM + 5, ready=ready, detailed=detailed)
        assert shown <= within_s * ROOM, f"shown after {shown:.1f} s"
        yield shown
        # T14: whatever hangs, it hangs in threads that were there before; slots may have filled.
        for pid in workers:
            assert threads_of(pid) <= threads[pid] + 6, [
                one.read_text() for one in Path(f"/proc/{pid}/task").glob("*/comm")
            ]
        held = [one for one in web.watcher.since(at + shown + 0.001, READY) if not ready(one)]
        assert not held, f"it came back by itself: {held[0]}"
    over = time.monotonic()
    back = web.watcher.steady(over, within_s=back_within_s * ROOM + 5, ready=returns)
    assert back <= back_within_s * ROOM, f"back after {back:.1f} s"
    assert web.workers == workers, "a worker was replaced"
    assert web.kubelet.restarts == restarts
    assert_sound(web, since=began)
    if told:
        wait_for(lambda: len(_turns(web, lines, told)) >= 2 * len(told) * len(workers), "the lines")
        counted = {key: len(list(group)) for key, group in _grouped(_turns(web, lines, told))}
        assert counted == {
            (check, turn): len(workers) for check in told for turn in ("away", "back")
        }


def _turns(web, since, checks):
    """The changes to and from `pass`, since so many lines, of these checks."""
    return [
        (line["check"], "back" if line["after"] == "pass" else "away")
        for line in web.events()[since:]
        if line["check"] in checks and "pass" in (line["before"], line["after"])
    ]


def _grouped(turns):
    return itertools.groupby(sorted(turns))


def assert_sound(web, *, since, slowest_s=SLOWEST_S):
    """Alive and started, quick and discreet, whatever else is the matter; no line per probe."""
    seen = web.watcher.since(since)
    assert {one.status for one in seen if one.path in (LIVE, STARTUP)} <= {200}, [
        str(one) for one in seen if one.path in (LIVE, STARTUP) and one.status != 200
    ][:3]
    assert all(one.status in (200, 503) for one in seen), [
        str(one) for one in seen if one.status not in (200, 503)
    ][:3]
    slowest = max(seen, key=lambda one: one.answer.took_s)
    assert slowest.answer.took_s <= slowest_s, f"{slowest.answer.took_s:.3f} s: {slowest}"
    for one in seen:
        if one.path != DETAILED:
            assert_tells_nothing(web, one.answer)
    assert not [line for line in list(web.said) if "/health/" in line]


def assert_tells_nothing(web, answer):
    """An anonymous answer has three keys and fixed names, and no header of ours speaks (T9)."""
    told = json.loads(answer.body)
    assert told.keys() <= {"status", "failing", "warnings"}, told
    assert told["status"] in ("pass", "warn", "fail")
    assert set(told.get("failing", [])) | set(told.get("warnings", [])) <= NAMES, told
    text = (answer.head + answer.body).decode()
    for canary in (*web.secrets, *CANARIES):
        assert canary not in text, f"{canary!r} in {text!r}"
    assert not re.search(r"\d+\.\d+\.\d+", text), text  # a version, or an address
