"""The door of `manage.py doctor`, which must open when nothing else does.

Django's own door loads the settings and every app first, and refuses what the doctor is there to
explain. So the doctor is given the environment and nothing else.
"""

import sys
from collections.abc import Sequence

from django.core.management.base import CommandError

from apps.core.database.targets import DIRECT, POOLER, REPLICA, Sources
from apps.core.management.commands.doctor import Command
from config import env


def sources() -> Sources:
    """What the environment says about the database. Raises ImproperlyConfigured."""
    return Sources(
        environment=env.given,
        pooled=env.flag("USE_PGBOUNCER"),
        beside={
            DIRECT: (env.text("DB_DIRECT_HOST", ""), env.text("DB_DIRECT_PORT", "")),
            POOLER: (env.text("DB_POOLER_HOST", ""), env.text("DB_POOLER_PORT", "")),
            REPLICA: (env.text("DB_REPLICA_HOST", ""), env.text("DB_REPLICA_PORT", "")),
        },
    )


def main(arguments: Sequence[str]) -> None:
    """Run the doctor with a command line such as `manage.py doctor --all`."""
    command = Command(sources=sources)
    parser = command.create_parser(arguments[0], arguments[1])
    # Else Django raises where argparse would end with status 2.
    parser.called_from_command_line = True
    options = vars(parser.parse_args(list(arguments[2:])))
    options.pop("args", None)
    try:
        command.execute(**options)
    except CommandError as refused:
        command.stderr.write(str(refused))
        sys.exit(refused.returncode)
