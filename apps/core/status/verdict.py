"""One sentence for all of it: does the shop work, and what does that mean for it?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from apps.core.sampling.check import State
from apps.core.status import words
from apps.core.status.now import Seen, is_away

# They ask the database: while it is away, that they get no answer is no news.
ASK_THE_DATABASE: Final = frozenset({"replicas", "connections", "cache", "queue", "migrations"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """kind: info, ok, warn, bad. `fact` is what stands in bold; the others follow."""

    kind: str
    fact: str
    meaning: str
    do: str = ""
    also: str = ""


def verdict(seen: Sequence[Seen], *, knows_reasons: bool = True) -> Verdict:
    """Judge what is seen; without reasons, by states alone."""
    measured = [one for one in seen if one.is_measured]
    if not any(not one.is_vital for one in measured):
        return Verdict(
            kind="info",
            fact=_("The shop is starting."),
            meaning=_("Nothing has been looked at yet; the first looks take a few seconds."),
        )
    away = is_away(seen)
    troubles = sorted(
        (
            one
            for one in measured
            if not one.is_well and not (away and one.name in ASK_THE_DATABASE)
        ),
        key=_how_bad,
        reverse=True,
    )
    if not troubles:
        return Verdict(
            kind="ok",
            fact=_("The shop works."),
            meaning=_("Everything that is watched is as it should be."),
        )
    worst = troubles[0]
    kind, begins = _begins(worst, away=away)
    if knows_reasons:
        told = words.fact(worst.name, worst.word)
    else:
        told = _("Look at: %(name)s.") % {"name": words.watched(worst.name).name}
    return Verdict(
        kind=kind,
        fact=f"{begins} {told}",
        meaning=str(words.watched(worst.name).effect),
        do=words.what_to_do(worst.name, worst.word) if knows_reasons else "",
        also=_also(troubles[1:]),
    )


def _how_bad(one: Seen) -> tuple[bool, bool, int]:
    return (
        one.name == "database" and one.state is State.FAIL,
        one.gates and one.state is State.FAIL and one.name != "draining",
        one.state.weight,
    )


def _begins(worst: Seen, *, away: bool) -> tuple[str, str]:
    if away:
        return "bad", _("The shop stands still.")
    if worst.name == "draining":
        return "warn", _("The shop works.")
    if worst.gates and worst.state is State.FAIL:
        return "bad", _("This server takes no work.")
    return "warn", _("The shop works.")


def _also(others: Sequence[Seen]) -> str:
    if not others:
        return ""
    names = [str(words.watched(one.name).name) for one in others]
    return _("Also not well: %(names)s.") % {"names": pgettext("between names", ", ").join(names)}
