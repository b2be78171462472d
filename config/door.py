"""What `manage.py` does: the doctor by its own door, every other command by Django's.

A command that cannot reach the database ends with one line, the doctor's finding, and status 1.
"""

import sys
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db.utils import InterfaceError, OperationalError

from apps.core.database.explain import Explanation, explain_failure


def main(arguments: Sequence[str]) -> None:
    """Run one command."""
    if list(arguments[1:2]) == ["doctor"]:
        # Imported here alone: other commands need none of it.
        from config.doctor import main as doctor

        doctor(arguments)
        return
    try:
        execute_from_command_line(list(arguments))
    except (OperationalError, InterfaceError, ImproperlyConfigured) as failure:
        explained = explain_failure(failure)
        refused = isinstance(failure, ImproperlyConfigured)
        if not (explained.known or refused) or "--traceback" in arguments:
            raise
        line = one_line(explained) if explained.known else f"settings: {failure}"
        sys.stderr.write(line + "\n")
        sys.exit(1)


def demand_settings() -> None:
    """End with one line and status 1 when the settings are refused; the web's start calls this.

    A database that is away does not end the web: it answers 503 until it is back, and says the
    finding with each of them. Settings do not mend themselves.
    """
    try:
        _ = settings.DATABASES
    except ImproperlyConfigured as failure:
        explained = explain_failure(failure)
        line = one_line(explained) if explained.known else f"settings: {failure}"
        sys.stderr.write(line + "\n")
        sys.exit(1)


def one_line(explained: Explanation) -> str:
    """A finding for the log: code, what was said by whom, what it means, what to do."""
    finding, cause = explained.finding, explained.cause
    said = f" {cause.by} said: {cause.text}" if cause else ""
    return (
        f"database: {explained.code}: {finding.saw}{said} Means: {finding.means}"
        f" Do: {finding.do} Not: {finding.dont} See docs/reference/findings.md."
    )
