"""A working day of several shops: what each action takes, and whether the books are right after it.

    python -m bench.day [--shops 4] [--clerks 3] [--seconds 60] [--hurry 10]
    python -m bench.day --host https://… --people FILE

Without a host it starts a site of its own: a database as durable as a real one, gunicorn as in
production, freshly founded shops. People think as people do, divided by the hurry: four shops in a
hurry of 10 ask as forty do. The load is bench.working_day, played by Locust on the same machine.

Status 1 when a request failed, a shelf ran empty, or the books are not what was acknowledged.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from bench import production
from bench.day_books import Done, from_outside, in_the_database, said_of
from bench.processor import used_s
from local.place import place_from
from local.postgres import started
from local.postmaster import running
from local.problem import Problem, told_in_one_sentence
from local.run import prepare
from local.spilo import free_port
from local.tools import PDF_LIBRARIES, install_once
from ops.drills.books import Books

PORT: Final = 8910
# Locust lets sales under way be seen through, within this.
CLOSING_S: Final = 60
# A clerk serves a customer in about 125 s, of whom two in five buy one piece or two.
SECONDS_A_VISIT, PIECES_A_VISIT, SPARE = 125, 0.5, 20
Day = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Play the day, print its table and its books."""
    given = given_by(arguments)
    if given.host:
        people = json.loads(Path(given.people).read_text())
        day = {"host": given.host, "headers": {}, "paper": True, **people}
        return play(_for_locust(day, given), seconds=given.seconds)
    with own_site(given) as (day, programs):
        return play(_for_locust(day, given), seconds=given.seconds, programs=programs)


def given_by(arguments: list[str]) -> argparse.Namespace:
    """The day that was ordered, and what is taken for granted of it."""
    parser = argparse.ArgumentParser(prog="python -m bench.day", allow_abbrev=False)
    parser.add_argument("--shops", type=int, default=4)
    parser.add_argument("--clerks", type=int, default=3, help="of each shop; each has a till")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--sales", type=int, default=0, help="close after so many, if any")
    parser.add_argument("--hurry", type=float, default=10, help="1: as people do")
    parser.add_argument("--host", help="a site that runs: https://shop.example")
    parser.add_argument("--people", help="its people: docs/explanation/scale.md says how")
    given = parser.parse_args(arguments)
    if bool(given.host) != bool(given.people):
        parser.error("--host and --people go together")
    if min(given.shops, given.clerks, given.seconds) < 1 or given.hurry <= 0:
        parser.error("a day has at least one shop, one clerk, one second and some hurry")
    return given


def _for_locust(day: Day, given: argparse.Namespace) -> Day:
    """The day with one list for each kind of person, each seat with the number of its shop."""
    seats: dict[str, list[dict[str, Any]]] = {"clerks": [], "managers": [], "walls": []}
    for number, shop in enumerate(day["shops"]):
        seats["clerks"] += [{**seat, "shop": number} for seat in shop["clerks"]]
        seats["managers"].append({**shop["manager"], "shop": number})
        seats["walls"].append({**shop["manager"], "shop": number})
    shops = [{"name": shop["name"], "tags": shop["tags"]} for shop in day["shops"]]
    rest = {"hurry": given.hurry, "sales": given.sales, "prefix": f"day-{secrets.token_hex(4)}-"}
    return {**day, **seats, **rest, "shops": shops}


# -- a site of its own -------------------------------------------------------------------------


@contextmanager
def own_site(given: argparse.Namespace, *, pieces: int = 0) -> Iterator[tuple[Day, dict[str, int]]]:
    """Database and web for the length of a block: how its shops are entered, and its processes."""
    place = place_from({**os.environ, "DATA_DIR": os.environ.get("DATA_DIR", ".local") + "/bench"})
    place.make_folder()
    install_once(PDF_LIBRARIES, remembered_in=place.folder)
    with started(place) as server:
        prepare(server)
        production.collect_static(server)
        serving = production.environment(
            server, PORT=str(PORT), HEALTH_BIND="127.0.0.1", HEALTH_PORT=str(free_port())
        )
        os.environ.clear()
        os.environ.update(serving)
        shops = found(given, pieces=pieces or enough(given))
        with production.web(serving) as web:
            day = {
                "host": f"http://localhost:{PORT}",
                # As the ingress says it: cookies and redirects of production are for TLS.
                "headers": {"X-Forwarded-Proto": "https"},
                "paper": PDF_LIBRARIES.is_here(),
                "shops": shops,
            }
            postmaster = running(place)
            yield (
                day,
                {"web": web.process.pid} | ({"database": postmaster.pid} if postmaster else {}),
            )


def enough(given: argparse.Namespace) -> int:
    """Pieces for one shop's day, twice what it will sell."""
    visits = given.clerks * given.seconds * given.hurry / SECONDS_A_VISIT
    return int(2 * visits * PIECES_A_VISIT + SPARE * given.clerks)


