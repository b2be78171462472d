"""`manage.py doctor` says what is wrong with the link to the database, and what to do.

It needs no database, no app and no valid settings: it looks at what would keep them from working.
"""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from apps.core.database import report, targets
from apps.core.database.explain import explain
from apps.core.database.findings import page
from apps.core.database.look import Result, Status, fail
from apps.core.database.params import Link, LinkRefused
from apps.core.database.probe import probe
from apps.core.database.redact import redact
from apps.core.database.targets import Sources, Target

_MISUSE: Final = 2
_MOST_READ: Final = 8 * 1024 * 1024
_ABOUT_PARAMETERS: Final = "params."

Looked = tuple[str, Link | None, Sequence[Result]]


class Command(BaseCommand):
    help = "Look at the link to the database stage by stage, or explain an error text."
    requires_system_checks = ()
    requires_migrations_checks = False

    def __init__(
        self, *args: Any, sources: Callable[[], Sources] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._read_sources = sources

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--all", action="store_true", help="the database, the pooler and the replica"
        )
        what.add_argument("--url", metavar="URL", help="this link instead of the configured one")
        what.add_argument(
            "--explain", metavar="FILE", help="explain a pasted log; - is standard input"
        )
        what.add_argument(
            "--findings", action="store_true", help="print every finding as a page of the docs"
        )
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, **options: Any) -> None:
        if options["findings"]:
            self.stdout.write(page(), ending="")
        elif options["explain"] is not None:
            self._explain(options["explain"], as_json=options["json"])
        else:
            looked = self._look(everyone=options["all"], url=options["url"])
            self._tell(looked, as_json=options["json"], verbosity=options["verbosity"])

    def _sources(self) -> Sources:
        read: Callable[[], Sources] = self._read_sources or settings.DB_SOURCES
        return read()

    def _explain(self, file: str, *, as_json: bool) -> None:
        text = _text_of(file)
        if not text.strip():
            raise CommandError(
                "There is nothing to explain: the text is empty.", returncode=_MISUSE
            )
        explained = explain(text, secrets=self._known_secrets())
        if as_json:
            self._write_json(report.explanation_as_json(explained))
        else:
            for line in report.explanation_for_people(explained, paint=self._paint):
                self.stdout.write(line)
        sys.exit(1)

    def _known_secrets(self) -> list[str]:
        """What must not be shown, as far as it can be read; an explanation needs no environment."""
        with suppress(ImproperlyConfigured, LinkRefused):
            environment = self._sources().environment
            found = [environment.get("APP_DB_PASSWORD", "")]
            with suppress(LinkRefused):
                found.append(targets.configured(self._sources()).link.password)
            return [secret for secret in found if secret]
        return []

    def _look(self, *, everyone: bool, url: str | None) -> list[Looked]:
        try:
            sources = self._sources()
            chosen: list[Target]
            if url is not None:
                chosen = [targets.from_url(sources, url)]
            elif everyone:
                chosen = targets.everyone(sources)
            else:
                chosen = [targets.configured(sources)]
        except (LinkRefused, ImproperlyConfigured) as refused:
            return [("parameters", None, [_refused(str(refused))])]
        return [(one.name, one.link, probe(one.link, expect=one.expect)) for one in chosen]

    def _tell(self, looked: Sequence[Looked], *, as_json: bool, verbosity: int) -> None:
        failed = any(report.status_of(results) is Status.FAIL for _, _, results in looked)
        if as_json:
            links = [report.link_as_json(*one) for one in looked]
            self._write_json({"schema": report.SCHEMA, "healthy": not failed, "links": links})
        else:
            for name, link, results in looked:
                for line in report.link_for_people(
                    name, link, results, paint=self._paint, all_evidence=verbosity > 1
                ):
                    self.stdout.write(line)
        if failed:
            sys.exit(1)

    def _write_json(self, value: Mapping[str, Any]) -> None:
        self.stdout.write(json.dumps(value, ensure_ascii=False, indent=2))

    def _paint(self, status: Status, text: str) -> str:
        style = {
            Status.OK: self.style.SUCCESS,
            Status.WARN: self.style.WARNING,
            Status.FAIL: self.style.ERROR,
        }.get(status)
        return style(text) if style else text


def _refused(sentence: str) -> Result:
    """Parameters from which no link could be made, with the finding their sentence has."""
    code = explain(sentence).code
    if not code.startswith(_ABOUT_PARAMETERS):
        code = "params.invalid"
    return Result("parameters", fail(code, redact(sentence)), 0.0)


def _text_of(file: str) -> str:
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(_MOST_READ)
        else:
            with open(file, "rb") as opened:
                raw = opened.read(_MOST_READ)
    except OSError as failure:
        raise CommandError(f"{file}: {failure.strerror}.", returncode=_MISUSE) from None
    return raw.decode(errors="replace")
