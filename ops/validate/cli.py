"""`python -m ops validate`."""

import argparse
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from ops.validate import report
from ops.validate.claim import Claim, Evidence, Result, Unchecked, Verdict
from ops.validate.claims import ALL
from ops.validate.cluster import Cluster


def main(arguments: Sequence[str]) -> int:
    """Look at each claim and print; 0 when all hold, 1 when one does not, 2 for misuse."""
    asked = _parser().parse_args(arguments)
    known = {claim.name: claim for claim in ALL}
    if unknown := [name for name in asked.claims if name not in known]:
        names = ", ".join(known)
        print(f"validate: no claim is called {', '.join(unknown)}. There are: {names}.",
              file=sys.stderr)  # fmt: skip
        return 2
    cluster = Cluster(
        namespace=asked.namespace,
        context=asked.context,
        manifests=asked.manifests,
        kubectl=asked.kubectl,
    )
    results = []
    for claim in [known[name] for name in asked.claims] or ALL:
        results.append(examine(claim, cluster))
        if not asked.json:
            print(report.as_text(results[-1:]).rpartition("\n")[0], flush=True)
    about = {
        "namespace": asked.namespace,
        "context": asked.context or "",
    }
    print(report.as_json(results, about=about) if asked.json
          else report.as_text(results).rpartition("\n")[2])  # fmt: skip
    if asked.junit:
        asked.junit.write_text(report.as_junit(results), encoding="utf-8")
    if asked.markdown:
        now = datetime.now(UTC)
        asked.markdown.write_text(
            report.as_markdown(results, about=about, at=now), encoding="utf-8"
        )
    return 0 if report.all_hold(results) else 1


def examine(claim: Claim, cluster: Cluster) -> Result:
    """Look at one claim. What contradicts it counts, even if the look then came to an end."""
    evidence, why = Evidence(), ""
    began = time.monotonic()
    try:
        claim.look(cluster, evidence)
    except Unchecked as reason:
        why = str(reason)
    except (KeyError, IndexError, TypeError, ValueError) as surprise:
        # The cluster answered with something else than the look knows.
        why = f"The answer could not be read: {type(surprise).__name__}: {surprise}"
    if not (evidence.seen or evidence.against or why):
        why = "Nothing was found to look at."
    verdict = Verdict.HOLDS
    if evidence.against:
        verdict = Verdict.BROKEN
    elif why:
        verdict = Verdict.UNCHECKED
    return Result(
        name=claim.name,
        sentence=claim.sentence,
        verdict=verdict,
        seen=tuple(evidence.seen),
        against=tuple(evidence.against),
        why_unchecked=why,
        took_s=time.monotonic() - began,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m ops validate",
        description="Look at claims about a running cluster; changes nothing.",
    )
    parser.add_argument("claims", nargs="*", metavar="CLAIM", help="only these; all by default")
    parser.add_argument("--namespace", default="jewelry-shop")
    parser.add_argument("--context", help="kubectl's context; its current one by default")
    parser.add_argument("--manifests", help="the overlay that was applied, for the claim `probes`")
    parser.add_argument("--kubectl", default="kubectl", help="the program to ask")
    parser.add_argument("--json", action="store_true", help="print JSON and nothing else")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write JUnit's XML too")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write a report to keep too")
    return parser