def found(given: argparse.Namespace, *, pieces: int) -> list[dict[str, Any]]:
    """New shops with tills, rates, people and pieces, made through the services."""
    import django

    django.setup()
    from bench.day_shops import found_one

    run = secrets.token_hex(3)
    return [
        found_one(name=f"day-{run}-{number}", clerks=given.clerks, pieces=pieces)
        for number in range(given.shops)
    ]


# -- the day -----------------------------------------------------------------------------------


def play(day: Day, *, seconds: int, programs: dict[str, int] | None = None) -> int:
    """Let Locust play, print what came of it; 0 when nothing failed and the books are right.

    `programs` are the processes of a site of its own, whose database can be looked into.
    """
    inside = programs is not None
    before = {name: used_s(pid) for name, pid in (programs or {}).items()}
    done = by_locust(day, seconds=seconds)
    print(table(done))
    for name, pid in (programs or {}).items():
        was, now = before[name], used_s(pid)
        if was is not None and now is not None:
            print(f"processor  {name:<10}{now - was:>8.2f} s, {share(now - was, done)}")
    for said, count in sorted(done.failures.items(), key=lambda pair: -pair[1])[:10]:
        print(f"failed {count:>5} times: {said}")
    for name in done.empty:
        print(f"{name} ran out of pieces: its clerks went home early, so the figures are too low.")
    books = in_the_database(day["shops"], done) if inside else from_outside(day, done)
    print(said_of(books, ledger_seen=inside))
    return 0 if fine(done, books) else 1


def fine(done: Done, books: Books) -> bool:
    """Whether the day may be taken at its word."""
    return (
        books.clean and not books.unanswered and not done.failures and not done.empty
    ) and books.acknowledged > 0


def by_locust(day: Day, *, seconds: int) -> Done:
    """What the people did. Raises Problem when they could not begin."""
    people = sum(len(day[kind]) for kind in ("clerks", "managers", "walls"))
    # Tokens and sessions: a folder of this user alone.
    with tempfile.TemporaryDirectory(prefix="day-") as folder:
        goods, done = Path(folder) / "goods.json", Path(folder) / "done.json"
        goods.write_text(json.dumps(day))
        command = [sys.executable, "-m", "locust", "-f", str(Path(__file__).parent)]
        command[-1] += "/working_day.py"
        command += ["--headless", "--users", str(people), "--spawn-rate", str(people)]
        command += ["--run-time", f"{seconds}s", "--stop-timeout", str(CLOSING_S)]
        command += ["--loglevel", "ERROR", "--only-summary", "--exit-code-on-error", "0"]
        ended = subprocess.run(
            command,
            env=os.environ | {"DAY_GOODS": str(goods), "DAY_DONE": str(done)},
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 2 * CLOSING_S,
        )
        if ended.returncode != 0 or not done.exists():
            raise Problem(f"Locust could not play the day. It said:\n{ended.stderr[-2000:]}")
        return Done.of(json.loads(done.read_text()))


def share(used: float, done: Done) -> str:
    """A part of the day's processor time, as a figure that can be multiplied."""
    sales = sum(sold.number is not None for sold in done.orders)
    each = 1000 * used / max(1, len(done.answered))
    return (
        f"{each:.1f} ms a request, {1000 * used / max(1, sales):.0f} ms a sale with all around it"
    )


def table(done: Done) -> str:
    """One row an action, the most frequent first; times of the answers that came."""
    took: dict[str, list[float]] = {}
    failed: dict[str, int] = {}
    for name, seconds, ok in done.answered:
        took.setdefault(name, []).append(seconds)
        failed[name] = failed.get(name, 0) + (not ok)
    rows = sorted(took.items(), key=lambda pair: -len(pair[1]))
    everything = [seconds for _name, some in rows for seconds in some]
    lines = [
        f"\n{'A working day':<24}{'times':>8}{'a second':>10}"
        f"{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'failed':>8}"
    ]
    for name, some in [*rows, ("all", everything)]:
        half, most, nearly = _cuts(some)
        count = sum(failed.values()) if name == "all" else failed[name]
        lines.append(
            f"{name:<24}{len(some):>8}{len(some) / done.seconds:>10.2f}"
            f"{half:>9.0f}{most:>9.0f}{nearly:>9.0f}{count:>8}"
        )
    return "\n".join(lines)


def _cuts(took_s: Sequence[float]) -> tuple[float, float, float]:
    if len(took_s) < 2:
        return (1000 * sum(took_s),) * 3
    cuts = quantiles(took_s, n=100, method="inclusive")
    return 1000 * cuts[49], 1000 * cuts[94], 1000 * cuts[98]


if __name__ == "__main__":
    with told_in_one_sentence():
        sys.exit(main(sys.argv[1:]))
