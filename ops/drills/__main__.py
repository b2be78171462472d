"""Break the system on purpose, and measure.

python -m ops drill list
python -m ops drill run NAME …          some, on a drill cluster of this machine
python -m ops drill all                 all of them
python -m ops drill run NAME … --context CONTEXT      on a cluster, by kubectl

Exit status 0: every claim held (what is not possible on this cluster is named, and is no failure).
1: a claim was missed, or a drill could not be carried out. 2: the command cannot be understood.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ops.drills import report
from ops.drills.cluster import Cannot, Cluster, Failed
from ops.drills.failures import ALL
from ops.drills.run import Drill, Result, chosen, perform
from ops.drills.timeline import timeline

REPORTS: Final = Path(".local/drills")
_GOOD: Final = ("passed", "not here")


def main(arguments: list[str]) -> int:
    """Do what was asked; the exit status."""
    asked = _parser().parse_args(arguments)
    if asked.command == "list":
        for drill in ALL:
            print(f"{drill.name:<24}{drill.claim}")
        return 0
    try:
        drills = list(ALL) if asked.command == "all" else chosen(asked.names, ALL)
    except KeyError as unknown:
        print(
            f"drill: there is no {unknown}. `python -m ops drill list` names them.", file=sys.stderr
        )
        return 2
    if asked.context:
        try:
            with on_kubernetes(asked.context, asked.namespace, asked.site) as cluster:
                return _go(drills, cluster, asked)
        except (Cannot, Failed) as why:
            print(f"drill: {why}", file=sys.stderr)
            return 1
    # The program that holds the cluster has a guard above it, who ends what it leaves.
    from local.drill.guard import guarded

    def here() -> int:
        from local.problem import told_in_one_sentence
        from local.signals import interrupt_once

        interrupt_once()
        with told_in_one_sentence(), on_laptop() as cluster:
            return _go(drills, cluster, asked)

    return guarded(here)


@contextmanager
def on_laptop() -> Iterator[Cluster]:
    """A new drill cluster on this machine, put away afterwards."""
    # Loaded only here: with --context nothing is needed but Python and kubectl.
    from local.drill.cluster import drill_cluster
    from ops.drills.on_laptop import Laptop

    with drill_cluster(say=_say) as made:
        yield Laptop(made)


@contextmanager
def on_kubernetes(context: str, namespace: str, site: str) -> Iterator[Cluster]:
    """A running cluster, by kubectl. Refused where the namespace is not labelled for drills."""
    from ops.drills.on_kubernetes import Kubernetes

    yield Kubernetes(context=context, namespace=namespace, site=site)


def _go(drills: Sequence[Drill], cluster: Cluster, asked: argparse.Namespace) -> int:
    results = [_one(drill, cluster, folder=asked.reports, say=_say) for drill in drills]
    if asked.page:
        by_name = {drill.name: drill for drill in drills}
        pictures = asked.page.parent / "drills"
        for result in results:
            if result.run is not None:
                pictures.mkdir(parents=True, exist_ok=True)
                (pictures / f"{result.name}.svg").write_text(timeline(result))
        text = report.page(
            results,
            by_name,
            at=datetime.now(UTC),
            where=_where(cluster),
            versions=cluster.versions(),
            pictures=pictures.name,
        )
        asked.page.write_text(text)
    missed = [result.name for result in results if result.outcome not in _GOOD]
    _say(f"missed: {', '.join(missed)}" if missed else "every claim holds")
    return 1 if missed else 0


def _one(drill: Drill, cluster: Cluster, *, folder: Path, say: Callable[[str], None]) -> Result:
    say(f"{drill.name}: {drill.claim}")
    result = perform(drill, cluster, say=say)
    report.write(result, folder)
    for line in report.lines(result):
        say(line)
    return result


def _where(cluster: Cluster) -> str:
    if cluster.name == "the drill cluster":
        return (
            f"the drill cluster, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"
        )
    return cluster.name


def _say(what: str) -> None:
    print(what, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops drill",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the drills and their claims")
    for name, what in (("run", "some drills"), ("all", "every drill")):
        one = commands.add_parser(name, help=what)
        if name == "run":
            one.add_argument("names", nargs="+", metavar="NAME")
        one.add_argument("--context", default="", help="of kubectl; without it: this machine")
        one.add_argument("--namespace", default="jewelry-shop")
        one.add_argument("--site", default="", metavar="URL", help="the ingress of that cluster")
        one.add_argument("--reports", type=Path, default=REPORTS, help=f"default: {REPORTS}")
        one.add_argument("--page", type=Path, help="write the documents' page there as well")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
